"""MIME parts put together (RFC 2045, RFC 2046): a text, files, reports, in a multipart whose boundary comes from what
it is made for, so that the same event is the same octets on every gateway. Encodes with the standard library; writes no
address and no date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage

from messaging.gateway.mail.content import Attached, safe_name
from messaging.gateway.mail.heading import LINE

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}", re.ASCII)
# What would reorder a line, or could not be written.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Containers: what is inside a file must not become parts of the mail that brings it.
_HOLLOW = ("multipart/", "message/")


def text(words: str) -> bytes:
    """A text/plain part, quoted-printable: no line of it can look like a boundary that holds `=_`."""
    part = EmailMessage(policy=policy.SMTP)
    part.set_content(_STEERING.sub("\N{REPLACEMENT CHARACTER}", words), charset="utf-8", cte="quoted-printable")
    del part["MIME-Version"]
    return part.as_bytes()


def file(attached: Attached) -> bytes:
    """A file as an attachment, in base64; a type that is none, or that holds parts, is that of plain octets. Its name
    is a stranger's."""
    named = attached.media_type.lower()
    opaque = not _MEDIA_TYPE.fullmatch(named) or named.startswith(_HOLLOW)
    main, _, sub = ("application/octet-stream" if opaque else named).partition("/")
    part = EmailMessage(policy=policy.SMTP)
    part.set_content(
        attached.octets, main, sub, disposition="attachment", filename=safe_name(attached.filename) or "file"
    )
    del part["MIME-Version"]
    return part.as_bytes()


def part(media_type: str, body: bytes) -> bytes:
    """Octets as they are under a type of ours."""
    return f"Content-Type: {media_type}\r\n\r\n".encode("ascii") + body


def multipart(kind: str, seed: str, held: Sequence[bytes]) -> bytes:
    """Content-Type field, blank line and body of a multipart; `kind` with its parameters (`mixed`, `report; ...`)."""
    number = 0
    while any(_boundary(seed, number) in one for one in held):  # an author who knew the seed
        number += 1
    boundary = _boundary(seed, number)
    delimiter = b"--" + boundary + LINE
    opened = b"".join(delimiter + one + LINE for one in held)
    return b'Content-Type: multipart/%b;\r\n boundary="%b"\r\n\r\n%b--%b--\r\n' % (
        kind.encode(),
        boundary,
        opened,
        boundary,
    )


def content(words: str, files: Sequence[Attached], seed: str) -> bytes:
    """MIME fields, blank line and body of a mail of a text and files: what follows the other fields."""
    body = text(words) if not files else multipart("mixed", seed, [text(words), *map(file, files)])
    return b"MIME-Version: 1.0\r\n" + body


def _boundary(seed: str, number: int) -> bytes:
    return f"=_{seed[:40]}.{number}".encode("ascii", "replace")

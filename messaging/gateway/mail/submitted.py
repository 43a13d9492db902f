"""What a mail program submitted, read once (RFC 5322, RFC 2045; ML-1): who and what its fields name, its text and
files. Refuses what two readers could read in two ways. Does not decide what the mail means: that is `reply`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from messaging.errors import MessagingError
from messaging.gateway.mail import content, fields, heading, message_id, parts
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.heading import Field
from messaging.gateway.mail.parts import Part

MAX_HEADER = 256 * 1024  # octets of the header section
MAX_FIELDS = 500
MAX_RECEIVED = 50  # RFC 5321 section 6.3
OURS = b"x-confrere-"
EVENT = b"x-confrere-event"  # stands in every mail that a gateway gives out
# RFC 5322 section 3.6, and what MIME knows once: with two of them each program chooses its own.
_ONCE = (
    *(b"from", b"sender", b"reply-to", b"message-id", b"in-reply-to", b"references", b"subject", b"date"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition"),
)


@dataclass(frozen=True, repr=False)
class Submitted:
    """`author` is the address in From, or in Sender where From has several. `bcc` is noted so that it can be held
    against the envelope, and travels nowhere. `parents` are the ids of In-Reply-To, then those of References from the
    last to the first. `own_fields` are the X-Confrere- fields by lower-case name. The text is read when somebody asks:
    of most mails nobody does, since they travel as they are."""

    octets: bytes
    root: Part

    author: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    message_id: str
    parents: tuple[str, ...]
    auto_submitted: str
    receipt_to: tuple[str, ...]
    attachments: tuple[Attached, ...]
    own_fields: Mapping[str, str]

    @cached_property
    def text(self) -> str:
        """The plain text, or the words of the HTML; lines end in LF."""
        return content.text(self.octets, self.root)

    @property
    def automatic(self) -> bool:
        """Whether a program wrote it (RFC 3834 section 5)."""
        return self.auto_submitted not in ("", "no")


def read(octets: bytes) -> Submitted:
    """The mail after DATA, CRLF line ends. Raises MessagingError: mail-malformed with the `clause`, mail-loop."""
    section, _, _ = heading.split(octets)
    found = _verified(octets, section)
    named: dict[bytes, list[Field]] = {}
    for field in found:
        named.setdefault(field.name, []).append(field)

    def every(*names: bytes) -> list[bytes]:
        return [heading.value(field) for name in names for field in named.get(name, ())]

    def first(name: bytes) -> bytes:
        return heading.value(named[name][0]) if name in named else b""

    root = parts.read(octets)
    own = first(b"message-id")
    answered = message_id.read(first(b"in-reply-to"))
    earlier = message_id.read(first(b"references"))
    return Submitted(
        octets=octets,
        root=root,
        author=_author(first(b"from"), first(b"sender")),
        to=heading.addresses(every(b"to")),
        cc=heading.addresses(every(b"cc")),
        bcc=heading.addresses(every(b"bcc", b"resent-bcc")),
        subject=heading.line_of(fields.readable(first(b"subject"))),
        message_id=next(iter(message_id.read(own)), ""),
        parents=tuple(dict.fromkeys((*answered, *reversed(earlier)))),
        auto_submitted=fields.token(first(b"auto-submitted")),
        receipt_to=heading.addresses(every(b"disposition-notification-to")),
        attachments=content.attachments(octets, root),
        own_fields={
            name.decode("ascii"): heading.line_of(fields.readable(first(name)))
            for name in named
            if name.startswith(OURS)
        },
    )


def _verified(octets: bytes, section: bytes) -> tuple[Field, ...]:
    if b"\0" in octets:
        raise _malformed("RFC 5322 4: NUL")
    lines = octets.count(b"\r\n")
    if octets.count(b"\r") != lines or octets.count(b"\n") != lines:
        raise _malformed("RFC 5322 2.3: CR LF")
    if len(section) > MAX_HEADER:
        raise _malformed("RFC 5322 2.2: header size")
    found = heading.cut(section)
    if not found:
        raise _malformed("RFC 5322 3.6: no header")
    if len(found) > MAX_FIELDS:
        raise _malformed("RFC 5322 3.6: too many fields")
    if not all(field.name for field in found):
        raise _malformed("RFC 5322 2.2: header line")
    count = Counter(field.name for field in found)
    for name in _ONCE:
        if count[name] > 1:
            raise _malformed(f"RFC 5322 3.6: {name.decode().title()}")
    if count[b"received"] > MAX_RECEIVED or count[EVENT]:
        raise MessagingError("mail-loop")
    return found


def _author(written_by: bytes, sent_by: bytes) -> str:
    authors, senders = heading.addresses((written_by,)), heading.addresses((sent_by,))
    if not authors:
        raise _malformed("RFC 5322 3.6: From")
    if len(senders) > 1 or (len(authors) > 1 and not senders):
        raise _malformed("RFC 5322 3.6.2: Sender")
    return authors[0] if len(authors) == 1 else senders[0]


def _malformed(clause: str) -> MessagingError:
    return MessagingError("mail-malformed", clause=clause)

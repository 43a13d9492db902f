"""A plain message as a MIME entity (RFC 5322 header section, RFC 2045 text/plain): subject and text, nothing more.

Subject and text are inside the seal; a later gateway hands the same octets to a mail program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import EmailPolicy
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from messaging.errors import MessagingError
from messaging.protocol.body import Body

MEDIA_TYPE = "message/rfc822"
MAX_SUBJECT = 500
# A subject stays on one line: folding and unfolding would change its spaces.
_POLICY = policy.SMTPUTF8.clone(max_line_length=0)
# What would steer a terminal, reorder what stands beside it, or could not be written at all.
_STEERING = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_UNFIT_TEXT = re.compile(f"[{_STEERING}]")
_UNFIT_LINE = re.compile(f"[{_STEERING}\t\n\u2028\u2029]")
_SIGN = "\N{REPLACEMENT CHARACTER}"


class _Remembering(EmailPolicy):
    """Reads what a mail says of its content once, where the parser would read it again at each question; most mails say
    the same."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        # The parser of the library takes quadratic time on some values, and on others all memory there is.
        value = value[: _LONGEST_SUBJECT if name.lower() == "subject" else _LONGEST]
        if name.lower().startswith("content-"):
            return _of_content(name, value)
        return super().header_fetch_parse(name, value)


_LONGEST = 300  # characters
_LONGEST_SUBJECT = 16 * MAX_SUBJECT  # in encoded words
_MOST_FIELDS = 300  # of content, in all parts together: a mail of more is for mail programs alone
_FIELD = re.compile(rb"^content-", re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=256)
def _of_content(name: str, value: str) -> Any:
    return policy.default.header_fetch_parse(name, value)


_PARSER = BytesParser(policy=_Remembering())


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str


def write(message: Message) -> bytes:
    """The entity's octets. Raises MessagingError("message-malformed") for a subject of several lines, or no text."""
    subject = message.subject.replace("\t", " ").strip()
    if len(subject) > MAX_SUBJECT or len(subject.splitlines()) > 1 or "\0" in subject:
        raise MessagingError("message-malformed")
    try:
        (subject + message.text).encode()
    except UnicodeEncodeError:  # half of a character, from a command line that is not UTF-8
        raise MessagingError("message-malformed") from None
    entity = EmailMessage(policy=_POLICY)
    entity["Subject"] = subject
    entity.set_content(message.text, charset="utf-8", cte="8bit")
    return entity.as_bytes()


def read(body: Body) -> Message:
    """Subject and text of a message's body, without steering characters; of one with too many parts the subject alone.
    Raises MessagingError("message-malformed")."""
    if body.media_type != MEDIA_TYPE:
        raise MessagingError("message-malformed")
    looked_into = sum(1 for _ in islice(_FIELD.finditer(body.content), _MOST_FIELDS + 1)) <= _MOST_FIELDS
    try:
        entity = cast("EmailMessage", _PARSER.parsebytes(body.content, headersonly=not looked_into))
        part = entity.get_body(preferencelist=("plain",)) if looked_into else None
        text = _text(part) if part is not None else ""
        subject = str(entity["Subject"] or "")
    except Exception:  # the parser was not made for hostile input, and raises what it pleases
        raise MessagingError("message-malformed") from None
    text = _UNFIT_TEXT.sub(_SIGN, text.replace("\r\n", "\n")).removesuffix("\n")
    return Message(_UNFIT_LINE.sub(_SIGN, subject)[:MAX_SUBJECT], text)


def _text(part: MIMEPart) -> str:
    """A text in a charset that nobody knows is read as UTF-8 as far as it is that."""
    try:
        return str(part.get_content())
    except LookupError:
        return bytes(part.get_payload(decode=True)).decode("utf-8", "replace")

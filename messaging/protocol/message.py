"""A plain message as a MIME entity (RFC 5322 header section, RFC 2045 text/plain): subject and text, nothing more.

Subject and text are inside the seal; a later gateway hands the same octets to a mail program.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from messaging.errors import MessagingError
from messaging.protocol.body import Body

MEDIA_TYPE = "message/rfc822"
MAX_SUBJECT = 500
# A subject stays on one line: folding and unfolding would change its spaces.
_POLICY = policy.SMTPUTF8.clone(max_line_length=0)


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str


def write(message: Message) -> bytes:
    """The entity's octets. Raises MessagingError("message-malformed") for a subject of several lines, or what is no text."""
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
    """Subject and text of a message's body. Raises MessagingError("message-malformed")."""
    if body.media_type != MEDIA_TYPE:
        raise MessagingError("message-malformed")
    try:
        entity = message_from_bytes(body.content, policy=policy.default)
        part = entity.get_body(preferencelist=("plain",))
        text = part.get_content() if part is not None else ""
        return Message(str(entity["Subject"] or ""), text.replace("\r\n", "\n").removesuffix("\n"))
    except (LookupError, ValueError, KeyError):
        raise MessagingError("message-malformed") from None

"""The e-mail of a notice, octet for octet (RFC 5322, RFC 2046): multipart/alternative, 7-bit, in one order of headers.

What a relay adds a DKIM signature to (RFC 6376) is made here so that it need not be changed on the way: no line over 78
octets but by one long word, no octet over 127. It carries no one-click unsubscription (RFC 8058): whoever the mail was
forwarded to, and scanners that press every button, would end a clinician's notices unseen. It sends nothing.
"""

from __future__ import annotations

import base64
import email.policy
import email.utils
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

from messaging.errors import MessagingError
from messaging.notices.kinds import Notice, demand_address
from messaging.notices.render import NoticeText

_POLICY = email.policy.SMTP
_LONGEST_CONTACT = 64  # octets: a longer URI on one line would be encoded to fit, and then be none (RFC 2369)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose mail it is: `sender` of the From header; `contact`, which a person reads, for replies and to be taken off
    the list; `bounces`, to which undelivered mail returns. "" for none. Raises `notice-malformed`."""

    sender: str
    contact: str = ""
    bounces: str = ""

    def __post_init__(self) -> None:
        demand_address("sender", self.sender)
        for field, value in (("contact", self.contact), ("bounces", self.bounces)):
            if value:
                demand_address(field, value)
        if self.bounces:
            demand_address("bounces", self.returns_to(bytes(16)))
        if len(self.contact) > _LONGEST_CONTACT:
            raise MessagingError("notice-malformed", field="contact")

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def returns_to(self, token: bytes) -> str:
        """The envelope's sender: `local+token@domain`, of which each mail has its own (VERP), or the From address."""
        if not self.bounces:
            return self.sender
        local, _, domain = self.bounces.rpartition("@")
        return f"{local}+{base64.b32encode(token).decode().rstrip('=').lower()}@{domain}"


@dataclass(frozen=True, slots=True)
class Mail:
    """An envelope and its octets, with CRLF."""

    returns_to: str
    recipient: str
    octets: bytes


def compose(notice: Notice, text: NoticeText, letterhead: Letterhead, token: bytes, now: int) -> Mail:
    """The mail of a notice at `now` (ms). `token` is random and the same for each attempt, and so is the Message-ID
    that follows from it: what a relay took twice can be told to be one. Marked as automatic, so that nobody's absence
    message answers it (RFC 3834)."""
    identity = hashlib.sha256(b"confrere notice message-id\0" + token).hexdigest()[:32]  # says nothing of the token
    message = EmailMessage(policy=_POLICY)
    message["From"] = letterhead.sender
    message["To"] = notice.recipient
    if letterhead.contact:
        message["Reply-To"] = letterhead.contact
    message["Subject"] = text.subject
    message["Date"] = email.utils.format_datetime(datetime.fromtimestamp(now // 1000, UTC))
    message["Message-ID"] = f"<{identity}@{letterhead.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    if letterhead.contact:
        message["List-Unsubscribe"] = f"<mailto:{letterhead.contact}>"
    message.set_content(text.text, cte="quoted-printable")
    message.add_alternative(text.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{identity}")
    message["Content-Language"] = notice.language
    return Mail(letterhead.returns_to(token), notice.recipient, message.as_bytes(policy=_POLICY))

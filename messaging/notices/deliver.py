"""One notice to the operator's mail relay, by SMTP (RFC 5321), with a deadline.

The edge of this room: it opens a connection, uses the clock for the Date header, and says what became of the
mail as a value. It queues nothing, retries nothing and logs nothing: an address in a log is a leak, and so is
the text of an SMTP error, which repeats it.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Literal

import aiosmtplib

from messaging.notices.kinds import Notice
from messaging.notices.render import NoticeText

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Relay:
    """How to reach the relay. `starttls` is required, not tried; `none` is for a relay on this machine."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 20.0


class Outcome(StrEnum):
    """What the queue does next."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome, and the relay's reply code or 0 if it never answered."""

    outcome: Outcome
    code: int = 0


def compose(notice: Notice, text: NoticeText, sender: str) -> EmailMessage:
    """The mail of a notice, marked as automatic so that nobody's absence message answers it (RFC 3834)."""
    domain = sender.rpartition("@")[2]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = notice.recipient
    message["Subject"] = text.subject
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = email.utils.make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.text, cte="quoted-printable")
    message["Content-Language"] = notice.language
    return message


async def deliver(notice: Notice, text: NoticeText, relay: Relay) -> Delivery:
    """Send it once. Never raises for what a relay or a network does; a permanent refusal is not retried."""
    smtp = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.username,
        password=relay.password,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        timeout=relay.timeout_seconds,
        local_hostname=relay.sender.rpartition("@")[2],  # not this machine's own name
    )
    message = compose(notice, text, relay.sender)
    try:
        async with smtp:
            await smtp.send_message(message, sender=relay.sender, recipients=[notice.recipient])
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _answered(max((each.code for each in refused.recipients), default=0))
    except aiosmtplib.SMTPResponseException as refused:
        return _answered(refused.code)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return Delivery(Outcome.RETRY)
    return Delivery(Outcome.SENT, 250)


def _answered(code: int) -> Delivery:
    return Delivery(Outcome.REFUSED if 500 <= code < 600 else Outcome.RETRY, code)

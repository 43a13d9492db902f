"""One mail to the operator's mail relay, by SMTP (RFC 5321), with a deadline.

The edge of this room: it opens a connection and says what became of the mail as a value. It queues nothing, retries
nothing and logs nothing: an address in a log is a leak, and so is the text of an SMTP error, which repeats it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import aiosmtplib

from messaging.notices.compose import Mail

Security = Literal["none", "starttls", "tls"]
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])", re.ASCII)
_POLICY = "5.7."  # RFC 3463 3.8


@dataclass(frozen=True, slots=True)
class Relay:
    """How to reach the relay. `starttls` is required, not tried; `none` is for a relay on this machine. `greeting` is
    the name to say EHLO with: not this machine's own."""

    host: str
    port: int
    greeting: str
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
    """The outcome; the relay's reply code, or 0 if it never answered; and for a refusal its status (RFC 3463)."""

    outcome: Outcome
    code: int = 0
    status: str = ""


async def deliver(mail: Mail, relay: Relay) -> Delivery:
    """Send it once. Never raises for what a relay or a network does.

    Refused for good is only what was said of this recipient or this mail: a relay that does not know us, or whose
    policy is against us, is the operator's to mend, and the mail waits.
    """
    smtp = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.username,
        password=relay.password,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        timeout=relay.timeout_seconds,
        local_hostname=relay.greeting,
    )
    taken = False
    try:
        async with smtp:
            await smtp.sendmail(mail.returns_to, [mail.recipient], mail.octets)
            taken = True
    except aiosmtplib.SMTPRecipientsRefused as refused:
        said = refused.recipients[0]
        return _answered(said.code, said.message)
    except aiosmtplib.SMTPDataError as refused:
        return _answered(refused.code, refused.message)
    except aiosmtplib.SMTPResponseException as refused:
        return _after(taken, refused.code)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return _after(taken, 0)
    return Delivery(Outcome.SENT, 250)


def _after(taken: bool, code: int) -> Delivery:
    """What goes wrong in taking leave (QUIT) takes nothing back."""
    return Delivery(Outcome.SENT, 250) if taken else Delivery(Outcome.RETRY, code)


def _answered(code: int, text: str) -> Delivery:
    found = _STATUS.match(text)
    status = found.group() if found else f"{code // 100}.0.0"
    refused = 500 <= code < 600 and not status.startswith(_POLICY)
    return Delivery(Outcome.REFUSED, code, status) if refused else Delivery(Outcome.RETRY, code)

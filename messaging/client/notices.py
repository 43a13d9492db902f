"""Where, how often and when the e-mails about a mailbox go (docs/spec/service.md): asked of the service, and told it.

The service's answer is held to the shapes that it may have; it is not proven, and nothing depends on it but e-mails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from messaging.client.service import MAX_CURSOR, Service, field
from messaging.errors import MessagingError

_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_WORDS = ("email", "language", "every", "quiet", "quiet_days", "zone")
_LONGEST = 254
_EVERY = ("now", "hour", "day")
_DAYS = re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun)(?:,(?!$)|$)){0,7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Returned:
    """The last e-mail that did not arrive: its status (RFC 3463), the time (ms), whether sending is suspended."""

    status: str
    time: int
    suspended: bool


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a mailbox's owner asked for, in the words of the service's route; an empty `email` is no e-mail at all."""

    email: str = ""
    language: str = ""
    every: str = "now"
    quiet: str = ""
    quiet_days: str = ""
    zone: str = ""

    @property
    def document(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in _WORDS}


async def standing(service: Service, mailbox: bytes) -> tuple[Wishes, Returned | None]:
    """Raises MessagingError("service-answer-wrong"), ServiceRefusal where the caller may not manage the mailbox."""
    answer = await service.json("GET", f"/api/mailboxes/{mailbox.hex()}/notices")
    words = {name: field(answer, name, str) for name in _WORDS}
    if any(len(word) > _LONGEST or not word.isprintable() for word in words.values()):
        raise MessagingError("service-answer-wrong")
    if words["every"] not in _EVERY or not _DAYS.fullmatch(words["quiet_days"]):
        raise MessagingError("service-answer-wrong")
    return Wishes(**words), _returned(answer.get("bounce"))


async def ask(service: Service, mailbox: bytes, wishes: Wishes, *, confirm: bool) -> None:
    """Raises ServiceRefusal: request-malformed with the field, mailbox-not-held."""
    document: dict[str, Any] = {**wishes.document, "confirm": confirm}
    await service.request("PUT", f"/api/mailboxes/{mailbox.hex()}/notices", document=document)


def _returned(bounce: object) -> Returned | None:
    if bounce is None:
        return None
    status, time = field(bounce, "status", str), field(bounce, "time", int)
    if not _STATUS.fullmatch(status) or not 0 <= time <= MAX_CURSOR // 2**20:
        raise MessagingError("service-answer-wrong")
    return Returned(status, time, field(bounce, "suspended", bool))

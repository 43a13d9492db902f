"""Carries due notices to the operator's mail relay: the queue is messaging's, words and wire are `messaging.notices`.

Woken by what placed a notice, and by the time of the next attempt; a relay that is away delays nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from confrere.settings import Notices as NoticeSettings
from directory.use_cases.request_invitation import Announcements
from messaging.errors import MessagingError
from messaging.notices.deliver import Outcome, Relay, Security, deliver
from messaging.notices.kinds import Language, Notice, NoticeKind
from messaging.notices.render import open_templates, render
from messaging.ports import DueNotice, Preference
from messaging.use_cases.notices import Notices, Sent

log = logging.getLogger("confrere.notices")

LOOK_AGAIN_SECONDS = 15.0
_OUTCOMES = {Outcome.SENT: Sent.DONE, Outcome.RETRY: Sent.LATER, Outcome.REFUSED: Sent.NEVER}

AddressOf = Callable[[bytes], Awaitable[str]]


def relay_of(settings: NoticeSettings) -> Relay:
    password = Path(settings.password_file).read_text(encoding="utf-8").strip() if settings.password_file else None
    return Relay(
        settings.smtp_host,
        settings.smtp_port,
        settings.sender,
        cast(Security, settings.security),
        settings.username or None,
        password,
    )


class Carrier:
    """One task: `run` until cancelled, `wake` when there is something new."""

    def __init__(self, relay: Relay, templates: Path, link: str, language: str, address_of: AddressOf) -> None:
        self._relay = relay
        self._language = cast(Language, language)
        self._templates = open_templates(templates)
        self._link = link
        self._address_of = address_of
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self, notices: Notices, announcements: Announcements, clock: Callable[[], int]) -> None:
        while True:
            self._woken.clear()
            try:
                await self._invite(announcements, clock())
                found = await notices.send_due(clock(), self._deliver)
            except Exception as problem:
                log.error("notices wait: %s", type(problem).__name__)
                found = 0
            if not found:
                try:
                    await asyncio.wait_for(self._woken.wait(), LOOK_AGAIN_SECONDS)
                except TimeoutError:
                    continue

    async def _invite(self, announcements: Announcements, now: int) -> None:
        """Tell whoever a colleague asked for; what the relay did not take now is due again at the next look."""
        for due in await announcements.due(now):
            sent = await self._send(NoticeKind.INVITATION, due.mailbox, self._language, due.recipient)
            if sent is not Sent.LATER:
                await announcements.settle(due.rpps)

    async def _deliver(self, due: DueNotice, preference: Preference) -> Sent:
        address = await self._address_of(due.mailbox)
        if not address:
            return Sent.NEVER
        # The service does not know a referral from a letter: both are "a message waits".
        language = cast(Language, preference.language)
        return await self._send(NoticeKind.NEW_MESSAGE, address, language, preference.email)

    async def _send(self, kind: NoticeKind, mailbox: str, language: Language, recipient: str) -> Sent:
        try:
            notice = Notice(kind, mailbox, language, recipient, self._link)
        except MessagingError:
            return Sent.NEVER
        sent = await deliver(notice, render(self._templates, notice), self._relay)
        if sent.outcome is not Outcome.SENT:
            log.warning("a notice was not taken by the relay: %d", sent.code)
        return _OUTCOMES[sent.outcome]

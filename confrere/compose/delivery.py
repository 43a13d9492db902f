"""Carries due notices to the operator's mail relay: the queue is messaging's, words and wire are `messaging.notices`.

Woken by what placed a notice, and by the time of the next attempt; a relay that is away delays nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from confrere.settings import Notices as NoticeSettings
from directory.use_cases.request_invitation import Announcements
from messaging.errors import MessagingError
from messaging.notices.compose import Letterhead, compose
from messaging.notices.deliver import Outcome, Relay, Security, deliver
from messaging.notices.kinds import Language, Notice, NoticeKind
from messaging.notices.render import open_templates, render
from messaging.ports import DueNotice, Preference
from messaging.use_cases.notices import TOKEN_SIZE, Delivered, Notices, Sent

log = logging.getLogger("confrere.notices")

LOOK_AGAIN_SECONDS = 15.0
_OUTCOMES = {Outcome.SENT: Sent.DONE, Outcome.RETRY: Sent.LATER, Outcome.REFUSED: Sent.NEVER}

AddressOf = Callable[[bytes], Awaitable[str]]


def relay_of(settings: NoticeSettings) -> Relay:
    password = Path(settings.password_file).read_text(encoding="utf-8").strip() if settings.password_file else None
    return Relay(
        settings.smtp_host,
        settings.smtp_port,
        letterhead_of(settings).domain,
        cast(Security, settings.security),
        settings.username or None,
        password,
    )


def letterhead_of(settings: NoticeSettings) -> Letterhead:
    """Raises MessagingError("notice-malformed") naming the setting."""
    return Letterhead(settings.sender, settings.contact, settings.bounces)


class Carrier:
    """One task: `run` until cancelled, `wake` when there is something new. `link` is the public URL, or ""."""

    def __init__(
        self, settings: NoticeSettings, templates: Path, link: str, address_of: AddressOf, clock: Callable[[], int]
    ) -> None:
        self._relay = relay_of(settings)
        self._letterhead = letterhead_of(settings)
        self._language = cast(Language, settings.language)
        self._templates = open_templates(templates)
        self._link = link
        self._address_of = address_of
        self._clock = clock
        self._woken = asyncio.Event()
        self._bouncing = (0, 0)

    def wake(self) -> None:
        self._woken.set()

    async def run(self, notices: Notices, announcements: Announcements) -> None:
        while True:
            self._woken.clear()
            try:
                await self._invite(announcements)
                found = await notices.send_due(self._clock(), self._deliver)
                await self._count(notices)
            except Exception as problem:
                log.error("notices wait: %s", type(problem).__name__)
                found = 0
            if not found:
                try:
                    await asyncio.wait_for(self._woken.wait(), LOOK_AGAIN_SECONDS)
                except TimeoutError:
                    continue

    async def _invite(self, announcements: Announcements) -> None:
        """Tell whoever a colleague asked for; what the relay did not take now is due again at the next look."""
        for due in await announcements.due(self._clock()):
            token = secrets.token_bytes(TOKEN_SIZE)  # of no mailbox: what comes back of it is only seen not to be ours
            said = NoticeKind.INVITATION, due.mailbox, self._language, due.recipient
            sent = await self._send(token, *said)
            if sent.sent is Sent.AWAY:
                return
            if sent.sent is not Sent.LATER:
                await announcements.settle(due.rpps)

    async def _deliver(self, due: DueNotice, preference: Preference) -> Delivered:
        address = await self._address_of(due.mailbox)
        if not address:
            return Delivered(Sent.NEVER)
        # The service does not know a referral from a letter: each is "a message waits".
        kind = NoticeKind.NEW_MESSAGE if due.thread else NoticeKind.DIGEST
        language = cast(Language, preference.language)
        return await self._send(due.token, kind, address, language, preference.email, due.thread)

    async def _send(
        self, token: bytes, kind: NoticeKind, mailbox: str, language: Language, recipient: str, thread: bytes = b""
    ) -> Delivered:
        try:
            notice = Notice(kind, mailbox, language, recipient, self._link, thread)
        except MessagingError:
            return Delivered(Sent.NEVER)
        try:
            text = render(self._templates, notice)
        except MessagingError as broken:
            log.error("a notice waits for its text: %s", broken.facts.get("setting"))
            return Delivered(Sent.LATER)
        sent = await deliver(compose(notice, text, self._letterhead, token, self._clock()), self._relay)
        if sent.outcome is not Outcome.SENT:
            log.warning("a notice was not taken by the relay: %d %s", sent.code, sent.status)
        if sent.outcome is Outcome.RETRY and not sent.code:
            return Delivered(Sent.AWAY)
        return Delivered(_OUTCOMES[sent.outcome], sent.status)

    async def _count(self, notices: Notices) -> None:
        """One line for the operator's monitoring when it changes; `confrere notices bounces` says which."""
        found = await notices.bouncing()
        if found != self._bouncing:
            self._bouncing = found
            log.warning("notices of %d mailboxes do not arrive, %d of them suspended", *found)

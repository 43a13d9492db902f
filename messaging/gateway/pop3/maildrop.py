"""INBOX as one POP3 session sees it (RFC 1939 section 3): numbered when the session began, and what it wants removed.

What is removed goes to Trash and never further: a program that takes and deletes must not lose the mail of another one
on the same mailbox. Flags are left alone, so what a machine fetched does not show as read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from messaging.errors import MessagingError
from messaging.gateway.ports import Mail, MailStore, SpecialUse

INBOX: Final = "INBOX"


class Maildrop:
    """Messages from 1 on; a number keeps its message to the end of the session."""

    def __init__(self, store: MailStore) -> None:
        folder = store.folder(INBOX)
        self._store = store
        self._validity = folder.uid_validity
        self._mails = tuple(folder.mails)
        self._removed: set[int] = set()

    def __iter__(self) -> Iterator[tuple[int, Mail]]:
        """Number and message, without those marked as removed."""
        return ((number, mail) for number, mail in enumerate(self._mails, 1) if number not in self._removed)

    def find(self, number: int) -> Mail | None:
        """None for no such message, and for one marked as removed."""
        there = 1 <= number <= len(self._mails) and number not in self._removed
        return self._mails[number - 1] if there else None

    def unique_id(self, mail: Mail) -> str:
        """RFC 1939 section 7: never of another message, the same in every session."""
        return f"{self._validity}.{mail.uid}"

    async def octets(self, mail: Mail) -> bytes | None:
        """None where it has gone meanwhile."""
        return await self._store.octets(INBOX, mail.uid)

    def remove(self, number: int) -> None:
        """Only marks."""
        self._removed.add(number)

    def reset(self) -> None:
        self._removed.clear()

    async def update(self) -> None:
        """Section 6: what was marked and is still there goes to Trash. Raises as `MailStore.move`."""
        folder = self._store.folder(INBOX)
        uids = [self._mails[number - 1].uid for number in sorted(self._removed)]
        uids = [uid for uid in uids if folder.find(uid)]
        if uids:
            await self._store.move(INBOX, uids, self._trash())

    def _trash(self) -> str:
        for name, folder in self._store.folders().items():
            if folder.special_use is SpecialUse.TRASH:
                return name
        raise MessagingError("mail-folder-unknown")

"""The folder that a session has open, as its client was told of it (RFC 3501 sections 5.2 and 7.4.1). Message numbers
are places in this list, so it changes only when the client hears of it. Says nothing itself."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from messaging.gateway.imap.fetch import Opened
from messaging.gateway.imap.flags import SYSTEM
from messaging.gateway.ports import Folder, Mail


@dataclass(frozen=True, slots=True)
class Changes:
    """What the client does not know yet. `gone` are places in the old list with their UIDs, `changed` places in the new
    one; `keywords` is whether flags came that were never named."""

    gone: tuple[tuple[int, int], ...] = ()
    arrived: bool = False
    changed: tuple[int, ...] = ()
    keywords: bool = False


_NONE = Changes()


@dataclass(slots=True)
class Selected:
    """`mails` is what the client knows, ascending by UID."""

    name: str
    uid_validity: int
    read_only: bool
    mails: Sequence[Mail]
    flags: frozenset[str]  # all that were named to the client
    opened: tuple[int, Opened] | None = None  # the message that a client takes piece by piece
    _seen: Sequence[Mail] = field(default=(), repr=False)  # the folder's list that was compared last
    _owing: bool = False  # messages have gone that the client may not hear of yet

    @staticmethod
    def of(folder: Folder, read_only: bool) -> Selected:
        mails = folder.mails
        return Selected(folder.name, folder.uid_validity, read_only, mails, known_flags(mails), None, mails)

    def place(self, uid: int) -> int | None:
        at = bisect_left(self.mails, uid, key=lambda mail: mail.uid)
        return at if at < len(self.mails) and self.mails[at].uid == uid else None

    def catch_up(self, folder: Folder, expunge: bool) -> Changes:
        """Take over the folder as it is now, and say what that changes; without `expunge` what has gone stays."""
        now = folder.mails
        if now is self._seen and not (expunge and self._owing):
            return _NONE
        current = {mail.uid: mail for mail in now}
        known = self.mails[-1].uid if self.mails else 0
        gone: list[tuple[int, int]] = []
        changed: list[int] = []
        mails: list[Mail] = []
        for place, before in enumerate(self.mails):
            mail = current.get(before.uid)
            if mail is None:
                gone.append((place, before.uid))
                if expunge:
                    continue
                mail = before
            elif mail is not before and (mail.flags != before.flags or mail.modseq != before.modseq):
                changed.append(len(mails))
            mails.append(mail)
        arrived = now[bisect_left(now, known + 1, key=lambda mail: mail.uid) :]
        mails += arrived
        self._seen, self._owing = now, bool(gone) and not expunge
        self.mails = mails
        named = self.flags
        touched = {mails[place].flags for place in changed} | {mail.flags for mail in arrived}
        self.flags = named.union(*touched)
        told = tuple(gone) if expunge else ()
        return Changes(told, bool(arrived), tuple(changed), self.flags != named)


def known_flags(mails: Sequence[Mail]) -> frozenset[str]:
    return frozenset(SYSTEM).union(*{mail.flags for mail in mails})

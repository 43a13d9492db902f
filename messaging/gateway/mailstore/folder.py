"""A folder in memory: `ports.Folder` with what QRESYNC needs of the past (RFC 7162 section 3.2)."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

from messaging.gateway.mailstore.fixed import SPECIAL_USE, Role
from messaging.gateway.ports import Mail, SpecialUse

_uid = attrgetter("uid")


class Folder:
    """As it is on the disk. Only a `Turn` that was committed alters it."""

    special_use: SpecialUse | None
    mails: Sequence[Mail]

    def __init__(self, uid_validity: int, role: Role, name: str) -> None:
        self.role = role
        self.name = name
        self.special_use = SPECIAL_USE.get(role)
        self.subscribed = True
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.highest_modseq = 1
        self.mails = ()
        self._gone_uids = array("Q")
        self._gone_modseqs = array("Q")

    def find(self, uid: int) -> Mail | None:
        place = self._place(uid)
        return self.mails[place] if place < len(self.mails) and self.mails[place].uid == uid else None

    def found(self, uids: Sequence[int]) -> list[Mail]:
        """Those of `uids` that are here, each once, in the order asked; fast where they follow one another."""
        first = self._place(uids[0]) if uids else 0
        following = self.mails[first : first + len(uids)]
        if [mail.uid for mail in following] == uids:
            return list(following)
        return [mail for uid in dict.fromkeys(uids) if (mail := self.find(uid)) is not None]

    def vanished(self, since: int) -> tuple[int, ...]:
        """UIDs that left after the MODSEQ `since`, ascending."""
        return tuple(sorted(self._gone_uids[bisect_right(self._gone_modseqs, since) :]))

    def forget(self, uid: int, modseq: int) -> None:
        """Note that `uid` left. `modseq` is not below those of earlier calls."""
        self._gone_uids.append(uid)
        self._gone_modseqs.append(modseq)

    def with_changes(self, changed: Iterable[Mail], removed: frozenset[int], added: Iterable[Mail]) -> tuple[Mail, ...]:
        """What `mails` becomes; itself it stays as it is."""
        mails = list(self.mails)
        for mail in changed:
            mails[self._place(mail.uid)] = mail
        if removed:
            mails = [mail for mail in mails if mail.uid not in removed]
        mails.extend(added)
        return tuple(mails)

    def _place(self, uid: int) -> int:
        return bisect_left(self.mails, uid, key=_uid)

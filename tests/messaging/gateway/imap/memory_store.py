"""A mail store and a porter in memory. Nothing is durable; otherwise they do what `ports` says."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from messaging.errors import MessagingError
from messaging.gateway.mail.describe import describe
from messaging.gateway.mail.described import Described, Trait
from messaging.gateway.mail.legible import legible, lines
from messaging.gateway.ports import (
    Client,
    Door,
    FlagChange,
    Folder,
    Mail,
    Placed,
    Sifted,
    Sought,
    SpecialUse,
    Stored,
)

ADDRESS = "anais@cabinet.example"
PASSWORD = "abcd efgh ijkl mnop"
TOKEN = "a-bearer-token"


@dataclass
class MemoryFolder:
    name: str
    uid_validity: int
    special_use: SpecialUse | None = None
    subscribed: bool = True
    uid_next: int = 1
    highest_modseq: int = 1
    mails: Sequence[Mail] = ()
    gone: dict[int, int] = field(default_factory=dict)  # UID -> MODSEQ

    def find(self, uid: int) -> Mail | None:
        at = bisect_left(self.mails, uid, key=lambda mail: mail.uid)
        return self.mails[at] if at < len(self.mails) and self.mails[at].uid == uid else None


FIXED = {
    "INBOX": None,
    "Drafts": SpecialUse.DRAFTS,
    "Sent": SpecialUse.SENT,
    "Trash": SpecialUse.TRASH,
    "Adressages/Reçus": None,
}


class MemoryStore:
    def __init__(self) -> None:
        self.made = 100
        self.all = {name: self._folder(name, special) for name, special in FIXED.items()}
        self.messages: dict[int, tuple[bytes, Described, str]] = {}
        self.listeners: list[Callable[[str], None]] = []
        self.reads = 0
        self.described_reads = 0
        self.fail_next: BaseException | None = None

    def _folder(self, name: str, special: SpecialUse | None = None) -> MemoryFolder:
        self.made += 1
        return MemoryFolder(name, self.made, special)

    # --- what a test does behind the server's back ---

    def put(self, folder: str, octets: bytes, flags: Collection[str] = (), internal: int = 1_767_225_600_000) -> int:
        number = len(self.messages) + 1
        self.messages[number] = (octets, *describe(octets))
        return self._place(folder, number, frozenset(flags), internal, len(octets))

    def _place(self, folder: str, message: int, flags: frozenset[str], internal: int, size: int) -> int:
        there = self.all[folder]
        uid = there.uid_next
        there.uid_next += 1
        there.highest_modseq += 1
        there.mails = (*there.mails, Mail(uid, there.highest_modseq, flags, size, internal, message))
        self._changed(folder)
        return uid

    def many(self, folder: str, octets: bytes, count: int) -> None:
        """The same message many times, at once."""
        self.messages[1] = (octets, *describe(octets))
        there = self.all[folder]
        flags = (frozenset[str](), frozenset({"\\Seen"}), frozenset({"\\Seen", "$Label1"}))
        there.mails = tuple(
            Mail(uid, uid + 1, flags[uid % 3], len(octets), 1_767_225_600_000 + uid * 1000, 1)
            for uid in range(1, count + 1)
        )
        there.uid_next, there.highest_modseq = count + 1, count + 1

    def remove(self, folder: str, *uids: int) -> None:
        there = self.all[folder]
        going = set(uids)
        there.highest_modseq += 1
        there.gone.update({mail.uid: there.highest_modseq for mail in there.mails if mail.uid in going})
        there.mails = tuple(mail for mail in there.mails if mail.uid not in going)
        self._changed(folder)

    def _changed(self, folder: str) -> None:
        for listener in list(self.listeners):
            listener(folder)

    # --- ports.MailStore ---

    def folders(self) -> Mapping[str, Folder]:
        return self.all

    def folder(self, name: str) -> MemoryFolder:
        if self.fail_next is not None:
            fault, self.fail_next = self.fail_next, None
            raise fault
        if name not in self.all:
            raise MessagingError("mail-folder-unknown")
        return self.all[name]

    async def append(self, folder: str, octets: bytes, flags: Collection[str], internal: int) -> Placed:
        there = self.folder(folder)
        return Placed(there.uid_validity, (), (self.put(folder, octets, flags, internal),))

    async def copy(self, folder: str, uids: Sequence[int], target: str) -> Placed:
        there = self.folder(target)
        sources = [mail for uid in uids if (mail := self.folder(folder).find(uid))]
        placed = [self._place(target, mail.message, mail.flags, mail.internal, mail.size) for mail in sources]
        return Placed(there.uid_validity, tuple(mail.uid for mail in sources), tuple(placed))

    async def move(self, folder: str, uids: Sequence[int], target: str) -> Placed:
        placed = await self.copy(folder, uids, target)
        self.remove(folder, *placed.sources)
        return placed

    async def store(
        self,
        folder: str,
        uids: Sequence[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Stored:
        there = self.folder(folder)
        wanted, given = set(uids), frozenset(flags)
        there.highest_modseq += 1
        changed, modified, mails = [], [], []
        for mail in there.mails:
            if mail.uid in wanted and unchanged_since is not None and mail.modseq > unchanged_since:
                modified.append(mail.uid)
            elif mail.uid in wanted:
                now = {"add": mail.flags | given, "remove": mail.flags - given, "replace": given}[change]
                changed.append(mail.uid)
                mails.append(replace(mail, flags=now, modseq=there.highest_modseq))
                continue
            mails.append(mail)
        there.mails = tuple(mails)
        self._changed(folder)
        return Stored(tuple(changed), tuple(modified))

    async def expunge(self, folder: str, uids: Sequence[int]) -> tuple[int, ...]:
        there = self.folder(folder)
        going = tuple(uid for uid in uids if (mail := there.find(uid)) and "\\Deleted" in mail.flags)
        if going:
            self.remove(folder, *going)
        return going

    async def octets(self, folder: str, uid: int) -> bytes | None:
        self.reads += 1
        mail = self.folder(folder).find(uid)
        return self.messages[mail.message][0] if mail else None

    async def described(
        self, folder: str, uids: Sequence[int], traits: Sequence[Trait]
    ) -> AsyncIterator[tuple[int, Sequence[bytes]]]:
        by_uid = {mail.uid: mail for mail in self.folder(folder).mails}
        for uid in uids:
            self.described_reads += 1
            if uid in by_uid:
                yield uid, self.messages[by_uid[uid].message][1].traits(traits)

    async def sift(self, folder: str, uids: Sequence[int], sought: Collection[Sought]) -> Sifted:
        headers = {uid: header async for uid, (header,) in self.described(folder, uids, [Trait.HEADER])}
        found = {one: frozenset(uid for uid, header in headers.items() if _has(header, one)) for one in sought}
        return Sifted(found, frozenset(uids) - headers.keys())

    async def texts(self, folder: str, uids: Sequence[int]) -> AsyncIterator[tuple[int, str]]:
        for uid in uids:
            if mail := self.folder(folder).find(uid):
                yield uid, self.messages[mail.message][2]

    def vanished(self, folder: str, since: int) -> tuple[int, ...]:
        return tuple(sorted(uid for uid, modseq in self.folder(folder).gone.items() if modseq > since))

    async def create(self, name: str) -> None:
        if name in self.all:
            raise MessagingError("mail-folder-exists")
        if not name or len(name) > 200:
            raise MessagingError("mail-folder-name")
        self.all[name] = self._folder(name)

    async def rename(self, name: str, new: str) -> None:
        self._free(name)
        if new in self.all:
            raise MessagingError("mail-folder-exists")
        self.all[new] = self.all.pop(name)
        self.all[new].name = new

    async def delete(self, name: str) -> None:
        self._free(name)
        del self.all[name]

    def _free(self, name: str) -> None:
        self.folder(name)
        if name in FIXED:
            raise MessagingError("mail-folder-fixed")

    async def subscribe(self, name: str, subscribed: bool) -> None:
        self.folder(name).subscribed = subscribed

    def listen(self, changed: Callable[[str], None]) -> Callable[[], None]:
        self.listeners.append(changed)
        return lambda: self.listeners.remove(changed)


def _has(header: bytes, sought: Sought) -> bool:
    values = [value for name, value in legible(header) if name == sought.field]
    return any(sought.words in value for value in (values if sought.field else [lines(legible(header))]))


class MemoryPorter:
    """One user; the third wrong password in a row is one too many."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.asked: list[tuple[str, str]] = []
        self.throttled = False

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        assert door is Door.IMAP
        assert peer == "127.0.0.1"
        self.asked.append((user, password))
        if self.throttled:
            raise MessagingError("mail-login-throttled", seconds=3)
        if (user, password) != (ADDRESS, PASSWORD):
            raise MessagingError("mail-login-wrong")
        return Client(ADDRESS, "laptop", (ADDRESS,), self.store)

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        if (user, token) != (ADDRESS, TOKEN):
            raise MessagingError("mail-login-wrong")
        return Client(ADDRESS, "laptop", (ADDRESS,), self.store)

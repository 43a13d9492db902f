"""The mail of one mailbox, sealed on disk: `ports.MailStore` for mail programs. What comes from Confrère comes in by
`arrivals`, and what the gateway itself must remember is in `notes`.

Octets are stored once and never altered; a folder holds placements of them. UIDs ascend, are never given twice and
never change; UIDVALIDITY is fixed where a folder is made. It does not know IMAP's grammar.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence

from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.database import tables
from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.mail.describe import describe
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore import names, reading, submitted
from messaging.gateway.mailstore.binder import Binder
from messaging.gateway.mailstore.fixed import FixedNames, Role
from messaging.gateway.mailstore.flags import DELETED
from messaging.gateway.mailstore.folder import Folder
from messaging.gateway.mailstore.index import load
from messaging.gateway.mailstore.ledger import Clock, Ledger
from messaging.gateway.mailstore.prepared import Describe, prepare
from messaging.gateway.mailstore.seals import Entropy, Seals
from messaging.gateway.mailstore.turn import Turn
from messaging.gateway.ports import FlagChange, Mail, Placed, Sifted, Sought, SpecialUse, Stored
from messaging.profile.vault import Vault

MOST_FOLDERS = 2_000


class MailStore(ports.MailStore):
    """One process has it open: the one that holds `profile.db`. Raises as `ports.MailStore` says; a disk that is full
    is mail-store-full, and nothing has changed then. `ledger` and `describe` are for `arrivals` and `notes`."""

    def __init__(self, ledger: Ledger, describe: Describe) -> None:
        self.ledger = ledger
        self.describe = describe
        self._binder = Binder(ledger)

    @classmethod
    async def open(
        cls,
        database: MailDatabase,
        vault: Vault,
        entropy: Entropy,
        now: Clock,
        fixed: FixedNames = FixedNames(),
        describe: Describe = describe,
    ) -> MailStore:
        """The mail in `database`, which stays the caller's to close, after `close` here. `now` gives ms UTC; `fixed`
        names the folders that are not there yet, `describe` says what mail programs ask of a message.

        Raises MessagingError("mail-store-damaged") where the file is not of this vault."""
        seals = Seals(vault, entropy)
        index = await database.write(lambda connection: load(connection, seals))
        store = cls(Ledger(database, index, seals, now), describe)
        await store.ledger.change(lambda turn: _furnish(turn, fixed))
        return store

    async def close(self) -> None:
        """After the changes under way."""
        await self._binder.close()
        await self.ledger.close()

    def folders(self) -> Mapping[str, Folder]:
        return self.ledger.index.by_name

    def folder(self, name: str) -> Folder:
        return self.ledger.index.folder(name)

    def of_role(self, role: Role) -> Folder:
        """A fixed folder, whatever it is called. Raises MessagingError("mail-folder-unknown") for Role.USER."""
        found = None if role is Role.USER else self.ledger.index.of_role(role)
        if found is None:
            raise MessagingError("mail-folder-unknown")
        return found

    def listen(self, changed: Callable[[str], None]) -> Callable[[], None]:
        return self.ledger.listen(changed)

    # --- mails ---

    async def append(self, folder: str, octets: bytes, flags: Collection[str], internal: int) -> Placed:
        self.folder(folder)  # before the work, and again in the turn
        prepared = await prepare(self.describe, octets)

        def act(turn: Turn) -> Placed:
            into = turn.index.folder(folder)
            kept = turn.index.spelling.spell(flags)
            uid = None
            if into.special_use is SpecialUse.SENT:
                uid = submitted.placed(turn, into, prepared.described.message_id, kept)
            if uid is None:
                uid = turn.place(into, turn.bring(prepared), len(octets), kept, internal)
            return Placed(into.uid_validity, (), (uid,))

        return await self.ledger.change(act)

    async def copy(self, folder: str, uids: Sequence[int], target: str) -> Placed:
        return await self.ledger.change(lambda turn: _copied(turn, folder, uids, target)[0])

    async def move(self, folder: str, uids: Sequence[int], target: str) -> Placed:
        def act(turn: Turn) -> Placed:
            placed, mails = _copied(turn, folder, uids, target)
            turn.remove(turn.index.folder(folder), mails)
            return placed

        return await self.ledger.change(act)

    async def store(
        self,
        folder: str,
        uids: Sequence[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Stored:
        """A mail that has these flags already is among `changed`, and keeps its MODSEQ."""

        def act(turn: Turn) -> Stored:
            within = turn.index.folder(folder)
            changed, modified = [], []
            for mail in within.found(uids):
                if unchanged_since is not None and mail.modseq > unchanged_since:
                    modified.append(mail.uid)
                    continue
                turn.flag(within, mail, turn.index.spelling.changed(mail.flags, change, flags))
                changed.append(mail.uid)
            return Stored(tuple(changed), tuple(modified))

        return await self.ledger.change(act)

    async def expunge(self, folder: str, uids: Sequence[int]) -> tuple[int, ...]:
        def act(turn: Turn) -> tuple[int, ...]:
            within = turn.index.folder(folder)
            mails = [mail for mail in within.found(uids) if DELETED in mail.flags]
            turn.remove(within, mails)
            return tuple(mail.uid for mail in mails)

        return await self.ledger.change(act)

    # --- reading ---

    async def octets(self, folder: str, uid: int) -> bytes | None:
        mail = self.folder(folder).find(uid)
        if mail is None:
            return None
        found = await reading.octets(self.ledger, mail)
        if found is None and self._is_here(folder, mail):
            raise MessagingError("mail-store-damaged")
        return found

    async def described(
        self, folder: str, uids: Sequence[int], traits: Sequence[Trait]
    ) -> AsyncIterator[tuple[int, Sequence[bytes]]]:
        """As the port says. One that is damaged does not keep the others back: MessagingError("mail-store-damaged")
        comes after them."""
        damaged = False
        missed: set[int] = set()
        async for batch in reading.described(self.ledger, self.folder(folder).found(uids), traits, missed):
            for mail, found in batch:
                if found is not None:
                    yield mail.uid, found
                elif self._is_here(folder, mail):
                    damaged = True
        self._binder.miss(missed)
        if damaged:
            raise MessagingError("mail-store-damaged")

    async def sift(self, folder: str, uids: Sequence[int], sought: Collection[Sought]) -> Sifted:
        """As the port says. Raises MessagingError("mail-store-damaged") where a header cannot be read."""
        missed: set[int] = set()
        mails = self.folder(folder).found(uids)
        unread, found = await reading.sifted(self.ledger, mails, sought, missed)
        self._binder.miss(missed)
        if unread and any(mail.message in unread and self._is_here(folder, mail) for mail in mails):
            raise MessagingError("mail-store-damaged")
        having = {one: [mail.uid for mail in mails if mail.message in some] for one, some in found.items() if some}
        here = [mail for mail in mails if mail.message not in unread] if unread else mails
        gone = frozenset(uids).difference([mail.uid for mail in here]) if len(here) < len(uids) else frozenset[int]()
        return Sifted({one: frozenset(having.get(one, ())) for one in sought}, gone)

    async def texts(self, folder: str, uids: Sequence[int]) -> AsyncIterator[tuple[int, str]]:
        """As the port says. A search is through what can be read: one that is damaged is left out."""
        mails = self.folder(folder).found(uids)
        async for mail, found in reading.each(self.ledger, tables.texts, mails, self.ledger.seals.open_text):
            if found is not None:
                yield mail.uid, found

    def vanished(self, folder: str, since: int) -> tuple[int, ...]:
        return self.folder(folder).vanished(since)

    def _is_here(self, folder: str, mail: Mail) -> bool:
        """Whether a mail that could not be read should be there: it was not expunged meanwhile."""
        now = self.ledger.index.by_name.get(names.canonical(folder))
        return now is not None and now.find(mail.uid) is not None

    # --- folders ---

    async def create(self, name: str) -> None:
        """With every level above it that is not there (RFC 3501 section 6.3.3)."""

        def act(turn: Turn) -> None:
            wanted = names.checked(name)
            _must_be_free(turn, wanted)
            _make(turn, [*names.superiors(wanted), wanted])

        await self.ledger.change(act)

    async def rename(self, name: str, new: str) -> None:
        """With what is below it (RFC 3501 section 6.3.5). UIDs and UIDVALIDITY stay."""

        def act(turn: Turn) -> None:
            above = _own(turn, name)
            wanted = names.checked(new)
            _must_be_free(turn, wanted)
            if names.within(wanted, above.name):
                raise MessagingError("mail-folder-name")
            _make(turn, names.superiors(wanted))
            turn.rename(above, wanted)
            for below in list(turn.index.by_name.values()):
                if names.within(below.name, above.name):
                    moved = names.checked(wanted + below.name.removeprefix(above.name))
                    _must_be_free(turn, moved)
                    turn.rename(below, moved)

        await self.ledger.change(act)

    async def delete(self, name: str) -> None:
        """With its mails. What is below it stays (RFC 3501 section 6.3.4)."""
        await self.ledger.change(lambda turn: turn.delete(_own(turn, name)))

    async def subscribe(self, name: str, subscribed: bool) -> None:
        await self.ledger.change(lambda turn: turn.subscribe(turn.index.folder(name), subscribed))


def _furnish(turn: Turn, fixed: FixedNames) -> None:
    """Make the fixed folders that are not there; one whose name a folder of the user's has gets another."""
    for role, name in fixed.by_role().items():
        if turn.index.of_role(role) is None:
            turn.create(role, names.checked(_free(turn, name)))


def _free(turn: Turn, name: str) -> str:
    return name if name not in turn.index.by_name else _free(turn, f"{name}'")


def _own(turn: Turn, name: str) -> Folder:
    """The user's own folder of this name. Raises MessagingError("mail-folder-fixed")."""
    folder = turn.index.folder(name)
    if folder.role is not Role.USER:
        raise MessagingError("mail-folder-fixed")
    return folder


def _must_be_free(turn: Turn, name: str) -> None:
    if name in turn.index.by_name:
        raise MessagingError("mail-folder-exists")


def _make(turn: Turn, levels: Sequence[str]) -> None:
    """Those of `levels` that are not there. Raises MessagingError("mail-folder-name") where there are too many."""
    missing = [level for level in levels if level not in turn.index.by_name]
    if len(turn.index.by_name) + len(missing) > MOST_FOLDERS:
        raise MessagingError("mail-folder-name")
    for level in missing:
        turn.create(Role.USER, level)


def _copied(turn: Turn, folder: str, uids: Sequence[int], target: str) -> tuple[Placed, list[Mail]]:
    """Flags and INTERNALDATE go with a copy (RFC 3501 section 6.4.7)."""
    mails, into = turn.index.folder(folder).found(uids), turn.index.folder(target)
    placed = tuple(turn.place(into, mail.message, mail.size, mail.flags, mail.internal) for mail in mails)
    return Placed(into.uid_validity, tuple(mail.uid for mail in mails), placed), mails

"""One change of the mail: rows written in one transaction, and the index altered once they are on the disk.

A turn reads the index, collects, writes with `write` and alters the index with `settle`; where the transaction fails
nothing is settled, and the index is what the disk is. Turns of a store come one after the other (`ledger`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, exists, insert, select, update

from messaging.gateway.database import tables
from messaging.gateway.mailstore import pages
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.folder import Folder
from messaging.gateway.mailstore.index import Index
from messaging.gateway.mailstore.prepared import Prepared
from messaging.gateway.mailstore.seals import PART_OCTETS, Seals
from messaging.gateway.ports import Mail

_FLAGS_SET = (
    update(tables.placements)
    .where(tables.placements.c.folder == bindparam("of"), tables.placements.c.uid == bindparam("at"))
    .values(modseq=bindparam("new"), sealed=bindparam("flags"))
)
_PLACEMENT_GONE = delete(tables.placements).where(
    tables.placements.c.folder == bindparam("of"), tables.placements.c.uid == bindparam("at")
)
_MESSAGE_GONE = delete(tables.descriptions).where(
    tables.descriptions.c.message == bindparam("of"),
    ~exists(select(tables.placements.c.uid).where(tables.placements.c.message == bindparam("of"))),
)


@dataclass(slots=True)
class _Change:
    """What becomes of one folder in this turn. All of it has one MODSEQ (RFC 7162 section 3.1)."""

    folder: Folder
    modseq: int
    uid_next: int
    changed: dict[int, Mail] = field(default_factory=dict)
    removed: dict[int, Mail] = field(default_factory=dict)
    added: list[Mail] = field(default_factory=list)

    @property
    def mails(self) -> tuple[Mail, ...]:
        return self.folder.with_changes(self.changed.values(), frozenset(self.removed), self.added)


class Turn:
    """`now` is in ms UTC. Folders and mails are those of the index."""

    def __init__(self, connection: Connection, index: Index, seals: Seals, now: int) -> None:
        self.connection = connection
        self.index = index
        self.seals = seals
        self.now = now
        self.told: list[str] = []
        """Names of the folders that changed, for those who listen."""
        self._next_message = index.next_message
        self._uid_validity = index.uid_validity
        self._changes: dict[int, _Change] = {}
        self._messages: list[tuple[int, Prepared]] = []
        self._released: set[int] = set()
        self._settling: list[Callable[[], None]] = []

    # --- messages ---

    def bring(self, prepared: Prepared) -> int:
        """A new message's id. It must be placed in the same turn."""
        message = self._next_message
        self._next_message += 1
        self._messages.append((message, prepared))
        return message

    def place(self, folder: Folder, message: int, size: int, flags: frozenset[str], internal: int) -> int:
        """The UID under which the message now stands in the folder."""
        change = self._change(folder)
        mail = Mail(change.uid_next, change.modseq, flags, size, internal, message)
        change.uid_next += 1
        change.added.append(mail)
        return mail.uid

    def flag(self, folder: Folder, mail: Mail, flags: frozenset[str]) -> None:
        if flags != mail.flags:
            change = self._change(folder)
            change.changed[mail.uid] = replace(mail, flags=flags, modseq=change.modseq)

    def remove(self, folder: Folder, mails: Iterable[Mail]) -> None:
        """Their octets go too where no folder has them any more."""
        for mail in mails:
            self._change(folder).removed[mail.uid] = mail
            self._released.add(mail.message)

    # --- folders ---

    def create(self, role: Role, name: str) -> Folder:
        """UIDVALIDITY is greater than every earlier one, also than that of a folder of this name that was deleted."""
        self._uid_validity = max(self.now // 1000, self._uid_validity + 1)
        folder = Folder(self._uid_validity, role, name)
        self.connection.execute(
            insert(tables.folders).values(
                uid_validity=folder.uid_validity,
                sealed=self.seals.folder(folder.uid_validity, role, name),
                subscribed=1,
                uid_next=folder.uid_next,
                highest_modseq=folder.highest_modseq,
            )
        )
        self._settling.append(lambda: self.index.rename_all([*self.index.by_name.values(), folder]))
        self.told.append(name)
        return folder

    def rename(self, folder: Folder, name: str) -> None:
        self._set(folder, sealed=self.seals.folder(folder.uid_validity, folder.role, name))

        def settle() -> None:
            folder.name = name
            self.index.rename_all(list(self.index.by_name.values()))

        self._settling.append(settle)
        self.told += [folder.name, name]

    def delete(self, folder: Folder) -> None:
        self._released |= {mail.message for mail in folder.mails}
        for table in (tables.placements, tables.expunged):
            self.connection.execute(delete(table).where(table.c.folder == folder.uid_validity))
        self.connection.execute(delete(tables.folders).where(tables.folders.c.uid_validity == folder.uid_validity))
        self._settling.append(
            lambda: self.index.rename_all([other for other in self.index.by_name.values() if other is not folder])
        )
        self.told.append(folder.name)

    def subscribe(self, folder: Folder, subscribed: bool) -> None:
        self._set(folder, subscribed=int(subscribed))
        self._settling.append(lambda: setattr(folder, "subscribed", subscribed))

    def write_page(self, page: int) -> None:
        """All of whose ids are given."""
        pages.write(self.connection, self.seals, page)

    # --- the end ---

    def write(self) -> None:
        """Everything that was collected, into the transaction."""
        self._write_messages()
        for change in self._changes.values():
            self._write_change(change)
        pages.drop(self.connection, self._released)
        self._many(_MESSAGE_GONE, [{"of": message} for message in self._released])
        for page in pages.full(self.index.next_message, self._next_message):
            self.write_page(page)
        if (self._next_message, self._uid_validity) != (self.index.next_message, self.index.uid_validity):
            self.connection.execute(
                update(tables.counters).values(next_message=self._next_message, uid_validity=self._uid_validity)
            )

    def settle(self) -> None:
        """The index, after the commit."""
        self.index.next_message, self.index.uid_validity = self._next_message, self._uid_validity
        for change in self._changes.values():
            folder = change.folder
            folder.mails = change.mails
            folder.uid_next, folder.highest_modseq = change.uid_next, change.modseq
            for uid in change.removed:
                folder.forget(uid, change.modseq)
            self.told.append(folder.name)
        for settle in self._settling:
            settle()

    def _change(self, folder: Folder) -> _Change:
        known = self._changes.get(folder.uid_validity)
        if known is None:
            known = _Change(folder, folder.highest_modseq + 1, folder.uid_next)
            self._changes[folder.uid_validity] = known
        return known

    def _set(self, folder: Folder, **values: Any) -> None:
        self.connection.execute(
            update(tables.folders).where(tables.folders.c.uid_validity == folder.uid_validity).values(**values)
        )

    def _write_messages(self) -> None:
        seals = self.seals
        described = [{"message": id, "sealed": seals.description(id, new.described)} for id, new in self._messages]
        texts = [{"message": id, "sealed": seals.text(id, new.text)} for id, new in self._messages]
        self._insert(tables.descriptions, described)
        self._insert(tables.texts, texts)
        rows: list[dict[str, Any]] = []
        for id, new in self._messages:
            for part, sealed in seals.octets(id, new.octets):
                rows.append({"message": id, "part": part, "sealed": sealed})
                if len(sealed) > PART_OCTETS:  # a full one
                    self._insert(tables.octets, rows)
                    rows.clear()
        self._insert(tables.octets, rows)

    def _write_change(self, change: _Change) -> None:
        folder, flags = change.folder.uid_validity, self.seals.flags
        self._insert(
            tables.placements,
            [
                {
                    **{"folder": folder, "uid": mail.uid, "message": mail.message, "size": mail.size},
                    **{"internal": mail.internal, "modseq": mail.modseq, "sealed": flags(folder, mail)},
                }
                for mail in change.added
            ],
        )
        self._many(
            _FLAGS_SET,
            [
                {"of": folder, "at": mail.uid, "new": mail.modseq, "flags": flags(folder, mail)}
                for mail in change.changed.values()
            ],
        )
        self._many(_PLACEMENT_GONE, [{"of": folder, "at": uid} for uid in change.removed])
        self._insert(
            tables.expunged,
            [{"folder": folder, "uid": uid, "modseq": change.modseq} for uid in change.removed],
        )
        self._set(change.folder, uid_next=change.uid_next, highest_modseq=change.modseq)

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        self._many(insert(table), rows)

    def _many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(statement, rows)

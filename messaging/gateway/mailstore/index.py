"""Every folder of a mailbox in memory, read with one query each from placements and what was expunged.

Ten thousand mails are about 3 MB. What cannot be opened does not keep the rest from being read: a placement that was
altered stays under its UID without flags and names no message; a folder is called by its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert, select

from messaging.errors import MessagingError
from messaging.gateway.database import tables
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.flags import Spelling
from messaging.gateway.mailstore.folder import Folder
from messaging.gateway.mailstore.names import canonical
from messaging.gateway.mailstore.seals import Seals
from messaging.gateway.ports import Mail

NO_MESSAGE = 0
"""What a damaged placement has for `Mail.message`; ids begin with 1."""


class Index:
    """`next_message` and `uid_validity` (the last one given) only ever grow."""

    def __init__(self) -> None:
        self.spelling = Spelling()
        self.next_message = NO_MESSAGE + 1
        self.uid_validity = 0
        self.by_name: Mapping[str, Folder] = MappingProxyType({})

    def folder(self, name: str) -> Folder:
        """Raises MessagingError("mail-folder-unknown")."""
        found = self.by_name.get(canonical(name))
        if found is None:
            raise MessagingError("mail-folder-unknown")
        return found

    def of_role(self, role: Role) -> Folder | None:
        return next((folder for folder in self.by_name.values() if folder.role is role), None)

    def rename_all(self, folders: list[Folder]) -> None:
        """These are the folders now: INBOX first, then as they were made."""
        folders.sort(key=lambda folder: (folder.role is not Role.INBOX, folder.uid_validity))
        self.by_name = MappingProxyType({folder.name: folder for folder in folders})


def load(connection: Connection, seals: Seals) -> Index:
    """The index of a file. The first time it makes the key of hashed names, which `seals` gets.

    Raises MessagingError("mail-store-damaged") where the file is not of this vault."""
    index = Index()
    counters = connection.execute(select(tables.counters)).one_or_none()
    if counters is None:
        sealed = seals.new_names()
        connection.execute(insert(tables.counters).values(id=1, next_message=1, uid_validity=0, sealed=sealed))
        seals.with_names(sealed)
    else:
        seals.with_names(counters.sealed)
        index.next_message, index.uid_validity = counters.next_message, counters.uid_validity
    by_id = _folders(connection, seals)
    _placements(connection, seals, index.spelling, by_id)
    _expunged(connection, by_id)
    index.rename_all(list(by_id.values()))
    return index


def _folders(connection: Connection, seals: Seals) -> dict[int, Folder]:
    found = {}
    for row in connection.execute(select(tables.folders)):
        try:
            role, name = seals.open_folder(row.uid_validity, row.sealed)
        except MessagingError:
            role, name = Role.USER, f"[{row.uid_validity}]"
        folder = Folder(row.uid_validity, role, name)
        folder.subscribed = bool(row.subscribed)
        folder.uid_next, folder.highest_modseq = row.uid_next, row.highest_modseq
        found[row.uid_validity] = folder
    return found


def _placements(connection: Connection, seals: Seals, spelling: Spelling, by_id: dict[int, Folder]) -> None:
    table = tables.placements
    mails: dict[int, list[Mail]] = {id: [] for id in by_id}
    for row in connection.execute(select(table).order_by(table.c.folder, table.c.uid)):
        if row.folder not in mails:
            continue
        message, flags = row.message, spelling.spell(())
        bare = Mail(row.uid, row.modseq, flags, row.size, row.internal, message)
        try:
            flags = spelling.spell(seals.open_flags(row.folder, bare, row.sealed))
        except MessagingError:
            message = NO_MESSAGE
        mails[row.folder].append(Mail(row.uid, row.modseq, flags, row.size, row.internal, message))
    for id, found in mails.items():
        by_id[id].mails = tuple(found)


def _expunged(connection: Connection, by_id: dict[int, Folder]) -> None:
    table = tables.expunged
    for row in connection.execute(select(table).order_by(table.c.modseq)):
        if row.folder in by_id:
            by_id[row.folder].forget(row.uid, row.modseq)

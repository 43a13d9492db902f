"""The ladder that a mail.db climbs: one rung for each version, frozen once released, in one transaction.

UIDs and UIDVALIDITY are what mail programs remember of a mailbox: no rung may change them. `PRAGMA user_version` holds
the version. `tables` is where the ladder ends.
"""

from __future__ import annotations

from sqlalchemy import Connection

from messaging.errors import MessagingError

_MAIL = """
CREATE TABLE counters (
    id INTEGER NOT NULL PRIMARY KEY, next_message INTEGER NOT NULL, uid_validity INTEGER NOT NULL,
    sealed BLOB NOT NULL);
CREATE TABLE folders (
    uid_validity INTEGER NOT NULL PRIMARY KEY, sealed BLOB NOT NULL, subscribed INTEGER NOT NULL,
    uid_next INTEGER NOT NULL, highest_modseq INTEGER NOT NULL);
CREATE TABLE descriptions (message INTEGER NOT NULL PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE texts (
    message INTEGER NOT NULL PRIMARY KEY REFERENCES descriptions (message) ON DELETE CASCADE, sealed BLOB NOT NULL);
CREATE TABLE octets (
    message INTEGER NOT NULL REFERENCES descriptions (message) ON DELETE CASCADE, part INTEGER NOT NULL,
    sealed BLOB NOT NULL, PRIMARY KEY (message, part));
CREATE TABLE placements (
    folder INTEGER NOT NULL, uid INTEGER NOT NULL, message INTEGER NOT NULL, size INTEGER NOT NULL,
    internal INTEGER NOT NULL, modseq INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (folder, uid)) WITHOUT ROWID;
CREATE INDEX placements_by_message ON placements (message);
CREATE TABLE expunged (
    folder INTEGER NOT NULL, uid INTEGER NOT NULL, modseq INTEGER NOT NULL, PRIMARY KEY (folder, uid)) WITHOUT ROWID;
CREATE TABLE deliveries ("key" BLOB NOT NULL PRIMARY KEY, message INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE submitted (
    message INTEGER NOT NULL PRIMARY KEY, own BLOB NOT NULL, alias BLOB NOT NULL, "at" INTEGER NOT NULL);
CREATE TABLE notes (name BLOB NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
"""

_ACCESS = """
CREATE TABLE lock (
    id INTEGER NOT NULL PRIMARY KEY, salt BLOB NOT NULL, memory INTEGER NOT NULL, passes INTEGER NOT NULL,
    sealed_root BLOB NOT NULL);
CREATE TABLE app_passwords (id INTEGER NOT NULL PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE logins (password INTEGER NOT NULL PRIMARY KEY, "at" INTEGER NOT NULL);
"""

_PAGES = """
CREATE TABLE pages (
    page INTEGER NOT NULL, kind INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (page, kind));
"""

LADDER = (_MAIL, _ACCESS, _PAGES)
VERSION = len(LADDER)


def climb(connection: Connection) -> None:
    """Bring the file of this transaction to VERSION. Raises MessagingError("mail-store-newer")."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > VERSION:
        raise MessagingError("mail-store-newer")
    for rung in LADDER[version:]:
        for statement in filter(str.strip, rung.split(";")):
            connection.exec_driver_sql(statement)
    if version < VERSION:
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")

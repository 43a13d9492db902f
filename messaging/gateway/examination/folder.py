"""What can be seen of a profile's folder from outside, locked or not: who may read it, room on the disk, the mail file.

Opens mail.db to read alone, beside a gateway that runs. Unlocks nothing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.database.migrations import VERSION
from messaging.gateway.examination.finding import Finding, found
from messaging.gateway.setup.posted import FOLDER

_FULL: Final = 200 << 20  # octets
_LOW: Final = 2 << 30
_WAIT: Final = 15.0  # seconds for a writer
_SECRET: Final = ("profile.db", FILE_NAME, f"{FOLDER}/authority.pem", f"{FOLDER}/server.pem")


def permissions(profile: Path) -> Iterator[Finding]:
    """Whether other users of this machine can read what is there. Windows has it from the folder above."""
    if os.name == "nt":  # pragma: no cover
        return
    files = [profile, *(profile / name for name in _SECRET)]
    opened = [file for file in files if file.exists() and file.stat().st_mode & 0o077]
    for file in opened:
        yield found("folder-open", file=str(file))
    if not opened:
        yield found("folder-well")


def disk(profile: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(profile).free
    grade = "disk-full" if free < _FULL else "disk-low" if free < _LOW else "disk-well"
    yield found(grade, mebibytes=free >> 20)


def mail(profile: Path) -> Iterator[Finding]:
    """The mail file: its version, whether it is whole, whether a program ever logged in. May take a while."""
    file = profile / FILE_NAME
    if not file.exists():
        yield found("mail-missing")
        return
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=_WAIT)
        try:
            yield from _looked_at(connection)
        finally:
            connection.close()
    except sqlite3.Error:
        yield found("mail-damaged")


def _looked_at(connection: sqlite3.Connection) -> Iterator[Finding]:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        yield found("mail-newer")
        return
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        yield found("mail-damaged")
        return
    yield found("mail-well" if version == VERSION else "mail-older")
    if version == VERSION:
        (last,) = connection.execute("SELECT max(at) FROM logins").fetchone()
        yield found("program-never") if last is None else found("program-seen", at=last)

"""Whether a profile is in use, and by which process (Linux: /proc/locks; elsewhere that it is, and no more)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOCKS: Final = Path("/proc/locks")
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, 0 where it cannot be told which; `command` is how it was started, without its arguments' values."""

    process: int
    command: str


def holder_of(database: Path) -> Holder | None:
    """None where nobody holds it."""
    try:
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=0)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as failed:
        if getattr(failed, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            return _by_inode(database) or Holder(0, "")
    return None


def _by_inode(file: Path) -> Holder | None:
    try:
        inode = str(file.stat().st_ino)
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.replace("->", "").split()
        if len(fields) >= 6 and fields[1] == "POSIX" and fields[5].rpartition(":")[2] == inode:
            return Holder(int(fields[4]), _command(fields[4]))
    return None


def _command(process: str) -> str:
    """The program and its verb: what follows may be anybody's."""
    try:
        words = Path("/proc", process, "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    names = [Path(word.decode("utf-8", "replace")).name for word in words[:6]]
    at = names.index("confrere") if "confrere" in names else 0
    return " ".join(name for name in names[at : at + 2] if not name.startswith("-"))

"""The files of an evidence bundle as one bounded octet string (FI-3.1), to travel as one attached file.

    "CP1b" | u16 1 | u32 n | n x (var path | var content)        paths ascending, each once

Strict both ways; `messaging.protocol.evidence` says what the files mean. No file of the disk is touched here, and
whoever lays them out finds no path that leaves its folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from directory.errors import DirectoryError
from directory.primitives.codec import Reader, text, u16, u32, var
from record_bridge.errors import RecordError

MAGIC = b"CP1b"
SUITE = 0x0001
MAX_FILES = 20_000
MAX_PATH = 200  # octets
MAX_FILE = 4 * 1024 * 1024
MAX_SIZE = 32 * 1024 * 1024
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}", re.ASCII)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Raises RecordError("filing-evidence-malformed"): a path or a size that `unpack` would refuse."""
    packed = b"".join(
        (MAGIC, u16(SUITE), u32(len(files)), *(text(path) + var(files[path]) for path in sorted(files)))
    )
    unpack(packed)
    return packed


def unpack(raw: bytes) -> dict[str, bytes]:
    """Raises RecordError("filing-evidence-malformed", field=...), DirectoryError("protocol-newer")."""
    try:
        return _unpacked(raw)
    except DirectoryError as refused:
        if refused.id != "octets-malformed":
            raise
        raise RecordError("filing-evidence-malformed", field=str(refused.facts["field"])) from None


def _unpacked(raw: bytes) -> dict[str, bytes]:
    reader = Reader(raw, "evidence file")
    if len(raw) > MAX_SIZE:
        raise reader.fail("size")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise DirectoryError("protocol-newer", what="evidence file")
    number = reader.u32("n")
    if number > MAX_FILES:
        raise reader.fail("n")
    files: dict[str, bytes] = {}
    last = ""
    for _ in range(number):
        path = reader.text("path", MAX_PATH)
        if not _PATH.fullmatch(path) or path <= last:
            raise reader.fail("path")
        files[path] = reader.var("content", MAX_FILE)
        last = path
    reader.end()
    return files

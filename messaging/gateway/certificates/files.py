"""Files of the gateway's identity: written whole or not at all, read with a bound. Their content is not judged here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

LARGEST: Final = 1 << 20  # of a certificate chain or a key
PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def write(file: Path, octets: bytes, mode: int) -> None:
    """Beside it, durable, then renamed over: a reader finds the old content or the new one. OSError."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def read(file: Path) -> bytes:
    """At most LARGEST octets. OSError, also where the file is larger."""
    with file.open("rb") as stream:
        octets = stream.read(LARGEST + 1)
    if len(octets) > LARGEST:
        raise OSError("larger than any certificate")
    return octets


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

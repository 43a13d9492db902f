"""The service's Ed25519 key, `DATA/service.key`: a 32-octet seed that only the service's user reads (CP1-7.3)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from confrere.errors import ConfrereError
from directory.primitives.signature import SEED_SIZE, SigningKey

FILE_NAME = "service.key"


def load_or_make(data: Path) -> SigningKey:
    """Made at the first start, durable before anything is signed. ConfrereError("service-key-unsafe")."""
    return load_or_make_key(data / FILE_NAME)


def load_or_make_key(file: Path) -> SigningKey:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _load(file)
    with os.fdopen(descriptor, "wb") as stream:
        seed = secrets.token_bytes(SEED_SIZE)
        stream.write(seed)
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(file.parent)
    return SigningKey(seed)


def sync_folder(folder: Path) -> None:
    """A new name in a folder is durable only once the folder is."""
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _load(file: Path) -> SigningKey:
    if os.name != "nt" and file.stat().st_mode & 0o077:
        raise ConfrereError("service-key-unsafe", file=str(file))
    seed = file.read_bytes()
    if len(seed) != SEED_SIZE:
        raise ConfrereError("service-key-unsafe", file=str(file))
    return SigningKey(seed)

"""The registrar's key pair in the data folder: `registrar.key` (32-octet seed, mode 0600) and `registrar.pub` (hex).

The operator's `invite` signs with the key; the service needs the public half alone, and an operator may keep the key
elsewhere once both exist. Whoever comes first makes them, and two at once make one.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from directory.errors import DirectoryError
from directory.primitives.signature import KEY_SIZE, SEED_SIZE, SigningKey

KEY_NAME = "registrar.key"
PUBLIC_NAME = "registrar.pub"


def registrar_key(data: Path) -> SigningKey:
    """The registrar's key, made now if there is none. Raises DirectoryError("registrar-key-missing")."""
    registrar_public(data)
    try:
        seed = (data / KEY_NAME).read_bytes()
    except OSError:
        raise DirectoryError("registrar-key-missing", name=KEY_NAME) from None
    key = SigningKey(seed) if len(seed) == SEED_SIZE else None
    if key is None or key.public != _read_public(data / PUBLIC_NAME):
        raise DirectoryError("registrar-key-missing", name=KEY_NAME)
    return key


def registrar_public(data: Path) -> bytes:
    """The registrar's public key (32 octets), the pair made now if there is none; the secret is not kept."""
    public = data / PUBLIC_NAME
    if not public.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _publish_once(data / KEY_NAME, secrets.token_bytes(SEED_SIZE), 0o600)
        made = SigningKey((data / KEY_NAME).read_bytes()).public
        _publish_once(public, made.hex().encode("ascii") + b"\n", 0o644)
    return _read_public(public)


def _read_public(path: Path) -> bytes:
    try:
        public = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        public = b""
    if len(public) != KEY_SIZE:
        raise DirectoryError("registrar-key-missing", name=PUBLIC_NAME)
    return public


def _publish_once(path: Path, octets: bytes, mode: int) -> None:
    """Give `path` its content whole and durable, unless somebody was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

"""A page that holds a secret or somebody's health: a file for its owner only, opened before anything is done for it."""

from __future__ import annotations

import os
from pathlib import Path

from confrere.errors import ConfrereError


def opened(file: Path) -> int:
    """A descriptor of the file, emptied. Raises ConfrereError("file-unwritable")."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)  # also where the file was there before
    except OSError:
        raise ConfrereError("file-unwritable", file=str(file)) from None
    return descriptor


def fill(descriptor: int, file: Path, content: str | bytes) -> None:
    """Write all of it. Raises ConfrereError("file-unwritable")."""
    octets = content.encode() if isinstance(content, str) else content
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(octets)
    except OSError:
        raise ConfrereError("file-unwritable", file=str(file)) from None


def write(file: Path, content: str | bytes) -> str:
    """Both at once, with the folders before it; gives the file's whole path."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise ConfrereError("file-unwritable", file=str(file)) from None
    fill(opened(file), file, content)
    return str(file.resolve())

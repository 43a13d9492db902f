"""One `serve` for one data folder: an advisory lock that the kernel drops with the process, even after kill -9."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confrere.errors import ConfrereError

FILE_NAME = "serve.lock"


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Raises ConfrereError("data-locked") where another process holds it."""
    descriptor = os.open(data / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(descriptor)
        except OSError:
            raise ConfrereError("data-locked", data=str(data)) from None
        yield
    finally:
        os.close(descriptor)


if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

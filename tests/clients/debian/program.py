"""A mail program in a home of its own: its configuration, what it is run with, what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 120


@dataclass(frozen=True)
class Home:
    """A folder that is HOME to whatever runs in it."""

    folder: Path

    def write(self, name: str, text: str | bytes, mode: int = 0o600) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    def environment(self, **more: str) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "LANG": "C.UTF-8", "TERM": "xterm", **more}

    def run(self, *argv: str | Path, given: str | bytes = b"", code: int = 0) -> str:
        """What it wrote, errors too. It must end with `code`."""
        octets = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            argv,
            input=octets,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment(),
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == code, said
        return said


def installed(*names: str) -> pytest.MarkDecorator:
    missing = [name for name in names if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")

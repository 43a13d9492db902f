"""Where a running gateway listens, posted in the folder of each profile that it serves, for its doctor to find.

Ports and a process number, no secret. What a killed gateway left there is believed by nobody: whoever reads it asks.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from messaging.errors import MessagingError

FOLDER: Final = "gateway"
_FILE: Final = "listening.json"


@dataclass(frozen=True, slots=True)
class Posted:
    """`host` is the interface as it is set; `setup` the port of the page, always on this machine alone."""

    process: int
    host: str
    smtp: int
    imap: int
    pop3: int
    setup: int


def post(profile: Path, posted: Posted) -> None:
    """Raises MessagingError("profile-unwritable")."""
    file = profile / FOLDER / _FILE
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_text(json.dumps(asdict(posted)), encoding="utf-8")
    except OSError:
        raise MessagingError("profile-unwritable") from None


def take_down(profile: Path) -> None:
    """At its end."""
    (profile / FOLDER / _FILE).unlink(missing_ok=True)


def read(profile: Path) -> Posted | None:
    """None where there is none that can be read."""
    try:
        with (profile / FOLDER / _FILE).open(encoding="utf-8") as stream:
            posted = Posted(**json.loads(stream.read(4096)))
    except (OSError, ValueError, TypeError):
        return None
    numbers = (posted.process, posted.smtp, posted.imap, posted.pop3, posted.setup)
    return posted if all(type(one) is int for one in numbers) and type(posted.host) is str else None

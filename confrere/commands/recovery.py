"""The recovery sheet as verbs give it: printed text with its square, or a page to print, for its owner only."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from confrere.errors import ConfrereError
from confrere.output import Output
from messaging.profile.identity import Identity
from messaging.rendering.recovery_sheet import RecoverySheet, recovery_page, recovery_text


def sheet(me: Identity, code: str) -> RecoverySheet:
    return RecoverySheet(me.name, me.address, me.server, datetime.datetime.now().astimezone().date(), code)


def as_text(made: RecoverySheet, output: Output) -> str:
    return recovery_text(made, output.words.say, output.words.language)


def write_page(made: RecoverySheet, file: Path, output: Output) -> None:
    """A new HTML file, readable by its owner only. ConfrereError("file-unwritable")."""
    page = recovery_page(made, output.words.say, output.words.language)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
            target.write(page)
    except OSError:
        raise ConfrereError("file-unwritable", file=str(file)) from None

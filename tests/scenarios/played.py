"""The command line of somebody who is enrolled, inside a scenario."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.confrere.verbs.command_line import Played, confrere
from tests.scenarios.conftest import Clinician


async def at(who: Clinician, *argv: str, json_: bool = True, lang: str = "fr") -> Played:
    """One command line of this person's, in a thread of its own: it runs a loop of its own."""
    flags = ["--profile", str(who.folder), "--lang", lang, *(["--json"] if json_ else [])]
    return await asyncio.to_thread(confrere, *argv, *flags)


async def do(who: Clinician, *argv: str) -> Any:
    played = await at(who, *argv)
    assert played.code == 0, played.out + played.err
    return played.document

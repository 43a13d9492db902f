"""`confrere watch`: waits until something arrives and shows it, again and again; `--once` ends at the first.

The profile is open only while something is brought in, so that other verbs can use it meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from confrere.commands import inbox, opening, passphrase, printed
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.live import wait_for_push
from messaging.errors import MessagingError
from messaging.profile.store import Profile

NAME = "watch"
_LONGEST_PAUSE = 30.0

Rows = dict[str, dict[str, Any]]


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--once", action="store_true", help=words.say("watch-flag-once-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if output.as_json and not arguments.once:
        raise ConfrereError("usage", reason=output.words.say("watch-json-once"), command="confrere watch")
    folder = Path(arguments.profile)
    if not Profile.exists(folder):
        raise MessagingError("profile-missing")
    secret = passphrase.read(arguments, output)
    environment = opening.environment_of(opening.settings_of(arguments))
    pause, known = 1.0, None
    while True:
        try:
            async with Endpoint(folder, secret, environment) as endpoint:
                await endpoint.sync()
                rows, line = await _rows(endpoint, output.words), await endpoint.line()
            if known is None:
                output.note(output.words.say("watch-started"))
            else:
                moved = [row for thread, row in rows.items() if known.get(thread) != row]
                if moved and arguments.once:
                    output.result(moved, printed.inbox(moved, output.words))
                    return
                if moved:
                    output.line(printed.inbox(moved, output.words))
            known = rows
            await wait_for_push(line, environment)
            pause = 1.0
        except MessagingError as refused:
            if not refused.kind.temporary:
                raise
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)


async def _rows(endpoint: Endpoint, words: Words) -> Rows:
    exchanges = await endpoint.reading.exchanges()
    now = endpoint.environment.now()
    return {exchange.id.hex(): inbox.row(exchange, [], words, now) for exchange in exchanges}

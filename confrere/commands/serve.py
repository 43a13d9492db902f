"""`confrere serve --data DIR`: runs the service until SIGTERM or SIGINT; what is queued is written first."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from confrere.commands import event_loop
from confrere.compose.service import running
from confrere.output import Output
from confrere.settings import ServiceSettings, find_config, load_service
from confrere.words.catalogue import Words

NAME = "serve"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--data", metavar="DIR", required=True, help=words.say("serve-flag-data-help"))
    parser.add_argument("--port", type=int, default=None, metavar="N", help=words.say("serve-flag-port-help"))
    parser.add_argument("--host", default="", metavar="ADDRESS", help=words.say("serve-flag-host-help"))


def run(arguments: argparse.Namespace, output: Output) -> None:
    config = find_config(arguments.config, os.environ)
    settings = load_service(config)
    _log(settings)
    event_loop.run(_serve(arguments, settings, config, output))


async def _serve(arguments: argparse.Namespace, settings: ServiceSettings, config: Path, output: Output) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handler
            loop.add_signal_handler(number, stop.set)
    data = Path(arguments.data)
    async with running(data, settings, config, host=arguments.host, port=arguments.port) as service:
        output.result({"url": service.url}, output.words.say("serve-running", url=service.url))
        await stop.wait()


def _log(settings: ServiceSettings) -> None:
    """One line each, to standard error; never an id of a person, never content."""
    logging.basicConfig(
        level=settings.service.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    # aiohttp logs request lines and SQLAlchemy statements: neither is ours to keep.
    for name in ("aiohttp", "sqlalchemy", "aiosqlite", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)

"""`confrere gateway`: serves mailboxes to ordinary mail programs on this machine, until it is stopped.

It holds the profiles for as long as it runs. With `--json` one line says where it listens, once it does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import logging
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from confrere.commands import event_loop, opening, passphrase, served_profiles
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.settings import ClientSettings, read_toml
from confrere.words.catalogue import LANGUAGES, Words, words
from directory.errors import DirectoryError, Refusal
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.gateway.mailstore.fixed import FixedNames
from messaging.gateway.serving import gateway
from messaging.gateway.serving.delivering import Style
from messaging.referral import urgency
from messaging.referral.clinical import ReferralRequest

NAME = "gateway"
_FOLDERS = ("sent", "drafts", "trash", "archive", "junk", "referrals", "received", "sent-referrals")


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    served_profiles.add_flags(parser, words)
    parser.add_argument("--smtp-port", type=int, metavar="N", default=None, help=words.say("gateway-flag-smtp-help"))
    parser.add_argument("--imap-port", type=int, metavar="N", default=None, help=words.say("gateway-flag-imap-help"))
    parser.add_argument("--pop3-port", type=int, metavar="N", default=None, help=words.say("gateway-flag-pop3-help"))
    parser.add_argument("--setup-port", type=int, metavar="N", default=None, help=words.say("gateway-flag-setup-help"))
    parser.add_argument("--host", metavar="ADDRESS", default="", help=words.say("gateway-flag-host-help"))


def run(arguments: argparse.Namespace, output: Output) -> None:
    event_loop.run(_serve(arguments, output))


async def _serve(arguments: argparse.Namespace, output: Output) -> None:
    settings = opening.settings_of(arguments)
    _log()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    folders = served_profiles.folders(arguments)
    secret = passphrase.read(arguments, output)
    environment = opening.environment_of(settings)
    where, style = _where(arguments, settings), _style(arguments, settings, output.words)
    async with contextlib.AsyncExitStack() as stack:
        endpoints = [await stack.enter_async_context(Endpoint(one, secret, environment)) for one in folders]
        if not all(endpoint.identity.address for endpoint in endpoints):
            raise ConfrereError("profile-without-mailbox")
        serving = await stack.enter_async_context(
            gateway.running(
                endpoints, where, style, _names(output.words), output.words.of, _upkeep, _page(output.words)
            )
        )
        ca = str(serving.ca.resolve()) if serving.ca else ""
        said: dict[str, str | int] = {
            "smtp": serving.smtp,
            "imap": serving.imap,
            "pop3": serving.pop3,
            "setup": serving.setup,
            "ca": ca,
        }
        addresses = ", ".join(endpoint.identity.address for endpoint in endpoints)
        typed = {name: str(value) for name, value in said.items()}  # a port has no thousands
        output.result(said, output.words.say("gateway-running", addresses=addresses, **typed))
        bars = stack.enter_context(opening.Bars(output))
        for mailbox in serving.mailboxes:
            label = output.words.say("gateway-bringing-in", address=mailbox.address)
            mailbox.delivering.progress = partial(bars, label)
        await stop.wait()


def _where(arguments: argparse.Namespace, settings: ClientSettings) -> gateway.Where:
    return gateway.Where(
        host=arguments.host or settings.gateway.host,
        smtp=settings.gateway.smtp_port if arguments.smtp_port is None else arguments.smtp_port,
        imap=settings.gateway.imap_port if arguments.imap_port is None else arguments.imap_port,
        pop3=settings.gateway.pop3_port if arguments.pop3_port is None else arguments.pop3_port,
        names=tuple(filter(None, (name.strip() for name in settings.gateway.names.split(",")))),
        certificate=Path(settings.gateway.certificate) if settings.gateway.certificate else None,
        key=Path(settings.gateway.key) if settings.gateway.key else None,
        largest=settings.gateway.largest_mail_mib * opening.MIB,
        setup=settings.gateway.setup_port if arguments.setup_port is None else arguments.setup_port,
    )


def _page(chosen: Words) -> gateway.Page:
    return gateway.Page({language: words(language).say for language in LANGUAGES}, chosen.language)


def _style(arguments: argparse.Namespace, settings: ClientSettings, words: Words) -> Style:
    def sentence(failure: str) -> str:
        for kind in (MessagingError, DirectoryError):
            try:
                return words.of(kind(failure))
            except LookupError:  # of the other house, the service's own, or one that needs facts
                continue
        return words.say("mail-failed-unknown")

    return Style(
        say=words.say,
        sentence=sentence,
        zone=datetime.datetime.now().astimezone().tzinfo or datetime.UTC,
        policy=urgency.read_policy(read_toml(opening.config_of(arguments) / "urgency.toml")),
        apart=settings.gateway.referral_folders,
        largest=settings.gateway.largest_mail_mib * opening.MIB,
    )


def _names(words: Words) -> FixedNames:
    return FixedNames(*(words.say(f"folder-{name}") for name in _FOLDERS))


async def _upkeep(endpoint: Endpoint, requests: Sequence[ReferralRequest]) -> None:
    from record_bridge.client import exchanges, upkeep

    for request in requests:  # the patient's log says who asked whom
        with contextlib.suppress(Refusal):
            await exchanges.asked(endpoint, request.patient, request.case, request.performer)
    await upkeep.run(endpoint)


def _log() -> None:
    """One line each, to standard error; never an address, never content."""
    line = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=logging.WARNING, format=line, stream=sys.stderr)
    for name in ("aiohttp", "sqlalchemy", "aiosqlite", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)

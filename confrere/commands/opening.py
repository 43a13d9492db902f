"""Opens a profile for a verb, from its arguments and client.toml, with a progress bar for long work.

The service is reached here too: `reach` for verbs that only send, `fresh` for verbs that read first. Both go on with
the profile as it was when the service is away; `service_needed` is for what cannot.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from confrere.commands import passphrase
from confrere.errors import ConfrereError
from confrere.output import Output, Progress
from confrere.settings import ClientSettings, find_config, load_client
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from directory.primitives.passphrase import Cost
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.profile.store import Profile

VARIABLE = "CONFRERE_PROFILE"
MIB = 1024 * 1024
# A verb ends within the setting, its own start and the opening of the profile included.
_MARGIN = 3


def add_profile_flags(parser: argparse.ArgumentParser, words: Words, *, required: bool = True) -> None:
    default = os.environ.get(VARIABLE, "")
    needed = required and not default
    sentence = words.say("flag-profile-help")
    parser.add_argument("--profile", metavar="DIR", default=default, required=needed, help=sentence)
    passphrase.add_passphrase_flag(parser, words)


def config_of(arguments: argparse.Namespace) -> Path:
    return find_config(arguments.config, os.environ)


def settings_of(arguments: argparse.Namespace) -> ClientSettings:
    return load_client(config_of(arguments))


def environment_of(settings: ClientSettings) -> Environment:
    total = max(1, settings.timeouts.total_seconds - _MARGIN)
    return Environment(connect_seconds=min(settings.timeouts.connect_seconds, total), total_seconds=total)


def cost_of(settings: ClientSettings) -> Cost:
    return Cost(settings.passphrase.memory_mib * MIB, settings.passphrase.passes)


@asynccontextmanager
async def opened(arguments: argparse.Namespace, output: Output) -> AsyncIterator[Endpoint]:
    """Raises what `Endpoint` and `passphrase.read` raise; a missing profile before the passphrase is asked for."""
    folder = Path(arguments.profile)
    if not Profile.exists(folder):
        raise MessagingError("profile-missing")
    environment = environment_of(settings_of(arguments))
    with Bars(output) as bars:
        async with Endpoint(folder, passphrase.read(arguments, output), environment, bars) as endpoint:
            yield endpoint


async def reach(endpoint: Endpoint) -> bool:
    """Log in; False when the service is away and the profile is used as it was."""
    try:
        await endpoint.connect()
    except MessagingError as refused:
        if refused.category is not Category.UNREACHABLE:
            raise
        await endpoint.go_offline()
        return False
    return True


async def fresh(endpoint: Endpoint, output: Output) -> bool:
    """Bring everything in and let what waits leave; False, and a note, when the service is away: what is shown then is
    what this device had, and the verb ends with "not reachable"."""
    online = (await endpoint.sync_if_reachable()).online
    if not online:
        output.note(output.words.say("offline-note"))
        return False
    from record_bridge.client import upkeep  # only here: other verbs start without the rooms of a record

    await upkeep.run(endpoint)
    return True


def mailbox_needed(endpoint: Endpoint) -> None:
    """For what starts an exchange: a patient and who only deposits have no mailbox. ConfrereError
    profile-without-mailbox."""
    if not any(True for _ in endpoint.keyring.ordinary()):
        raise ConfrereError("profile-without-mailbox")


@contextmanager
def service_needed() -> Iterator[None]:
    """For what cannot wait on this device: says that nothing was changed."""
    try:
        yield
    except Refusal as refused:
        if refused.id == "service-unreachable":
            raise ConfrereError("action-unreachable") from None
        raise


class Bars:
    """One progress bar at a time, for (name, done, total) as the endpoint tells it."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._stack = ExitStack()
        self._bar: Progress | None = None
        self._shown: tuple[str, int] = ("", -1)
        self._done = 0

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def __call__(self, name: str, done: int, total: int) -> None:
        if self._bar is None or (name, total) != self._shown or done < self._done:
            self._stack.close()
            label = name or self._output.words.say("progress-sending")
            self._bar = self._stack.enter_context(self._output.progress(label, total))
            self._shown, self._done = (name, total), 0
        self._bar.advance(done - self._done)
        self._done = done
        if done >= total:
            self._stack.close()
            self._bar = None

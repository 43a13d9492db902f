"""`confrere bridge`: files what is asked into patients' records, until it is stopped; `--once` until nothing is left.

A process of its own over a profile of its own: it is a member of the threads in which it is asked, and of no other.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from confrere.commands import opening
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.bind import InviteeKind
from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.live import wait_for_push
from record_bridge.bridge.helper import helper
from record_bridge.bridge.worker import Bridge, Turn
from record_bridge.filing.states import State

NAME = "bridge"
_LONGEST_PAUSE = 30.0
_TOKEN_GONE = frozenset({"token-expired", "token-missing"})


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--once", action="store_true", help=words.say("bridge-flag-once-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if output.as_json and not arguments.once:
        raise ConfrereError("usage", reason=output.words.say("bridge-json-once"), command="confrere bridge")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    async with opening.opened(arguments, output) as endpoint:
        await _verify_bridge(endpoint)
        # Documents are in French whoever runs the bridge.
        say = Words("fr").say
        if arguments.once:
            await _once(await _opened(Bridge(endpoint, say)), output)
            return
        with helper() as beside:
            bridge = await _opened(Bridge(endpoint, say, helper=beside))
            await _until_stopped(endpoint, bridge, output, stop)


async def _opened(bridge: Bridge) -> Bridge:
    await bridge.open()
    return bridge


async def _verify_bridge(endpoint: Endpoint) -> None:
    await endpoint.connect()
    own = await endpoint.accounts.professional(endpoint.identity.account)
    if own.kind is not InviteeKind.BRIDGE:
        raise ConfrereError("profile-is-no-bridge")


async def _once(bridge: Bridge, output: Output) -> None:
    done = Turn()
    while True:
        turn = await bridge.turn()
        done.taken, done.filed, done.told = done.taken + turn.taken, done.filed + turn.filed, done.told + turn.told
        done.later, done.states = turn.later, turn.states
        if not turn.taken and not turn.filed and not turn.told:
            break
    output.result(_document(done), _line(done, output.words))


async def _until_stopped(endpoint: Endpoint, bridge: Bridge, output: Output, stop: asyncio.Event) -> None:
    output.note(output.words.say("bridge-started", address=endpoint.identity.address))
    pause = 1.0
    while not stop.is_set():
        later = True
        try:
            turn = await bridge.turn()
            if turn.taken or turn.filed or turn.told:
                output.line(_line(turn, output.words))
            later, pause = bool(turn.later), 1.0 if not turn.later else min(_LONGEST_PAUSE, pause * 2)
        except Refusal as refused:
            if refused.id not in _TOKEN_GONE and not refused.kind.temporary:
                raise
            pause = min(_LONGEST_PAUSE, pause * 2)
            with contextlib.suppress(Refusal):
                await endpoint.connect()
        await _wait(endpoint, stop, pause if later else _LONGEST_PAUSE)


async def _wait(endpoint: Endpoint, stop: asyncio.Event, longest: float) -> None:
    """Until something arrives, until it is time to try again, or until the end."""
    waiting = asyncio.create_task(_pushed(endpoint))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({waiting, stopped}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (waiting, stopped):
            task.cancel()
        await asyncio.gather(waiting, stopped, return_exceptions=True)


async def _pushed(endpoint: Endpoint) -> None:
    try:
        await wait_for_push(await endpoint.line(), endpoint.environment)
    except Refusal:
        await asyncio.sleep(_LONGEST_PAUSE)  # the service is away: the turn that follows will say so


def _document(turn: Turn) -> dict[str, object]:
    return {
        "taken": turn.taken,
        "worked": turn.filed,
        "told": turn.told,
        "later": turn.later,
        "states": {state.value: turn.states.get(state, 0) for state in State},
    }


def _line(turn: Turn, words: Words) -> str:
    """Counts only: what was filed is nobody's business here."""
    return words.say(
        "bridge-turn",
        accepted=turn.states.get(State.ACCEPTED, 0),
        waiting=turn.states.get(State.WAITING_IDENTITY, 0),
        refused=turn.states.get(State.REJECTED, 0),
        withdrawn=turn.states.get(State.WITHDRAWN, 0),
        later=turn.later,
    )

"""Turns: what arrives, and what became of what left, waits for a few rounds of what leaves and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace

import pytest

from messaging.gateway.serving import turns
from messaging.gateway.serving.turns import Turns

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENCE = 10.0


class World:
    """An endpoint with so many rounds in its outbox; what is done is written down."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.done: list[str] = []
        self.accounts = SimpleNamespace(offline=False)
        self.environment = SimpleNamespace(now=lambda: 1)
        self.dispatch = self
        self.during: Callable[[], None] = lambda: None

    async def flush(self, go_on: Callable[[], Awaitable[bool]]) -> None:
        while self.rounds:
            self.rounds -= 1
            self.done.append("round")
            self.during()
            if not await go_on():
                return

    async def bring_in(self) -> None:
        self.done.append("bring in")

    async def settle(self) -> None:
        self.done.append("settle")

    async def delivered(self) -> bool:
        return False

    async def nothing(self, *_given: object) -> None:
        return None

    connect = renew_where_due = acknowledge = line = nothing

    def turns(self) -> Turns:
        return Turns(self, self.delivered, self.settle, self.nothing, self.nothing, self.nothing)  # type: ignore[arg-type]


async def played(world: World, until: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_given: object) -> AsyncIterator[object]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(turns, "pushes", silent)
    running = world.turns()
    world.running = running  # type: ignore[attr-defined]
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(PATIENCE):
        while not until():
            await running.turned()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_arrives_waits_for_one_round_of_a_full_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(rounds=100)
    await played(world, lambda: not world.rounds, monkeypatch)
    assert world.done.index("bring in") == 2  # a round, and what became of it
    assert world.done.count("round") == 100


async def test_what_became_of_mails_is_looked_at_every_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(rounds=100)
    await played(world, lambda: not world.rounds, monkeypatch)
    rounds_between = " ".join(world.done).split("settle")
    assert max(one.count("round") for one in rounds_between) <= turns._ROUNDS


async def test_what_is_pushed_while_an_outbox_empties_is_brought_in_next(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(rounds=40)

    def pushed() -> None:
        if world.rounds == 20:
            world.running._incoming = True  # type: ignore[attr-defined]
            world.done.append("pushed")

    world.during = pushed
    await played(world, lambda: not world.rounds, monkeypatch)
    after = world.done[world.done.index("pushed") :]
    assert after[: after.index("bring in")].count("round") <= 1

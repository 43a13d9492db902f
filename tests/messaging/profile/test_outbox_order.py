"""CP1-5.5: what waits in the outbox keeps its place, also in a profile of an earlier version."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from directory.primitives.passphrase import FLOOR_MEMORY, FLOOR_PASSES, Cost
from messaging.profile import outbox
from messaging.profile.outbox import Outgoing
from messaging.profile.store import Profile
from messaging.protocol.body import EventType

pytestmark = pytest.mark.asyncio(loop_scope="session")
FLOOR = Cost(FLOOR_MEMORY, FLOOR_PASSES)
WORDS = "douze mots que personne ne devine"


def outgoing(number: int) -> Outgoing:
    return Outgoing(bytes([number]) * 16, bytes(16), 1, bytes(16), EventType.MESSAGE, b"body")


async def waiting(profile: Profile) -> list[int]:
    return [one.intent[0] for one in await profile.run(lambda c: outbox.waiting(profile, c))]


async def test_a_message_that_was_refused_stays_in_its_place(tmp_path: Path) -> None:
    profile = await Profile.create(tmp_path / "p", WORDS, FLOOR, os.urandom)
    for number in (1, 2, 3):
        await profile.run(lambda c, n=number: outbox.put(profile, c, outgoing(n)))  # type: ignore[misc]
    await profile.run(lambda c: outbox.put(profile, c, replace(outgoing(1), failure="thread-read-only")))
    await profile.run(lambda c: outbox.remove(c, outgoing(3).intent))
    await profile.run(lambda c: outbox.put(profile, c, outgoing(4)))
    assert await waiting(profile) == [1, 2, 4]
    await profile.close()


async def test_a_profile_of_an_earlier_version_gets_the_index_of_its_outbox_and_loses_nothing(tmp_path: Path) -> None:
    profile = await Profile.create(tmp_path / "p", WORDS, FLOOR, os.urandom)
    await profile.run(lambda c: outbox.put(profile, c, outgoing(1)))
    await profile.close()
    with closing(sqlite3.connect(tmp_path / "p" / "profile.db")) as connection:
        connection.execute("DROP INDEX outbox_by_position")
    profile = await Profile.open(tmp_path / "p", WORDS, os.urandom)
    await profile.run(lambda c: outbox.put(profile, c, outgoing(2)))
    assert await waiting(profile) == [1, 2]
    plan = await profile.run(
        lambda c: str(c.exec_driver_sql("EXPLAIN QUERY PLAN SELECT max(position) FROM outbox").fetchall())
    )
    assert "outbox_by_position" in plan
    await profile.close()

"""The queue of notices on a real database, with a clock that is turned by hand: gathering, quiet, retry, suspension."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from confrere.database import engine, schema
from confrere.database.writer import GroupWriter
from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError
from messaging.mailbox.membership import Feed
from messaging.ports import MOST_FAILURES, DueNotice, Preference
from messaging.store.notices import FAILURE_MS, SqlNotices
from messaging.use_cases.notices import MOST_ATTEMPTS, Delivered, Notices, Sent, pause

pytestmark = pytest.mark.asyncio(loop_scope="session")

OWNER, OTHER, AUTHOR = bytes([1] * 16), bytes([2] * 16), bytes([9] * 16)
THREAD, SECOND = bytes([11] * 16), bytes([12] * 16)
MINUTE, HOUR = 60_000, 3_600_000
GATHER = 2 * MINUTE


def at(wall: str) -> int:
    return round(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo("Europe/Paris")).timestamp() * 1000)


NOON = at("2026-11-18T12:00")


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Office:
    """A service's board of notices and its relay, opened again from the disk by `restarted`."""

    data: Path
    now: int = NOON
    ticks: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    relay: Delivered = field(default_factory=lambda: Delivered(Sent.DONE))
    handed: list[tuple[DueNotice, Preference]] = field(default_factory=list)
    here: set[bytes] = field(default_factory=set)
    writer: GroupWriter = field(init=False)
    reader: engine.ReadPool = field(init=False)
    board: Notices = field(init=False)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Office]:
        await self.open()
        try:
            yield self
        finally:
            await self.close()

    async def open(self) -> None:
        file = self.data / engine.FILE_NAME
        schema.migrate(file)
        self.reader = engine.ReadPool(engine.read_engine(file, size=1))
        self.writer = GroupWriter(engine.write_engine(file), SigningKey(bytes(32)), clock=lambda: self.now)
        await self.writer.start()
        self.board = Notices(
            self.writer, self.reader, SqlNotices(), lambda mailbox: mailbox in self.here, lambda: None, gather=GATHER
        )
        await self.board.load()

    async def close(self) -> None:
        await self.writer.close()
        await self.reader.close()

    async def restarted(self) -> None:
        await self.close()
        await self.open()

    async def message(self, thread: bytes = THREAD, *, author: bytes = AUTHOR) -> int:
        tick = next(self.ticks)
        feeds = [Feed(mailbox, at, 0) for at, mailbox in enumerate((OWNER, OTHER, AUTHOR))]
        await self.writer.write(lambda g: self.board.placed(g, tick, thread, feeds, author, first=tick == 1))
        return tick

    async def deliver(self, notice: DueNotice, preference: Preference) -> Delivered:
        self.handed.append((notice, preference))
        return self.relay

    async def turn(self, now: int | None = None) -> list[DueNotice]:
        """What is handed over at a time."""
        self.now = self.now if now is None else now
        before = len(self.handed)
        await self.board.send_due(self.now, self.deliver)
        return [notice for notice, _ in self.handed[before:]]

    async def returned(self, token: bytes, status: str = "5.1.1") -> bytes:
        def command(group) -> bytes:
            return SqlNotices().returned(group.connection, token, status, self.now)

        return (await self.writer.write(command)).result


@pytest_asyncio.fixture(loop_scope="session")
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Office(tmp_path).opened() as found:
        await found.board.prefer(OWNER, "j.teissier@mail.localhost", "fr", zone="Europe/Paris")
        yield found


async def test_several_messages_within_some_minutes_are_one_notice_to_their_thread(office: Office) -> None:
    for _ in range(3):
        await office.message()
        office.now += MINUTE // 2
    assert await office.turn(NOON + GATHER - 1) == []
    (notice,) = await office.turn(NOON + GATHER)
    assert (notice.mailbox, notice.thread, notice.kind) == (OWNER, THREAD, "new-exchange")
    assert await office.turn(NOON + 20 * 24 * HOUR) == []  # until its reader has passed


async def test_a_second_thread_makes_it_a_digest_without_a_thread_also_after_a_restart(office: Office) -> None:
    await office.message(THREAD)
    await office.message(SECOND)
    await office.message(THREAD)
    await office.restarted()
    (notice,) = await office.turn(NOON + GATHER)
    assert notice.thread == b""


async def test_two_threads_in_one_commit_are_a_digest(office: Office) -> None:
    feeds = [Feed(OWNER, 1, 0)]

    def both(group) -> None:
        office.board.placed(group, 1, THREAD, feeds, AUTHOR, first=True)
        office.board.placed(group, 2, SECOND, feeds, AUTHOR, first=True)

    await office.writer.write(both)
    (notice,) = await office.turn(NOON + GATHER)
    assert notice.thread == b""


async def test_reading_before_it_is_due_cancels_and_reading_too_little_does_not(office: Office) -> None:
    first = await office.message()
    newer = await office.message()
    assert not office.board.passed(OWNER, first)
    await office.board.forget(OWNER, first)
    assert office.board.passed(OWNER, newer)
    await office.board.forget(OWNER, newer)
    assert await office.turn(NOON + GATHER) == []
    await office.message()
    assert len(await office.turn(office.now + GATHER)) == 1


async def test_what_comes_while_a_reader_passes_is_not_lost_and_breaks_no_commit(office: Office) -> None:
    read = await office.message()
    feeds = [Feed(OWNER, 1, 0)]

    def command(group) -> None:
        office.board.placed(group, read + 1, SECOND, feeds, AUTHOR, first=True)

    for _ in range(2):  # two devices pass at once, and a message comes between
        forgotten = office.board.forget(OWNER, read)
        await office.writer.write(command)
        await forgotten
    await office.restarted()
    assert len(await office.turn(NOON + GATHER)) == 1


async def test_nobody_is_told_who_is_there_who_wrote_it_or_who_did_not_ask(office: Office) -> None:
    await office.message(author=OWNER)
    office.here.add(OWNER)
    await office.message()
    office.here.clear()
    assert await office.turn(NOON + GATHER) == []


async def test_in_the_quiet_nothing_is_sent_and_after_it_one_digest(office: Office) -> None:
    await office.board.prefer(OWNER, "a@b.fr", "fr", quiet="20:00-07:30", quiet_days="sat,sun", zone="Europe/Paris")
    office.now = at("2026-11-20T19:59")  # a Friday: gathered until 20:01
    await office.message(THREAD)
    for wall in ("2026-11-20T23:00", "2026-11-21T10:00", "2026-11-22T23:00"):
        assert await office.turn(at(wall)) == []
        await office.message(SECOND)
    assert await office.turn(at("2026-11-23T07:29")) == []
    (notice,) = await office.turn(at("2026-11-23T07:30"))
    assert notice.thread == b""


async def test_a_retry_keeps_the_quiet_too(office: Office) -> None:
    await office.board.prefer(OWNER, "a@b.fr", "fr", quiet="20:00-07:30", zone="Europe/Paris")
    office.relay = Delivered(Sent.LATER)
    office.now = at("2026-11-18T19:57")
    await office.message()
    assert len(await office.turn(at("2026-11-18T19:59:50"))) == 1
    office.relay = Delivered(Sent.DONE)
    assert await office.turn(at("2026-11-18T20:01")) == []
    assert len(await office.turn(at("2026-11-19T07:30"))) == 1


async def test_hourly_and_daily_digests_and_wishes_that_change_meanwhile(office: Office) -> None:
    await office.board.prefer(OWNER, "a@b.fr", "fr", every="day", zone="Europe/Paris")
    await office.message()
    assert await office.turn(at("2026-11-18T23:00")) == []
    await office.board.prefer(OWNER, "a@b.fr", "en", every="hour", zone="Europe/Paris")
    assert await office.turn(at("2026-11-18T23:59")) == []
    assert len(await office.turn(at("2026-11-19T00:00"))) == 1
    assert office.handed[-1][1].language == "en"
    await office.restarted()
    wishes, _ = await office.board.preferred(OWNER)
    assert wishes is not None
    assert (wishes.times.every, wishes.times.zone) == ("hour", "Europe/Paris")


async def test_ended_notices_end_at_once(office: Office) -> None:
    await office.message()
    await office.board.prefer(OWNER, "", "fr")
    assert await office.turn(NOON + GATHER) == []
    await office.board.prefer(OWNER, "a@b.fr", "fr")
    await office.message()
    assert len(await office.turn(office.now + GATHER)) == 1


async def test_attempts_back_off_for_days_and_end_as_a_failure(office: Office) -> None:
    office.relay = Delivered(Sent.LATER)
    await office.message()
    now, tokens = NOON + GATHER, set()
    for attempt in range(MOST_ATTEMPTS):
        assert await office.turn(now - 1) == []
        (notice,) = await office.turn(now)
        tokens.add(notice.token)
        assert notice.attempts == attempt
        now += pause(attempt)
        if attempt % 7 == 0:
            await office.restarted()
    assert len(tokens) == 1
    assert 3 * 24 * HOUR < now - NOON < 6 * 24 * HOUR
    assert await office.turn(now + 24 * HOUR) == []
    _, bounce = await office.board.preferred(OWNER)
    assert bounce is not None
    assert (bounce.failures, bounce.status) == (1, "4.4.7")


async def test_killed_in_the_middle_it_is_repeated_once_later_under_the_same_token(office: Office) -> None:
    await office.message()
    office.now = NOON + GATHER

    async def killed(notice: DueNotice, preference: Preference) -> Delivered:
        office.handed.append((notice, preference))
        raise Killed

    with pytest.raises(Killed):
        await office.board.send_due(office.now, killed)
    await office.restarted()
    assert await office.turn() == []  # the attempt was counted before it was made
    (again,) = await office.turn(office.now + pause(0))
    assert again.token == office.handed[0][0].token
    await office.restarted()
    assert await office.turn(office.now + 24 * HOUR) == []


async def test_a_relay_that_is_away_costs_one_attempt_not_one_for_each(office: Office) -> None:
    await office.board.prefer(OTHER, "o@b.fr", "en")
    await office.message()
    office.relay = Delivered(Sent.AWAY)
    assert len(await office.turn(NOON + GATHER)) == 1
    office.relay = Delivered(Sent.DONE)
    assert len(await office.turn()) == 1
    assert len(await office.turn(office.now + pause(0))) == 1


async def test_read_between_the_look_and_the_attempt_is_not_sent(office: Office) -> None:
    tick = await office.message()
    real, office.now = office.writer.write, NOON + GATHER

    async def overtaken(command):  # type: ignore[no-untyped-def]
        office.writer.write = real  # type: ignore[method-assign]
        await office.board.forget(OWNER, tick)
        return await real(command)

    office.writer.write = overtaken  # type: ignore[method-assign]
    assert await office.turn() == []


# --- bounces ---


async def test_failures_suspend_until_the_owner_confirms(office: Office) -> None:
    office.relay = Delivered(Sent.NEVER, "5.1.1")
    for failure in range(MOST_FAILURES):
        tick = await office.message()
        assert len(await office.turn(office.now + GATHER)) == 1, failure
        await office.board.forget(OWNER, tick)
    assert await office.board.bouncing() == (1, 1)
    office.relay = Delivered(Sent.DONE)
    await office.message()
    await office.restarted()
    assert await office.turn(office.now + 24 * HOUR) == []
    await office.board.prefer(OWNER, "j.teissier@mail.localhost", "fr", quiet="20:00-21:00", confirm=False)
    assert await office.turn(office.now + HOUR) == []  # other wishes for the same address confirm nothing
    await office.board.prefer(OWNER, "j.teissier@mail.localhost", "fr")
    assert await office.board.bouncing() == (0, 0)
    assert len(await office.turn()) == 1


async def test_a_delayed_bounce_counts_once_and_not_against_a_new_address(office: Office) -> None:
    await office.message()
    (notice,) = await office.turn(office.now + GATHER)
    await office.restarted()
    assert await office.returned(notice.token, "5.2.2") == OWNER
    assert await office.returned(notice.token, "5.2.2") == b""
    assert await office.returned(bytes(16)) == b""
    _, bounce = await office.board.preferred(OWNER)
    assert bounce is not None
    assert (bounce.failures, bounce.status, bounce.suspended) == (1, "5.2.2", False)
    await office.board.forget(OWNER, 1)
    await office.message()
    (notice,) = await office.turn(office.now + GATHER)
    await office.board.prefer(OWNER, "new@mail.localhost", "fr", confirm=False)
    assert await office.returned(notice.token) == b""
    assert (await office.board.preferred(OWNER))[1] is None


async def test_what_failed_long_ago_is_another_story(office: Office) -> None:
    def fail(group) -> None:
        SqlNotices().fail(group.connection, OWNER, "5.1.1", office.now)

    for _ in range(MOST_FAILURES - 1):
        await office.writer.write(fail)
    office.now += FAILURE_MS
    await office.writer.write(fail)
    _, bounce = await office.board.preferred(OWNER)
    assert bounce is not None
    assert bounce.failures == 1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"email": "a\r\nb@c.fr"}, "email"),
        ({"email": ".a@b.fr"}, "email"),
        ({"language": "de"}, "language"),
        ({"every": "minute"}, "every"),
        ({"quiet": "20-7"}, "quiet"),
        ({"quiet_days": "samedi"}, "quiet_days"),
        ({"zone": "Mars/Olympus"}, "zone"),
    ],
)
async def test_wishes_without_meaning_change_nothing(office: Office, wrong: dict[str, str], named: str) -> None:
    before = await office.board.preferred(OWNER)
    with pytest.raises(MessagingError) as refused:
        await office.board.prefer(OWNER, **({"email": "a@b.fr", "language": "fr"} | wrong))
    assert (refused.value.id, refused.value.facts) == ("request-malformed", {"field": named})
    assert await office.board.preferred(OWNER) == before

"""What no mail program sends: endless lines, literals that never come, rubbish, and one client against another."""

from __future__ import annotations

import asyncio
import time

import pytest

from messaging.gateway.imap.limits import Limits
from tests.messaging.gateway.imap.imap_world import MAIL, World, world

pytestmark = pytest.mark.asyncio


async def test_a_megabyte_line_ends_the_connection_and_no_other(imap: World) -> None:
    raw, other = await imap.stranger(), await imap.client("INBOX")
    await raw.send(b"a LOGIN " + b"x" * 20_000)
    await raw.send(b"\r\n")
    assert (await raw.line()).startswith(b"* BYE a line is too long")
    assert await raw.ended()
    raw = await imap.client()
    try:
        for _ in range(16):
            await raw.send(b"y" * 65_536)
    except ConnectionError:
        pass
    assert await raw.ended()
    await other.ok("NOOP")


async def test_a_literal_that_never_comes() -> None:
    async with world(Limits(progress=0.05, login=5)) as imap:
        raw = await imap.client()
        await raw.send(b"a APPEND INBOX {1000}\r\n")
        assert (await raw.line()).startswith(b"+ ")
        await raw.send(b"only this")
        assert (await raw.line()).startswith(b"* BYE a literal does not come")


async def test_literals_are_bounded_together(imap: World) -> None:
    raw = await imap.client()
    assert (await raw.refused(b"CREATE {65537}")).startswith(b"NO [TOOBIG]")
    many = b"LIST (SUBSCRIBED) {60000+}\r\n" + b"x" * 60_000 + b" {60000}"
    assert (await raw.refused(many)).startswith(b"NO [TOOBIG]")
    assert (await raw.refused(b"CREATE {9999999999}")).startswith(b"NO [TOOBIG]")
    assert (await raw.refused(b"CREATE {99999999999}")).startswith(b"BAD")
    await raw.ok("NOOP")


async def test_pipelined_rubbish_is_answered_and_ends(imap: World) -> None:
    raw = await imap.client()
    await raw.send(
        b"\r\n".join([b"", b"?", b"a", b"b NOTHING", b"\xff\xfe", b"* OK", b"c NOOP\0", b"{5}", b"d NOOP"]) + b"\r\n"
    )
    lines = await raw.until(b"d")
    assert lines[-1] == b"d OK nothing done"
    assert all(b" BAD " in line for line in lines[:-1])
    await raw.send(b"\x16\x03\x01 rubbish\r\n" * 30)
    assert b"* BYE this is not IMAP" in await raw.until(b"e")


async def test_pipelined_commands_are_answered_in_order(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client()
    await raw.send(b"a SELECT INBOX\r\nb FETCH 1 UID\r\nc UID SEARCH ALL\r\nd LOGOUT\r\n")
    lines = await raw.until(b"d")
    assert [line[:4] for line in lines if line[:1] in b"abcd"] == [b"a OK", b"b OK", b"c OK", b"d OK"]


async def test_line_feeds_alone_end_lines_too(imap: World) -> None:
    raw = await imap.client()
    await raw.send(b"a NOOP\nb NOOP\n")
    assert await raw.until(b"b") == [b"a OK nothing done", b"b OK nothing done"]


async def test_a_fault_inside_costs_one_command_and_says_nothing_of_it(
    imap: World, caplog: pytest.LogCaptureFixture
) -> None:
    raw = await imap.client()
    imap.store.fail_next = RuntimeError("Subject: HIV of Mr X")
    assert (await raw.refused("SELECT INBOX")).startswith(b"NO [SERVERBUG]")
    await raw.ok("SELECT INBOX")
    assert "RuntimeError" in caplog.text
    assert "HIV" not in caplog.text


async def test_a_client_that_takes_nothing_does_not_stop_another() -> None:
    async with world(Limits(progress=0.1, login=5, connections=2)) as imap:
        imap.store.put("INBOX", b"Subject: x\r\n\r\n" + b"x" * 30_000_000)
        greedy, other = await imap.client("INBOX"), await imap.client("INBOX")
        await greedy.send(b"a FETCH 1 BODY.PEEK[]\r\n")  # and reads no octet of it
        await other.ok("NOOP")
        assert (await other.ok("FETCH 1 FLAGS")) == [b"* 1 FETCH (FLAGS ())"]
        async with asyncio.timeout(5):
            late = await imap.stranger()
            while imap.greeting.startswith(b"* BYE"):  # until the greedy one was shown out
                late = await imap.stranger()
        await late.ok("NOOP")
        assert greedy.reader


async def test_ten_thousand_messages_leave_room_for_others() -> None:
    async with world(Limits()) as imap:
        imap.store.many("INBOX", MAIL, 10_000)
        busy, other = await imap.client("INBOX"), await imap.client("INBOX")
        await busy.send(b"a UID FETCH 1:* (FLAGS ENVELOPE)\r\nb SEARCH SUBJECT x BODY y\r\n")
        began = time.monotonic()
        await other.ok("NOOP")
        assert time.monotonic() - began < 1
        await busy.until(b"b")


async def test_sets_that_name_a_message_a_thousand_times_name_it_once(imap: World) -> None:
    imap.store.many("INBOX", MAIL, 100)
    raw = await imap.client("INBOX")
    assert len(await raw.ok("FETCH " + ",".join(["1:*"] * 5_000) + " UID")) == 100
    assert await raw.ok("UID FETCH 4294967295 FLAGS") == []
    for numbers in ("0", "4294967296", "1,,2", ",", ":", "1:", "*:0", "99999999999", "a", "1:2:3", "101"):
        assert (await raw.refused(f"FETCH {numbers} UID")).startswith(b"BAD")


async def test_the_server_closes_with_clients_inside(imap: World) -> None:
    raw = await imap.client("INBOX")
    await raw.send(b"a IDLE\r\n")
    await raw.line()
    await imap.server.close()
    assert await raw.ended()
    assert imap.store.listeners == []

"""The maildrop (RFC 1939 sections 3 to 7): what is listed, given and removed; and real clients, poplib and curl."""

from __future__ import annotations

import asyncio
import poplib
import shutil
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.gateway.pop3.multiline import stuffed, top
from tests.messaging.gateway.pop3.fetching import ADDRESS, FIRST, PASSWORD, PLAIN, SECOND, THIRD, Scene

pytestmark = pytest.mark.asyncio
Tls = tuple[object, object, str]


async def test_rfc2449_5_what_is_offered(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        offers = await wire.list("CAPA")
        assert offers == ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER"]


async def test_rfc1939_5_and_7_stat_list_uidl(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        sizes = [len(FIRST), len(SECOND), len(THIRD)]
        assert await wire.ask("STAT") == f"+OK 3 {sum(sizes)}"
        assert await wire.list("LIST") == [f"{number} {size}" for number, size in enumerate(sizes, 1)]
        assert await wire.ask("LIST 2") == f"+OK 2 {sizes[1]}"
        assert await wire.list("UIDL") == ["1 7.11", "2 7.12", "3 7.13"]
        assert await wire.ask("uidl 3") == "+OK 3 7.13"
        for argument in ("0", "4", "-1", "1 x", "x", "99999999999999999999", "١"):
            for verb in ("LIST", "UIDL", "RETR", "DELE", "TOP"):
                assert (await wire.ask(f"{verb} {argument}")).startswith("-ERR")


async def test_rfc1939_3_retr_stuffs_dots_and_ends_the_last_line(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        assert await wire.ask("RETR 1") == f"+OK {len(FIRST)} octets"
        assert await wire.lines() == b"Subject: un\r\n\r\n..une\r\n...deux\r\n\r\ntrois\r\n"
        assert (await wire.ask("RETR 2")).startswith("+OK")
        assert await wire.lines() == SECOND + b"\r\n"
        assert (await wire.ask("RETR 3")).startswith("+OK")
        assert await wire.lines() == THIRD
        assert await wire.ask("NOOP") == "+OK"
    assert all(not mail.flags for mail in scene.store.inbox.mails)


async def test_rfc1939_7_top(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        for lines, given_ in ((0, b""), (1, b"..une\r\n"), (3, b"..une\r\n...deux\r\n\r\n"), (4_000_000_000, None)):
            assert await wire.ask(f"TOP 1 {lines}") == "+OK"
            whole = b"..une\r\n...deux\r\n\r\ntrois\r\n"
            assert await wire.lines() == b"Subject: un\r\n\r\n" + (whole if given_ is None else given_)


async def test_rfc1939_6_removal_happens_at_quit_alone_and_goes_to_trash(scene: Scene) -> None:
    async with scene.serving():
        async with scene.wire() as wire:
            assert await wire.ask("DELE 1") == "+OK"
            assert await wire.ask("DELE 3") == "+OK"
            for command in ("DELE 1", "RETR 1", "LIST 1"):
                assert (await wire.ask(command)).startswith("-ERR")
            assert await wire.list("UIDL") == ["2 7.12"]
            assert await wire.ask("RSET") == "+OK"
            assert await wire.ask("DELE 2") == "+OK"
        await scene.empty()  # cut without QUIT
        assert len(scene.store.inbox.mails) == 3
        async with scene.wire() as wire:
            await wire.ask("DELE 1")
            assert await wire.ask("QUIT") == "+OK"
            assert await wire.over()
    assert [mail.uid for mail in scene.store.inbox.mails] == [12, 13]
    assert [mail.uid for mail in scene.store.trash.mails] == [11]


async def test_two_programs_on_one_mailbox_lose_nothing(scene: Scene) -> None:
    """Meanwhile another program moved one away and one came: numbers stay, and what is gone is said."""
    async with scene.serving(), scene.wire() as wire:
        first, second, third = scene.store.inbox.mails
        scene.store.kept[14] = b"new"
        scene.store.inbox.mails = (second, third, replace(third, uid=14, size=3))
        assert (await wire.ask("RETR 1")).startswith("-ERR [SYS/TEMP]")
        assert (await wire.ask("RETR 4")).startswith("-ERR")
        for number in (1, 2):
            assert await wire.ask(f"DELE {number}") == "+OK"
        assert await wire.ask("QUIT") == "+OK"
    assert [mail.uid for mail in scene.store.inbox.mails] == [13, 14]
    assert scene.store.trash.mails == (second,)
    assert first not in scene.store.trash.mails


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MessagingError("mail-store-full"), "-ERR [SYS/TEMP] Refuse"),
        (MessagingError("mail-store-damaged"), "-ERR [SYS/PERM] Refuse"),
        (OSError(28, "no space left for Subject: un"), "-ERR [SYS/TEMP] Something"),
    ],
)
async def test_rfc1939_6_what_could_not_be_removed_is_said(
    scene: Scene, failure: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.ask("DELE 1")
        scene.store.failure = failure
        assert (await wire.ask("RETR 2")).startswith(code)
        assert await wire.ask("NOOP") == "+OK"
        assert (await wire.ask("QUIT")).startswith(code)
        assert await wire.over()
    assert len(scene.store.inbox.mails) == 3
    assert "Subject" not in caplog.text


async def test_a_removal_that_has_begun_is_finished_at_the_servers_end(scene: Scene) -> None:
    scene.store.gate = asyncio.Event()
    async with scene.serving(), scene.wire() as wire:
        await wire.send(b"DELE 1\r\nQUIT\r\n")
        await scene.store.entered.wait()
        closing = asyncio.ensure_future(scene.server.close())
        await asyncio.sleep(0)
        assert not closing.done()
        scene.store.gate.set()
        await closing
        assert await wire.reply() == "+OK"
        assert await wire.reply() == "+OK"
    assert [mail.uid for mail in scene.store.trash.mails] == [11]


async def test_rfc2449_6_8_pipelining(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.send(f"AUTH PLAIN {PLAIN}\r\nSTAT\r\nDELE 2\r\nRETR 1\r\nQUIT\r\n".encode())
        assert [(await wire.reply())[:3] for _ in range(4)] == ["+OK"] * 4
        assert (await wire.lines()).startswith(b"Subject: un")
        assert await wire.reply() == "+OK"
        assert await wire.over()


async def test_rfc1939_6_quit_behind_large_answers_cuts_none_of_them(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.send(b"RETR 3\r\n" * 20 + b"QUIT\r\n")
        for _ in range(20):
            assert (await wire.reply()).startswith("+OK")
            assert await wire.lines() == THIRD
        assert await wire.reply() == "+OK"
        assert await wire.over()


@pytest.mark.parametrize("line", [b"x" * 300, b"RETR " + b"1" * 300, b"\xff\xfe", b"", b"\0", b"STAT\0"])
async def test_rfc2449_4_what_is_no_command_is_refused(scene: Scene, line: bytes) -> None:
    async with scene.serving(), scene.wire() as wire:
        assert (await wire.ask(line)).startswith("-ERR")
        assert await wire.ask("NOOP") == "+OK"


async def test_a_line_without_end_and_rubbish_without_end_are_the_end(scene: Scene) -> None:
    async with scene.serving():
        async with scene.wire() as wire:
            await wire.send(b"x" * 100_000)
            assert (await wire.reply()).startswith("-ERR")
            assert await wire.over()
        await scene.empty()
        async with scene.wire() as wire:
            await wire.send(b"SPAM\r\n" * 60)
            assert await wire.over()


async def test_poplib(scene: Scene) -> None:
    def fetch() -> None:
        client = poplib.POP3_SSL("localhost", scene.server.port, context=scene.trusted, timeout=10)
        client.user(ADDRESS)
        client.pass_(PASSWORD)
        assert client.stat()[0] == 3
        assert client.uidl()[1] == [b"1 7.11", b"2 7.12", b"3 7.13"]
        assert b"\r\n".join(client.retr(1)[1]) + b"\r\n" == FIRST
        assert client.top(1, 1)[1] == [b"Subject: un", b"", b".une"]
        client.dele(2)
        client.quit()

    async with scene.serving():
        await asyncio.to_thread(fetch)
    assert [mail.uid for mail in scene.store.trash.mails] == [12]


async def test_poplib_with_stls(scene: Scene) -> None:
    scene.implicit = False

    def fetch() -> None:
        client = poplib.POP3("localhost", scene.server.port, timeout=10)
        client.stls(context=scene.trusted)
        client.user(ADDRESS)
        client.pass_(PASSWORD)
        assert len(client.list()[1]) == 3
        client.quit()

    async with scene.serving():
        await asyncio.to_thread(fetch)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("implicit", [True, False])
async def test_curl(scene: Scene, pop3_tls: Tls, implicit: bool) -> None:
    scene.implicit = implicit
    async with scene.serving():
        url = f"{'pop3s' if implicit else 'pop3'}://localhost:{scene.server.port}/1"
        curl = await asyncio.create_subprocess_exec(
            *("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", pop3_tls[2], "--max-time", "10"),
            *("--user", f"{ADDRESS}:{PASSWORD}", url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert await curl.communicate() == (FIRST, b"")


# --- hostile octets ---

VERBS = (
    "USER",
    "PASS",
    "AUTH PLAIN",
    "CAPA",
    "STLS",
    "STAT",
    "LIST",
    "RETR",
    "DELE",
    "TOP",
    "UIDL",
    "RSET",
    "QUIT",
    "X",
)
words = st.sampled_from(["1", "2 1", "0", "-1", "", b64encode(b"\0a\0b").decode(), ADDRESS]) | st.text(max_size=10)
commands = st.builds(lambda verb, rest: f"{verb} {rest}".encode("utf-8", "replace"), st.sampled_from(VERBS), words)


@given(
    st.booleans(), st.lists((commands | st.binary(max_size=40)).map(lambda one: one.replace(b"\n", b"")), max_size=10)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_lines_are_answered_and_none_is_unforeseen(
    scene: Scene, caplog: pytest.LogCaptureFixture, logged_in: bool, lines: list[bytes]
) -> None:
    async with scene.serving(), scene.wire(logged_in=logged_in) as wire:
        await wire.send(b"\r\n".join([*lines, b"*", b"QUIT"]) + b"\r\n")
        assert await wire.over()
    assert caplog.text == ""
    everything = (*scene.store.inbox.mails, *scene.store.trash.mails)
    assert sorted(mail.uid for mail in everything) == [11, 12, 13]


@given(
    st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"a", b"..", b"\r\n\r\n"])).map(b"".join), st.integers(0, 5)
)
@settings(max_examples=200, deadline=None)
async def test_no_message_ends_its_response_before_its_end(octets: bytes, lines: int) -> None:
    for whole in (octets, top(octets, lines)):
        sent = b"+OK\r\n" + stuffed(whole)
        assert sent.index(b"\r\n.\r\n") == len(sent) - 5
        assert b"\n.\n" not in sent
        read = [line.removeprefix(b".") for line in sent[5:-3].split(b"\n")]
        assert b"\n".join(read).removesuffix(b"\r\n") == whole.removesuffix(b"\r\n")

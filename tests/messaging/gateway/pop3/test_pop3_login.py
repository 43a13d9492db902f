"""POP3 before the maildrop is open: TLS (RFC 2595), login (RFC 1939 section 7, RFC 5034), one session at a time."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode

import pytest

from messaging.errors import MessagingError
from messaging.gateway.ports import Door
from tests.messaging.gateway.pop3.fetching import ADDRESS, PASSWORD, PLAIN, Scene

pytestmark = pytest.mark.asyncio


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


async def test_rfc2595_4_nothing_is_served_in_clear(scene: Scene) -> None:
    scene.implicit = False
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        assert "STLS" in await wire.list("CAPA")
        for command in (f"USER {ADDRESS}", f"PASS {PASSWORD}", f"AUTH PLAIN {PLAIN}", "STAT", "APOP a b"):
            assert (await wire.ask(command)).startswith("-ERR")
        assert await wire.ask("STLS") == "+OK Go ahead"
        await wire.writer.start_tls(scene.trusted, server_hostname="localhost")
        offers = await wire.list("CAPA")
        assert "STLS" not in offers
        assert {"USER", "SASL PLAIN LOGIN XOAUTH2"} <= set(offers)
        assert (await wire.ask("STLS")).startswith("-ERR")
        assert await wire.ask(f"AUTH PLAIN {PLAIN}") == "+OK"
        assert (await wire.ask("STAT")).startswith("+OK 3 ")
    assert len(scene.porter.seen) == 1


async def test_rfc2595_commands_injected_before_the_handshake_are_never_run(scene: Scene) -> None:
    scene.implicit = False
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        assert (await wire.ask(f"STLS\r\nAUTH PLAIN {PLAIN}")).startswith("-ERR")
        assert await wire.over()
    assert scene.porter.seen == []


async def test_a_handshake_that_fails_ends_the_connection_and_nothing_else(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.implicit = False
    async with scene.serving():
        async with scene.wire(logged_in=False) as wire:
            await wire.ask("STLS")
            await wire.send(b"NOOP\r\n" * 10)
            assert await wire.over()
        async with scene.wire(logged_in=False) as wire:
            assert "STLS" in await wire.list("CAPA")
    assert caplog.text == ""


async def test_rfc1939_7_and_rfc5034_ways_to_log_in(scene: Scene) -> None:
    xoauth2 = b64("user=dr@a.example\1auth=Bearer token\1\1")
    exchanges = (
        [f"USER {ADDRESS}", f"PASS {PASSWORD}"],
        [f"auth plain {PLAIN}"],
        ["AUTH PLAIN", PLAIN],
        ["AUTH LOGIN", b64(ADDRESS), b64(PASSWORD)],
        [f"AUTH XOAUTH2 {xoauth2}"],
    )
    async with scene.serving():
        for exchange in exchanges:
            async with scene.wire(logged_in=False) as wire:
                replies = [await wire.ask(line) for line in exchange]
                assert all(reply.startswith("+") for reply in replies)
                assert replies[-1] == "+OK"
                assert await wire.ask("QUIT") == "+OK"
                await scene.empty()
        async with scene.wire(logged_in=False) as wire:
            assert await wire.list("AUTH") == ["PLAIN", "LOGIN", "XOAUTH2"]
    assert set(scene.porter.seen) == {(ADDRESS, PASSWORD, Door.POP3, "127.0.0.1")}


async def test_rfc5034_what_is_no_exchange(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        for line in ("AUTH CRAM-MD5", "AUTH PLAIN !!!", "AUTH PLAIN =", f"PASS {PASSWORD}", "STAT", "RETR 1", ""):
            assert (await wire.ask(line)).startswith("-ERR"), line
        assert await wire.ask("AUTH PLAIN") == "+ "
        assert await wire.ask("*") == "-ERR Cancelled"
        assert await wire.ask("AUTH PLAIN") == "+ "
        await wire.send(b"A" * 100_000)
        assert (await wire.reply()).startswith("-ERR")
        assert await wire.over()
    assert scene.porter.seen == []


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (None, "[AUTH]"),
        (MessagingError("mail-login-throttled", seconds=30), "[SYS/TEMP]"),
        (MessagingError("mail-login-revoked"), "[AUTH]"),
    ],
)
async def test_rfc3206_why_a_login_failed_and_three_times_is_the_end(
    scene: Scene, failure: Exception | None, code: str
) -> None:
    scene.porter.failure = failure
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        for _ in range(3):
            await wire.ask(f"USER {ADDRESS}")
            assert (await wire.ask("PASS wrong")).startswith(f'-ERR {code} Refuse : "mail-login-')
        assert await wire.over()
    assert len(scene.porter.seen) == 3


async def test_xoauth2_a_wrong_token_is_told_its_status_first(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        reply = await wire.ask("AUTH XOAUTH2 " + b64("user=dr@a.example\1auth=Bearer old\1\1"))
        assert b'"401"' in b64decode(reply.removeprefix("+ "))
        assert (await wire.ask("")).startswith("-ERR [AUTH]")


async def test_rfc2449_8_1_2_one_session_at_a_time(scene: Scene) -> None:
    async with scene.serving():
        async with scene.wire(), scene.wire(logged_in=False) as other:
            assert (await other.ask(f"AUTH PLAIN {PLAIN}")).startswith("-ERR [IN-USE]")
        await scene.empty()
        async with scene.wire():  # also after one that was cut
            pass


async def test_strangers_do_not_stay_and_are_few(scene: Scene) -> None:
    scene.with_limits(strangers=1, stranger=0.2)
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        other = await scene.connect()
        assert (await other.reply()).startswith("-ERR [SYS/TEMP]")
        assert await other.over()
        assert await wire.over()


async def test_rfc1939_3_who_keeps_silent_is_cut_and_nothing_is_removed(scene: Scene) -> None:
    scene.with_limits(idle=0.2)
    async with scene.serving(), scene.wire() as wire:
        assert await wire.ask("DELE 1") == "+OK"
        assert await wire.over()
    assert len(scene.store.inbox.mails) == 3


async def test_nothing_of_a_password_reaches_a_log_or_a_reply(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.porter.failure = RuntimeError(f"the password {PASSWORD}")
    with caplog.at_level(logging.DEBUG):
        async with scene.serving(), scene.wire(logged_in=False) as wire:
            await wire.ask(f"USER {ADDRESS}")
            assert await wire.ask(f"PASS {PASSWORD}") == "-ERR [SYS/TEMP] Something went wrong here: try again"
            scene.porter.failure = None
            assert await wire.ask(f"AUTH PLAIN {PLAIN}") == "+OK"
    assert "RuntimeError" in caplog.text
    for secret in (PASSWORD, ADDRESS, PLAIN):
        assert secret not in caplog.text

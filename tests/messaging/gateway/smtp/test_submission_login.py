"""TLS before AUTH, AUTH before mail (RFC 3207, RFC 4954, RFC 8314), and what is said to whoever fails."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from base64 import b64decode, b64encode

import pytest

from messaging.errors import MessagingError
from messaging.gateway.ports import Door
from tests.messaging.gateway.smtp.submission import ADDRESS, MAIL, PASSWORD, PLAIN, Scene, Wire

pytestmark = pytest.mark.asyncio


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


async def secured(scene: Scene, wire: Wire) -> Wire:
    assert (await wire.ask("STARTTLS")).startswith("220")
    await wire.writer.start_tls(scene.trusted, server_hostname="localhost")
    return wire


async def test_rfc3207_4_nothing_is_served_in_clear(starttls: Scene) -> None:
    async with starttls.serving(), starttls.wire(logged_in=False) as wire:
        offers = await wire.ask("EHLO client")
        assert "250 STARTTLS" in offers
        assert "AUTH" not in offers
        for command in (
            "AUTH PLAIN " + PLAIN,
            "MAIL FROM:<dr@a.example>",
            "VRFY dr",
            "DATA",
            "RSET",
            "HELO x",
            "X" * 99,
        ):
            assert (await wire.ask(command)).startswith("530 5.7.0")
        assert starttls.porter.seen == []


async def test_rfc3207_4_2_after_starttls_the_client_begins_anew(starttls: Scene) -> None:
    async with starttls.serving(), starttls.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        await secured(starttls, wire)
        assert (await wire.ask("MAIL FROM:<dr@a.example>")).startswith("503 5.5.1")
        offers = await wire.ask("EHLO client")
        assert "AUTH PLAIN LOGIN XOAUTH2" in offers
        assert "STARTTLS" not in offers
        assert (await wire.ask("STARTTLS")).startswith("503 5.5.1")
        assert (await wire.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 2.7.0")
        await wire.envelope()
        assert (await wire.data(MAIL + b".\r\n")).startswith("250")


async def test_rfc3207_6_commands_injected_before_the_handshake_are_never_run(starttls: Scene) -> None:
    async with starttls.serving(), starttls.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        assert (await wire.ask("STARTTLS\r\nEHLO injected\r\nNOOP")).startswith("421 4.7.0")
        assert await wire.over()


async def test_a_handshake_that_fails_ends_the_connection_and_nothing_else(starttls: Scene) -> None:
    async with starttls.serving():
        async with starttls.wire(logged_in=False) as wire:
            await wire.ask("EHLO client")
            assert (await wire.ask("STARTTLS")).startswith("220")
            await wire.send(b"NOOP\r\n" * 10)
            assert await wire.over()
        async with starttls.wire(logged_in=False) as wire:
            await secured(starttls, wire)
            await wire.log_in()


async def test_rfc4954_plain_login_and_xoauth2(scene: Scene) -> None:
    xoauth2 = b64("user=dr@a.example\1auth=Bearer token\1\1")
    exchanges = (
        [f"AUTH PLAIN {PLAIN}"],
        ["auth plain", PLAIN],
        ["AUTH LOGIN", b64(ADDRESS), b64(PASSWORD)],
        [f"AUTH LOGIN {b64(ADDRESS)}", b64(PASSWORD)],
        [f"AUTH XOAUTH2 {xoauth2}"],
        ["AUTH XOAUTH2", xoauth2],
    )
    async with scene.serving():
        for exchange in exchanges:
            async with scene.wire(logged_in=False) as wire:
                await wire.ask("EHLO client")
                replies = [await wire.ask(line) for line in exchange]
                assert all(reply.startswith("334") for reply in replies[:-1])
                assert replies[-1].startswith("235 2.7.0")
                assert (await wire.ask(exchange[0])).startswith("503 5.5.1")
    assert set(scene.porter.seen) == {(ADDRESS, PASSWORD, Door.SMTP, "127.0.0.1")}


async def test_rfc4954_4_what_is_no_exchange(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        assert (await wire.ask(f"AUTH PLAIN {PLAIN}")).startswith("503 5.5.1")
        await wire.ask("EHLO client")
        for line, code in (
            ("AUTH", "504 5.5.4"),
            ("AUTH CRAM-MD5", "504 5.5.4"),
            ("AUTH PLAIN !!!!", "501 5.5.2"),
            ("AUTH PLAIN =", "501 5.5.2"),
            ("AUTH PLAIN " + b64("\0a\0b\0c"), "501 5.5.2"),
            ("AUTH PLAIN " + b64("other@b.example\0dr@a.example\0abcd-efgh"), "501 5.5.2"),
            ("AUTH PLAIN\r\n*", "334 "),
            ("NOOP", "501 5.7.0"),  # the reply to the cancelled one above
            ("NOOP", "250 2.0.0"),
        ):
            assert (await wire.ask(line)).startswith(code), line
        assert scene.porter.seen == []


async def test_rfc4954_4_an_answer_without_end_is_not_held(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        await wire.ask("AUTH PLAIN")
        await wire.send(b"A" * 200_000)
        assert (await wire.reply()).startswith("421")
        assert await wire.over()


async def test_wrong_three_times_ends_the_connection(scene: Scene) -> None:
    wrong = "AUTH PLAIN " + b64("\0dr@a.example\0wrong")
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        for _ in range(3):
            assert (await wire.ask(wrong)).startswith('535 5.7.8 Refuse : "mail-login-wrong"')
        assert (await wire.reply()).startswith("421 4.7.0")
        assert await wire.over()
    assert len(scene.porter.seen) == 3


async def test_xoauth2_a_wrong_token_is_told_its_status_first(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        reply = await wire.ask("AUTH XOAUTH2 " + b64("user=dr@a.example\1auth=Bearer old\1\1"))
        assert b'"401"' in b64decode(reply.removeprefix("334 "))
        assert (await wire.ask("")).startswith("535 5.7.8")
        assert await wire.alive()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MessagingError("mail-login-throttled", seconds=30), "454 4.7.0"),
        (MessagingError("mail-login-revoked"), "535 5.7.8"),
        (MessagingError("service-unreachable"), "454 4.7.0"),
        (RuntimeError("the password abcd-efgh"), "451 4.3.0"),
    ],
)
async def test_rfc4954_6_why_a_login_failed(scene: Scene, failure: Exception, code: str) -> None:
    scene.porter.failure = failure
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        reply = await wire.ask(f"AUTH PLAIN {PLAIN}")
        assert reply.startswith(code)
        assert PASSWORD not in reply
        scene.porter.failure = None
        await wire.log_in()


async def test_a_client_whose_app_password_was_removed_writes_no_other_mail(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data(MAIL + b".\r\n")).startswith("250")
        scene.valid = False
        assert (await wire.ask(f"MAIL FROM:<{ADDRESS}>")).startswith("421 4.7.0")
        assert await wire.over()
    assert len(scene.submitter.taken) == 1


async def test_strangers_are_few_and_do_not_stay(scene: Scene) -> None:
    scene.with_limits(strangers=2, stranger=0.3)
    async with scene.serving(), scene.wire() as known:
        async with scene.wire(logged_in=False) as first, scene.wire(logged_in=False) as second:
            third = await scene.connect()
            assert (await third.reply()).startswith("421 4.7.0")
            assert await third.over()
            assert (await first.reply()).startswith("421 4.4.2")
            assert await second.over()
        assert await known.alive()
        async with scene.wire():
            pass


async def test_one_machine_does_not_take_every_connection(scene: Scene) -> None:
    scene.with_limits(connections_of_one=1)
    async with scene.serving():
        async with scene.wire():
            refused = await scene.connect()
            assert (await refused.reply()).startswith("421 4.7.0")
            assert await refused.over()
        async with asyncio.timeout(5):
            while not (await (again := await scene.connect()).reply()).startswith("220"):
                again.close()
            again.close()


async def test_rfc5321_4_5_3_2_7_who_keeps_silent_is_told_and_cut(scene: Scene) -> None:
    scene.with_limits(idle=0.2)
    async with scene.serving(), scene.wire() as wire:
        assert (await wire.reply()).startswith("421 4.4.2")
        assert await wire.over()


async def test_rfc8314_plain_text_on_the_tls_port_is_no_session(scene: Scene) -> None:
    async with scene.serving():
        reader, writer = await asyncio.open_connection("127.0.0.1", scene.server.port)
        writer.write(b"EHLO client\r\n")
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                assert b"250" not in await reader.read()
        writer.close()

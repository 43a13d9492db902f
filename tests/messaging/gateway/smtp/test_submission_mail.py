"""MAIL, RCPT and DATA of a client that logged in (RFC 5321, RFC 6409, RFC 3461), in order and out of it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from directory.errors import DirectoryError
from messaging.errors import MessagingError
from messaging.gateway.ports import DsnWanted
from tests.messaging.gateway.smtp.submission import ADDRESS, MAIL, PASSWORD, PLAIN, Scene

pytestmark = pytest.mark.asyncio


async def test_rfc5321_4_1_1_1_what_is_offered(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        offers = (await wire.ask("EHLO client")).split("\n")
    assert [offer[4:] for offer in offers] == [
        *("gateway.example", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", "DSN"),
        "AUTH PLAIN LOGIN XOAUTH2",
    ]


async def test_rfc5321_4_1_4_commands_out_of_order(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        for command, code in (
            ("MAIL FROM:<dr@a.example>", "503 5.5.1"),
            ("EHLO", "501 5.5.4"),
            ("HELO client", "250 gateway.example"),
            (f"AUTH PLAIN {PLAIN}", "235"),
            ("RCPT TO:<b@b.example>", "503 5.5.1"),
            ("DATA", "503 5.5.1"),
            ("MAIL FROM:<dr@a.example>", "250"),
            ("MAIL FROM:<dr@a.example>", "503 5.5.1"),
            ("DATA", "503 5.5.1"),
            (f"AUTH PLAIN {PLAIN}", "503 5.5.1"),
            ("RCPT TO:<b@b.example>", "250"),
            ("DATA now", "501 5.5.4"),
            ("RSET", "250 2.0.0"),
            ("RCPT TO:<b@b.example>", "503 5.5.1"),
            ("VRFY b@b.example", "252 2.5.0"),
            ("EXPN all", "502 5.5.1"),
            ("HELP", "214 2.0.0"),
            ("BDAT 3 LAST", "500 5.5.2"),
            ("RSET now", "501 5.5.4"),
            ("NOOP", "250 2.0.0"),
            ("QUIT", "221 2.0.0"),
        ):
            assert (await wire.ask(command)).startswith(code), command
        assert await wire.over()


async def test_rfc4954_6_nobody_writes_before_logging_in(scene: Scene) -> None:
    async with scene.serving(), scene.wire(logged_in=False) as wire:
        await wire.ask("EHLO client")
        for command in ("MAIL FROM:<dr@a.example>", "RCPT TO:<b@b.example>", "DATA"):
            assert (await wire.ask(command)).startswith("530 5.7.0")


@pytest.mark.parametrize("command", ["NOOP " + "x" * 3000, "x" * 300_000, "MAIL FROM:<" + "a" * 5000 + "@b.example>"])
async def test_rfc5321_4_5_3_1_4_a_long_command_is_refused_and_forgotten(scene: Scene, command: str) -> None:
    async with scene.serving(), scene.wire() as wire:
        assert (await wire.ask(command)).startswith("500 5.5.2")
        assert await wire.alive()


async def test_commands_nobody_knows_end_the_connection_after_a_few(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        for octets in (b"GET / HTTP/1.1", b"\xff\xfe", b"", b"X\x1b[2J\rY", b"X\0"):
            reply = await wire.ask(octets)
            assert reply.startswith("500 5.5.2")
            assert reply.isprintable()
        await wire.send(b"SPAM\r\n" * 5)
        assert await wire.over()


async def test_rfc6409_6_1_a_client_writes_under_its_own_addresses(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        for sender in ("other@a.example", "", "dr@a.example.evil.example"):
            reply = await wire.ask(f"MAIL FROM:<{sender}>")
            assert reply == '550 5.7.1 Refuse : "mail-from-other" 250 2.0.0 injecte', sender
        for sender in ("SECRETARIAT@a.example", "dr@A.EXAMPLE"):
            assert (await wire.ask(f"MAIL FROM:<{sender}>")).startswith("250 2.1.0")
            await wire.ask("RSET")


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("FROM:<dr@a.example> SIZE=52428801", "552 5.3.4"),
        ("FROM:<dr@a.example> SIZE=99999999999999999999", "552 5.3.4"),
        ("FROM:<dr@a.example> SIZE=52428800 BODY=8bitmime RET=hdrs ENVID=a+2Bb AUTH=<>", "250"),
        ("FROM: <dr@a.example>  BODY=7BIT", "250"),
        ("from:dr@a.example", "250"),
        ("FROM:<@relay.example,@x.example:dr@a.example>", "250"),
        ("FROM:<dr@a.example> SMTPUTF8", "250"),
        ("FROM:<dr@a.example> SMTPUTF8=1", "501 5.5.4"),
        ("FROM:<dr@a.example> SIZE", "501 5.5.4"),
        ("FROM:<dr@a.example> SIZE=-1", "501 5.5.4"),
        ("FROM:<dr@a.example> SIZE=١", "501 5.5.4"),
        ("FROM:<dr@a.example> SIZE=1 SIZE=2", "501 5.5.4"),
        ("FROM:<dr@a.example> BODY=BINARYMIME", "501 5.5.4"),
        ("FROM:<dr@a.example> RET=ALL", "501 5.5.4"),
        ("FROM:<dr@a.example> ENVID=a+0D+0Ab", "501 5.5.4"),
        ("FROM:<dr@a.example> ENVID=" + "a" * 101, "501 5.5.4"),
        ("FROM:<dr@a.example> ENVID=a=b", "501 5.5.4"),
        ("FROM:<dr@a.example> MT-PRIORITY=3", "555 5.5.4"),
        ("FROM:<dr@a.example" + "> A=1" * 11, "501 5.5.4"),
        ("FROM:<dr@a.example>junk", "501 5.5.4"),
        ("FROM:<dr @a.example>", "501 5.5.4"),
        ('FROM:<"dr"@a.example>', "553 5.1.3"),
        ("FROM:<dr>", "553 5.1.3"),
        ("FROM:<@relay.example>", "553 5.1.3"),
        ("FROM:<dr@a..example>", "553 5.1.3"),
        ("FROM:<dré@a.example>", "553 5.6.7"),
        ("TO:<dr@a.example>", "501 5.5.4"),
        ("", "501 5.5.4"),
        ("FROM", "501 5.5.4"),
        ("FROM:", "501 5.5.4"),
    ],
)
async def test_rfc5321_4_1_2_arguments_of_mail(scene: Scene, argument: str, code: str) -> None:
    async with scene.serving(), scene.wire() as wire:
        assert (await wire.ask(f"MAIL {argument}")).startswith(code)
        assert await wire.alive()


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("TO:<b@b.example> NOTIFY=NEVER", "250"),
        ("TO:<b@b.example> notify=success,Failure,DELAY ORCPT=rfc822;B+2Bx@b.example", "250"),
        ("TO:<b@b.example> NOTIFY=NEVER,SUCCESS", "501 5.5.4"),
        ("TO:<b@b.example> NOTIFY=SUCCESS,SUCCESS", "501 5.5.4"),
        ("TO:<b@b.example> NOTIFY=", "501 5.5.4"),
        ("TO:<b@b.example> NOTIFY", "501 5.5.4"),
        ("TO:<b@b.example> ORCPT=b@b.example", "501 5.5.4"),
        ("TO:<b@b.example> ORCPT=rfc822;b+0D+0AX-Injected:+20yes", "501 5.5.4"),
        ("TO:<b@b.example> ORCPT=rfc822;" + "b" * 500, "501 5.5.4"),
        ("TO:<b@b.example> SIZE=3", "555 5.5.4"),
        ("TO:<>", "553 5.1.3"),
        ("TO:<b>", "553 5.1.3"),
        ("TO:<" + "b" * 65 + "@b.example>", "553 5.1.3"),
        ("TO:<b@" + "b." * 130 + "example>", "553 5.1.3"),
        ("TO:<é@b.example>", "553 5.6.7"),
        ("FROM:<b@b.example>", "501 5.5.4"),
    ],
)
async def test_rfc3461_4_arguments_of_rcpt(scene: Scene, argument: str, code: str) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.ask(f"MAIL FROM:<{ADDRESS}>")
        assert (await wire.ask(f"RCPT {argument}")).startswith(code)
        assert await wire.alive()


async def test_rfc3461_what_is_wanted_is_passed_on_decoded(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.ask(f"MAIL FROM:<{ADDRESS}> RET=hdrs ENVID=id+2B1")
        await wire.ask("RCPT TO:<b@b.example> NOTIFY=SUCCESS,DELAY ORCPT=RFC822;Old+2Bx@b.example")
        await wire.ask("RCPT TO:<c@c.example>")
        assert (await wire.data(MAIL + b".\r\n")) == "250 2.0.0 <1@a.example> queued"
        await wire.envelope()
        await wire.data(MAIL + b".\r\n")
    first, second = scene.submitter.taken
    assert (first.ret, first.envid, first.octets, first.client.address) == ("HDRS", "id+1", MAIL, ADDRESS)
    assert first.recipients == (
        ("b@b.example", DsnWanted(frozenset({"SUCCESS", "DELAY"}), "rfc822;Old+x@b.example")),
        ("c@c.example", DsnWanted()),
    )
    assert (second.ret, second.envid) == ("", "")


async def test_a_recipient_named_twice_is_one(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope(recipient="b@b.example")
        assert (await wire.ask("RCPT TO:<B@b.example> NOTIFY=NEVER")).startswith("250")
        await wire.data(MAIL + b".\r\n")
    assert scene.submitter.taken[0].recipients == (("b@b.example", DsnWanted(frozenset({"NEVER"}))),)


async def test_rfc5321_4_5_3_1_8_a_hundred_recipients_and_no_more(scene: Scene) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.ask(f"MAIL FROM:<{ADDRESS}>")
        await wire.send(b"".join(b"RCPT TO:<b%d@b.example>\r\n" % number for number in range(101)))
        replies = [await wire.reply() for _ in range(101)]
        assert all(reply.startswith("250") for reply in replies[:100])
        assert replies[100].startswith("452 4.5.3")
        await wire.data(MAIL + b".\r\n")
    assert len(scene.submitter.taken[0].recipients) == 100


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (MessagingError("recipient-unknown"), "550 5.1.1"),
        (MessagingError("recipient-not-enrolled"), "550 5.1.1"),
        (MessagingError("recipient-unproven"), "550 5.7.1"),
        (MessagingError("recipient-closed"), "550 5.2.1"),
        (MessagingError("recipient-ambiguous"), "553 5.1.4"),
        (MessagingError("mailbox-not-held"), "550 5.7.1"),
        (MessagingError("service-unreachable"), "451 4.4.1"),
        (MessagingError("rate-exceeded"), "451 4.3.0"),
        (DirectoryError("key-unsafe"), "550 5.7.1"),
        (ValueError("b@b.example"), "451 4.3.0"),
    ],
)
async def test_rfc3463_why_a_recipient_was_refused(scene: Scene, refusal: Exception, code: str) -> None:
    scene.submitter.refused["b@b.example"] = refusal
    async with scene.serving(), scene.wire() as wire:
        await wire.ask(f"MAIL FROM:<{ADDRESS}>")
        reply = await wire.ask("RCPT TO:<b@b.example>")
        assert reply.startswith(code)
        assert "b@b" not in reply
        assert (await wire.ask("DATA")).startswith("503 5.5.1")
        assert (await wire.ask("RCPT TO:<c@c.example>")).startswith("250")


async def test_who_tries_names_until_one_exists_is_cut(scene: Scene) -> None:
    scene.with_limits(recipients=5)
    scene.submitter.refused = {f"b{number}@b.example": MessagingError("recipient-unknown") for number in range(9)}
    async with scene.serving(), scene.wire() as wire:
        for number in range(4):
            await wire.ask(f"MAIL FROM:<{ADDRESS}>")
            assert (await wire.ask(f"RCPT TO:<b{number}@b.example>")).startswith("550 5.1.1")
            await wire.ask("RSET")
        await wire.ask(f"MAIL FROM:<{ADDRESS}>")
        assert (await wire.ask("RCPT TO:<b5@b.example>")).startswith("421 4.7.0")
        assert await wire.over()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MessagingError("mail-from-other"), "550 5.7.1"),
        (MessagingError("mail-malformed", clause="x"), "554 5.6.0"),
        (MessagingError("mail-loop"), "554 5.4.6"),
        (MessagingError("mail-too-large", limit=1), "552 5.3.4"),
        (MessagingError("mail-thread-ended"), "550 5.7.1"),
        (MessagingError("mail-store-full"), "452 4.3.1"),
        (MessagingError("profile-unwritable"), "452 4.3.1"),
        (MessagingError("service-unreachable"), "451 4.4.1"),
        (MessagingError("epoch-conflict-persists"), "451 4.3.0"),
        (OSError(28, "no space left for Subject: essai"), "451 4.3.0"),
        (KeyError("Subject: essai"), "451 4.3.0"),
    ],
)
async def test_rfc3463_why_a_mail_was_refused_and_the_connection_lives(
    scene: Scene, failure: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene.submitter.failure = failure
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        reply = await wire.data(MAIL + b".\r\n")
        assert reply.startswith(code)
        assert "essai" not in reply + caplog.text
        scene.submitter.failure = None
        await wire.envelope()
        assert (await wire.data(MAIL + b".\r\n")).startswith("250")


async def test_rfc6531_3_7_4_1_only_who_said_smtputf8_is_told_in_more_than_ascii(scene: Scene) -> None:
    scene.submitter.refused["b@b.example"] = MessagingError("recipient-unknown")
    async with scene.serving(), scene.wire() as wire:
        await wire.ask(f"MAIL FROM:<{ADDRESS}>")
        assert 'Refuse : "recipient' in await wire.ask("RCPT TO:<b@b.example>")
        await wire.ask("RSET")
        await wire.ask(f"MAIL FROM:<{ADDRESS}> SMTPUTF8")
        assert "Refusé : « recipient" in await wire.ask("RCPT TO:<b@b.example>")
        assert (await wire.ask("RCPT TO:<hélène@b.example>")).startswith("250")


async def test_rfc2920_pipelining_one_flight_for_several_mails(scene: Scene) -> None:
    envelope = f"MAIL FROM:<{ADDRESS}>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n".encode()
    async with scene.serving(), scene.wire() as wire:
        await wire.send((envelope + MAIL + b".\r\n") * 3 + b"QUIT\r\n")
        replies = [(await wire.reply())[:3] for _ in range(13)]
        assert replies == ["250", "250", "354", "250"] * 3 + ["221"]
    assert len(scene.submitter.taken) == 3


async def test_250_only_after_the_mail_is_durable(scene: Scene) -> None:
    scene.submitter.gate = asyncio.Event()
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        await wire.ask("DATA")
        await wire.send(MAIL + b".\r\n")
        await scene.submitter.entered.wait()
        reply = asyncio.ensure_future(wire.reply())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not reply.done()
        scene.submitter.gate.set()
        assert (await reply).startswith("250 2.0.0")


async def test_a_client_that_hangs_up_does_not_stop_halfway_what_it_sent(scene: Scene) -> None:
    scene.submitter.gate = asyncio.Event()
    async with scene.serving():
        async with scene.wire() as wire:
            await wire.envelope()
            await wire.ask("DATA")
            await wire.send(MAIL + b".\r\n")
            await scene.submitter.entered.wait()
        async with asyncio.timeout(5):
            while scene.server._hall.connections:
                await asyncio.sleep(0)
        scene.submitter.gate.set()
        async with asyncio.timeout(5):
            while not scene.submitter.taken:
                await asyncio.sleep(0)


async def test_half_a_mail_is_no_mail(scene: Scene) -> None:
    async with scene.serving():
        async with scene.wire() as wire:
            await wire.envelope()
            await wire.ask("DATA")
            await wire.send(MAIL + b".")
        async with asyncio.timeout(5):
            while scene.server._hall.connections:
                await asyncio.sleep(0)
    assert scene.submitter.taken == []


async def test_at_the_servers_end_what_is_being_submitted_is_answered(scene: Scene) -> None:
    scene.submitter.gate = asyncio.Event()
    async with scene.serving(), scene.wire() as busy, scene.wire() as idle:
        await busy.envelope()
        await busy.ask("DATA")
        await busy.send(MAIL + b".\r\n")
        await scene.submitter.entered.wait()
        closing = asyncio.ensure_future(scene.server.close())
        assert (await idle.reply()).startswith("421 4.3.2")
        assert await idle.over()
        assert not closing.done()
        scene.submitter.gate.set()
        assert (await busy.reply()).startswith("250 2.0.0")
        assert (await busy.reply()).startswith("421 4.3.2")
        await closing


async def test_nothing_of_a_mail_an_address_or_a_password_reaches_a_log(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.submitter.failure = RuntimeError("Subject: essai")
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "mail.log"):
        async with scene.serving(), scene.wire() as wire:
            await wire.envelope(recipient="confidential@b.example")
            await wire.data(MAIL + b".\r\n")
            await wire.ask("Bonjour")  # the first word of a body that is taken for a command
            await wire.ask("AUTH LOGIN")
            await wire.ask("VRFY confidential@b.example")
            await wire.ask("QUIT")
    assert "RuntimeError" in caplog.text  # something is logged
    for secret in ("essai", "Bonjour", "BONJOUR", "confidential", ADDRESS, PASSWORD, PLAIN, "aiosmtpd"):
        assert secret not in caplog.text

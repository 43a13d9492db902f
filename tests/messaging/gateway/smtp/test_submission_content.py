"""DATA (RFC 5321 section 4.1.1.4): its one end, every published way of smuggling a second mail, and its bounds."""

from __future__ import annotations

import asyncio

import pytest

from messaging.errors import MessagingError
from messaging.gateway.smtp import content
from messaging.gateway.smtp.replies import Refused
from tests.messaging.gateway.smtp.submission import ADDRESS, MAIL, Scene

pytestmark = pytest.mark.asyncio

SECOND = f"MAIL FROM:<{ADDRESS}>\r\nRCPT TO:<victim@b.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n".encode()
FALSE_ENDS = (
    *(b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\n.\r", b"\r.\n"),
    *(b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\0\r\n.\n", b"\r\n\r.\r\n", b"\n\n.\r\n", b"\r\r\n.\n", b"\r\n.\r\r\n"),
    *(b"\n.\r\r\n", b"\r\n..\n", b"\r\n.\n\r\n", b"\x85.\x85\n", b"\0.\0", b"\r\n.\r\0\n"),
)


@pytest.mark.parametrize("false_end", FALSE_ENDS, ids=repr)
async def test_smuggling_no_other_end_makes_a_second_mail(scene: Scene, false_end: bytes) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        reply = await wire.data(b"Subject: x\r\n\r\nhello" + false_end + SECOND)
        assert reply.startswith("554 5.6.0")
        assert await wire.alive()
        assert scene.submitter.taken == []


async def test_rfc5321_4_1_1_4_the_one_end_pipelined_is_two_mails_with_two_envelopes(scene: Scene) -> None:
    """Not smuggling: what FALSE_ENDS are told from."""
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data(MAIL + b".\r\n" + SECOND)).startswith("250 2.0.0 <1@a.example>")
        replies = [await wire.reply() for _ in range(4)]
        assert [reply[:3] for reply in replies] == ["250", "250", "354", "250"]
        assert [taken.recipients[0][0] for taken in scene.submitter.taken] == ["b@b.example", "victim@b.example"]


@pytest.mark.parametrize(
    "forbidden", [b"a\rb\r\n", b"a\nb\r\n", b"a\0b\r\n", b"a\r\r\n", b"\n\r\n", b"x" * 70_000 + b"\rx\r\n"]
)
async def test_rfc5321_2_3_8_bare_cr_lf_and_nul_are_refused_before_anything_is_kept(
    scene: Scene, forbidden: bytes
) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data(b"Subject: x\r\n\r\n" + forbidden + b".\r\n")).startswith("554 5.6.0")
        await wire.envelope()
        assert (await wire.data(MAIL + b".\r\n")).startswith("250 2.0.0")
        assert [taken.octets for taken in scene.submitter.taken] == [MAIL]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b".\r\n", b""),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.a\r\n.\r\n", b"..\r\na\r\n"),
        (b"\r\n.\r\n", b"\r\n"),
        (b"\xe9\xff\r\n.\r\n", b"\xe9\xff\r\n"),
        (b"x" * 1500 + b"\r\n.\r\n", b"x" * 1500 + b"\r\n"),
        (b"." + b"." * (1 << 18) + b"\r\n.\r\n", b"." * (1 << 18) + b"\r\n"),
        (b"y" * ((1 << 16) - 1) + b"\r\n.\r\n", b"y" * ((1 << 16) - 1) + b"\r\n"),
        (b"y" * (1 << 16) + b"\r\n.\r\n", b"y" * (1 << 16) + b"\r\n"),
        (b"z" * ((1 << 16) + 1) + b"\r\n..z\r\n.\r\n", b"z" * ((1 << 16) + 1) + b"\r\n.z\r\n"),
    ],
)
async def test_rfc5321_4_5_2_the_octets_are_the_clients_own(scene: Scene, sent: bytes, kept: bytes) -> None:
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data(sent)).startswith("250 2.0.0")
        assert scene.submitter.taken[0].octets == kept


async def test_rfc5321_4_5_2_an_end_in_single_octets_is_an_end(scene: Scene) -> None:
    reader = asyncio.StreamReader(limit=content.STEP)
    lease = content.Memory(100).lease()
    reading = asyncio.ensure_future(content.read(reader, 100, lease, lambda: None))
    for octet in b"a\r\n..b\r\n.\r\nQUIT\r\n":
        reader.feed_data(bytes([octet]))
        await asyncio.sleep(0)
    assert await reading == b"a\r\n.b\r\n"
    assert await reader.readline() == b"QUIT\r\n"


async def test_rfc1870_6_more_than_the_limit_is_refused_and_the_connection_lives(scene: Scene) -> None:
    scene.with_limits(octets=10_000)
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data((b"x" * 98 + b"\r\n") * 101 + b".\r\n")).startswith("552 5.3.4")
        await wire.envelope()
        assert (await wire.data(b"x" * 12_000 + b"\r\n.\r\n")).startswith("552 5.3.4")
        await wire.envelope()
        assert (await wire.data((b"x" * 98 + b"\r\n") * 100 + b".\r\n")).startswith("250 2.0.0")
        assert [len(taken.octets) for taken in scene.submitter.taken] == [10_000]


async def test_a_mail_without_end_is_never_held_and_ends_the_connection(scene: Scene) -> None:
    scene.with_limits(octets=100_000)
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        assert (await wire.data(b"x" * 400_000)).startswith("421 4.3.1")
        assert await wire.over()
        assert scene.submitter.taken == []


async def test_who_sends_octet_by_octet_is_cut_as_if_silent(scene: Scene) -> None:
    scene.with_limits(idle=0.3)
    async with scene.serving(), scene.wire() as wire:
        await wire.envelope()
        await wire.ask("DATA")
        reply = asyncio.ensure_future(wire.reply())
        async with asyncio.timeout(5):
            while not reply.done():
                await wire.send(b"x")
                await asyncio.wait({reply}, timeout=0.02)
        assert (await reply).startswith("421 4.4.2")
    assert scene.submitter.taken == []


async def test_no_more_than_the_limit_is_held() -> None:
    memory = content.Memory(1 << 30)
    lease, held = memory.lease(), []
    reader = asyncio.StreamReader(limit=content.STEP)
    reading = asyncio.ensure_future(content.read(reader, 300_000, lease, lambda: held.append(lease._taken)))
    for _ in range(50):
        reader.feed_data(b"x" * 9_998 + b"\r\n")
        await asyncio.sleep(0)
    reader.feed_data(b".\r\n")
    with pytest.raises(MessagingError) as refused:
        await reading
    assert refused.value.id == "mail-too-large"
    assert max(held) <= 300_000
    assert lease._taken == 0


async def test_mails_in_hand_share_one_memory(scene: Scene) -> None:
    scene.with_limits(octets=100_000, octets_in_hand=150_000)
    scene.submitter.gate = asyncio.Event()
    large = b"x" * 90_000 + b"\r\n.\r\n"
    async with scene.serving(), scene.wire() as one, scene.wire() as other:
        await one.envelope()
        await other.envelope()
        assert (await one.ask("DATA")).startswith("354")
        await one.send(large)
        await scene.submitter.entered.wait()
        assert (await other.data(large)).startswith("452 4.3.1")
        scene.submitter.gate.set()
        assert (await one.reply()).startswith("250")
        await other.envelope()
        assert (await other.data(large)).startswith("250")


async def test_the_memory_of_a_client_that_hung_up_is_given_back() -> None:
    memory = content.Memory(100)
    lease = memory.lease()
    reader = asyncio.StreamReader(limit=content.STEP)
    reader.feed_data(b"x" * 78 + b"\r\n" + b"y" * 78 + b"\r\n.\r\n")
    with pytest.raises(Refused):
        await content.read(reader, 1000, lease, lambda: None)
    assert memory.lease().take(100)

"""Hostile octets on every verb and in DATA: always a reply or an end, never a traceback, never a mail nobody wrote."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.smtp import content, parameters, replies
from messaging.gateway.smtp.replies import Refused
from tests.messaging.gateway.smtp.submission import ADDRESS, MAIL, Scene

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VERBS = (
    *("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "AUTH", "STARTTLS"),
    *("QUIT", "X"),
)
PIECES = (
    *("FROM:", "TO:", f"<{ADDRESS}>", "<b@b.example>", "<>", " "),
    *("SIZE=", "1", "NOTIFY=", "ENVID=", "+0A", "PLAIN", "="),
)
words = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join)
commands = st.builds(lambda verb, rest: f"{verb} {rest}".encode("utf-8", "replace"), st.sampled_from(VERBS), words)
lines = st.lists((commands | st.binary(max_size=40)).map(lambda line: line.replace(b"\n", b"")), max_size=8)
tokens = st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"\0", b"a", b"..", b"\r\n.\r\n", b"x" * 40])


@given(lines)
@FEW
@pytest.mark.asyncio
async def test_any_commands_are_answered_and_none_is_unforeseen(
    scene: Scene, caplog: pytest.LogCaptureFixture, lines: list[bytes]
) -> None:
    # DATA may be open at the end: its end and a QUIT are sent after all; whatever they mean then is answered too.
    with caplog.at_level(logging.DEBUG):
        async with scene.serving(), scene.wire() as wire:
            await wire.send(b"\r\n".join([*lines, b"*", b".", b"QUIT", b"*", b"QUIT"]) + b"\r\n")
            assert await wire.over()
    assert "a submission failed" not in caplog.text
    assert "Traceback" not in caplog.text
    assert scene.submitter.taken == [] or any(line[:4].upper() == b"DATA" for line in lines)


@given(st.lists(tokens, max_size=30).map(b"".join), st.integers(1, 200))
@FEW
@pytest.mark.asyncio
async def test_data_is_taken_exactly_as_rfc5321_reads_it_or_refused(octets: bytes, cut: int) -> None:
    """Against the definition: the first CRLF . CRLF ends it, and any CR, LF or NUL of another kind refuses it."""
    whole = octets + b"\r\n.\r\n"
    body = whole[: (b"\r\n" + whole).index(b"\r\n.\r\n")]
    rest = whole[len(body) + 3 :]
    reader = asyncio.StreamReader(limit=32)
    reading = asyncio.ensure_future(content.read(reader, 10_000, content.Memory(10_000).lease(), lambda: None))
    for start in range(0, len(whole), cut):
        reader.feed_data(whole[start : start + cut])
        await asyncio.sleep(0)
    reader.feed_data(b"END")
    clean = body.replace(b"\r\n", b"")
    if any(bad in clean for bad in (b"\r", b"\n", b"\0")):
        with pytest.raises(MessagingError):
            await reading
    else:
        expected = b"".join(line.removeprefix(b".") for line in body.splitlines(keepends=True))
        assert await reading == expected
    reader.feed_eof()
    assert await reader.read() == rest + b"END"


@given(st.text(max_size=300) | words)
@settings(max_examples=300, deadline=None)
def test_any_argument_is_read_or_refused_with_a_code(text: str) -> None:
    for read in (parameters.sender, lambda text: parameters.recipient(text, utf8=True)):
        refusal = None
        try:
            read(text)
        except Refused as refused:
            refusal = refused
        assert refusal is None or refusal.reply[:3] in ("501", "553", "555")
        assert refusal is None or replies.finished(refusal.reply).isprintable()


@pytest.mark.asyncio
async def test_after_all_that_nobody_is_inside(scene: Scene) -> None:
    async with scene.serving():
        turnstile: Turnstile = scene.server._hall.turnstile
        for hostile in (b"\x16\x03\x01\x02\x00" + b"\0" * 600, b"QUIT\r\n", b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", scene.server.port)
            writer.write(hostile)
            writer.close()
            del reader
        async with scene.wire() as wire:
            await wire.envelope()
            await wire.data(MAIL + b".\r\n")
            assert sum(turnstile._inside.values()) == 1
        async with asyncio.timeout(5):
            while turnstile._inside:
                await asyncio.sleep(0)
        assert turnstile._strangers == 0

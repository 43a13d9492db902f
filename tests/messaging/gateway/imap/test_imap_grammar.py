"""The reader of commands, given anything."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from messaging.gateway.imap import fetch, search, sequence
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.limits import Limits
from messaging.gateway.imap.wire import Farewell, Unreadable, Wire

command_like = st.lists(
    st.sampled_from(
        [
            *(
                b"(",
                b")",
                b" ",
                b"1:*",
                b"1",
                b",",
                b"BODY",
                b"[",
                b"]",
                b"HEADER.FIELDS",
                b"<0.1>",
                b"FLAGS",
                b"\\Seen",
            ),
            *(b'"', b"a", b"NOT", b"OR", b"SINCE", b"1-Jan-2026", b"UID", b"CHANGEDSINCE", b"\xff", b"MODSEQ", b"TEXT"),
        ]
    )
).map(b"".join)


class _Nowhere:
    """As much of a writer as answers need."""

    transport = None

    def write(self, octets: bytes) -> None:
        pass

    async def drain(self) -> None:
        pass


@given(st.one_of(st.binary(max_size=300), command_like), st.booleans())
def test_any_octets_are_commands_or_refused(octets: bytes, authenticated: bool) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=1000)
        reader.feed_data(octets)
        reader.feed_eof()
        wire = Wire(reader, _Nowhere(), Limits())  # type: ignore[arg-type]
        wire.authenticated = authenticated
        while True:
            try:
                command = await wire.command()
                assert command.name.isalpha()
            except Unreadable:
                continue
            except (Farewell, ConnectionError):
                return

    asyncio.run(read())


@given(st.one_of(st.binary(), command_like))
def test_any_arguments_are_read_or_malformed(octets: bytes) -> None:
    for read in (sequence.read, search.read, lambda scanner: fetch.read(scanner, True)):
        try:
            read(Scanner([octets]))
        except Malformed:
            continue

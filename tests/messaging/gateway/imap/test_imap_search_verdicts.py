"""SEARCH through many messages at once says of each what looking at it alone says; the sealed store as the other."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from messaging.gateway.imap import reading, search
from messaging.gateway.imap.grammar import Scanner
from messaging.gateway.imap.search import Evidence, Verdict
from messaging.gateway.imap.server import ImapServer
from messaging.gateway.mail import fields
from messaging.gateway.mail.describe import describe
from messaging.gateway.mailstore.arrivals import Delivery
from messaging.gateway.mailstore.pages import SIZE
from messaging.gateway.ports import Mail, Sought
from tests.messaging.gateway.corpus import messages
from tests.messaging.gateway.imap.imap_world import QUICK, Raw, World, contexts
from tests.messaging.gateway.imap.memory_store import MemoryPorter, MemoryStore
from tests.messaging.gateway.mailstore.conftest import Desk, mail

Has = Callable[[Mail, bytes], bool]
_FIELDS = ("SUBJECT", "FROM", "TO", "CC", "BCC", "HEADER Message-ID", "HEADER X-None", "HEADER References")
_WORDS = ("a", "labo", "é", "rendu", "@", "12", "", "xyz", "fièvre", "example")
_FLAGS = ("\\Seen", "\\Flagged", "$Label")
MAY = 1_777_593_600_000
DAY = 86_400_000


def _values(octets: bytes, name: str) -> list[str]:
    found = fields.values(describe(octets)[0].header, name.lower().encode())
    return [fields.readable(value).casefold() for value in found]


def _lines(octets: bytes) -> str:
    read = fields.fields(describe(octets)[0].header)
    return "\n".join(f"{name.decode()}: {fields.readable(fields.unfolded(value))}" for name, value in read).casefold()


def _one(chance: random.Random) -> tuple[str, Has]:
    """A key, and what it means of one message."""
    words, number = chance.choice(_WORDS), chance.randint(0, 4_000)
    quoted = words.casefold()
    match chance.randint(0, 6):
        case 0:
            flag = chance.choice(_FLAGS)
            key = f"KEYWORD {flag}" if flag.startswith("$") else flag.removeprefix("\\").upper()
            return key, lambda mail, _: flag in mail.flags
        case 1:
            return f"LARGER {number}", lambda mail, _: mail.size > number
        case 2:
            field = chance.choice(_FIELDS)
            name = field.removeprefix("HEADER ")
            return f'{field} "{words}"', lambda _, octets: any(quoted in value for value in _values(octets, name))
        case 3:
            return f'BODY "{words}"', lambda _, octets: quoted in describe(octets)[1]
        case 4:
            return f'TEXT "{words}"', lambda _, octets: quoted in _lines(octets) or quoted in describe(octets)[1]
        case 5:
            day = chance.randint(0, 20)
            given = datetime.fromtimestamp((MAY + day * DAY) // 1000, UTC)
            return f"SINCE {given:%d-%b-%Y}", lambda mail, _: mail.internal >= MAY + day * DAY
        case _:
            given = datetime(2026, chance.randint(1, 12), 1, tzinfo=UTC)

            def before(_: Mail, octets: bytes) -> bool:
                sent = search.day_sent(describe(octets)[0].header)
                return sent is not None and sent < given.date()

            return f"SENTBEFORE {given:%d-%b-%Y}", before


def _some(chance: random.Random, depth: int) -> tuple[str, Has]:
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return _one(chance)
    one, other = _some(chance, depth - 1), _some(chance, depth - 1)
    if kind < 0.5:
        return f"NOT {one[0]}", lambda mail, octets: not one[1](mail, octets)
    if kind < 0.75:
        return f"OR {one[0]} {other[0]}", lambda mail, octets: one[1](mail, octets) or other[1](mail, octets)
    return f"({one[0]} {other[0]})", lambda mail, octets: one[1](mail, octets) and other[1](mail, octets)


async def _found(raw: Raw, keys: str) -> list[int]:
    (line,) = await raw.ok(f"SEARCH CHARSET UTF-8 {keys}".encode())
    return [int(number) for number in line.split()[2:]]


@asynccontextmanager
async def over(desk: Desk) -> AsyncIterator[Raw]:
    """A client of a server over the sealed store."""
    porter = MemoryPorter(desk.store)  # type: ignore[arg-type]
    server = ImapServer(porter, lambda: contexts()[0], QUICK)
    await server.start("127.0.0.1", 0, implicit=True)
    try:
        yield await World(server, MemoryStore(), porter, True).client("INBOX")
    finally:
        await server.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(3))
async def test_rfc_3501_6_4_4_nested_keys_over_both_stores(imap: World, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    octets = [*messages(seed, 40), *(mail(number) for number in range(SIZE - 20))]
    flags = [chance.sample(_FLAGS, chance.randint(0, 2)) for _ in octets]
    desk = Desk(tmp_path)
    await desk.open()
    for at, one in enumerate(octets):
        imap.store.put("INBOX", one, flags[at], MAY + at * DAY // 5)
    await desk.arrivals.deliver(
        [Delivery(bytes([at]) * 32, "INBOX", one, flags[at], MAY + at * DAY // 5) for at, one in enumerate(octets)]
    )
    assert desk.count("pages")
    in_memory = await imap.client("INBOX")
    async with over(desk) as sealed:
        for _ in range(40):
            keys, has = _some(chance, 3)
            mails = imap.store.all["INBOX"].mails
            expected = [at + 1 for at, one in enumerate(octets) if has(mails[at], one)]
            assert await _found(in_memory, keys) == expected, keys
            assert await _found(sealed, keys) == expected, keys
    await desk.close()


@pytest.mark.asyncio
async def test_who_was_expunged_while_a_search_ran_is_found_by_no_key_and_by_no_negation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    await desk.open()
    await desk.arrivals.deliver(
        [Delivery(bytes([at]) * 32, "INBOX", mail(at), ["\\Deleted"][: at % 2], 0) for at in range(SIZE + 20)]
    )
    plain = desk.database.read
    async with over(desk) as raw:

        async def late(query):
            monkeypatch.setattr(desk.database, "read", plain)
            await desk.store.expunge("INBOX", desk.uids())
            return await plain(query)

        monkeypatch.setattr(desk.database, "read", late)
        left = list(range(1, SIZE + 21, 2))  # numbers stay as they are until the client hears of it
        assert await _found(raw, "OR SUBJECT Compte NOT SUBJECT Compte") == left
        assert len(desk.uids()) == len(left)
    await desk.close()


def _verdicts(keys: str, mails: Sequence[Mail], evidence: Evidence) -> Verdict:
    asked = search.read(Scanner((keys.encode(),)))
    asked.number(mails)
    return asked.key(evidence)


@pytest.mark.parametrize(
    ("keys", "yes", "no"),
    [
        *(
            ("SUBJECT a", "", ""),
            ("NOT SUBJECT a", "", ""),
            ("OR SEEN SUBJECT a", "0", ""),
            ("SEEN SUBJECT a", "", "12"),
        ),
        *(("SUBJECT b", "1", "0"), ("NOT SUBJECT b", "0", "1"), ("NOT (SEEN SUBJECT b)", "012", "")),
        *(
            ("OR SUBJECT a SUBJECT b", "1", ""),
            ("SUBJECT a SUBJECT b", "", "0"),
            ("TEXT b", "", ""),
            ("BODY b", "", ""),
        ),
        *(("SENTON 1-Jan-2026", "0", "1"), ("NOT SENTON 1-Jan-2026", "1", "0"), ("2:3 SUBJECT a", "", "0")),
    ],
)
def test_a_key_is_silent_of_what_was_not_read(keys: str, yes: str, no: str) -> None:
    mails = [Mail(uid, 1, frozenset({"\\Seen"} if uid == 1 else ()), 1, 0, uid) for uid in (1, 2, 3)]
    evidence = Evidence(mails, range(3))
    evidence.headers = {Sought(b"subject", "b"): Verdict(frozenset({1}), frozenset({0}))}
    evidence.sent = {0: date(2026, 1, 1), 1: None}
    said = _verdicts(keys, mails, evidence)
    assert (said.yes, said.no) == (frozenset(map(int, yes)), frozenset(map(int, no)))


def test_whom_one_key_rules_out_the_next_ones_are_not_asked_about() -> None:
    mails = [Mail(uid, 1, frozenset({"\\Seen"} if uid % 2 else set()), 100, 0, uid) for uid in range(1, 101)]
    asked: list[int] = []

    class Watched(Evidence):
        def where(self, has):
            asked.append(len(self.places))
            return super().where(has)

        def among(self, places):
            some = Watched(self.mails, places)
            some.headers, some.texts, some.sent = self.headers, self.texts, self.sent
            return some

    key = search.read(Scanner([b"SEEN SMALLER 1 LARGER 5 SMALLER 9"])).key
    verdict = key(Watched(mails, range(100)))
    assert asked == [100, 50]
    assert (verdict.yes, len(verdict.no)) == (frozenset(), 100)


def test_a_search_of_a_thousand_keys_looks_at_few_messages_in_one_go() -> None:
    many = search.read(Scanner([b" ".join(b"KEYWORD k%d" % number for number in range(990))]))
    assert many.keys == 990
    assert reading._LOOKS // many.keys <= 20

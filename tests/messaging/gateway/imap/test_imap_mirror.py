"""RFC 3501 sections 5.2 and 7.4.1 as a client lives them: whatever three sessions do at once, a client that believes
what it is told has the folder as it is."""

from __future__ import annotations

import random
import re

import pytest

from tests.messaging.gateway.imap.imap_world import MAIL, Raw, World

pytestmark = pytest.mark.asyncio

_FETCH = re.compile(rb"\* (\d+) FETCH \(UID (\d+) FLAGS \(([^)]*)\)")
_SETS = ("1", "2:3", "1:*", "*", "1,4", "2:*")
_FLAGS = ("\\Seen", "\\Deleted", "\\Flagged", "$Work")


class Mirror:
    """A client that keeps what it hears, by message number."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.mails: list[tuple[int, frozenset[str]] | None] = []

    async def open(self, qresync: bool) -> None:
        if qresync:
            await self.raw.ok("ENABLE QRESYNC")
        await self.ask("SELECT INBOX")

    async def ask(self, command: str) -> None:
        for line in await self.raw.ask(command):
            self.hear(line)
        while None in self.mails:  # VANISHED names UIDs: a client must know them
            for line in await self.raw.ok("UID FETCH 1:* (FLAGS)"):
                self.hear(line)

    def hear(self, line: bytes) -> None:
        if match := _FETCH.match(line):
            number, uid = int(match[1]), int(match[2])
            known = self.mails[number - 1]
            assert known is None or known[0] == uid
            self.mails[number - 1] = (uid, frozenset(match[3].decode().split()))
        elif match := re.match(rb"\* (\d+) EXPUNGE", line):
            del self.mails[int(match[1]) - 1]
        elif match := re.match(rb"\* VANISHED ([\d,:]+)", line):
            gone = {uid for one in match[1].split(b",") for uid in _range(one)}
            assert gone <= {mail[0] for mail in self.mails if mail}
            self.mails = [mail for mail in self.mails if not mail or mail[0] not in gone]
        elif match := re.match(rb"\* (\d+) EXISTS", line):
            assert int(match[1]) >= len(self.mails)
            self.mails += [None] * (int(match[1]) - len(self.mails))


def _range(one: bytes) -> range:
    low, _, high = one.partition(b":")
    return range(int(low), int(high or low) + 1)


def _command(chance: random.Random) -> str:
    uid = chance.choice(("", "UID "))
    numbers = chance.choice(_SETS)
    return chance.choice(
        [
            f"{uid}STORE {numbers} {chance.choice(('+', '-', ''))}FLAGS ({chance.choice(_FLAGS)})",
            f"{uid}STORE {numbers} +FLAGS (\\Deleted)",
            f"{uid}FETCH {numbers} (UID FLAGS BODY[1])",
            f"{uid}SEARCH UNSEEN",
            f"{uid}COPY {numbers} INBOX",
            f"{uid}MOVE {numbers} {chance.choice(('INBOX', 'Trash'))}",
            *("EXPUNGE", "UID EXPUNGE 1:*", "NOOP", "CHECK"),
        ]
    )


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_told_is_what_is(imap: World, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        imap.store.put("INBOX", MAIL)
    clients = [Mirror(await imap.client()) for _ in range(3)]
    for number, client in enumerate(clients):
        await client.open(qresync=number == 0 and seed % 2 == 0)
    for _ in range(150):
        if chance.random() < 0.3:
            imap.store.put("INBOX", MAIL, chance.sample(_FLAGS, chance.randint(0, 2)))
        await chance.choice(clients).ask(_command(chance))
    truth = [(mail.uid, mail.flags) for mail in imap.store.all["INBOX"].mails]
    for client in clients:
        await client.ask("NOOP")
        assert client.mails == truth

"""Who holds a depositor's keys and the whole service reads nothing of what was deposited (CP1-4.11, RD-7).

The thief has the laboratory's and the payer's open profiles, their passphrases and recovery codes, and the service's
whole data folder. He tries every secret on every seal; markers are looked for in every file.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.accounts import generation
from directory.accounts.bind import InviteeKind
from directory.accounts.wraps import Wrap
from directory.errors import Refusal
from directory.primitives import aead
from directory.primitives.labels import Label
from messaging.client.endpoint import Endpoint
from messaging.profile import keys
from messaging.protocol import epoch_secret, paper
from messaging.protocol import event as events
from messaging.wire import epoch, header
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE
from tests.scenarios.depositing_story import a_report, a_statement, lines, opened, put

TEXT = "Marqueur du recit medical jamais en clair"
NAME = "PERSONNEQUINEXISTEPAS"
pytestmark = pytest.mark.asyncio(loop_scope="session")


class Thief:
    """Everything of the depositors, as octets: named values, account keys, device keys, recovery codes."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.seeds: set[bytes] = set()
        self.accounts: set[bytes] = set()

    async def take(self, endpoint: Endpoint, recovery: str) -> None:
        me, profile = endpoint.identity, endpoint.profile
        self.accounts.add(me.account)
        found = await profile.run(lambda c: keys.seeds(profile, c))
        on_paper = paper.paper_device(paper.read_code(recovery))
        self.seeds |= {*found.values(), me.kem_seed, me.sign_seed, on_paper.kem_seed}

        def every(connection) -> list[bytes]:
            tables = {
                "kept_values": lambda row: f"value/{row.name}",
                "uploads": lambda row: f"upload/{row.blob.hex()}",
            }
            opened_ = []
            for table, place in tables.items():
                for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                    opened_.append(profile.open_sealed(place(row), row.sealed))
            return opened_

        self.values += await profile.run(every)

    def candidates(self) -> Iterator[bytes]:
        """Every 32 octets that stand anywhere in what was taken, as they are, in hex or in base64."""
        whole = {*self.values, *self.seeds}
        for value in list(whole):
            for text in value.replace(b'"', b" ").split():
                for decode in (bytes.fromhex, lambda t: base64.urlsafe_b64decode(t + "=" * (-len(t) % 4))):
                    try:
                        whole.add(decode(text.decode("ascii")))
                    except ValueError:
                        continue
        seen = set()
        for value in whole:
            for at in range(len(value) - 31):
                seen.add(value[at : at + 32])
        yield from seen


async def test_with_the_depositors_keys_and_the_whole_service_nothing_opens(practice, live) -> None:
    gp = await practice.enrol()
    laboratory, payer = await practice.machine(InviteeKind.DEPOSITOR), await practice.machine(InviteeKind.PAYER)
    threads, thief = set(), Thief()
    async with gp.at_work() as endpoint:
        record, card = await opened(endpoint, NAME)
        for who, octets in ((laboratory, a_report(NAME, marker=TEXT)), (payer, a_statement(NAME))):
            async with who.at_work() as depositor:
                threads.add((await put(depositor, octets, card)).thread)
        for who in (laboratory, payer):
            async with Endpoint(who.folder, PASSPHRASE, ENVIRONMENT) as depositor:
                await thief.take(depositor, who.recovery)
        assert len(await lines(endpoint, record)) == 2
        key = endpoint.keyring.seed(record, 1, 1)

    service = sqlite3.connect(live.data / "service.db")
    service.row_factory = sqlite3.Row
    _no_marker_anywhere(live.data, laboratory.folder, payer.folder)
    _no_account_wrap_opens(service, thief, record)
    deposits = _deposits(service, threads)
    assert len(deposits) == 2
    candidates = list(thief.candidates())
    assert len(candidates) > 1000
    for commit, wraps, sealed in deposits:
        assert {wrap.account for wrap in wraps if wrap.sealed} == {record}
        for wrapped in wraps:
            for seed in thief.seeds:
                with pytest.raises((Refusal, ValueError)):
                    epoch_secret.open_wrap(wrapped, commit, seed, {})
        for candidate in candidates:
            assert epoch_secret.tes_hash(candidate) != commit.tes_hash
        for candidate in candidates[:: max(1, len(candidates) // 2000)]:
            with pytest.raises(Refusal):
                events.decrypt(sealed, candidate)
    # The same attempts with the record's own key open it: the test tries the right thing.
    commit, wraps, sealed = next(found for found in deposits if found[0].class_ == 1)
    (wrapped,) = [wrap for wrap in wraps if wrap.sealed]
    assert TEXT.encode() not in events.decrypt(sealed, epoch_secret.open_wrap(wrapped, commit, key, {}).tes).body
    assert NAME.encode() in events.decrypt(sealed, epoch_secret.open_wrap(wrapped, commit, key, {}).tes).body
    _no_file_opens(service, live.data, thief, candidates)
    service.close()


def _deposits(service: sqlite3.Connection, threads: set[bytes]) -> list[tuple]:
    found = []
    for row in service.execute("SELECT t.thread, e.tick, e.raw FROM epochs e JOIN threads t USING (thread_no)"):
        if bytes(row["thread"]) not in threads:
            continue
        rows = service.execute("SELECT wrap FROM epoch_wraps WHERE tick = ?", (row["tick"],))
        wraps = [epoch.parse_wrap(bytes(one["wrap"])) for one in rows if one["wrap"]]
        (event,) = service.execute(
            "SELECT v.raw FROM events v JOIN threads t USING (thread_no) WHERE t.thread = ?", (row["thread"],)
        ).fetchall()
        found.append((epoch.parse(bytes(row["raw"])), wraps, header.parse(bytes(event["raw"]))))
    return found


def _no_account_wrap_opens(service: sqlite3.Connection, thief: Thief, record: bytes) -> None:
    """No generation of the record's keys was ever sealed to a depositor, and none opens with what he has."""
    rows = service.execute("SELECT * FROM account_wrap WHERE owner = ?", (record,)).fetchall()
    assert rows
    for row in rows:
        assert bytes(row["recipient"]) not in thief.accounts
        wrap = Wrap(
            bytes(row["recipient"]), bytes(row["device"]), row["class"], row["g"], row["recipient_generation"],
            bytes(row["sealed"]),
        )  # fmt: skip
        for seed in thief.seeds:
            with pytest.raises(Refusal):
                generation.open_wrap(wrap, record, seed, bytes(1216))


def _no_file_opens(service: sqlite3.Connection, data: Path, thief: Thief, candidates: list[bytes]) -> None:
    rows = service.execute("SELECT blob, account FROM blobs").fetchall()
    mine = [row for row in rows if bytes(row["account"]) in thief.accounts]
    assert len(mine) == 2
    for row in mine:
        blob = bytes(row["blob"])
        sealed = (data / "blobs" / blob.hex()[:2] / blob.hex() / "0").read_bytes()
        for candidate in candidates:
            with pytest.raises(Refusal):
                aead.open_chunk(candidate, 0, True, sealed, Label.BLOB + blob)


def _no_marker_anywhere(*folders: Path) -> None:
    spoken = (TEXT.encode(), NAME.encode(), b"NT-proBNP", b"33762-6", b"279035121518989")
    for folder in folders:
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        for path in files:
            octets = path.read_bytes()
            if path.name.startswith("annuaire"):
                continue
            for marker in spoken:
                assert marker not in octets, (path.name, marker)
                assert base64.b64encode(marker)[:12] not in octets, path.name



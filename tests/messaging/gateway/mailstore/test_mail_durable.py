"""Acknowledged means durable: killed, cancelled, on a full disk, from an older version, beside another process."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from messaging.errors import MessagingError
from messaging.gateway.database import migrations, tables
from messaging.gateway.database.mail_database import FILE_NAME, MailDatabase
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore.arrivals import Delivery
from messaging.gateway.mailstore.turn import Turn
from messaging.gateway.ports import FlagChange
from messaging.profile.vault import Vault
from tests.messaging.gateway.mailstore.conftest import Desk, mail

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).parents[4]
VERSION_1 = Path(__file__).parent / "mail-v1.sql"

# Appends, flags and moves until it is killed; says each as soon as it returned.
WRITER = """
import asyncio, os, sys
from pathlib import Path
from messaging.gateway.ports import FlagChange
from messaging.profile.vault import Vault
from tests.messaging.gateway.mailstore.conftest import Desk, mail

async def write():
    desk = Desk(Path(sys.argv[1]))
    desk.vault = Vault(bytes(32))
    await desk.open()
    for number in range(int(sys.argv[2]), 1_000_000):
        uid = await desk.append(number=number)
        print("append", uid, number, flush=True)
        if number % 3 == 0:
            await desk.store.store("INBOX", [uid], FlagChange.ADD, ["\\\\Seen"])
            print("seen", uid, number, flush=True)
        if number % 5 == 0:
            target = (await desk.store.move("INBOX", [uid], "Archive")).targets[0]
            print("moved", target, number, flush=True)

asyncio.run(write())
"""


def killed_writer(folder: Path, start: int, lines: int) -> list[tuple[str, int, int]]:
    """What it said before it was killed, which is at least `lines`."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(start)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    whole = [line.split() for line in said + rest.splitlines(keepends=True) if line.endswith("\n")]
    return [(verb, int(uid), int(number)) for verb, uid, number in whole]


async def test_killed_at_any_moment_all_that_was_said_is_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.vault = Vault(bytes(32))
    start = 1
    seen_before: dict[str, dict[int, bytes | None]] = {"INBOX": {}, "Archive": {}}
    validity = {}
    for lines in (40, 7, 23):
        said = await asyncio.to_thread(killed_writer, tmp_path, start, lines)
        start = max(number for _, _, number in said) + 2
        await desk.open()
        moved = {number: uid for verb, uid, number in said if verb == "moved"}
        last = said[-1][2]  # may have been moved without a word
        for verb, uid, number in said:
            if verb == "moved":
                assert await desk.store.octets("Archive", uid) == mail(number)
            elif number not in moved and (number != last or desk.store.folder("INBOX").find(uid)):
                assert await desk.store.octets("INBOX", uid) == mail(number)
                assert verb != "seen" or "\\Seen" in desk.flags()[uid]
        for folder, before in seen_before.items():
            for uid, octets in before.items():  # no UID means anything else than it did
                assert await desk.store.octets(folder, uid) == octets
            for uid in desk.uids(folder):
                before[uid] = await desk.store.octets(folder, uid)
            assert desk.uids(folder) == sorted(set(desk.uids(folder)))
            assert validity.setdefault(folder, desk.store.folder(folder).uid_validity) == (
                desk.store.folder(folder).uid_validity
            )
        await desk.close()


async def test_a_session_cut_in_the_middle_leaves_the_index_as_the_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed, go = asyncio.Event(), asyncio.Event()
    plain = desk.database.write

    async def held(action):
        found = await plain(action)
        committed.set()
        await go.wait()
        return found

    monkeypatch.setattr(desk.database, "write", held)
    session = asyncio.create_task(desk.append())
    await committed.wait()
    session.cancel()
    with pytest.raises(asyncio.CancelledError):
        await session
    go.set()
    assert await desk.append(number=2) == 2
    assert desk.uids() == [1, 2]
    await desk.reopen()
    assert desk.uids() == [1, 2]


async def test_writers_at_once_each_get_a_uid_of_their_own(desk: Desk) -> None:
    uids = await asyncio.gather(*(desk.append(number=number) for number in range(30)))
    assert sorted(uids) == desk.uids() == list(range(1, 31))
    for number, uid in enumerate(uids):
        assert await desk.store.octets("INBOX", uid) == mail(number)


async def test_on_a_full_disk_nothing_has_changed_and_what_is_there_is_read(desk: Desk) -> None:
    uid = await desk.append()
    heard: list[str] = []
    desk.store.listen(heard.append)
    folder = desk.store.folder("INBOX")
    before = (folder.mails, folder.uid_next, folder.highest_modseq)

    def fill(connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await desk.database.write(fill)
    big = mail(2, body="x" * 200_000)
    with pytest.raises(MessagingError, match="mail-store-full"):
        await desk.store.append("INBOX", big, [], 0)
    with pytest.raises(MessagingError, match="mail-store-full"):
        await desk.arrivals.deliver([Delivery(b"k" * 32, "INBOX", big, [], 0)])
    assert (folder.mails, folder.uid_next, folder.highest_modseq) == before
    assert await desk.store.octets("INBOX", uid) == mail()
    assert heard == []
    await desk.database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1000000") and None)
    await desk.arrivals.deliver([Delivery(b"k" * 32, "INBOX", big, [], 0)])
    await desk.reopen()
    assert desk.uids() == [uid, uid + 1]


async def test_a_profile_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MessagingError, match="profile-unwritable"):
        await MailDatabase.open(tmp_path / "nowhere")


async def test_another_process_may_write_to_the_file_meanwhile(desk: Desk) -> None:
    other = await MailDatabase.open(desk.folder)
    await asyncio.gather(
        *(
            other.write(lambda c, n=n: c.exec_driver_sql(f"INSERT INTO logins VALUES ({n}, 0)").close())
            for n in range(9)
        ),
        *(desk.append(number=number) for number in range(9)),
    )
    await other.close()
    assert (len(desk.uids()), desk.count("logins")) == (9, 9)


async def test_a_file_of_version_1_keeps_its_uids_and_uidvalidity(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.executescript(VERSION_1.read_text())
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    desk = Desk(tmp_path)
    desk.vault = Vault(bytes(32))
    await desk.open()
    try:
        assert {name: (folder.uid_validity, desk.uids(name)) for name, folder in desk.store.folders().items()} == {
            "INBOX": (1_795_000_000, [1, 3]),
            "Sent": (1_795_000_001, []),
            "Drafts": (1_795_000_002, []),
            "Trash": (1_795_000_003, [1]),
            "Archive": (1_795_000_004, [1]),
            "Junk": (1_795_000_005, []),
            "Adressages": (1_795_000_006, []),
            "Adressages/Reçus": (1_795_000_007, [1]),
            "Adressages/Envoyés": (1_795_000_008, []),
            "Patients": (1_795_000_009, []),
        }
        assert await desk.store.octets("INBOX", 3) == await desk.store.octets("Archive", 1) == mail(3)
        assert desk.flags() == {1: {"\\Seen", "Urgent"}, 3: set()}
        assert desk.store.vanished("INBOX", 0) == (2,)
        assert desk.store.folder("INBOX").uid_next == 4
        [(_, (envelope,))] = [one async for one in desk.store.described("INBOX", [1], [Trait.ENVELOPE])]
        assert b'"<1@example.test>"' in envelope
        assert await desk.arrivals.delivered([b"v1" * 16]) == {b"v1" * 16}
        assert await desk.notes.kept("a") == b"one"
        desk.now += 60_000
        await desk.store.create("Nouveau")
        assert desk.store.folder("Nouveau").uid_validity > 1_795_000_009
    finally:
        await desk.close()


async def test_a_file_of_a_newer_version_is_left_alone(desk: Desk) -> None:
    await desk.close()
    desk.tamper(f"PRAGMA user_version = {migrations.VERSION + 1}")
    with pytest.raises(MessagingError, match="mail-store-newer"):
        await desk.open()
    desk.tamper(f"PRAGMA user_version = {migrations.VERSION}")
    await desk.open()


async def test_the_ladder_ends_where_the_tables_are() -> None:
    def shape(connection) -> dict[str, list[tuple[object, ...]]]:
        return {
            name: [
                (column, kind, bool(required) or bool(key), key)
                for _, column, kind, required, _, key in connection.exec_driver_sql(f"PRAGMA table_info({name})")
            ]
            for name in sorted(tables.metadata.tables)
        }

    climbed, made = create_engine("sqlite://"), create_engine("sqlite://")
    with climbed.begin() as first, made.begin() as second:
        migrations.climb(first)
        tables.metadata.create_all(second)
        assert shape(first) == shape(second)
        migrations.climb(first)  # nothing more to do


async def test_flags_of_a_whole_mailbox_in_one_turn(desk: Desk) -> None:
    await desk.arrivals.deliver(
        [Delivery(number.to_bytes(32, "big"), "INBOX", mail(number), [], 0) for number in range(500)]
    )
    modseq = desk.store.folder("INBOX").highest_modseq
    await desk.store.store("INBOX", desk.uids(), FlagChange.ADD, ["\\Seen"])
    assert desk.store.folder("INBOX").highest_modseq == modseq + 1
    await desk.reopen()
    assert set(map(frozenset, desk.flags().values())) == {frozenset({"\\Seen"})}
    assert len(desk.uids()) == 500


async def test_what_is_kept_soon_is_there_for_every_change_that_comes_later_and_after_a_restart(desk: Desk) -> None:
    desk.notes.keep_soon({"place": b"one"})
    desk.notes.keep_soon({"place": b"two"})
    assert await desk.notes.kept("place") == b"two"
    desk.notes.keep_soon({"place": b"three"})
    await desk.reopen()
    assert await desk.notes.kept("place") == b"three"


async def test_what_cannot_be_kept_soon_fails_nothing_else_and_is_told_by_its_kind(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_turn: Turn, items: list[str]) -> None:
        raise RuntimeError(items[0])

    desk.store.ledger.soon(fails, "Mme Martin")
    uid = await desk.append()
    assert desk.uids() == [uid]
    assert "RuntimeError" in caplog.text
    assert "Martin" not in caplog.text

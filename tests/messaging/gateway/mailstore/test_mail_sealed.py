"""A stranger with the file: reads nothing, and what he alters is damage to that message alone."""

from __future__ import annotations

import os
import stat

import pytest

from messaging.errors import MessagingError
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore import seals
from messaging.gateway.mailstore.arrivals import Delivery
from messaging.gateway.ports import FlagChange
from messaging.profile.vault import Vault
from tests.messaging.gateway.mailstore.conftest import Desk, mail

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECRET = "marqueur"
SWAPPED = "UPDATE {0} SET sealed = (SELECT sealed FROM {0} WHERE message = 1) WHERE message = 2"


async def three(desk: Desk) -> list[int]:
    return [await desk.append(number=number, flags=("\\Seen",)) for number in range(3)]


async def described(desk: Desk, uids: list[int]) -> tuple[list[int], str]:
    """Which came, and the refusal at the end."""
    found = []
    try:
        async for uid, _ in desk.store.described("INBOX", uids, list(Trait)):
            found.append(uid)
    except MessagingError as refused:
        return found, refused.id
    return found, ""


async def test_nothing_of_a_mail_a_folder_or_a_keyword_stands_in_the_file(desk: Desk) -> None:
    octets = (
        f"From: {SECRET}@example.test\r\nSubject: {SECRET}\r\nMessage-ID: <{SECRET}@a>\r\n\r\n{SECRET.upper()}\r\n"
    ).encode()
    await desk.store.create(f"{SECRET}/{SECRET}")
    await desk.store.append(SECRET, octets, [f"${SECRET}"], 1)
    await desk.keep_sent(f"<{SECRET}@b>", f"<{SECRET}@c>", Delivery(b"k" * 32, "Sent", octets, [SECRET], 1))
    await desk.arrivals.deliver([Delivery(b"l" * 32, "INBOX", octets, [SECRET], 1)])
    await desk.notes.keep(SECRET, SECRET.encode())
    files = [path.read_bytes().lower() for path in desk.folder.iterdir() if path.name.startswith(FILE_NAME)]
    assert len(files) == 3  # with its log and its index
    assert not any(SECRET.encode() in file or b"\\seen" in file or b"adressages" in file for file in files)


async def test_the_file_is_its_owners_alone(desk: Desk) -> None:
    await desk.append()
    assert {stat.S_IMODE(path.stat().st_mode) for path in desk.folder.iterdir()} == {0o600}


@pytest.mark.parametrize("change", ["zeroblob(100)", "substr(sealed, 1, 20)", "x''", "swapped"])
async def test_altered_octets_are_damage_to_that_message_alone(desk: Desk, change: str) -> None:
    uids = await three(desk)
    altered = f"UPDATE octets SET sealed = {change} WHERE message = 2"
    desk.tamper(SWAPPED.format("octets") if change == "swapped" else altered)
    await desk.reopen()
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.store.octets("INBOX", uids[1])
    assert await desk.store.octets("INBOX", uids[0]) == mail(0)
    assert await desk.store.octets("INBOX", uids[2]) == mail(2)
    assert await described(desk, uids) == (uids, "")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM octets WHERE part = 2",
        "DELETE FROM octets WHERE part = 0",
        "UPDATE octets SET part = 9 WHERE part = 0",
        "INSERT INTO octets SELECT message, 3, sealed FROM octets WHERE part = 2",
        "UPDATE octets SET sealed = (SELECT sealed FROM octets WHERE part = 0) WHERE part = 1",
    ],
)
async def test_parts_are_neither_cut_off_nor_swapped_nor_repeated(
    desk: Desk, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "PART_OCTETS", 1_000)
    octets = mail(1, body="0123456789" * 250)
    uid = (await desk.store.append("INBOX", octets, [], 0)).targets[0]
    assert desk.count("octets") == 3
    assert await desk.store.octets("INBOX", uid) == octets
    desk.tamper(change)
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.store.octets("INBOX", uid)


async def test_altered_descriptions_come_after_the_others_and_are_said(desk: Desk) -> None:
    uids = await three(desk)
    desk.tamper(SWAPPED.format("descriptions"))
    assert await described(desk, uids) == ([uids[0], uids[2]], "mail-store-damaged")
    desk.tamper("DELETE FROM descriptions WHERE message = 2")
    assert await described(desk, uids) == ([uids[0], uids[2]], "mail-store-damaged")
    assert await described(desk, [uids[0], uids[2]]) == ([uids[0], uids[2]], "")


async def test_a_search_goes_through_what_can_be_read(desk: Desk) -> None:
    uids = await three(desk)
    desk.tamper(SWAPPED.format("texts"))
    assert [uid async for uid, _ in desk.store.texts("INBOX", uids)] == [uids[0], uids[2]]


@pytest.mark.parametrize("column", ["message", "size", "internal"])
async def test_an_altered_placement_shows_no_other_message_under_its_uid(desk: Desk, column: str) -> None:
    uids = await three(desk)
    desk.tamper(f"UPDATE placements SET {column} = 1 WHERE uid = ?", uids[1])
    await desk.reopen()
    assert desk.flags() == {uids[0]: {"\\Seen"}, uids[1]: set(), uids[2]: {"\\Seen"}}
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.store.octets("INBOX", uids[1])
    assert await described(desk, uids) == ([uids[0], uids[2]], "mail-store-damaged")
    await desk.store.store("INBOX", uids, FlagChange.ADD, ["\\Deleted"])
    assert await desk.store.expunge("INBOX", uids) == tuple(uids)


async def test_swapped_placements_are_damage_to_both(desk: Desk) -> None:
    uids = await three(desk)
    desk.tamper("UPDATE placements SET sealed = (SELECT sealed FROM placements WHERE uid = ?) WHERE uid = ?", *uids[:2])
    await desk.reopen()
    assert await described(desk, uids) == ([uids[0], uids[2]], "mail-store-damaged")


async def test_a_copy_of_a_damaged_message_is_damaged_too(desk: Desk) -> None:
    uids = await three(desk)
    desk.tamper("UPDATE placements SET size = 1 WHERE uid = ?", uids[1])
    await desk.reopen()
    copied = (await desk.store.copy("INBOX", uids, "Archive")).targets
    await desk.reopen()
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.store.octets("Archive", copied[1])
    assert await desk.store.octets("Archive", copied[2]) == mail(2)


async def test_a_folder_whose_name_was_altered_keeps_its_mails_under_a_number(desk: Desk) -> None:
    uids = await three(desk)
    validity = desk.store.folder("INBOX").uid_validity
    desk.tamper("UPDATE folders SET sealed = zeroblob(60) WHERE uid_validity = ?", validity)
    await desk.reopen()
    assert desk.uids(f"[{validity}]") == uids
    assert await desk.store.octets(f"[{validity}]", uids[0]) == mail(0)
    assert desk.uids("INBOX") == []
    assert desk.store.folder("INBOX").uid_validity > validity


async def test_an_altered_note_is_damaged(desk: Desk) -> None:
    await desk.notes.keep("a", b"one")
    await desk.notes.keep("b", b"two")
    desk.tamper("UPDATE notes SET sealed = (SELECT sealed FROM notes LIMIT 1)")
    refusals = []
    for name in ("a", "b"):
        try:
            await desk.notes.kept(name)
        except MessagingError as refused:
            refusals.append(refused.id)
    assert refusals == ["mail-store-damaged"]


async def test_the_file_of_another_vault_is_refused(desk: Desk) -> None:
    await desk.append()
    await desk.close()
    own, desk.vault = desk.vault, Vault(os.urandom(32))
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.open()
    desk.vault = own
    await desk.open()
    assert desk.uids() == [1]


@pytest.mark.parametrize(
    "spoiled", [b"not a database, but long enough to look at" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
async def test_a_file_that_is_no_database_is_refused(desk: Desk, spoiled: bytes) -> None:
    await desk.close()
    path = desk.folder / FILE_NAME
    kept = path.read_bytes()
    path.write_bytes(spoiled)
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await desk.open()
    path.write_bytes(kept)
    await desk.open()


async def test_no_refusal_says_anything_of_what_was_refused(desk: Desk) -> None:
    """A mistake of ours in SQL shows the statement and no value."""

    def twice(connection) -> None:
        for _ in range(2):
            connection.exec_driver_sql("INSERT INTO notes VALUES (?, ?)", (b"name", SECRET.encode()))

    with pytest.raises(Exception, match="UNIQUE") as refused:
        await desk.database.write(twice)
    assert SECRET not in str(refused.value)
    with pytest.raises(MessagingError, match="profile-unwritable"):
        await desk.database.read(lambda c: c.exec_driver_sql("DELETE FROM notes"))

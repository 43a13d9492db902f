"""What the gateway brings in: each delivery once for ever, the client's own copy in Sent, what is remembered beside."""

from __future__ import annotations

import sqlite3

import pytest

from messaging.errors import MessagingError
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.mailstore import arrivals
from messaging.gateway.mailstore.arrivals import Delivery
from messaging.gateway.mailstore.submitted import FRESH_MS
from messaging.gateway.ports import FlagChange
from tests.messaging.gateway.mailstore.conftest import Desk, mail

pytestmark = pytest.mark.asyncio(loop_scope="session")
OURS, THEIRS = "<ours@example.test>", "<client@example.test>"


def delivery(number: int, folder: str = "INBOX", message_id: str = "") -> Delivery:
    return Delivery(bytes([number]) * 32, folder, mail(number, message_id), ["$New"], number)


def sent(number: int = 1, folder: str = "Sent") -> Delivery:
    return delivery(number, folder, message_id=OURS)


async def test_a_full_resync_changes_no_uid_and_brings_nothing_back(desk: Desk) -> None:
    batch = [delivery(number) for number in range(6)]
    await desk.arrivals.deliver(batch)
    uids = desk.uids()
    await desk.store.store("INBOX", uids[:1], FlagChange.ADD, ["\\Deleted"])
    await desk.store.expunge("INBOX", uids[:1])
    await desk.store.move("INBOX", uids[1:2], "Archive")
    await desk.reopen()
    await desk.arrivals.deliver([*batch, delivery(6), delivery(6)])
    assert desk.uids() == [*uids[2:], uids[-1] + 1]
    assert len(desk.uids("Archive")) == 1
    assert await desk.arrivals.delivered([one.key for one in batch] + [b"?" * 32]) == {one.key for one in batch}


async def test_a_delivery_is_placed_with_its_flags_and_date(desk: Desk) -> None:
    await desk.arrivals.deliver([delivery(3, "Adressages/Reçus")])
    [found] = desk.store.folder("Adressages/Reçus").mails
    assert (found.flags, found.internal) == ({"$New"}, 3)
    assert await desk.store.octets("Adressages/Reçus", found.uid) == mail(3)


async def test_a_first_sync_goes_in_transactions_that_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "CHUNK_MAILS", 4)
    heard: list[str] = []
    desk.store.listen(heard.append)
    await desk.arrivals.deliver([delivery(number) for number in range(10)])
    monkeypatch.setattr(arrivals, "CHUNK_OCTETS", 1)
    await desk.arrivals.deliver([delivery(number) for number in range(10, 12)])
    await desk.store.octets("INBOX", 1)
    assert (len(heard), len(desk.uids())) == (5, 12)


async def test_what_a_failure_cut_short_is_taken_up_by_the_same_call(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "CHUNK_MAILS", 2)
    batch = [delivery(0), delivery(1), delivery(2), delivery(3, "Patients")]
    with pytest.raises(MessagingError, match="mail-folder-unknown"):
        await desk.arrivals.deliver(batch)
    assert desk.uids() == [1, 2]
    await desk.store.create("Patients")
    await desk.arrivals.deliver(batch)
    assert (desk.uids(), desk.uids("Patients")) == ([1, 2, 3], [1])


async def test_flags_by_key_reach_every_folder_that_has_the_message(desk: Desk) -> None:
    await desk.arrivals.deliver([delivery(1)])
    await desk.store.copy("INBOX", desk.uids(), "Archive")
    await desk.store.move("INBOX", desk.uids(), "Trash")
    await desk.arrivals.flag_by_key(delivery(1).key, ["$Delivered"], ["$new"])
    assert desk.flags("Archive") == desk.flags("Trash") == {1: {"$Delivered"}}
    await desk.arrivals.flag_by_key(b"?" * 32, ["$Delivered"])


async def test_a_copy_in_sent_is_the_mail_that_was_submitted(desk: Desk) -> None:
    await desk.keep_sent(OURS, THEIRS, sent())
    placed = await desk.store.append("Sent", mail(1, THEIRS, "as the client wrote it"), ["\\Seen"], desk.now)
    assert desk.uids("Sent") == list(placed.targets)
    assert await desk.store.octets("Sent", placed.targets[0]) == mail(1, OURS)
    assert desk.flags("Sent") == {placed.targets[0]: {"$New", "\\Seen"}}
    assert desk.count("octets") == 1


async def test_the_copy_is_recognised_by_our_message_id_too_and_after_a_restart(desk: Desk) -> None:
    await desk.keep_sent(OURS, THEIRS, sent())
    await desk.reopen()
    await desk.store.append("Sent", mail(1, OURS), [], desk.now)
    assert len(desk.uids("Sent")) == 1


async def test_two_identical_mails_are_two_mails(desk: Desk) -> None:
    await desk.keep_sent(OURS, THEIRS, sent(1))
    await desk.keep_sent("<ours2@example.test>", THEIRS, sent(2))
    copies = [(await desk.store.append("Sent", mail(1, THEIRS), [], desk.now)).targets[0] for _ in range(3)]
    assert copies == desk.uids("Sent") == [1, 2, 3]
    assert await desk.store.octets("Sent", 1) == mail(1, OURS)
    assert await desk.store.octets("Sent", 3) == mail(1, THEIRS)  # the third is a message of its own


async def test_the_same_submission_again_is_the_same_mail(desk: Desk) -> None:
    for _ in range(2):  # the 250 was lost
        await desk.keep_sent(OURS, THEIRS, sent())
    await desk.store.append("Sent", mail(1, THEIRS), [], desk.now)
    assert len(desk.uids("Sent")) == 1
    await desk.arrivals.deliver([sent()])  # its event comes back from the service
    assert len(desk.uids("Sent")) == 1


@pytest.mark.parametrize("folder", ["Drafts", "Archive", "INBOX"])
async def test_a_copy_put_elsewhere_is_a_message_of_its_own(desk: Desk, folder: str) -> None:
    await desk.keep_sent(OURS, THEIRS, sent())
    uid = (await desk.store.append(folder, mail(1, THEIRS), [], desk.now)).targets[0]
    assert await desk.store.octets(folder, uid) == mail(1, THEIRS)


@pytest.mark.parametrize("later", [FRESH_MS + 1, -FRESH_MS - 1])
async def test_an_old_submission_is_not_what_is_put_into_sent_now(desk: Desk, later: int) -> None:
    await desk.keep_sent(OURS, THEIRS, sent())
    await desk.store.ledger.caught_up()
    desk.now += later
    await desk.store.append("Sent", mail(1, THEIRS), [], desk.now)
    assert len(desk.uids("Sent")) == 2


async def test_mails_without_message_id_are_never_one_another(desk: Desk) -> None:
    bare = b"Subject: a\r\n\r\nb\r\n"
    await desk.keep_sent("", "", Delivery(b"k" * 32, "Sent", bare, [], 1))
    await desk.store.append("Sent", bare, [], 1)
    assert len(desk.uids("Sent")) == 2


async def test_a_referral_at_home_elsewhere_stands_in_sent_too(desk: Desk) -> None:
    await desk.keep_sent(OURS, THEIRS, sent(1, "Adressages/Envoyés"))
    placed = await desk.store.append("Sent", mail(1, THEIRS), ["\\Seen"], desk.now)
    assert await desk.store.octets("Sent", placed.targets[0]) == mail(1, OURS)
    assert (len(desk.uids("Adressages/Envoyés")), desk.count("octets")) == (1, 1)


async def test_a_submission_that_was_deleted_meanwhile_is_not_brought_back(desk: Desk) -> None:
    await desk.keep_sent(OURS, THEIRS, sent())
    await desk.store.store("Sent", [1], FlagChange.ADD, ["\\Deleted"])
    await desk.store.expunge("Sent", [1])
    uid = (await desk.store.append("Sent", mail(1, THEIRS), [], desk.now)).targets[0]
    assert await desk.store.octets("Sent", uid) == mail(1, THEIRS)


async def test_a_note_is_kept_and_replaced_and_its_name_is_not_in_the_file(desk: Desk) -> None:
    await desk.notes.keep("cursor <1@example.test>", b"one")
    await desk.notes.keep("cursor <1@example.test>", b"two")
    await desk.reopen()
    assert await desk.notes.kept("cursor <1@example.test>") == b"two"
    assert await desk.notes.kept("other") is None
    connection = sqlite3.connect(desk.folder / FILE_NAME)
    names = connection.execute("SELECT name, sealed FROM notes").fetchall()
    connection.close()
    assert len(names) == 1
    assert b"cursor" not in b"".join(names[0])

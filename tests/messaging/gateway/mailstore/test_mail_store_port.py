"""`ports.MailStore` as mail programs use it: UIDs, flags, MODSEQ, copies, vanished (RFC 3501, 4315, 6851, 7162)."""

from __future__ import annotations

import random

import pytest

from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore import prepared, reading, seals
from messaging.gateway.ports import FlagChange, SpecialUse
from tests.messaging.gateway.mailstore.conftest import Desk, mail

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def everything(found) -> list:
    return [one async for one in found]


async def test_it_is_a_mail_store(desk: Desk) -> None:
    store: ports.MailStore = desk.store
    folders = store.folders()
    assert next(iter(folders)) == "INBOX"
    assert {name: folder.special_use for name, folder in folders.items() if folder.special_use} == {
        "Sent": SpecialUse.SENT,
        "Drafts": SpecialUse.DRAFTS,
        "Trash": SpecialUse.TRASH,
        "Archive": SpecialUse.ARCHIVE,
        "Junk": SpecialUse.JUNK,
    }
    assert {"Adressages", "Adressages/Reçus", "Adressages/Envoyés"} < set(folders)
    assert all(folder.subscribed for folder in folders.values())


async def test_what_is_appended_is_read_back_octet_for_octet(desk: Desk) -> None:
    odd = b"\x00\xff no header at all\n\r\r\n"
    placed = await desk.store.append("INBOX", odd, ["\\Seen"], 12_345)
    found = desk.store.folder("inbox").find(placed.targets[0])
    assert found is not None
    assert (found.size, found.internal, found.flags) == (len(odd), 12_345, {"\\Seen"})
    assert await desk.store.octets("INBOX", found.uid) == odd
    assert await desk.store.octets("INBOX", found.uid + 1) is None


async def test_rfc_3501_2_3_1_1_uids_ascend_and_are_never_given_twice(desk: Desk) -> None:
    uids = [await desk.append(number=number) for number in range(5)]
    assert uids == sorted(set(uids))
    await desk.store.store("INBOX", uids[3:], FlagChange.ADD, ["\\Deleted"])
    assert await desk.store.expunge("INBOX", uids) == tuple(uids[3:])
    await desk.reopen()
    assert await desk.append(number=9) > uids[-1]


async def test_rfc_3501_2_3_1_1_a_folder_made_again_has_a_greater_uidvalidity(desk: Desk) -> None:
    await desk.store.create("Patients")
    first = desk.store.folder("Patients").uid_validity
    await desk.store.delete("Patients")
    desk.now -= 86_400_000  # the clock was set back
    await desk.reopen()
    await desk.store.create("Patients")
    assert desk.store.folder("Patients").uid_validity > first


async def test_every_folder_has_another_uidvalidity(desk: Desk) -> None:
    folders = desk.store.folders().values()
    assert len({folder.uid_validity for folder in folders}) == len(folders)


async def test_a_session_keeps_the_mails_it_has_told_of(desk: Desk) -> None:
    uid = await desk.append()
    told = desk.store.folder("INBOX").mails
    await desk.store.store("INBOX", [uid], FlagChange.ADD, ["\\Deleted"])
    await desk.store.expunge("INBOX", [uid])
    assert [(one.uid, one.flags) for one in told] == [(uid, frozenset())]
    assert desk.uids() == []


@pytest.mark.parametrize(
    ("change", "flags", "expected"),
    [
        (FlagChange.ADD, ["\\seen", "URGENT"], {"\\Seen", "Urgent", "\\Flagged"}),
        (FlagChange.REMOVE, ["urgent", "\\FLAGGED"], set()),
        (FlagChange.REPLACE, ["\\Answered", "urgent"], {"\\Answered", "Urgent"}),
    ],
)
async def test_rfc_3501_6_4_6_store(desk: Desk, change: FlagChange, flags: list[str], expected: set[str]) -> None:
    uid = await desk.append(flags=("Urgent", "\\Flagged"))
    assert (await desk.store.store("INBOX", [uid], change, flags)).changed == (uid,)
    assert desk.flags() == {uid: expected}
    await desk.reopen()
    assert desk.flags() == {uid: expected}


async def test_rfc_3501_2_3_2_what_is_no_flag_is_left_out(desk: Desk) -> None:
    odd = ["\\Recent", "\\Nonsense", "a b", "é", "", "x" * 101, "(", "a\r\nb", "\\", *(f"k{n}" for n in range(200))]
    uid = await desk.append(flags=tuple(odd))
    kept = desk.flags()[uid]
    assert kept <= {f"k{n}" for n in range(200)}
    assert len(kept) == 100


async def test_rfc_7162_3_1_every_change_has_a_greater_modseq(desk: Desk) -> None:
    folder = desk.store.folder("INBOX")
    seen = [folder.highest_modseq]
    first, second = await desk.append(number=1), await desk.append(number=2)
    seen.append(folder.highest_modseq)
    await desk.store.store("INBOX", [first], FlagChange.ADD, ["\\Seen", "\\Deleted"])
    seen.append(folder.highest_modseq)
    await desk.store.expunge("INBOX", [first])
    seen.append(folder.highest_modseq)
    assert seen == sorted(set(seen))
    left = folder.find(second)
    assert left is not None
    assert left.modseq < seen[-1]
    await desk.reopen()
    assert desk.store.folder("INBOX").highest_modseq == seen[-1]


async def test_rfc_7162_3_1_3_what_changed_since_is_left(desk: Desk) -> None:
    first, second = await desk.append(number=1), await desk.append(number=2)
    since = desk.store.folder("INBOX").highest_modseq
    await desk.store.store("INBOX", [second], FlagChange.ADD, ["\\Seen"])
    stored = await desk.store.store("INBOX", [first, second, 999], FlagChange.ADD, ["\\Flagged"], since)
    assert (stored.changed, stored.modified) == ((first,), (second,))
    assert desk.flags() == {first: {"\\Flagged"}, second: {"\\Seen"}}


async def test_a_store_that_alters_nothing_leaves_the_modseq(desk: Desk) -> None:
    uid = await desk.append(flags=("\\Seen",))
    before = desk.store.folder("INBOX").highest_modseq
    assert (await desk.store.store("INBOX", [uid], FlagChange.ADD, ["\\SEEN"])).changed == (uid,)
    assert desk.store.folder("INBOX").highest_modseq == before


async def test_rfc_7162_3_2_6_what_vanished_since_is_known_after_a_restart(desk: Desk) -> None:
    uids = [await desk.append(number=number, flags=("\\Deleted",)) for number in range(4)]
    before = desk.store.folder("INBOX").highest_modseq
    await desk.store.expunge("INBOX", [uids[2]])
    between = desk.store.folder("INBOX").highest_modseq
    await desk.store.expunge("INBOX", [uids[0], uids[1]])
    for _ in range(2):
        assert desk.store.vanished("INBOX", before) == (uids[0], uids[1], uids[2])
        assert desk.store.vanished("INBOX", between) == (uids[0], uids[1])
        assert desk.store.vanished("INBOX", desk.store.folder("INBOX").highest_modseq) == ()
        await desk.reopen()


async def test_rfc_4315_3_copy_gives_uids_side_by_side_and_keeps_flags_and_date(desk: Desk) -> None:
    uids = [await desk.append(number=number, flags=("\\Seen", "Urgent")) for number in range(3)]
    placed = await desk.store.copy("INBOX", [uids[2], 77, uids[0]], "Archive")
    assert placed.sources == (uids[2], uids[0])
    assert placed.uid_validity == desk.store.folder("Archive").uid_validity
    assert desk.uids("Archive") == sorted(placed.targets)
    assert await desk.store.octets("Archive", placed.targets[0]) == mail(2)
    copied = desk.store.folder("Archive").find(placed.targets[0])
    assert copied is not None
    assert (copied.flags, copied.internal) == ({"\\Seen", "Urgent"}, desk.now)


async def test_a_copy_shares_octets_and_the_last_expunge_deletes_them(desk: Desk) -> None:
    uid = await desk.append(flags=("\\Deleted",))
    copied = (await desk.store.copy("INBOX", [uid], "Archive")).targets[0]
    assert desk.count("octets") == 1
    await desk.store.expunge("INBOX", [uid])
    assert await desk.store.octets("Archive", copied) == mail()
    await desk.store.expunge("Archive", [copied])
    assert [desk.count(table) for table in ("octets", "descriptions", "texts", "placements")] == [0, 0, 0, 0]


async def test_rfc_6851_move_vanishes_here_and_appears_there(desk: Desk) -> None:
    uids = [await desk.append(number=number) for number in range(3)]
    since = desk.store.folder("INBOX").highest_modseq
    placed = await desk.store.move("INBOX", uids[:2], "Trash")
    assert (placed.sources, desk.uids(), desk.uids("Trash")) == (tuple(uids[:2]), uids[2:], list(placed.targets))
    assert desk.store.vanished("INBOX", since) == tuple(uids[:2])
    assert desk.count("octets") == 3
    await desk.reopen()
    assert (desk.uids(), desk.uids("Trash")) == (uids[2:], list(placed.targets))


async def test_rfc_6851_move_within_a_folder_gives_new_uids(desk: Desk) -> None:
    uid = await desk.append()
    placed = await desk.store.move("INBOX", [uid], "INBOX")
    assert placed.targets[0] > uid
    assert desk.uids() == list(placed.targets)
    assert await desk.store.octets("INBOX", placed.targets[0]) == mail()


async def test_described_and_texts_in_the_order_asked_whatever_the_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_MAILS", 3)
    uids = [await desk.append(number=number) for number in range(8)]
    asked = [uids[5], 999, uids[0], uids[5], *uids[:4:-1]]
    expected = [uids[5], uids[0], uids[7], uids[6]]
    assert [uid for uid, _ in await everything(desk.store.described("INBOX", asked, [Trait.HEADER]))] == expected
    texts = await everything(desk.store.texts("INBOX", asked))
    assert [(uid, text.strip()) for uid, text in texts] == [(uid, f"bonjour {uids.index(uid)}") for uid in expected]
    described = dict(await everything(desk.store.described("INBOX", uids, [Trait.ENVELOPE, Trait.HEADER])))
    assert all(b'"<%d@example.test>")' % number in described[uid][0] for number, uid in enumerate(uids))
    assert all(described[uid][1] == mail(n).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for n, uid in enumerate(uids))


async def test_a_batch_is_bounded_in_octets(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_OCTETS", 1)
    uids = [await desk.append(number=number) for number in range(4)]
    hops = []
    plain = desk.database.read

    async def counted(query):
        hops.append(query)
        return await plain(query)

    monkeypatch.setattr(desk.database, "read", counted)
    assert [uid for uid, _ in await everything(desk.store.texts("INBOX", uids))] == uids
    assert len(hops) == 4


async def test_what_is_expunged_during_a_fetch_is_left_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_MAILS", 1)
    uids = [await desk.append(number=number, flags=("\\Deleted",)) for number in range(3)]
    found = []
    async for uid, _ in desk.store.described("INBOX", uids, list(Trait)):
        found.append(uid)
        await desk.store.expunge("INBOX", [uids[1]])
    assert found == [uids[0], uids[2]]


async def test_what_is_expunged_while_it_is_fetched_is_gone_and_not_damaged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = await desk.append(flags=("\\Deleted",))
    plain = desk.database.read

    async def late(query):
        await desk.store.expunge("INBOX", [uid])
        return await plain(query)

    monkeypatch.setattr(desk.database, "read", late)
    assert await desk.store.octets("INBOX", uid) is None


async def test_a_message_of_several_parts_is_read_back_octet_for_octet(desk: Desk) -> None:
    for size in (0, seals.PART_OCTETS, seals.PART_OCTETS + 1, 3 * seals.PART_OCTETS - 7):
        octets = random.Random(size).randbytes(size)
        uid = (await desk.store.append("INBOX", octets, [], 0)).targets[0]
        assert await desk.store.octets("INBOX", uid) == octets
    assert desk.count("octets") == 1 + 1 + 2 + 3


async def test_too_large_a_message_is_refused_before_it_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MAX_MESSAGE", 100)
    with pytest.raises(MessagingError) as refused:
        await desk.store.append("INBOX", bytes(101), [], 0)
    assert (refused.value.id, refused.value.facts) == ("mail-too-large", {"limit": 100})
    assert desk.count("octets") == 0


async def test_listeners_hear_of_each_folder_that_changed_until_they_end(desk: Desk) -> None:
    heard: list[str] = []
    end = desk.store.listen(heard.append)
    uid = await desk.append()
    await desk.store.copy("INBOX", [uid], "Archive")
    await desk.store.store("INBOX", [uid], FlagChange.REMOVE, ["\\Seen"])  # changes nothing
    await desk.store.move("INBOX", [uid], "Trash")
    await desk.store.octets("INBOX", uid)  # a turn of the loop
    assert heard == ["INBOX", "Archive", "Trash", "INBOX"]
    end()
    await desk.append()
    await desk.store.octets("INBOX", uid)
    assert len(heard) == 4


@pytest.mark.parametrize("verb", ["append", "copy", "move", "store", "expunge", "octets", "subscribe", "delete"])
async def test_an_unknown_folder_is_said_to_be_unknown(desk: Desk, verb: str) -> None:
    arguments = {
        "append": (b"", [], 0),
        "copy": ([1], "INBOX"),
        "move": ([1], "INBOX"),
        "store": ([1], FlagChange.ADD, []),
        "expunge": ([1],),
        "octets": (1,),
        "subscribe": (True,),
        "delete": (),
    }
    with pytest.raises(MessagingError, match="mail-folder-unknown"):
        await getattr(desk.store, verb)("Nulle part", *arguments[verb])

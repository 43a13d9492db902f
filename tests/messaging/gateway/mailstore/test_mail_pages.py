"""Pages change no answer: not where they are missing, damaged or from elsewhere, and not for a mail that has gone."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence

import pytest

from messaging.errors import MessagingError
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.mail import fields
from messaging.gateway.mail.describe import describe
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore import pages, seals
from messaging.gateway.mailstore.arrivals import Delivery
from messaging.gateway.mailstore.kinds import Kind
from messaging.gateway.mailstore.pages import SIZE
from messaging.gateway.ports import FlagChange, Sifted, Sought
from tests.messaging.gateway import corpus
from tests.messaging.gateway.mailstore.conftest import Desk, mail

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "marqueur"
ODD = (
    b"Subject: R\xe9sultats d'\xe9t\xe9\r\nTo: \xe9@labo.test\r\n\r\n",  # raw Latin-1
    "Subject: Résultats d'été 日本\r\nFrom: Müller <m@labo.test>\r\n\r\n".encode(),  # raw UTF-8
    b"Subject: =?utf-8?Q?caf=C3=A9?= =?iso-8859-1?Q?_cr=E8me?= =?x?B?zz?=\r\nCc:\r\nBcc: \r\n\r\n",
    b"Subject: =?utf-8?Q?one=0Atwo?=\r\nSubject: one\r\nSubject:\r\nSUBJECT : Stra\xc3\x9fe\r\n\r\n",
    b"Subject: ab\r\n\r\n",
    b"Subject: cd\r\nSubject: ef\r\n\r\n",
    b"Subject: =?utf-7?Q?+2AA-?=\r\n\r\n",  # half of a surrogate pair
    b"Subject: a\r\n b\r\n\tc\r\nX-Other: ab: cd\r\nMessage-ID: <ab@labo.test>\r\n\r\n",
    b"\r\nno header\r\n",
    b"no header at all",
    b"",
    b"Subject: " + b"long " * 10_000 + b"\r\n\r\n",  # on no page
    b"To: a@labo.test\r\nsubject: subject: ab\r\nCC: b@labo.test\r\ncc: c@labo.test\r\n\r\n",
)
FIELDS = (b"subject", b"from", b"to", b"cc", b"bcc", b"message-id", b"x-other", b"date", b"x-none", b"ab: cd", b"")
WORDS = (
    *("", "ab", "bc", "cd", "b\nc", "bcd", "efcd", "one\ntwo", "two", "résultats", "été", "strasse", "café crème"),
    *("@labo.test", "ab: cd", "subject: ab", "subject", "\ncc: ", "long", "日本", "x" * 300, "straße", "\ud800"),
)
SOUGHT = [Sought(field, words) for field in FIELDS for words in WORDS]


async def bring(desk: Desk, octets: Sequence[bytes], folder: str = "INBOX") -> list[int]:
    """The UIDs of these, once they are in."""
    before = desk.store.folder(folder).uid_next
    taken = desk.store.ledger.index.next_message
    await desk.arrivals.deliver(
        [Delivery((taken + at).to_bytes(32, "big"), folder, one, [], 0) for at, one in enumerate(octets)]
    )
    return list(range(before, before + len(octets)))


def odd(count: int = 3 * SIZE, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed)
    made = [*ODD, *corpus.messages(seed, count // 2)]
    made += [mail(number) for number in range(count - len(made))]
    chance.shuffle(made)
    return made


def by_hand(octets: bytes) -> dict[bytes, list[str]]:
    """What RFC 3501 has a search for each of FIELDS look through in one message."""
    header = describe(octets)[0].header
    read = (f"{name.decode()}: {fields.readable(fields.unfolded(value))}" for name, value in fields.fields(header))
    whole = "\n".join(read).casefold()
    return {
        field: [fields.readable(value).casefold() for value in fields.values(header, field)] if field else [whole]
        for field in FIELDS
    }


async def described(desk: Desk, uids: Sequence[int]) -> list[object]:
    return [one async for one in desk.store.described("INBOX", uids, list(Trait))]


async def answers(desk: Desk, uids: Sequence[int]) -> list[object]:
    return [*await described(desk, uids), await desk.store.sift("INBOX", uids, SOUGHT)]


def in_file(desk: Desk) -> dict[tuple[int, Kind], bytes]:
    """What the pages of the file say, opened."""
    connection = sqlite3.connect(desk.folder / FILE_NAME)
    rows = connection.execute("SELECT page, kind, sealed FROM pages").fetchall()
    connection.close()
    return {(page, Kind(kind)): desk.store.ledger.seals.open_page(page, kind, sealed) for page, kind, sealed in rows}


def hidden(desk: Desk) -> None:
    """Without pages, and none is written again."""
    desk.tamper("DELETE FROM pages")
    desk.store._binder.miss = lambda missed: None  # type: ignore[method-assign]


@pytest.mark.parametrize("seed", range(3))
async def test_pages_say_what_rows_say_and_rows_what_the_mail_says(desk: Desk, seed: int) -> None:
    octets = odd(seed=seed)
    uids = await bring(desk, octets)
    assert {page for page, _ in in_file(desk)} == {0, 1, 2}  # ids begin with 1
    with_pages = await answers(desk, uids)
    sifted = with_pages[-1]
    assert isinstance(sifted, Sifted)
    assert not sifted.gone
    read = {uid: by_hand(one) for uid, one in zip(uids, octets, strict=True)}
    for sought in SOUGHT:
        expected = {uid for uid in uids if any(sought.words in value for value in read[uid][sought.field])}
        assert sifted.found[sought] == expected, sought
    assert with_pages[:-1] == [
        (uid, describe(one)[0].traits(list(Trait))) for uid, one in zip(uids, octets, strict=True)
    ]
    hidden(desk)
    assert await answers(desk, uids) == with_pages


async def test_each_sought_by_itself_finds_the_same(desk: Desk) -> None:
    octets = odd()
    uids = await bring(desk, octets)
    together = await desk.store.sift("INBOX", uids, SOUGHT)
    for sought in random.Random(2).sample(SOUGHT, 40):
        alone = await desk.store.sift("INBOX", uids, [sought])
        assert alone == Sifted({sought: together.found[sought]})
    assert await desk.store.sift("INBOX", uids, []) == Sifted({})
    assert (await desk.store.sift("INBOX", [*uids, 9_999], [])).gone == {9_999}


async def test_some_of_them_in_any_order_from_two_folders(desk: Desk) -> None:
    octets = odd()
    uids = await bring(desk, octets[:200])
    others = await bring(desk, octets[200:], "Archive")
    placed = await desk.store.copy("Archive", others[::2], "INBOX")
    await desk.store.copy("INBOX", uids[:5], "INBOX")  # the same messages twice
    here = desk.uids()
    asked = random.Random(1).sample(here, len(here))
    before = await answers(desk, asked)
    few = await answers(desk, asked[:3])
    assert few[:3] == before[:3]
    assert len(placed.targets) == len(others[::2])
    hidden(desk)
    assert await answers(desk, asked) == before


async def test_the_last_page_is_written_with_its_last_message(desk: Desk) -> None:
    await bring(desk, [mail(number) for number in range(SIZE - 2)])
    assert desk.count("pages") == 0
    await desk.append(number=SIZE)
    assert desk.count("pages") == len(Kind)
    uids = await bring(desk, [mail(number) for number in range(2 * SIZE)])
    assert desk.count("pages") == 3 * len(Kind)
    assert len(await described(desk, uids)) == 2 * SIZE


@pytest.mark.parametrize("way", ["expunge", "move away and expunge", "delete its folder"])
async def test_what_was_deleted_is_on_no_page_from_that_transaction_on(desk: Desk, way: str) -> None:
    octets = [mail(number) for number in range(SIZE + 20)]
    octets[50] = f"Subject: {SECRET}\r\nFrom: {SECRET}@a\r\nX: {SECRET}\r\n\r\n{SECRET}\r\n".encode()
    await desk.store.create("Patients")
    uids = await bring(desk, octets, "Patients")
    pages_before = in_file(desk)
    assert sum(SECRET.encode() in page for page in pages_before.values()) == 5  # header, envelope, lines, subject, from
    folder, uid = "Patients", uids[50]
    if way == "move away and expunge":
        placed = await desk.store.move(folder, [uid], "Trash")
        assert in_file(desk) == pages_before  # it is only elsewhere
        folder, uid = "Trash", placed.targets[0]
    if way == "delete its folder":
        await desk.store.delete(folder)
    else:
        await desk.store.store(folder, [uid], FlagChange.ADD, ["\\Deleted"])
        await desk.store.expunge(folder, [uid])
    assert in_file(desk) == {}
    if way != "delete its folder":
        left = [uid for uid in uids if uid != uids[50]]
        found = await desk.store.sift("Patients", left, [Sought(b"subject", "compte"), Sought(b"", SECRET)])
        assert [len(some) for some in found.found.values()] == [len(left), 0]
        await desk.store._binder.rest()
        written_again = in_file(desk)
        assert set(written_again) == set(pages_before)
        assert not any(SECRET.encode() in page for page in written_again.values())


async def test_a_copy_elsewhere_keeps_the_page(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(SIZE)])
    await desk.store.copy("INBOX", uids, "Archive")
    await desk.store.store("INBOX", uids, FlagChange.ADD, ["\\Deleted"])
    await desk.store.expunge("INBOX", uids)
    assert desk.count("pages") == len(Kind)


DAMAGES = {
    "missing": "DELETE FROM pages WHERE page = 1",
    "of some kinds missing": "DELETE FROM pages WHERE page = 1 AND kind IN (1, 3, 5)",
    "zeros": "UPDATE pages SET sealed = zeroblob(5000) WHERE page = 1",
    "text": "UPDATE pages SET sealed = substr(sealed, 1, 99) || 'x'",
    "empty": "UPDATE pages SET sealed = x'' WHERE page = 1",
    "truncated": "UPDATE pages SET sealed = substr(sealed, 1, length(sealed) - 1)",
    "a bit": "UPDATE pages SET sealed = CAST(substr(sealed, 1, 99) || x'00' || substr(sealed, 101) AS BLOB)",
    "another page": """UPDATE pages SET sealed = (
        SELECT sealed FROM pages AS other WHERE other.page = 0 AND other.kind = pages.kind) WHERE page = 1""",
    "another kind": """UPDATE pages SET sealed = (
        SELECT sealed FROM pages AS other WHERE other.page = pages.page AND other.kind = 9 - pages.kind)""",
    "under another number": "UPDATE pages SET page = 2 - page",
    "a row in its place": "UPDATE pages SET sealed = (SELECT sealed FROM descriptions WHERE message = 9)",
    "no number": "UPDATE pages SET kind = kind + 100",
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_page_that_is_damaged_or_from_elsewhere_changes_no_answer(desk: Desk, damage: str) -> None:
    uids = await bring(desk, odd(2 * SIZE + 100))
    before = await answers(desk, uids)
    whole = in_file(desk)
    desk.tamper(DAMAGES[damage])
    await desk.reopen()
    assert await answers(desk, uids) == before
    await desk.store._binder.rest()
    desk.tamper("DELETE FROM pages WHERE kind >= 100 OR page > 1")
    assert in_file(desk) == whole  # written again, for it was missed
    assert await answers(desk, uids) == before


async def test_a_damaged_row_is_said_where_no_page_holds_it(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(SIZE)])
    desk.tamper("UPDATE descriptions SET sealed = zeroblob(100) WHERE message = 5")
    assert len(await described(desk, uids)) == SIZE  # its page has it
    desk.tamper("DELETE FROM pages")
    for _ in range(2):  # also by the pages that were written without it
        with pytest.raises(MessagingError, match="mail-store-damaged"):
            await described(desk, uids)
        with pytest.raises(MessagingError, match="mail-store-damaged"):
            await desk.store.sift("INBOX", uids, [Sought(b"subject", "compte")])
        await desk.store._binder.rest()
    assert desk.count("pages") == len(Kind)
    others = [uid for uid in uids if uid != uids[4]]
    assert len(await described(desk, others)) == SIZE - 1


async def test_a_file_of_version_2_gets_its_pages_once_they_are_missed(desk: Desk) -> None:
    octets = odd()
    uids = await bring(desk, octets)
    before = await answers(desk, uids)
    written = in_file(desk)
    validity = {name: folder.uid_validity for name, folder in desk.store.folders().items()}
    await desk.close()
    desk.tamper("DROP TABLE pages")
    desk.tamper("PRAGMA user_version = 2")
    await desk.open()
    assert desk.uids() == uids
    assert {name: folder.uid_validity for name, folder in desk.store.folders().items()} == validity
    assert desk.count("pages") == 0
    assert await answers(desk, uids) == before
    await desk.store._binder.rest()
    assert in_file(desk) == written
    assert await answers(desk, uids) == before


async def test_pages_of_another_form_are_written_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = await bring(desk, odd(SIZE))
    monkeypatch.setattr(seals, "FORM", 2)
    before = await answers(desk, uids)
    await desk.store._binder.rest()
    assert len(in_file(desk)) == len(Kind)  # opened as they are now
    assert await answers(desk, uids) == before


async def test_who_looks_at_a_few_misses_no_page(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(SIZE)])
    desk.tamper("DELETE FROM pages")
    await described(desk, uids[: pages.WORTH - 1])
    await desk.store._binder.rest()
    assert desk.count("pages") == 0
    await described(desk, uids[: pages.WORTH])
    await desk.store._binder.rest()
    assert desk.count("pages") == len(Kind)


async def test_pages_that_cannot_be_written_are_done_without(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(SIZE)])
    desk.tamper("DELETE FROM pages")

    def fill(connection) -> None:
        count = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")
        connection.exec_driver_sql("CREATE TABLE filler (octets BLOB)")
        connection.exec_driver_sql(f"INSERT INTO filler VALUES (zeroblob({(free - 2) * 4_000}))")

    await desk.database.write(fill)
    assert len(await described(desk, uids)) == SIZE
    await desk.store._binder.rest()
    assert desk.count("pages") == 0
    assert len(await described(desk, uids)) == SIZE


async def test_what_is_expunged_while_a_search_runs_is_gone_and_not_damaged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = await bring(desk, [mail(number) for number in range(SIZE + 40)])
    await desk.store.store("INBOX", uids[::2], FlagChange.ADD, ["\\Deleted"])
    plain = desk.database.read

    async def late(query):
        await desk.store.expunge("INBOX", uids)
        return await plain(query)

    monkeypatch.setattr(desk.database, "read", late)
    words = Sought(b"subject", "compte rendu")
    expected = Sifted({words: frozenset(uids[1::2])}, frozenset(uids[::2]))
    assert await desk.store.sift("INBOX", uids, [words]) == expected


async def test_what_is_expunged_between_two_batches_is_left_out(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(4 * SIZE)])
    await desk.store.store("INBOX", uids[-SIZE:], FlagChange.ADD, ["\\Deleted"])
    found = []
    async for uid, _ in desk.store.described("INBOX", uids, [Trait.HEADER]):
        if not found:
            await desk.store.expunge("INBOX", uids)
        found.append(uid)
    assert found == uids[:-SIZE]


async def test_pages_written_while_mails_go_hold_none_that_went(desk: Desk) -> None:
    uids = await bring(desk, [mail(number) for number in range(2 * SIZE)])
    await desk.store.store("INBOX", uids[::3], FlagChange.ADD, ["\\Deleted"])
    desk.tamper("DELETE FROM pages")
    await described(desk, uids)  # missed: written from here on
    for uid in uids[::3]:
        await desk.store.expunge("INBOX", [uid])
    await desk.store._binder.rest()
    await described(desk, desk.uids())
    await desk.store._binder.rest()
    said = b"".join(in_file(desk).values())
    assert said
    assert not any(b"<%d@example.test>" % number in said for number in range(0, 2 * SIZE, 3))
    assert [uid for uid, _ in await described(desk, uids)] == desk.uids()  # type: ignore[misc]

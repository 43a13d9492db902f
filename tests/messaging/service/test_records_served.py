"""Patients' records on a live service: statements before reading, feeds that move and end, and who may deposit what."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import insert

from benchmarks.world import START, Conversation, Person, octets
from directory.accounts.bind import InviteeKind
from directory.accounts.entry import (
    NO_ACCOUNT,
    NO_SHEET,
    AccountKind,
    Device,
    DeviceKind,
    Genesis,
    account_id,
    encode_payload,
)
from directory.accounts.grants import RECORD_CLASSES, reading_class
from directory.ports import Session
from directory.primitives import digest, kem
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.store import tables
from directory.transparency.receipt import ReceiptKind, parse_proof, verify_proof
from directory.use_cases.log_in import Pass
from messaging.client.service import octet_list
from messaging.wire import access, epoch, frames, limits
from messaging.wire.access import VALID_MS, WHOLE, Purpose
from messaging.wire.epoch import NO_KEY, Member, Role
from messaging.wire.frames import Ack, ItemKind, Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")


# --- people, records, items ---


async def keeper_of(live, person: Person) -> Person:
    """The same person, keeping a new record: its `mailbox` is the record."""
    kept = replace(person, mailbox=b"", mailbox_log=[])
    genesis = Genesis(AccountKind.RECORD, None, b"", person.account, secrets.token_bytes(16), NO_SHEET)
    kept.mailbox = account_id(encode_payload(genesis))
    kept.mailbox_log.append(kept._entry(kept.mailbox, [], genesis, kept.head))
    for class_ in RECORD_CLASSES:
        kept._rotate(kept.mailbox, kept.mailbox_log, class_)
    await live.accept(*kept.mailbox_log)
    return kept


async def record(live) -> Person:
    return await keeper_of(live, await live.person())


async def machine(live, kind: InviteeKind | None) -> Person:
    """A service account, invited for this; its `mailbox` is itself."""
    live.made += 1
    label = f"test machine {live.made}"
    key = SigningKey(octets(f"{label} sign"))
    device = Device(octets(f"{label} device", 16), DeviceKind.SDK, key.public, kem.public_key(octets(f"{label} kem")))
    made = Person(label, key, device)
    possession = key.sign(Label.DEVICE, NO_ACCOUNT, digest.ZERO, device.encode())
    genesis = Genesis(AccountKind.SERVICE, device, possession, b"", b"")
    made.account = made.mailbox = account_id(encode_payload(genesis))
    made.log.append(made._entry(made.account, made.log, genesis, digest.ZERO))
    made._rotate(made.account, made.log, 0)
    made.mailbox_log = made.log
    await live.accept(*made.log)
    if kind is not None:
        row = {"code_pk": octets(f"{label} code"), "certificate": b"", "kind": int(kind), "identifier": ""}
        values = {**row, "address": "", "not_after": 0, "used_by": made.account, "used_submission_hash": b""}
        await live.running.writer.write(lambda group: group.connection.execute(insert(tables.invitation), values))
    return made


def item(keeper: Person, class_: int = 1, shown: Iterable[Member] = ()) -> Conversation:
    """Epoch 0 of an item, by who keeps the record."""
    members = [keeper.member(class_, Role.ADMIN), *shown]
    return Conversation._make(keeper, secrets.token_bytes(16), 0, bytes(32), class_, members, START)


def next_epoch(keeper: Person, talk: Conversation, class_: int, shown: Iterable[Member] = ()) -> Conversation:
    members = [keeper.member(class_, Role.ADMIN), *shown]
    return Conversation._make(keeper, talk.thread, talk.commit.epoch + 1, talk.commit.id, class_, members, START)


def depositing(depositor: Person, keeper: Person, class_: int = 1) -> Conversation:
    own = class_ if depositor.mailbox != depositor.account else 0
    members = [
        Member(depositor.mailbox, reading_class(own), depositor.mailbox_log[-1].hash, 0, NO_KEY, Role.DEPOSIT, 0),
        keeper.member(class_, Role.ADMIN),
    ]
    return Conversation._make(depositor, secrets.token_bytes(16), 0, bytes(32), class_, members, START)


async def post(live, person: Person, raw: bytes, path: str = "submissions") -> str:
    """The refusal's id, or nothing."""
    async with live.http.post(f"{live.url}/api/{path}", data=raw, headers=await live.bearer(person)) as answer:
        return "" if answer.status == 200 else (await answer.json(content_type=None))["id"]


async def get(live, person: Person, path: str, token: str = "") -> bytes | str:
    """The octets, or the refusal's id."""
    headers = {"Authorization": f"Bearer {token}"} if token else await live.bearer(person)
    async with live.http.get(f"{live.url}/api/{path}", headers=headers) as answer:
        return await answer.read() if answer.status == 200 else (await answer.json(content_type=None))["id"]


async def feed(live, person: Person, query: str = "after=0", mailbox: bytes = b"") -> list[bytes] | str:
    """The threads of a mailbox's feed, once each, in order; or the refusal's id."""
    found = await get(live, person, f"mailboxes/{(mailbox or person.mailbox).hex()}/items?{query}")
    return found if isinstance(found, str) else threads(found)


def threads(page: bytes) -> list[bytes]:
    items_ = frames.parse_page(page)
    return list(dict.fromkeys(epoch.parse(i.raw).thread if i.kind is ItemKind.EPOCH else i.raw[6:22] for i in items_))


def statement(
    reader: Person,
    record_: bytes,
    classes: Iterable[int] = RECORD_CLASSES,
    *,
    mailbox: bytes = b"",
    thread: bytes = WHOLE,
    time_: int | None = None,
) -> bytes:
    return access.build(
        record=record_,
        mailbox=mailbox or record_,
        classes=tuple(classes),
        purpose=Purpose.CARE,
        thread=thread,
        time=time.time_ns() // 1_000_000 if time_ is None else time_,
        reader=reader.signer,
        authority=(),
        key=reader.key,
    ).raw


async def state(live, reader: Person, record_: bytes, *args, **kwargs) -> str:
    return await post(live, reader, statement(reader, record_, *args, **kwargs), "accesses")


def accesses_of(live):
    (row,) = [row for row in live.running.rows if row.path == "/api/accesses"]
    return row.handler.__self__.accesses


# --- statements (CP1-10) ---


async def test_cp1_10_6_without_a_statement_a_record_gives_its_notices_alone(live) -> None:
    keeper = await record(live)
    notice, document = item(keeper, 0), item(keeper, 1)
    for talk in (notice, document):
        assert await post(live, keeper, talk.opening(talk.event())) == ""
    assert await feed(live, keeper) == [notice.thread]
    assert await feed(live, keeper, "after=0&classes=1") == [notice.thread]
    assert await feed(live, keeper, "after=0&classes=3") == "access-statement-needed"
    recent = f"mailboxes/{keeper.mailbox.hex()}/recent"
    assert await get(live, keeper, recent + "?classes=2") == "access-statement-needed"
    thread = f"threads/{document.thread.hex()}"
    assert await get(live, keeper, f"{thread}/items?mailbox={keeper.mailbox.hex()}") == "access-statement-needed"
    assert isinstance(await get(live, keeper, f"{thread}/epochs?mailbox={keeper.mailbox.hex()}"), bytes)


async def test_cp1_10_5_a_statement_opens_the_classes_that_it_names(live) -> None:
    keeper = await record(live)
    talks = {class_: item(keeper, class_) for class_ in (0, 1, 5)}
    for talk in talks.values():
        assert await post(live, keeper, talk.opening(talk.event())) == ""
    assert await state(live, keeper, keeper.mailbox, (1,)) == ""
    assert await feed(live, keeper) == [talks[0].thread, talks[1].thread]
    assert await feed(live, keeper, "after=0&classes=34") == "access-statement-needed"
    assert await state(live, keeper, keeper.mailbox, (5,)) == ""
    assert await feed(live, keeper, "after=0&classes=34") == [talks[1].thread, talks[5].thread]


async def test_cp1_10_5_a_statement_lasts_half_an_hour(live, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = await record(live)
    talk = item(keeper)
    await post(live, keeper, talk.opening(talk.event()))
    said = statement(keeper, keeper.mailbox)
    assert await post(live, keeper, said, "accesses") == ""
    accesses, now = accesses_of(live), time.time_ns() // 1_000_000
    monkeypatch.setattr(accesses, "_clock", lambda: now + VALID_MS - 60_000)
    assert await feed(live, keeper) == [talk.thread]
    monkeypatch.setattr(accesses, "_clock", lambda: now + VALID_MS + 60_000)
    assert await feed(live, keeper) == []
    # The same octets again are the same statement, and no new time.
    assert await post(live, keeper, said, "accesses") == ""
    assert await feed(live, keeper) == []


async def test_cp1_10_5_another_device_s_statement_does_not_count(live) -> None:
    keeper = await record(live)
    talk = item(keeper)
    await post(live, keeper, talk.opening(talk.event()))
    assert await state(live, keeper, keeper.mailbox) == ""
    now = time.time_ns() // 1_000_000
    other = live.running.house.logins._admit(Pass(Session(keeper.account, bytes(16)), now + 60_000, False), now)
    path = f"mailboxes/{keeper.mailbox.hex()}/items?after=0"
    assert threads(await get(live, keeper, path, other)) == []  # type: ignore[arg-type]
    assert await get(live, keeper, path + "&classes=2", other) == "access-statement-needed"


async def test_cp1_10_3_a_statement_is_taken_from_its_signer_now(live) -> None:
    keeper, other = await record(live), await live.person()
    now = time.time_ns() // 1_000_000
    said = statement(keeper, keeper.mailbox)
    assert await post(live, other, said, "accesses") == "access-reader-not-caller"
    late, ahead = now - limits.CLOCK_SKEW - 60_000, now + limits.CLOCK_SKEW + 60_000
    assert await state(live, keeper, keeper.mailbox, time_=late) == "access-late"
    assert await state(live, keeper, keeper.mailbox, time_=ahead) == "time-ahead"
    assert await state(live, other, keeper.mailbox) == "authority-missing"
    assert await state(live, other, other.mailbox) == "record-unknown-here"


async def test_cp1_10_3_who_is_shown_nothing_writes_into_nobody_s_log(live) -> None:
    keeper, stranger, other = await record(live), await live.person(), await live.person()
    talk, ordinary = item(keeper), Conversation.start(stranger, other)
    await post(live, keeper, talk.opening(talk.event()))
    await post(live, stranger, ordinary.opening(ordinary.event()))
    own = {"mailbox": stranger.mailbox}
    for thread, expected in (
        (secrets.token_bytes(16), "thread-unknown"),
        (talk.thread, "thread-not-member"),
        (ordinary.thread, "record-unknown-here"),
    ):
        assert await state(live, stranger, keeper.mailbox, (1,), thread=thread, **own) == expected
    assert octet_list(await get(live, keeper, f"records/{keeper.mailbox.hex()}/accesses")) == []  # type: ignore[arg-type]


async def test_cp1_10_7_every_statement_is_read_by_holders_with_its_receipt(live) -> None:
    keeper, stranger = await record(live), await live.person()
    said = [statement(keeper, keeper.mailbox, (class_,)) for class_ in (1, 2, 3)]
    for raw in said:
        assert await post(live, keeper, raw, "accesses") == ""
    path = f"records/{keeper.mailbox.hex()}/accesses"
    listed = octet_list(await get(live, keeper, path))  # type: ignore[arg-type]
    assert listed[::2] == said
    receipts = [verify_proof(parse_proof(proof), live.key) for proof in listed[1::2]]
    assert {r.kind for r in receipts} == {ReceiptKind.ACCESS}
    assert [r.seq for r in receipts] == [1, 2, 3]
    assert {r.scope for r in receipts} == {access.scope_of(keeper.mailbox)}
    assert [r.id for r in receipts] == [access.parse(raw).id for raw in said]
    after = octet_list(await get(live, keeper, f"{path}?after={receipts[1].tick}"))  # type: ignore[arg-type]
    assert after[::2] == said[2:]
    assert await get(live, stranger, path) == "mailbox-not-held"


# --- what is shown ---


async def test_cp1_10_5_a_shown_item_is_fetched_on_a_statement_of_its_own(live) -> None:
    keeper, doctor = await record(live), await live.person()
    talk = item(keeper, 3)
    await post(live, keeper, talk.opening(talk.event()))
    shown = next_epoch(keeper, talk, 3, [doctor.member(1, Role.READ)])
    assert await post(live, keeper, shown.opening()) == ""
    assert await feed(live, doctor) == [talk.thread]
    path = f"threads/{talk.thread.hex()}/items?mailbox={doctor.mailbox.hex()}"
    assert await get(live, doctor, path) == "access-statement-needed"
    own = {"mailbox": doctor.mailbox, "thread": talk.thread}
    assert await state(live, doctor, keeper.mailbox, (1,), **own) == "record-unknown-here"  # another class than it has
    assert await state(live, doctor, keeper.mailbox, (3,), **own) == ""
    assert threads(await get(live, doctor, path)) == [talk.thread]  # type: ignore[arg-type]
    # It opens that thread alone, and nothing of the record.
    assert await get(live, doctor, f"mailboxes/{keeper.mailbox.hex()}/items") == "mailbox-not-held"


async def test_cp1_10_5_who_was_shown_it_later_states_it_whoever_commits(live) -> None:
    """A member with a say does not get round the statement by a commit of its own."""
    keeper, doctor = await record(live), await live.person()
    talk = item(keeper)
    await post(live, keeper, talk.opening(talk.event()))
    shown = next_epoch(keeper, talk, 1, [doctor.member(1, Role.ADMIN)])
    await post(live, keeper, shown.opening())
    again = shown.next(doctor, [keeper.member(1, Role.ADMIN), doctor.member(1, Role.ADMIN)])
    assert await post(live, doctor, again.opening()) == ""
    path = f"threads/{talk.thread.hex()}/items?mailbox={doctor.mailbox.hex()}"
    assert await get(live, doctor, path) == "access-statement-needed"


async def test_cp1_10_5_a_correspondent_reads_what_was_sent_with_it(live) -> None:
    keeper, doctor = await record(live), await live.person()
    members = [doctor.member(1, Role.ADMIN), keeper.member(1)]
    talk = Conversation._make(doctor, secrets.token_bytes(16), 0, bytes(32), 1, members, START)
    assert await post(live, doctor, talk.opening(talk.event())) == ""
    path = f"threads/{talk.thread.hex()}/items?mailbox="
    assert isinstance(await get(live, doctor, path + doctor.mailbox.hex()), bytes)
    assert await get(live, keeper, path + keeper.mailbox.hex()) == "access-statement-needed"


async def test_cp1_4_15_a_removed_member_s_feed_is_cut(live) -> None:
    keeper, doctor = await record(live), await live.person()
    talk = item(keeper, 1, [doctor.member(1, Role.READ)])
    await post(live, keeper, talk.opening(talk.event()))
    other = Conversation.start(doctor, await live.person())
    await post(live, doctor, other.opening(other.event()))
    assert await feed(live, doctor) == [talk.thread, other.thread]
    ended = next_epoch(keeper, talk, 1)
    assert await post(live, keeper, ended.opening()) == ""
    assert await feed(live, doctor) == [other.thread]
    own = {"mailbox": doctor.mailbox, "thread": talk.thread}
    assert await state(live, doctor, keeper.mailbox, (1,), **own) == "thread-not-member"


async def test_cp1_4_15_a_masked_item_leaves_the_class_that_it_was_in(live) -> None:
    keeper = await record(live)
    talk, stays = item(keeper), item(keeper)
    for each in (talk, stays):
        await post(live, keeper, each.opening(each.event()))
    await state(live, keeper, keeper.mailbox)
    assert await feed(live, keeper, "after=0&classes=2") == [talk.thread, stays.thread]
    masked = next_epoch(keeper, talk, 2)
    assert await post(live, keeper, masked.opening()) == ""
    assert await feed(live, keeper, "after=0&classes=2") == [stays.thread]
    assert await feed(live, keeper, "after=0&classes=4") == [talk.thread]
    whole = await get(live, keeper, f"mailboxes/{keeper.mailbox.hex()}/items?after=0&classes=4")
    assert [i.kind for i in frames.parse_page(whole)] == [ItemKind.EPOCH, ItemKind.EVENT, ItemKind.EPOCH]  # type: ignore[arg-type]


async def test_cp1_4_15_what_came_in_the_same_breath_moves_too(live) -> None:
    """The item and its masking in one group commit: nothing of it stays behind in class 1, nor with a member."""
    keeper, doctor = await record(live), await live.person()
    talk = item(keeper, 1, [doctor.member(1, Role.READ)])
    masked = next_epoch(keeper, talk, 2)
    async with await live.wire(keeper) as wire:
        answers = [await wire.post(talk.opening(talk.event())), await wire.post(masked.opening())]
        assert all(isinstance(frames.parse(raw), Ack) for raw in await asyncio.gather(*answers))
    await state(live, keeper, keeper.mailbox)
    assert await feed(live, keeper, "after=0&classes=2") == []
    assert await feed(live, keeper, "after=0&classes=4") == [talk.thread]
    assert await feed(live, doctor) == []


async def test_an_ordinary_thread_s_feeds_stay_as_they_were(live) -> None:
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    await post(live, one, talk.opening(talk.event()))
    await post(live, one, talk.next(one, [one.member(role=Role.ADMIN)]).opening())
    assert await feed(live, other) == [talk.thread]


async def test_only_notices_of_a_record_are_pushed(live) -> None:
    keeper = await record(live)
    await state(live, keeper, keeper.mailbox)
    old = item(keeper)
    await post(live, keeper, old.opening(old.event()))
    got: list[bytes] = []
    async with await live.wire(keeper, 0, lambda _, frame: got.append(frame)) as wire:
        await wire.caught_up.wait()
        document, notice = item(keeper, 5), item(keeper, 0)
        for talk in (document, notice):
            assert isinstance(await wire.send(talk.opening(talk.event())), Ack)
        for _ in range(200):
            if len(got) == 2:
                break
            await asyncio.sleep(0.005)
    assert threads(frames.encode_page(got)) == [notice.thread]


# --- the newest first ---


async def test_recent_pages_go_back_in_order_and_miss_nothing(live) -> None:
    keeper = await record(live)
    await state(live, keeper, keeper.mailbox)
    talks = [item(keeper, 1 if at % 2 else 5) for at in range(70)]
    async with await live.wire(keeper) as wire:
        answers = [await wire.post(talk.opening(talk.event(64))) for talk in talks]
        assert not [raw for raw in await asyncio.gather(*answers) if isinstance(frames.parse(raw), Refused)]
    path, before, pages = f"mailboxes/{keeper.mailbox.hex()}/recent", "", []
    while True:
        page = frames.parse_page(await get(live, keeper, f"{path}?classes=34{before}"))  # type: ignore[arg-type]
        if not page:
            break
        assert [i.cursor for i in page] == sorted(i.cursor for i in page)
        pages.append(page)
        before = f"&before={page[0].cursor}"
    assert [len(page) for page in pages] == [limits.RECENT_ITEMS, 40]
    assert [i.cursor for i in pages[1]] < [i.cursor for i in pages[0]]
    whole = frames.encode_page([frames.encode(i) for page in pages[::-1] for i in page])
    assert threads(whole) == [talk.thread for talk in talks]
    only = frames.parse_page(await get(live, keeper, f"{path}?classes=32"))  # type: ignore[arg-type]
    assert len(only) == 70
    for wrong in ("before=x", "before=-1", "classes=128", "classes=x"):
        assert await get(live, keeper, f"{path}?{wrong}") == "request-malformed"


async def test_a_recent_page_is_bounded_in_octets(live) -> None:
    keeper = await record(live)
    await state(live, keeper, keeper.mailbox)
    for _ in range(6):
        talk = item(keeper)
        await post(live, keeper, talk.opening(talk.event(900_000)))
    page = await get(live, keeper, f"mailboxes/{keeper.mailbox.hex()}/recent?classes=2")
    assert len(page) <= limits.PAGE_OCTETS
    assert len(frames.parse_page(page)) < 12  # type: ignore[arg-type]


# --- who deposits what (CP1-4.14) ---


@pytest.mark.parametrize(
    ("kind", "class_", "expected"),
    [
        (InviteeKind.DEPOSITOR, 1, ""),
        (InviteeKind.DEPOSITOR, 3, ""),
        (InviteeKind.DEPOSITOR, 0, "deposit-class-refused"),
        (InviteeKind.DEPOSITOR, 2, "deposit-class-refused"),
        (InviteeKind.DEPOSITOR, 5, "deposit-class-refused"),
        (InviteeKind.DEPOSITOR, 6, "deposit-class-refused"),
        (InviteeKind.PAYER, 5, ""),
        (InviteeKind.PAYER, 1, "deposit-class-refused"),
        (InviteeKind.PAYER, 0, "deposit-class-refused"),
        (InviteeKind.STRUCTURE, 5, "deposit-class-refused"),
        (InviteeKind.STRUCTURE, 1, ""),
        (InviteeKind.BRIDGE, 5, "deposit-class-refused"),
        (None, 5, "deposit-class-refused"),
    ],
)
async def test_cp1_4_14_each_deposits_into_classes_of_its_own(live, kind, class_, expected) -> None:
    keeper, depositor = await record(live), await machine(live, kind)
    talk = depositing(depositor, keeper, class_)
    assert await post(live, depositor, talk.opening(talk.event())) == expected


async def test_cp1_4_14_a_doctor_deposits_no_reimbursement(live) -> None:
    keeper, doctor = await record(live), await live.person()
    members = [
        Member(doctor.mailbox, 1, doctor.mailbox_log[-1].hash, 0, NO_KEY, Role.DEPOSIT, 0),
        keeper.member(5, Role.ADMIN),
    ]
    talk = Conversation._make(doctor, secrets.token_bytes(16), 0, bytes(32), 5, members, START)
    assert await post(live, doctor, talk.opening(talk.event())) == "deposit-class-refused"
    own = item(keeper, 5)
    assert await post(live, keeper, own.opening(own.event())) == ""  # the patient's own is no deposit


@pytest.mark.parametrize("kind", [InviteeKind.DEPOSITOR, InviteeKind.PAYER])
async def test_cp1_4_14_who_deposits_is_nowhere_a_reader(live, kind) -> None:
    keeper, depositor, doctor = await record(live), await machine(live, kind), await live.person()
    as_reader = replace(depositor.member(0, Role.READ))
    # It opens no thread of its own, ...
    for members, by in (
        ([depositor.member(0, Role.ADMIN), doctor.member(0)], depositor),
        ([doctor.member(0, Role.ADMIN), depositor.member(0)], doctor),
    ):
        talk = Conversation._make(by, secrets.token_bytes(16), 0, bytes(32), 0, members, START)
        assert await post(live, by, talk.opening(talk.event())) == "depositor-reads-nothing"
    # ... nobody adds it to one, to a record's item least of all, ...
    shown = item(keeper, 1, [as_reader])
    assert await post(live, keeper, shown.opening(shown.event())) == "depositor-reads-nothing"
    talk = item(keeper)
    await post(live, keeper, talk.opening(talk.event()))
    later = next_epoch(keeper, talk, 1, [replace(as_reader, from_epoch=1)])
    assert await post(live, keeper, later.opening()) == "depositor-reads-nothing"
    # ... and it reads nothing of the record that it deposits into.
    path = f"threads/{talk.thread.hex()}/items?mailbox={depositor.mailbox.hex()}"
    assert await get(live, depositor, path) == "thread-not-member"
    assert await get(live, depositor, f"mailboxes/{keeper.mailbox.hex()}/items") == "mailbox-not-held"
    assert await get(live, depositor, f"records/{keeper.mailbox.hex()}/accesses") == "mailbox-not-held"
    assert await state(live, depositor, keeper.mailbox) == "authority-missing"


async def test_cp1_4_14_an_ordinary_structure_still_takes_part(live) -> None:
    hospital, doctor = await machine(live, InviteeKind.STRUCTURE), await live.person()
    members = [doctor.member(1, Role.ADMIN), hospital.member(0)]
    talk = Conversation._make(doctor, secrets.token_bytes(16), 0, bytes(32), 1, members, START)
    assert await post(live, doctor, talk.opening(talk.event())) == ""


async def test_cp1_4_14_a_depositor_goes_on_in_no_deposit_of_its_own(live) -> None:
    keeper, depositor = await record(live), await machine(live, InviteeKind.DEPOSITOR)
    talk = depositing(depositor, keeper, 3)
    assert await post(live, depositor, talk.opening(talk.event())) == ""
    assert await post(live, depositor, talk.sending(talk.event())) == "deposit-closed"
    masked = next_epoch(keeper, talk, 2)
    assert await post(live, keeper, masked.opening()) == ""
    path = f"threads/{talk.thread.hex()}/items?mailbox={depositor.mailbox.hex()}"
    assert await get(live, depositor, path) == "thread-not-member"
    assert await feed(live, depositor) == []


async def test_cp1_4_12_one_patient_a_thread_at_the_service_too(live) -> None:
    first, second = await record(live), await record(live)
    talk = item(first, 1, [second.member(1, Role.READ)])
    assert await post(live, first, talk.opening(talk.event())) == "epoch-record-refused"

"""Lines of a record shown inside a referral (record.md RD-2.4): opened by who was shown them, on a statement that the
patient sees, and ended by keys with the case, the date, or the patient's word."""

from __future__ import annotations

import datetime
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from directory.accounts.bind import InviteeKind
from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.client import referrals
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.reading import Exchange
from messaging.client.referrals import Step
from messaging.profile import threads
from messaging.profile.outbox import Outgoing
from messaging.protocol import event as events
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import Party, Reason
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir
from messaging.referral.urgency import Urgency, read_policy
from messaging.wire import header
from messaging.wire.access import Purpose
from messaging.wire.epoch import Role
from messaging.wire.frames import ItemKind
from record_bridge.client import cards, consents, facts, holding, index, posting, sharing, shown, upkeep
from record_bridge.client.feed import RecordFeed
from record_bridge.consent.consent import Episode, Limits, Told
from record_bridge.consent.consent import Exchange as ExchangeScope
from record_bridge.consent.states import State
from record_bridge.errors import RecordError
from record_bridge.record import note
from record_bridge.record import share as shares
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Item
from record_bridge.record.kinds import Kind
from record_bridge.record.note import Note
from record_bridge.record.share import Share, SharedItem
from tests.scenarios.depositing_story import a_report, put
from tests.scenarios.played import at, do

CONFIG = Path(__file__).parents[2] / "config"
DAY = 24 * 3600 * 1000
MARK = "TRAITEMENT-MONTRÉ"
pytestmark = pytest.mark.asyncio(loop_scope="session")


def a_patient(name: str) -> Patient:
    traits = StrictTraits(name, "JEANNE MARIE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215")
    return Patient(traits, parse_ins("279035121518989", OID_TEST))


@dataclass
class Case:
    """A GP's open referral about a patient whose record he keeps, with one treatment in it."""

    endpoint: Endpoint
    patient: Patient
    record: bytes
    item: Item
    thread: bytes
    case: bytes

    async def show(self, *to: bytes, items: Sequence[Item] = (), days: int = 30) -> Share:
        until = self.endpoint.environment.now() + days * DAY
        chosen = list(items) or [self.item]
        return await sharing.show(self.endpoint, self.record, self.thread, self.case, to, chosen, until)

    async def exchange(self) -> Exchange:
        await self.endpoint.sync()
        return await self.endpoint.reading.exchange(self.thread.hex())

    async def act(self, step: str, *more: object) -> None:
        made = await getattr(Step(self.endpoint, await self.exchange()), step)(*more)
        await leave(self.endpoint, made)


async def write(endpoint: Endpoint, record: bytes, text: str, kind: Kind = Kind.TREATMENT) -> Item:
    said = note.write(Note(kind, text, endpoint.environment.now()))
    body = Body(note.MEDIA_TYPE, said)
    thread = await posting.post(endpoint, record, RecordClass.COMMON, EventType.RECORD_NOTE, body)
    await RecordFeed(endpoint, record, Purpose.CARE).refresh()
    return next(one for one in await index.items(endpoint, record) if one.thread == thread)


async def ask(endpoint: Endpoint, patient: Patient, *to: str) -> tuple[bytes, bytes]:
    made = await referrals.refer(
        endpoint,
        to=to,
        waiting_for="",
        performer=Party("Dr Spécialiste"),
        patient=patient,
        question="Que faire ?",
        level=Urgency.ROUTINE,
        policy=read_policy(tomllib.loads((CONFIG / "urgency.toml").read_text(encoding="utf-8"))),
        files=[],
    )
    await leave(endpoint, made.outgoing)
    return made.case, made.thread


async def opened_case(endpoint: Endpoint, name: str, *to: str) -> Case:
    patient = a_patient(name)
    record, _ = await holding.open_record(endpoint, patient)
    item = await write(endpoint, record, MARK)
    case, thread = await ask(endpoint, patient, *to)
    return Case(endpoint, patient, record, item, thread, case)


async def listed(reader: Endpoint, thread: bytes) -> tuple[Exchange, tuple[shown.Shown, ...]]:
    await reader.sync()
    exchange = await reader.reading.exchange(thread.hex())
    return exchange, await shown.shown(reader, exchange)


async def asks_for(reader: Endpoint, thread: bytes) -> str:
    """What a client that keeps asking for the item's octets is told; empty when it gets them."""
    mailbox = reader.identity.mailbox
    try:
        async for page in reader.service.pages(partial(reader.service.thread_items, thread, mailbox), 0):
            if any(item.kind is ItemKind.EVENT for item in page):
                return ""
    except Refusal as refused:
        return refused.id
    return "nothing"


async def test_the_specialist_opens_what_is_shown_and_the_patient_sees_why(practice) -> None:
    gp, specialist, other = await practice.enrol(), await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader, other.at_work() as colleague:
        case = await opened_case(doctor, "MONTRE", specialist.address, other.address)
        await case.show(reader.identity.mailbox)
        exchange, (one,) = await listed(reader, case.thread)
        assert (one.item.kind, one.over, one.own, one.record) == (Kind.TREATMENT, False, False, case.record)
        assert one.by == (await doctor.accounts.professional(doctor.identity.account)).name
        assert MARK not in one.item.title  # a note's words do not stand in the exchange
        assert await asks_for(reader, case.item.thread) == "access-statement-needed"
        found = await shown.open_item(reader, exchange, one)
        item = shown.read_item(one, found, case.patient)
        assert (item.summary, item.kind) == (MARK, Kind.TREATMENT)

        exchange, (theirs,) = await listed(colleague, case.thread)
        assert theirs.record == b""
        with pytest.raises(RecordError) as refused:
            await shown.open_item(colleague, exchange, theirs)
        assert refused.value.id == "share-withdrawn"
        assert await asks_for(colleague, case.item.thread) == "thread-not-member"

        (own,) = await shown.shown(doctor, await case.exchange())
        assert own.own
        await RecordFeed(doctor, case.record, Purpose.CARE).refresh()
        log = await facts.lines(doctor, case.record)
        read = next(line for line in log if line.who.account == reader.identity.account)
        assert (read.act.value, read.why) == ("read", "record-purpose-exchange")
        assert "shared" in [line.act.value for line in log]


@pytest.mark.parametrize("end", ["noted", "declined"])
async def test_the_access_ends_with_the_case_by_keys(practice, end) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case = await opened_case(doctor, f"FIN-{end.upper()}", specialist.address)
        await case.show(reader.identity.mailbox)
        exchange, (one,) = await listed(reader, case.thread)
        await shown.open_item(reader, exchange, one)
        held = dict((await reader.intake.thread(case.item.thread)).secrets())
        await _answered(reader, case, declined=end == "declined")
        if end == "noted":
            await doctor.sync()
            assert await sharing.end_due(doctor) == 0  # answered is not closed
            await case.act("note")
        await doctor.sync()
        await upkeep.run(doctor)
        assert await sharing.open_shares(doctor) == []
        assert await asks_for(reader, case.item.thread) == "thread-not-member"

        # What comes into the item's thread afterwards: all his secrets open nothing of it.
        said = note.write(Note(Kind.TREATMENT, "APRÈS LA FIN", doctor.environment.now()))
        later = Outgoing(
            doctor.intent(), case.item.thread, 1, case.record, EventType.RECORD_NOTE,
            Body(note.MEDIA_TYPE, said).encode(),
        )  # fmt: skip
        await doctor.put([later])
        await leave(doctor, [later])
        kept = await doctor.profile.run(lambda c: threads.events_of(c, case.item.thread))
        assert len(kept) == 2
        assert held
        assert all(not _opens(kept[1].raw, secret) for secret in held.values())
        assert any(_opens(kept[0].raw, secret) for secret in held.values())

        exchange, (one,) = await listed(reader, case.thread)
        assert one.over
        assert await reader.profile.run(lambda c: threads.events_of(c, case.item.thread)) == []
        with pytest.raises(RecordError) as refused:
            await shown.open_item(reader, exchange, one)
        assert refused.value.id == "share-over"
        acts = [line.act.value for line in await facts.lines(doctor, case.record)]
        assert "share-ended" in acts


async def _answered(reader: Endpoint, case: Case, *, declined: bool) -> None:
    exchange, _ = await listed(reader, case.thread)
    if declined:
        await leave(reader, await Step(reader, exchange).decline(Reason.NO_CAPACITY, ""))
        return
    await leave(reader, await Step(reader, exchange).accept())
    exchange, _ = await listed(reader, case.thread)
    await leave(reader, await Step(reader, exchange).answer({"text": "Rien."}, []))


def _opens(raw: bytes, secret: bytes) -> bool:
    try:
        events.decrypt(header.parse(raw), secret)
    except Refusal:
        return False
    return True


async def test_when_the_date_has_passed_each_device_ends_or_forgets_by_itself(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case = await opened_case(doctor, "DATE", specialist.address)
        await case.show(reader.identity.mailbox, days=2)
        exchange, (one,) = await listed(reader, case.thread)
        await shown.open_item(reader, exchange, one)
        await upkeep.run(reader)
        assert await reader.profile.run(lambda c: threads.events_of(c, case.item.thread)) != []
        _later(reader, 3)
        await upkeep.run(reader)  # nobody looked at the exchange again
        assert await reader.profile.run(lambda c: threads.events_of(c, case.item.thread)) == []
        assert not (await reader.intake.thread(case.item.thread)).secrets()
        assert await sharing.end_due(doctor) == 0
        _later(doctor, 3)
        assert await sharing.end_due(doctor) == 1
        assert await asks_for(reader, case.item.thread) == "thread-not-member"


async def test_a_new_device_of_the_doctor_ends_what_the_lost_one_showed(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case = await opened_case(doctor, "PERDU", specialist.address)
        await case.show(reader.identity.mailbox)
        for name in ("record-shares", "record-shares-recalled"):
            await doctor.profile.run(lambda c, n=name: doctor.profile.forget(c, n))
        assert await sharing.end_due(doctor) == 0
        (recalled,) = await sharing.open_shares(doctor)
        assert (recalled.record, recalled.mailbox) == (case.record, reader.identity.mailbox)
        await case.act("cancel", Reason.NO_LONGER_NEEDED)
        assert await sharing.end_due(doctor) == 1
        assert await asks_for(reader, case.item.thread) == "thread-not-member"


def _later(endpoint: Endpoint, days: int) -> None:
    """The clock by which this device ends and forgets, ahead; what it signs still bears the real time."""
    real = endpoint.environment.now
    endpoint._environment = replace(endpoint._environment, now=lambda: real() + days * DAY)


async def test_refer_shows_lines_of_the_record_and_show_opens_them(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor:
        record, _ = await holding.open_record(doctor, a_patient("LIGNE"))
        await write(doctor, record, MARK)
        await write(doctor, record, "SYNTHÈSE", Kind.SYNTHESIS)
        masked = await write(doctor, record, "À MASQUER", Kind.ALLERGY)
        await doctor.dispatch.change_members(masked.thread, class_=int(RecordClass.MASKED))
    person = gp.folder / "patient.json"
    person.write_bytes(dump(to_fhir(a_patient("LIGNE"))))
    asked = ["refer", "--to", specialist.address, "--patient", str(person), "--text", "?", "--urgency", "routine"]
    assert (await at(gp, *asked, "--share", "rien-de-tel")).error == "record-kind-unknown"
    assert (await at(gp, *asked, "--share", masked.thread.hex()[:10])).error == "share-class-refused"
    assert (await at(gp, *asked, "--share", "allergies")).error == "share-nothing"
    assert await do(specialist, "inbox") == []  # refused before anything left
    sent = await do(gp, *asked, "--share", "traitements,synthèse,results", "--share-days", "3")
    assert {one["kind"] for one in sent["shared"]["items"]} == {"treatment", "synthesis"}
    shown_ = await do(specialist, "show", sent["thread"])
    assert {(one["kind"], one["state"]) for one in shown_["shared"]} == {("treatment", "open"), ("synthesis", "open")}
    said = await at(specialist, "show", sent["thread"], json_=False)
    assert "Montré du dossier du patient" in said.out
    treatment = next(one["item"] for one in shown_["shared"] if one["kind"] == "treatment")
    assert (await do(specialist, "show", sent["thread"], "--item", treatment))["text"] == MARK
    said = await at(specialist, "show", sent["thread"], "--item", treatment[:8], json_=False, lang="en")
    assert MARK in said.out
    assert "The patient sees in the log" in said.out
    assert (await at(specialist, "show", sent["thread"], "--item", "ffff0000")).error == "share-unknown"
    plain = await do(gp, *asked)
    assert plain.get("shared") is None
    more = await do(gp, "add", plain["thread"], "--share", "synthesis")
    assert len(more["shared"]["items"]) == 1
    await do(gp, "cancel", sent["thread"])
    await do(gp, "inbox")  # any verb ends what is due
    assert (await at(specialist, "show", sent["thread"], "--item", treatment)).error == "share-over"
    still = (await do(specialist, "show", plain["thread"]))["shared"][0]
    opened = await do(specialist, "show", plain["thread"], "--item", still["item"])
    assert opened["text"] == "SYNTHÈSE"  # the same line, in a case that goes on


# --- what is not shown ---


async def test_what_the_patient_masked_elsewhere_a_moment_ago_is_refused(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case = await opened_case(doctor, "MASQUE", specialist.address)
        stale = case.item
        await doctor.dispatch.change_members(stale.thread, class_=int(RecordClass.MASKED))
        for item in (stale, replace(stale, class_=RecordClass.MASKED), replace(stale, class_=RecordClass.NOTICES)):
            with pytest.raises(RecordError) as refused:
                await case.show(reader.identity.mailbox, items=[item])
            assert refused.value.id == "share-class-refused"
        assert await sharing.open_shares(doctor) == []


async def test_what_the_patient_opposes_or_leaves_out_is_refused_and_only_there(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case, mailbox = await opened_case(doctor, "OPPOSE", specialist.address), reader.identity.mailbox
        elsewhere = ExchangeScope(os.urandom(16), ())
        await consents.begin(doctor, case.record, case.patient, elsewhere, State.OPPOSED, Told.OPPOSITION)
        await case.show(mailbox)  # opposed in another exchange
        scope = ExchangeScope(case.case, (case.thread,))
        for limits in (
            Limits(kinds=frozenset({Kind.TREATMENT})),
            Limits(professionals=frozenset({reader.identity.account})),
            Limits(classes=frozenset({RecordClass.COMMON})),
        ):
            series = await consents.begin(
                doctor, case.record, case.patient, scope, State.LIMITED, Told.EXCHANGE, limits=limits
            )
            with pytest.raises(RecordError) as refused:
                await case.show(mailbox)
            assert refused.value.id == "consent-limited"
            found = next(one for one in await consents.known(doctor, case.record) if one.series == series)
            await consents.move(doctor, found, State.WITHDRAWN)
        assert await sharing.end_due(doctor) == 1  # what was shown ends with the patient's word
        assert await asks_for(reader, case.item.thread) == "thread-not-member"
        with pytest.raises(RecordError) as refused:
            await case.show(mailbox)
        assert refused.value.id == "consent-withdrawn"
        now = doctor.environment.now() // 1000 * 1000
        episode = Episode(os.urandom(16), "Grossesse", now - 1000, now + DAY)
        await consents.begin(doctor, case.record, case.patient, episode, State.OPPOSED, Told.OPPOSITION)
        with pytest.raises(RecordError) as refused:
            await case.show(mailbox)
        assert refused.value.id == "consent-opposed"


async def test_nothing_is_given_when_the_list_could_not_be_written(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case, mailbox = await opened_case(doctor, "LISTE", specialist.address), reader.identity.mailbox
        long = replace(case.item, title="x" * 500)
        many = [replace(case.item, thread=os.urandom(16)) for _ in range(51)]
        with pytest.raises(RecordError) as refused:
            await case.show(mailbox, items=many)
        assert refused.value.id == "share-too-many"
        assert await asks_for(reader, case.item.thread) in ("thread-unknown", "thread-not-member")
        await case.show(mailbox, items=[long, long])
        _, (one,) = await listed(reader, case.thread)
        assert len(one.item.title) == 200
        others = [await write(doctor, case.record, f"n° {n}") for n in range(8)]
        await case.show(mailbox, items=others)
        await case.act("cancel", Reason.NO_LONGER_NEEDED)
        assert await sharing.end_due(doctor) == 2
        acts = [line.act.value for line in await _log(doctor, case.record)]
        assert acts.count("shared") == acts.count("share-ended") == 3  # a notice names seven lines


async def _log(endpoint: Endpoint, record: bytes):
    await RecordFeed(endpoint, record, Purpose.CARE).refresh()
    return await facts.lines(endpoint, record)


# --- attacks ---


async def test_a_colleague_of_the_case_neither_ends_nor_lists_what_is_not_his(practice) -> None:
    gp, specialist, other = await practice.enrol(), await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader, other.at_work() as colleague:
        case = await opened_case(doctor, "FAUX", specialist.address, other.address)
        await case.show(reader.identity.mailbox)
        exchange, (one,) = await listed(reader, case.thread)
        await shown.open_item(reader, exchange, one)
        await listed(colleague, case.thread)
        for until, title in ((1000, "passé"), (2**42, "toujours")):
            line = SharedItem(case.item.thread, title, Kind.TREATMENT)
            forged = Body(shares.MEDIA_TYPE, shares.write(Share(case.case, until, (line,)))).encode()
            said = Outgoing(
                colleague.intent(), case.thread, 1, colleague.identity.mailbox, EventType.RECORD_SHARE, forged
            )
            await colleague.put([said])
            await leave(colleague, [said])
        _, (still,) = await listed(reader, case.thread)
        assert still == one
        assert await reader.profile.run(lambda c: threads.events_of(c, case.item.thread)) != []
        with pytest.raises(Refusal):  # who is only shown something changes nothing of it
            await reader.dispatch.change_members(
                case.item.thread, add={colleague.identity.mailbox: (Role.READ, True)}
            )


async def test_the_depositor_of_an_item_goes_when_somebody_is_shown_it(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    laboratory = await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as doctor, specialist.at_work() as reader, laboratory.at_work() as machine:
        case = await opened_case(doctor, "DEPOT", specialist.address)
        made = await put(machine, a_report("DEPOT"), await cards.make(doctor, case.record))
        await RecordFeed(doctor, case.record, Purpose.CARE).refresh()
        item = next(one for one in await index.items(doctor, case.record) if one.thread == made.thread)
        await case.show(reader.identity.mailbox, items=[item])
        known = await doctor.intake.thread(made.thread)
        assert {m.account for m in known.latest.commit.members} == {case.record, reader.identity.mailbox}
        exchange, (one,) = await listed(reader, case.thread)
        opened = await shown.open_item(reader, exchange, one)
        read = shown.read_item(one, opened, case.patient)
        assert read.results
        assert read.deposited_by == (await machine.accounts.professional(machine.identity.account)).name
        with pytest.raises(Refusal):
            await machine.service.thread_items(made.thread, machine.identity.account, 0)


async def test_an_item_that_is_no_line_of_a_record_is_not_read(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, specialist.at_work() as reader:
        case = await opened_case(doctor, "AUTRE", specialist.address)
        await case.show(reader.identity.mailbox)
        exchange, (one,) = await listed(reader, case.thread)
        (event,) = await shown.open_item(reader, exchange, one)
        card = replace(event, type="record-document", body=Body("application/fhir+json", b"{}"))
        for wrong, reason in ((card, "document-reference-malformed"), (replace(event, type="message"), "")):
            with pytest.raises(RecordError) as refused:
                shown.read_item(one, [wrong], case.patient)
            assert refused.value.id == (reason or "record-item-malformed")


async def test_the_patient_ends_from_her_own_device_what_a_doctor_shows(practice) -> None:
    gp, specialist, who = await practice.enrol(), await practice.enrol(), a_patient("ELLE")
    patient = await practice.patient(who)
    async with patient.at_work() as own, gp.at_work() as doctor, specialist.at_work() as reader:
        record, _ = await holding.open_record(own, who)
        rights = Right.READ | Right.SEND_AS
        await own.delegation.grant(record, doctor.identity.mailbox, (0, 1, 3, 4, 6), rights, history=True)
        await doctor.sync()
        item = await write(doctor, record, MARK)
        case, thread = await ask(doctor, who, specialist.address)
        mine = Case(doctor, who, record, item, thread, case)
        scope = ExchangeScope(case, (thread,))
        await consents.begin(doctor, record, who, scope, State.ACTIVE, Told.EXCHANGE)
        await mine.show(reader.identity.mailbox)
        exchange, (one,) = await listed(reader, thread)
        await shown.open_item(reader, exchange, one)
    done = await do(patient, "consent", "withdraw", thread.hex())
    assert len(done["mandates_ended"]) == len(done["no_longer_shown"]) == 1
    async with specialist.at_work() as reader, gp.at_work() as doctor:
        assert await asks_for(reader, item.thread) == "thread-not-member"
        exchange, (one,) = await listed(reader, thread)
        with pytest.raises(RecordError) as refused:
            await shown.open_item(reader, exchange, one)
        assert refused.value.id == "share-withdrawn"
        assert await reader.profile.run(lambda c: threads.events_of(c, item.thread)) == []
        assert record not in doctor.keyring.held
        await upkeep.run(doctor)

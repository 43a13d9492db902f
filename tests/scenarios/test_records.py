"""A patient's record between real endpoints and a running service (docs/spec/record.md; CP1-3.15 to CP1-3.17)."""

from __future__ import annotations

import datetime

import pytest

from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.client.messages import leave
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from messaging.wire.access import Purpose
from record_bridge.client import consents, facts, holding, index, moving, posting
from record_bridge.client.feed import RecordFeed
from record_bridge.consent.consent import Episode, Told
from record_bridge.consent.states import By, State
from record_bridge.record import note, notice
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind
from record_bridge.record.note import Note
from record_bridge.record.notice import Notice, NoticeAct

MARK = "UNMARQUEUR"
pytestmark = pytest.mark.asyncio(loop_scope="session")


def a_patient(name: str = "DURAND") -> Patient:
    traits = StrictTraits(name, "JEANNE MARIE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215")
    return Patient(traits, parse_ins("279035121518989", OID_TEST))


async def write_note(endpoint, record: bytes, text: str, class_: RecordClass = RecordClass.COMMON) -> bytes:
    said = note.write(Note(Kind.NOTE, text, endpoint.environment.now()))
    return await posting.post(endpoint, record, class_, EventType.RECORD_NOTE, Body(note.MEDIA_TYPE, said))


async def test_a_professional_opens_a_custodial_record_and_reads_it_on_a_statement(practice) -> None:
    gp = await practice.enrol()
    async with gp.at_work() as endpoint:
        record, sheet = await holding.open_record(endpoint, a_patient("OUVERT"))
        assert sheet is not None
        await write_note(endpoint, record, MARK)
        with pytest.raises(Refusal) as refused:
            await endpoint.service.recent(record, 2**53, [1])
        assert refused.value.id == "access-statement-needed"
        feed = RecordFeed(endpoint, record, Purpose.CARE)
        await feed.refresh()
        (line,) = await index.items(endpoint, record)
        assert line.summary == MARK
        held = await holding.find(endpoint, a_patient("OUVERT"))
        assert held is not None
        assert held.custodial
        log = await facts.lines(endpoint, record)
        assert [entry.act.value for entry in log] == ["read"]
        with pytest.raises(Refusal) as refused:
            await holding.open_record(endpoint, a_patient("OUVERT"))
        assert refused.value.id == "record-open-already"


async def test_a_colleague_with_a_mandate_reads_the_classes_he_holds_and_a_withdrawal_ends_it(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint, other.at_work() as colleague:
        record, _ = await holding.open_record(endpoint, a_patient("MANDAT"))
        masked = await write_note(endpoint, record, "ce qui sera masqué")
        await write_note(endpoint, record, MARK)
        mailbox = colleague.identity.mailbox
        await endpoint.delegation.grant(record, mailbox, (0, 1), Right.READ | Right.SEND_AS, history=True)
        await endpoint.dispatch.change_members(masked, class_=int(RecordClass.MASKED))
        await colleague.sync()
        feed = RecordFeed(colleague, record, Purpose.CARE)
        await feed.refresh()
        assert [line.summary for line in await index.items(colleague, record)] == [MARK]
        own = RecordFeed(endpoint, record, Purpose.CARE)
        await own.refresh()
        assert {line.class_ for line in await index.items(endpoint, record)} == {RecordClass.COMMON, RecordClass.MASKED}

        scope = Episode(bytes(16), "Lombalgie", endpoint.environment.now() - 1000, endpoint.environment.now() + 10**9)
        await consents.begin(colleague, record, a_patient("MANDAT"), scope, State.ACTIVE, Told.EPISODE)
        (known,) = await consents.known(endpoint, record)
        assert (known.current.by, known.current.consent.state) == (By.PROFESSIONAL, State.ACTIVE)
        ended = await consents.mandated(endpoint, known)
        assert set(ended) == {colleague.identity.account}
        await consents.move(endpoint, known, State.WITHDRAWN, without=ended)
        (known,) = await consents.known(endpoint, record)
        assert known.current.consent.state is State.WITHDRAWN
        await write_note(endpoint, record, "après le retrait")
        with pytest.raises(Refusal):
            await feed.refresh()
        assert "après le retrait" not in [line.summary for line in await index.items(colleague, record)]
        acts = [line.act.value for line in await facts.lines(endpoint, record)]
        assert {"read", "masked", "consent-recorded", "consent-withdrawn", "mandate-ended"} <= set(acts)


async def test_what_is_masked_leaves_an_honest_device_and_comes_back_when_shown_again(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint, other.at_work() as colleague:
        record, _ = await holding.open_record(endpoint, a_patient("MASQUE"))
        item = await write_note(endpoint, record, MARK)
        classes = (0, 1)
        await endpoint.delegation.grant(record, colleague.identity.mailbox, classes, Right.READ, history=True)
        await colleague.sync()
        feed = RecordFeed(colleague, record, Purpose.CARE)
        await feed.refresh()
        assert [line.summary for line in await index.items(colleague, record)] == [MARK]
        await moving.move(endpoint, record, item, RecordClass.MASKED)
        await feed.refresh()
        assert await index.items(colleague, record) == []
        opened = await colleague.reading.item(item)
        assert opened is None or opened[0] == []
        await moving.move(endpoint, record, item, RecordClass.COMMON)
        await feed.refresh()
        assert [line.summary for line in await index.items(colleague, record)] == [MARK]


async def test_a_stranger_who_knows_a_records_id_writes_no_line_and_no_log(practice) -> None:
    gp, stranger = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint, stranger.at_work() as other:
        record, _ = await holding.open_record(endpoint, a_patient("INCONNU"))
        said = note.write(Note(Kind.ALLERGY, "Allergie inventée", other.environment.now()))
        told = notice.write(Notice(NoticeAct.ASKED, Party("Dr Faux"), None, other.environment.now()))
        for class_, type_, media_type, content in (
            (1, EventType.RECORD_NOTE, note.MEDIA_TYPE, said),
            (0, EventType.RECORD_NOTICE, notice.MEDIA_TYPE, told),
        ):
            outgoing = Outgoing(
                other.intent(),
                other.new_id(),
                class_,
                other.identity.mailbox,
                type_,
                Body(media_type, content).encode(),
                accounts=(record,),
            )
            await other.put([outgoing])
            await leave(other, [outgoing])
        await RecordFeed(endpoint, record, Purpose.CARE).refresh()
        assert await index.items(endpoint, record) == []
        assert "Dr Faux" not in repr(await facts.lines(endpoint, record))

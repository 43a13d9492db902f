"""What a hostile depositor, colleague, thief of a sheet, requester or service tries against a record and its bridge
(docs/spec/record.md, consent.md, filing.md; CP1-3.15 to CP1-3.17), each against honest endpoints and a running
service."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from dataclasses import replace

import pytest

from directory.accounts import invitation_code
from directory.accounts.bind import Invitation, InviteeKind
from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.primitives.passphrase import Cost
from messaging.client import enrolment
from messaging.client.messages import leave
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import Party
from messaging.wire.access import Purpose
from record_bridge.bridge.worker import ATTEMPTS, Bridge
from record_bridge.bridge.writing import professional_of
from record_bridge.client import (
    cards,
    consents,
    deposit,
    documents,
    facts,
    filing,
    handing_over,
    holding,
    index,
    moving,
    posting,
    sharing,
    statements,
)
from record_bridge.client.feed import RecordFeed
from record_bridge.consent.consent import Exchange, Told
from record_bridge.consent.states import State as Agreed
from record_bridge.errors import RecordError
from record_bridge.filing import bodies
from record_bridge.filing.deposited import Depositor, clinical
from record_bridge.filing.states import State
from record_bridge.record import handover, notice, sheet
from record_bridge.record.classes import RecordClass
from record_bridge.record.handover import ClassSeed
from record_bridge.record.notice import About, Notice, NoticeAct, Reference
from record_bridge.store import filings
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician
from tests.scenarios.depositing_story import a_report, put
from tests.scenarios.test_consents import _hacked, _mandated, _scope
from tests.scenarios.test_filing import ANSWER, SAY, answered, bridging, until_done
from tests.scenarios.test_sharing import a_patient, opened_case, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _staff(practice, works_for: str) -> Clinician:
    entropy = os.urandom(invitation_code.ENTROPY_SIZE)
    issued = practice._registrar.staff(works_for, "Camille Secrétaire", practice._counter, _now(), entropy)
    folder = practice._root / entropy.hex()
    code = invitation_code.grouped(issued.code)
    done = await enrolment.enrol(practice.url, folder, PASSPHRASE, code, Cost(), ENVIRONMENT)
    return Clinician(folder, done.identity.address, done.recovery)


def _now() -> int:
    return time.time_ns() // 1_000_000


# --- who wrote it ---


async def test_rd_1_5_a_laboratory_that_names_a_doctor_and_a_consent_is_shown_as_the_depositor(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as doctor, laboratory.at_work() as machine:
        record, _ = await holding.open_record(doctor, a_patient("AUTEUR"))
        mine = await machine.accounts.professional(machine.identity.account)
        read = clinical(a_report("AUTEUR"), RecordClass.COMMON, Depositor(mine.name, f"1{mine.identifier}"))
        claimed = replace(
            read.card,
            author=replace(read.card.author, person=Party(doctor.identity.name, "10000000000")),
            related=documents.related(*(os.urandom(16) for _ in range(3))),
        )
        body = Body(documents.document_reference.MEDIA_TYPE, documents.document_reference.to_fhir(claimed))
        made = await deposit.prepare(
            machine, record, RecordClass.COMMON, EventType.RECORD_DOCUMENT, body,
            thread=machine.new_id(), intent=machine.intent(),
        )  # fmt: skip
        await deposit.submit(machine, made.octets)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        (line,) = await index.items(doctor, record)
        assert line.author.name == doctor.identity.name
        assert line.deposited_by == mine.name
        assert line.consent == b""


async def test_a_service_that_hides_who_wrote_a_note_makes_nobody_the_patient(practice, monkeypatch) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, other.at_work() as colleague:
        record, _ = await holding.open_record(doctor, a_patient("ANONYME"))
        await _mandated(doctor, record, colleague, Right.READ | Right.SEND_AS)
        await write(colleague, record, "Allergie à tout")

        async def hidden(_account: bytes):
            return []

        monkeypatch.setattr(doctor.service, "binds", hidden)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        (line,) = await index.items(doctor, record)
        assert (line.author.name, line.author.unproven) == ("", True)


async def test_a_colleague_or_a_foreign_bridge_forges_no_filing_in_the_log(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    machine = await practice.machine(InviteeKind.BRIDGE)
    async with gp.at_work() as doctor, other.at_work() as colleague, machine.at_work() as bridge:
        record, _ = await holding.open_record(doctor, a_patient("JOURNAL"))
        await _mandated(doctor, record, colleague, Right.READ | Right.SEND_AS)
        item = await write(doctor, record, "une ligne")
        series = await consents.begin(
            doctor, record, a_patient("JOURNAL"), _scope(), Agreed.ACTIVE, Told.EXCHANGE
        )
        about = (Reference(About.ITEM, item.thread), Reference(About.SERIES, series))
        filed = notice.write(Notice(NoticeAct.FILED, Party("Dr Faux"), None, _now(), about))
        asked = notice.write(Notice(NoticeAct.ASKED, Party("Dr Faux"), None, _now()))
        await posting.post(
            colleague, record, RecordClass.NOTICES, EventType.RECORD_NOTICE, Body(notice.MEDIA_TYPE, filed)
        )
        made = await deposit.prepare(
            bridge, record, RecordClass.NOTICES, EventType.RECORD_NOTICE, Body(notice.MEDIA_TYPE, asked),
            thread=bridge.new_id(), intent=bridge.intent(),
        )  # fmt: skip
        await deposit.submit(bridge, made.octets)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        assert "Dr Faux" not in repr(await facts.lines(doctor, record))


async def test_a_directory_that_gives_an_author_another_name_has_nothing_filed_under_it() -> None:
    kind, name = InviteeKind.PROFESSIONAL, "Agnès MARTIN-DUPONT"
    bound = Invitation(bytes(32), kind, "10000000000", name, "Médecin", "a@x.fr", 0, 1)
    place = {"structure": "Cabinet", "siren": "732829320"}
    honest = {"family": "Martin Dupont", "given": "Agnes", "activities": [place]}
    assert professional_of(bound, honest).family == "Martin Dupont"
    for said in ({"family": "Autre"}, {"given": "Jean"}, {"family": ""}):
        with pytest.raises(RecordError) as refused:
            professional_of(bound, honest | said)
        assert refused.value.id == "filing-author-unproven"


# --- whose it is ---


async def test_a_document_of_another_patient_read_before_the_record_said_whose_it_is_goes(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    laboratory = await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as doctor, other.at_work() as colleague, laboratory.at_work() as machine:
        record, _ = await holding.open_record(doctor, a_patient("BONNE"))
        mine = await machine.accounts.professional(machine.identity.account)
        read = clinical(a_report("MAUVAISE"), RecordClass.COMMON, Depositor(mine.name, f"1{mine.identifier}"))
        body = Body(documents.document_reference.MEDIA_TYPE, documents.document_reference.to_fhir(read.card))
        made = await deposit.prepare(
            machine, record, RecordClass.COMMON, EventType.RECORD_DOCUMENT, body,
            thread=machine.new_id(), intent=machine.intent(),
        )  # fmt: skip
        await deposit.submit(machine, made.octets)
        await _mandated(doctor, record, colleague, Right.READ)
        honest = colleague.service.recent
        pages = []

        async def one_by_one(asked: bytes, before: int, classes):
            page = [item for item in await honest(asked, before, classes) if item.cursor < before][-1:]
            pages.append(page)
            return page

        colleague.service.recent = one_by_one
        feed = RecordFeed(colleague, record, Purpose.CARE)
        await feed.refresh()
        while await holding.patient_of(colleague, record) is None:
            found = await index.items(colleague, record)
            assert all("record-note-patient-unknown" in one.notes for one in found)
            assert await feed.older()
        assert len(pages) > 1
        assert await index.items(colleague, record) == []




async def test_an_older_identity_read_again_does_not_replace_the_newer(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, other.at_work() as colleague:
        before = replace(a_patient("ANCIEN"), status="PROV")
        record, _ = await holding.open_record(doctor, before)
        await holding.name(doctor, record, a_patient("ANCIEN"))
        await _mandated(doctor, record, colleague, Right.READ)
        for endpoint in (doctor, colleague):
            feed = RecordFeed(endpoint, record, Purpose.CARE)
            await feed.refresh()
            known = [kept.thread for kept in await _threads(endpoint, record)]
            for order in (known, known[::-1]):
                await index.add(endpoint, record, order)
                found = await holding.patient_of(endpoint, record)
                assert found is not None
                assert found.status == a_patient("ANCIEN").status


async def _threads(endpoint, record: bytes):
    from messaging.profile import threads

    return await endpoint.profile.run(lambda c: threads.of_mailbox(endpoint.profile, c, record))


@pytest.mark.parametrize("lie", ["himself", "the-victim"])
async def test_who_takes_a_record_over_with_a_stolen_sheet_is_filed_for_by_nobody(practice, lie: str) -> None:
    gp, specialist, victim, thief = (
        await practice.enrol(), await practice.enrol(), a_patient(f"VICTIME{len(lie)}"), a_patient("VOLEUR")
    )  # fmt: skip
    owner = await practice.patient(thief)
    async with gp.at_work() as doctor, owner.at_work() as stolen:
        record, printed = await holding.open_record(doctor, victim)
        item = await write(doctor, record, "avant le vol")
        assert printed is not None
        await stolen.accounts.ensure([stolen.identity.account, record])
        author = stolen.delegation.author()
        author.claim(record, sheet.signing_key(printed.secret, victim))
        await holding._publish(stolen, author, record)
        await holding.name(stolen, record, thief if lie == "himself" else victim)
        doctor.accounts.outdate()
        await _mandated(stolen, record, doctor, Right.READ | Right.SEND_AS)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        held = await holding.find(doctor, victim)
        assert held is not None
        assert held.contested
        until, case = _now() + 3_600_000, os.urandom(16)
        with pytest.raises(RecordError) as refused:
            await sharing.show(doctor, record, case, case, [specialist.address.encode()], [item], until)
        assert refused.value.id == "record-identity-differs"


async def test_a_genuine_claim_is_not_contested_and_is_shown_as_the_patients(practice) -> None:
    gp, who = await practice.enrol(), a_patient("VRAIE")
    owner = await practice.patient(who)
    async with gp.at_work() as doctor, owner.at_work() as own:
        record, printed = await holding.open_record(doctor, who)
        assert printed is not None
        await holding.claim(own, printed.code)
        doctor.accounts.outdate()
        await _mandated(own, record, doctor, Right.READ | Right.SEND_AS)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        held = await holding.find(doctor, who)
        assert held is not None
        assert (held.contested, held.custodial, held.own) == (False, False, False)


async def test_the_past_is_handed_over_to_nobody_who_is_not_proven_a_patient(practice, monkeypatch) -> None:
    gp, who = await practice.enrol(), a_patient("REPRISE")
    owner = await practice.patient(who)
    async with gp.at_work() as doctor, owner.at_work() as own:
        record, printed = await holding.open_record(doctor, who)
        await handing_over.hand_over(doctor)
        assert printed is not None
        await holding.claim(own, printed.code)
        await doctor.sync()
        doctor.accounts.outdate()

        async def unproven(_endpoint, _account) -> bool:
            return False

        with monkeypatch.context() as patched:
            patched.setattr(handing_over, "enrolled_as_patient", unproven)
            await handing_over.hand_over(doctor)
            await RecordFeed(own, record, Purpose.OWN).refresh()
            generation = own.accounts.lookup(record).generations[1][0]
            assert own.keyring.seed(record, 1, generation.g) is None
        await handing_over.hand_over(doctor)  # it was put off, not forgotten
        await RecordFeed(own, record, Purpose.OWN).refresh()
        assert own.keyring.seed(record, 1, generation.g) is not None


async def test_seeds_that_are_not_the_logged_keys_are_not_taken_and_none_is_in_a_repr(practice) -> None:
    gp, who = await practice.enrol(), a_patient("FAUSSECLE")
    owner = await practice.patient(who)
    async with gp.at_work() as doctor, owner.at_work() as own:
        record, printed = await holding.open_record(doctor, who)
        assert printed is not None
        await holding.claim(own, printed.code)
        seed = os.urandom(32)
        content = handover.write((ClassSeed(RecordClass.COMMON, 1, seed), ClassSeed(RecordClass.MASKED, 9, seed)))
        assert not await handing_over.take_over(own, record, content)
        assert own.keyring.seed(record, 1, 1) is None
        said = Outgoing(
            doctor.intent(), doctor.new_id(), 2, doctor.identity.mailbox, EventType.RECORD_HANDOVER,
            Body(handover.MEDIA_TYPE, content).encode(), accounts=(record,),
        )  # fmt: skip
        assert repr(seed)[2:-1] not in repr(said)
        assert repr(seed)[2:-1] not in repr(handover.read(content))


# --- consent ---


async def test_a_secretary_attests_no_agreement_and_her_forged_one_has_no_effect(practice) -> None:
    async with answered(practice, "SECRETAIRE") as case, bridging(practice) as (bridge, machine):
        staff = await _staff(practice, case.gp.identity.address)
        async with staff.at_work() as secretary:
            await _mandated(case.gp, case.record, secretary, Right.READ | Right.SEND_AS)
            exchange = await case.exchange()
            scope = Exchange(exchange.case.case, (exchange.main.thread,))
            begun = (secretary, case.record, case.about, scope, Agreed.ACTIVE, Told.EXCHANGE)
            with pytest.raises(RecordError) as refused:
                await consents.begin(*begun)
            assert refused.value.id == "consent-professional-only"
            series = await consents.begin(case.gp, *begun[1:4], Agreed.OPPOSED, Told.OPPOSITION)
            (known,) = await consents.known(case.gp, case.record)
            lifted = replace(known.current.consent, state=Agreed.ACTIVE, told=Told.EXCHANGE)
            secretary.accounts.outdate()
            await secretary.delegation.publish(await _hacked(secretary, case.record, lifted))
            found = await consents.survey(case.gp, case.record)
            assert [reason for _, reason in found.void] == ["consent-signer-wrong"]
            assert [(one.series, one.current.consent.state) for one in found.known] == [(series, Agreed.OPPOSED)]
            # A changed client of the GP's colleague asks all the same, with every version opened.
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(consents, "verify_signer", _nothing)
                await case.ask(machine.identity.address)
        await until_done(bridge)
        filed = await case.known()
        assert filed.state is State.REJECTED
        assert filed.receipts[0].reason == "consent-opposed"


async def _nothing(*_args) -> None:
    return None


# --- filing ---


async def test_fi_7_8_another_bridge_brought_into_a_filing_thread_makes_no_receipt_believed(practice) -> None:
    async with answered(practice, "FAUXPONT") as case, bridging(practice) as (_, machine):
        foreign = await practice.machine(InviteeKind.BRIDGE)
        await case.agree()
        thread = await case.ask(machine.identity.address)
        async with foreign.at_work() as hostile:
            await case.specialist.sync()
            with contextlib.suppress(Refusal):
                await case.specialist.dispatch.change_members(
                    thread, add={hostile.identity.mailbox: (sharing.Role.SEND, True)}
                )
            await hostile.sync()
            accepted = bodies.FilingReceipt(
                filing=thread, n=0, state=State.ACCEPTED, reason="", basis=bodies.Basis.SIGNED,
                series=bytes(16), entry=bytes(32), record_thread=bytes(16), event=bytes(32),
                document="1.2.3", sha256=bytes(32), time=_now(),
            )  # fmt: skip
            forged = Body(bodies.MEDIA_TYPE, bodies.write_receipt(accepted)).encode()
            for endpoint in (hostile, case.specialist):
                if await endpoint.intake.thread(thread) is None:
                    continue
                said = Outgoing(
                    endpoint.intent(), thread, 1, endpoint.identity.mailbox, EventType.FILING_RECEIPT, forged
                )
                await endpoint.put([said])
                await leave(endpoint, [said])
        known = await case.known()
        assert known.receipts == ()
        assert known.state is State.QUEUED


async def test_fi_7_8_a_request_by_who_was_never_in_the_exchange_is_none_of_it(practice) -> None:
    async with answered(practice, "INTRUS") as case:
        stranger = await practice.enrol()
        await case.agree()
        to = await filing.bridge(case.gp, (await practice.machine(InviteeKind.BRIDGE)).address)
        exchange = await case.exchange()
        prepared = await filing.prepare(case.gp, exchange, filing.chosen(exchange, ()), to)
        async with stranger.at_work() as other:
            request = replace(prepared.request, filing=other.new_id())
            said = Outgoing(
                other.intent(), request.filing, 1, other.identity.mailbox, EventType.FILING_REQUEST,
                Body(bodies.MEDIA_TYPE, bodies.write_request(request)).encode(),
                accounts=(case.gp.identity.mailbox,),
            )  # fmt: skip
            await other.put([said])
            await leave(other, [said])
        await case.gp.sync()
        exchange = await case.exchange()
        assert len(await filing.all_filings(case.gp)) == 1
        assert await filing.of_exchange(case.gp, exchange) == ()
        assert await filing.already(case.gp, exchange, {request.items[0].event}) is None


async def test_a_request_that_always_breaks_stops_no_other_and_ends_refused(practice, monkeypatch, caplog) -> None:
    async with (
        answered(practice, "POISON") as bad,
        answered(practice, "SAINE") as good,
        bridging(practice) as (bridge, machine),
    ):
        await bad.agree()
        await good.agree()
        poisoned = await bad.ask(machine.identity.address)
        await good.ask(machine.identity.address)
        judged = judging_of(bridge)

        async def judge(endpoint, request, asked):
            if request.filing == poisoned:
                raise RecursionError("POISON dans un texte")
            return await judged(endpoint, request, asked)

        monkeypatch.setattr("record_bridge.bridge.judging.judge", judge)
        caplog.set_level(logging.DEBUG)
        for _ in range(ATTEMPTS + 2):
            await bridge.turn()
        assert (await good.known()).state is State.ACCEPTED
        known = await bad.known()
        assert known.state is State.REJECTED
        assert known.receipts[0].reason == "filing-not-possible"
        assert "POISON" not in caplog.text


def judging_of(_bridge: Bridge):
    from record_bridge.bridge import judging

    return judging.judge


async def test_fi_7_7_the_same_text_asked_for_twice_stands_in_the_record_once(practice) -> None:
    async with answered(practice, "DOUBLE") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        for _ in range(2):
            await case.ask(machine.identity.address)
        await until_settled(bridge)
        await case.gp.sync()
        found = await filing.of_exchange(case.gp, await case.exchange())
        assert sorted(one.state for one in found) == [State.ACCEPTED, State.REJECTED]
        assert {one.receipts[0].reason for one in found} == {"", "filing-already"}
        assert len(await case.lines()) == 1


async def until_settled(bridge: Bridge) -> None:
    for _ in range(6):
        await bridge.turn()


async def test_what_cannot_be_done_now_goes_behind_what_can(practice, monkeypatch) -> None:
    async with answered(practice, "BOUCHON") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        stuck = await case.ask(machine.identity.address)

        async def away(*_args):
            raise MessagingError("epoch-conflict-persists")

        with monkeypatch.context() as patched:
            patched.setattr("record_bridge.bridge.judging.judge", away)
            turn = await bridge.turn()
            assert (turn.filed, turn.later) == (0, 1)
        first = await machine.profile.run(lambda c: filings.get(machine.profile, c, stuck))
        later = os.urandom(16)
        await machine.profile.run(
            lambda c: filings.put(
                machine.profile, c, filing=later, thread=later, seq=1, request=b"x", now=first.updated - 1
            )
        )
        due = await machine.profile.run(lambda c: filings.due(machine.profile, c, (State.QUEUED,)))
        assert [one.filing for one in due] == [later, stuck]


async def test_a_second_document_refused_after_the_first_stopped_leaves_the_bridge_alive(practice, monkeypatch) -> None:
    """A permanent refusal of a whole filing of which one document already stands in the record."""
    async with answered(practice, "DEUX") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        asked = await case.ask(machine.identity.address, "request", "answer")

        async def lost(*_args, **_more):
            raise MessagingError("service-unreachable")

        honest = deposit.submit
        calls = []

        async def once(endpoint, octets):
            calls.append(octets)
            return await honest(endpoint, octets) if len(calls) == 1 else await lost()

        with monkeypatch.context() as patched:
            patched.setattr(deposit, "submit", once)
            with contextlib.suppress(Refusal):
                await bridge.turn()

        async def refused(*_args):
            raise RecordError("filing-evidence-incomplete")

        with monkeypatch.context() as patched:
            patched.setattr("record_bridge.bridge.judging.judge", refused)
            await until_done(bridge)
        states = [one.state for one in (await case.known()).receipts]
        assert states == [State.ACCEPTED, State.REJECTED]
        assert (await case.known()).request.filing == asked


async def test_killed_between_acceptance_and_the_last_look_at_the_consent_it_is_looked_at_again(practice) -> None:
    async with answered(practice, "DERNIER") as case:
        machine = await practice.machine(InviteeKind.BRIDGE)

        class Killed(BaseException):
            pass

        async with machine.at_work() as endpoint:
            await case.agree()
            await case.ask(endpoint.identity.address)
            honest = deposit.submit

            async def late(held, octets):
                (known,) = await consents.known(case.gp, case.record)
                await consents.move(case.gp, known, Agreed.WITHDRAWN)
                return await honest(held, octets)

            async def die(*_args):
                raise Killed

            bridge = Bridge(endpoint, SAY)
            await bridge.open()
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(deposit, "submit", late)
                patched.setattr(bridge, "_withdraw_if_late", die)
                with pytest.raises(Killed):
                    await until_done(bridge)
        async with bridging(practice, machine) as (again, _):
            await until_done(again)
        assert (await case.known()).state is State.WITHDRAWN


async def test_nothing_of_a_patient_is_in_the_bridges_profile_urls_or_log(practice, monkeypatch, caplog) -> None:
    async with answered(practice, "INVISIBLE") as case:
        machine = await practice.machine(InviteeKind.BRIDGE)
        caplog.set_level(logging.DEBUG)
        async with bridging(practice, machine) as (bridge, endpoint):
            honest, asked = endpoint.service.request, []

            async def request(method: str, path: str, **sent):
                asked.append(path + repr(sent.get("query")))
                return await honest(method, path, **sent)

            monkeypatch.setattr(endpoint.service, "request", request)
            await case.agree()
            await case.ask(endpoint.identity.address)
            await until_done(bridge)
            assert (await case.known()).state is State.ACCEPTED
        markers = ("INVISIBLE", "279035121518989", ANSWER, "Palpitations")
        told = [*asked, caplog.text, *(str(path) for path in machine.folder.rglob("*"))]
        for marker in markers:
            assert not any(marker in one for one in told)
            for path in machine.folder.rglob("*"):
                if path.is_file():
                    assert marker.encode() not in path.read_bytes()


# --- the log ---


async def test_a_service_that_cuts_the_end_of_the_log_of_accesses_is_found_out(practice, monkeypatch) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, other.at_work() as colleague:
        record, _ = await holding.open_record(doctor, a_patient("COUPE"))
        await write(doctor, record, "une ligne")
        await _mandated(doctor, record, colleague, Right.READ)
        await RecordFeed(colleague, record, Purpose.CARE).refresh()
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        honest = doctor.service.accesses

        async def cut(asked: bytes, after: int):
            return [] if after else (await honest(asked, after))[:1]

        assert len({one.account for one in await statements.stated(doctor, record)}) == 2
        monkeypatch.setattr(doctor.service, "accesses", cut)
        with pytest.raises(MessagingError) as refused:
            await statements.stated(doctor, record)
        assert refused.value.id == "thread-forked"


async def test_who_read_an_item_before_it_was_masked_stays_named(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, other.at_work() as colleague:
        record, _ = await holding.open_record(doctor, a_patient("LECTEUR"))
        item = await write(doctor, record, "lue puis masquée")
        await _mandated(doctor, record, colleague, Right.READ)
        await RecordFeed(colleague, record, Purpose.CARE).refresh()
        await moving.move(doctor, record, item.thread, RecordClass.MASKED)
        after = await write(doctor, record, "jamais lue")
        await moving.move(doctor, record, after.thread, RecordClass.MASKED)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        found = {one.thread: one for one in await index.items(doctor, record)}
        assert {one.class_ for one in found.values()} == {RecordClass.MASKED}
        readers = await facts.readers(doctor, record, found.values())
        name = (await doctor.accounts.professional(colleague.identity.account)).name
        assert name in readers[item.thread]


async def test_a_depositor_reads_nothing_of_a_record_by_any_door(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as doctor, laboratory.at_work() as machine:
        case = await opened_case(doctor, "PORTES", (await practice.enrol()).address)
        await put(machine, a_report("PORTES"), await cards.make(doctor, case.record))
        for ask in (
            lambda: machine.service.recent(case.record, 2**53, [1]),
            lambda: machine.service.items(case.record, 0, classes=[1]),
            lambda: machine.service.accesses(case.record, 0),
            lambda: machine.service.consents(case.record),
            lambda: machine.service.thread_items(case.item.thread, case.record, 0),
            lambda: machine.service.thread_epochs(case.item.thread, case.record, 0),
            lambda: statements.state(machine, case.record, [1], Purpose.CARE),
        ):
            with pytest.raises(Refusal):
                await ask()

"""The bridge files what was agreed, once, and nothing else (docs/spec/filing.md), against a running service."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from confrere.settings import read_toml
from confrere.words.catalogue import Words
from directory.accounts.bind import InviteeKind
from directory.errors import Refusal
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.referrals import Step, refer
from messaging.protocol import evidence
from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from messaging.referral.urgency import Urgency, read_policy
from messaging.wire.access import Purpose
from record_bridge.bridge.worker import Bridge
from record_bridge.bridge.writing import Scribe
from record_bridge.cda import rules
from record_bridge.client import consents, deposit, documents, facts, filing, holding, index
from record_bridge.client.feed import RecordFeed
from record_bridge.consent.consent import Exchange as Scope
from record_bridge.consent.consent import Told
from record_bridge.consent.states import State as Agreed
from record_bridge.filing import evidence_file
from record_bridge.filing.bodies import Withdrawn
from record_bridge.filing.states import State
from record_bridge.pdf import check as pdf_check

pytestmark = pytest.mark.asyncio(loop_scope="session")
SAY = Words("fr", strict=True).say
ANSWER = "Holter conseillé, pas d'urgence."


def patient(name: str, status: str = "VALI") -> Patient:
    traits = StrictTraits(name, "JEANNE MARIE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215")
    return Patient(traits, parse_ins("279035121518989", OID_TEST), status=status)


@dataclass
class Case:
    """A referral answered: the GP asks the cardiologist, who answers; the GP holds the patient's record."""

    gp: Endpoint
    specialist: Endpoint
    record: bytes
    thread: str
    about: Patient

    async def exchange(self):
        return await self.gp.reading.exchange(self.thread)

    async def agree(self) -> None:
        exchange = await self.exchange()
        scope = Scope(exchange.case.case, (exchange.main.thread,))
        await consents.begin(self.gp, self.record, self.about, scope, Agreed.ACTIVE, Told.EXCHANGE)

    async def ask(self, bridge: str, *events: str) -> bytes:
        exchange = await self.exchange()
        to = await filing.bridge(self.gp, bridge)
        prepared = await filing.prepare(self.gp, exchange, filing.chosen(exchange, events), to)
        return await filing.ask(self.gp, exchange, prepared)

    async def known(self) -> filing.KnownFiling:
        await self.gp.sync()
        return (await filing.of_exchange(self.gp, await self.exchange()))[-1]

    async def lines(self):
        await RecordFeed(self.gp, self.record, Purpose.CARE).refresh()
        return await index.items(self.gp, self.record)


@contextlib.asynccontextmanager
async def answered(practice, name: str, status: str = "VALI") -> AsyncIterator[Case]:
    gp, specialist = await practice.enrol(), await practice.enrol()
    about = patient(name, status)
    async with gp.at_work() as asking, specialist.at_work() as answering:
        record, _ = await holding.open_record(asking, about)
        made = await refer(
            asking,
            to=[specialist.address],
            waiting_for="",
            performer=Party("Dr Qui Répond"),
            patient=about,
            question="Palpitations à l'effort. Faut-il un Holter ?",
            level=Urgency.ROUTINE,
            policy=read_policy(read_toml(Path("config/urgency.toml"))),
            files=[],
        )
        await leave(asking, made.outgoing)
        await answering.sync()
        exchange = await answering.reading.exchange(made.thread.hex())
        await leave(answering, await Step(answering, exchange).answer({"text": ANSWER}, []))
        await asking.sync()
        yield Case(asking, answering, record, made.thread.hex(), about)


@contextlib.asynccontextmanager
async def bridging(practice, machine=None) -> AsyncIterator[tuple[Bridge, Endpoint]]:
    machine = machine or await practice.machine(InviteeKind.BRIDGE)
    async with machine.at_work() as endpoint:
        bridge = Bridge(endpoint, SAY)
        await bridge.open()
        yield bridge, endpoint


async def until_done(bridge: Bridge) -> None:
    for _ in range(20):
        turn = await bridge.turn()
        if not turn.taken and not turn.filed and not turn.told and not turn.later:
            return
    raise AssertionError("the bridge does not come to an end")


async def test_an_answer_is_filed_once_with_its_proof_and_the_patient_sees_it(practice) -> None:
    async with answered(practice, "VERSE") as case, bridging(practice) as (bridge, machine):
        with pytest.raises(Refusal) as refused:
            await case.ask(machine.identity.address)
        assert refused.value.id == "consent-missing"
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        known = await case.known()
        assert known.state is State.ACCEPTED, [one.reason for one in known.receipts]
        assert known.receipts[0].basis.value == "attested"
        (line,) = await case.lines()
        assert line.kind.value == "report"
        assert ANSWER in line.summary
        (event, *_), _ = await case.gp.reading.item(line.thread)
        octets = await documents.document(case.gp, event)
        header = rules.verify(octets)
        assert header.type_code == "85208-7"
        pdf_check.verify(header.pdf)
        await until_done(bridge)
        assert len(await case.lines()) == 1
        acts = [one.act.value for one in await facts.lines(case.gp, case.record)]
        assert "filed" in acts
        # The specialist sees the receipt as well, and nobody may file twice without saying so.
        await case.specialist.sync()
        theirs = await case.specialist.reading.exchange(case.thread)
        assert (await filing.of_exchange(case.specialist, theirs))[0].state is State.ACCEPTED
        again = await filing.already(case.gp, await case.exchange(), {known.request.items[0].event})
        assert again is not None


async def test_an_identity_that_is_not_qualified_waits_and_goes_by_itself(practice) -> None:
    async with answered(practice, "ATTEND", status="PROV") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        known = await case.known()
        assert known.state is State.WAITING_IDENTITY
        assert known.receipts[0].reason == "filing-waits-for-validation"
        assert await case.lines() == []
        await holding.name(case.gp, case.record, patient("ATTEND"))
        await filing.identify_waiting(case.gp)
        await until_done(bridge)
        assert (await case.known()).state is State.ACCEPTED
        assert len(await case.lines()) == 1


async def test_a_withdrawn_consent_makes_the_next_filing_fail_visibly(practice) -> None:
    async with answered(practice, "RETIRE") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        (known,) = await consents.known(case.gp, case.record)
        await consents.move(case.gp, known, Agreed.WITHDRAWN)
        await until_done(bridge)
        filed = await case.known()
        assert filed.state is State.REJECTED
        assert filed.receipts[0].reason == "consent-changed"
        assert await case.lines() == []
        with pytest.raises(Refusal) as refused:
            await case.ask(machine.identity.address)
        assert refused.value.id == "consent-withdrawn"


async def _oppose(case: Case) -> None:
    """Another series than the one that permits: only the record's holders can read that it is an opposition."""
    exchange = await case.exchange()
    scope = Scope(exchange.case.case, (exchange.main.thread,))
    await consents.begin(case.gp, case.record, case.about, scope, Agreed.OPPOSED, Told.OPPOSITION)


async def test_fi_5_9_an_opposition_in_another_series_after_the_request_stops_it(practice) -> None:
    async with answered(practice, "OPPOSE") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await _oppose(case)
        await until_done(bridge)
        filed = await case.known()
        assert (filed.state, filed.receipts[0].reason) == (State.REJECTED, "consent-changed")
        assert await case.lines() == []
        with pytest.raises(Refusal) as refused:
            await case.ask(machine.identity.address)
        assert refused.value.id == "consent-opposed"


async def test_fi_5_9_an_opposition_in_another_series_before_the_record_took_it_marks_it(practice) -> None:
    async with answered(practice, "OPPOSETARD") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        submit = deposit.submit

        async def late(held, octets):
            await _oppose(case)
            return await submit(held, octets)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(deposit, "submit", late)
            await until_done(bridge)
        filed = await case.known()
        assert (filed.state, filed.receipts[0].reason) == (State.WITHDRAWN, "consent-changed")


async def test_what_waits_for_an_identity_is_taken_back_when_the_patient_refuses_meanwhile(practice) -> None:
    async with answered(practice, "OPPOSEATTEND", status="PROV") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        assert (await case.known()).state is State.WAITING_IDENTITY
        await _oppose(case)
        await holding.name(case.gp, case.record, patient("OPPOSEATTEND"))
        await filing.identify_waiting(case.gp)
        await until_done(bridge)
        filed = await case.known()
        assert (filed.state, filed.receipts[0].reason) == (State.WITHDRAWN, "consent-withdrawn")
        assert await case.lines() == []


async def test_a_consent_for_something_else_while_it_waits_is_read_before_it_goes(practice) -> None:
    async with answered(practice, "AUTREACCORD", status="PROV") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        assert (await case.known()).state is State.WAITING_IDENTITY
        await consents.begin(case.gp, case.record, case.about, Scope(bytes(16), ()), Agreed.ACTIVE, Told.EXCHANGE)
        await holding.name(case.gp, case.record, patient("AUTREACCORD"))
        await filing.identify_waiting(case.gp)
        await until_done(bridge)
        assert (await case.known()).state is State.ACCEPTED


async def test_what_is_taken_back_is_marked_in_the_record(practice) -> None:
    async with answered(practice, "REPRIS") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        await filing.withdraw(case.gp, await case.known(), Withdrawn.RETRACTED)
        await until_done(bridge)
        assert (await case.known()).state is State.WITHDRAWN
        (line,) = await case.lines()
        assert line.replaced_by


ACTS = ("upload", "keep", "state-submitted", "submit", "state-accepted", "note", "tell", "mark-told")


class Killed(BaseException):
    """As a process that ends: nothing of ours catches it."""


@pytest.mark.parametrize("act", ACTS)
async def test_killed_before_any_act_files_once_and_loses_nothing(practice, act: str) -> None:
    async with answered(practice, f"TUE{act.replace('-', '').upper()}") as case:
        machine = await practice.machine(InviteeKind.BRIDGE)
        async with machine.at_work() as endpoint:
            await case.agree()
            await case.ask(endpoint.identity.address)

            def die(name: str) -> None:
                if name == act:
                    raise Killed

            bridge = Bridge(endpoint, SAY, before=die)
            await bridge.open()
            with pytest.raises(Killed):
                await until_done(bridge)
        async with bridging(practice, machine) as (again, _):
            await until_done(again)
        assert (await case.known()).state is State.ACCEPTED
        assert len(await case.lines()) == 1
        log = [one.act.value for one in await facts.lines(case.gp, case.record)]
        assert log.count("filed") == 1


async def test_a_withdrawal_while_the_answer_is_lost_is_done_once_it_is_known(practice) -> None:
    async with answered(practice, "TARDIF") as case:
        machine = await practice.machine(InviteeKind.BRIDGE)
        async with machine.at_work() as endpoint:
            await case.agree()
            await case.ask(endpoint.identity.address)

            def die(name: str) -> None:
                if name == "state-accepted":
                    raise Killed

            bridge = Bridge(endpoint, SAY, before=die)
            await bridge.open()
            with pytest.raises(Killed):
                await until_done(bridge)
        await case.gp.sync()
        (known,) = await filing.of_exchange(case.gp, await case.exchange())
        await filing.withdraw(case.gp, known, Withdrawn.MISTAKE)
        async with bridging(practice, machine) as (again, _):
            await until_done(again)
        assert (await case.known()).state is State.WITHDRAWN
        (line,) = await case.lines()
        assert line.replaced_by


async def test_withdrawn_between_submission_and_acceptance_is_marked_in_the_record(practice) -> None:
    async with answered(practice, "ENTREDEUX") as case:
        machine = await practice.machine(InviteeKind.BRIDGE)
        async with machine.at_work() as endpoint:
            await case.agree()
            await case.ask(endpoint.identity.address)
            submit = deposit.submit

            async def late(held, octets):
                (known,) = await consents.known(case.gp, case.record)
                if known.current.consent.state is Agreed.ACTIVE:
                    await consents.move(case.gp, known, Agreed.WITHDRAWN)
                return await submit(held, octets)

            bridge = Bridge(endpoint, SAY)
            await bridge.open()
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(deposit, "submit", late)
                await until_done(bridge)
        filed = await case.known()
        assert filed.state is State.WITHDRAWN
        assert filed.receipts[0].reason == "consent-changed"
        (line,) = await case.lines()
        assert line.replaced_by


async def test_a_request_that_nobody_foresaw_stops_no_other_and_is_refused_aloud(practice) -> None:
    async with answered(practice, "POISON") as poisoned, answered(practice, "SUIVANT") as next_, bridging(practice) as (
        bridge,
        machine,
    ):
        for case in (poisoned, next_):
            await case.agree()
            await case.ask(machine.identity.address)
        write = Scribe.write

        async def broken(self, request, *rest):
            if request.patient.traits.birth_name == "POISON":
                raise ZeroDivisionError
            return await write(self, request, *rest)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Scribe, "write", broken)
            await until_done(bridge)
        assert (await next_.known()).state is State.ACCEPTED
        refused = await poisoned.known()
        assert (refused.state, refused.receipts[0].reason) == (State.REJECTED, "filing-not-possible")


async def test_a_question_becomes_a_letter_and_an_answer_a_report_of_their_own_authors(practice) -> None:
    async with answered(practice, "LETTRE") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address, "request", "answer")
        await until_done(bridge)
        assert (await case.known()).state is State.ACCEPTED, (await case.known()).receipts
        headers = {}
        for line in await case.lines():
            (event, *_), _ = await case.gp.reading.item(line.thread)
            headers[line.kind.value] = rules.verify(await documents.document(case.gp, event))
        assert {kind: header.type_code for kind, header in headers.items()} == {
            "letter": "96349-6",
            "report": "85208-7",
        }
        asking = await case.gp.accounts.professional(case.gp.identity.account)
        answering = await case.gp.accounts.professional(case.specialist.identity.account)
        assert headers["letter"].author.rpps == asking.identifier
        assert headers["report"].author.rpps == answering.identifier


async def test_the_proof_that_is_filed_convicts_its_author_offline(practice) -> None:
    async with answered(practice, "PREUVE") as case, bridging(practice) as (bridge, machine):
        await case.agree()
        await case.ask(machine.identity.address)
        await until_done(bridge)
        await case.known()
        (line,) = await case.lines()
        (event, *_), _ = await case.gp.reading.item(line.thread)
        packed = await case.gp.attachments.fetch(documents.manifest(event, documents.EVIDENCE), 16 * 1024 * 1024)
        bundle = evidence.read(evidence_file.unpack(packed))
        proven = evidence.verify(bundle)
        answering = await case.gp.accounts.professional(case.specialist.identity.account)
        assert any(one.author == answering and ANSWER.encode() in one.body.content for one in proven)

"""The patient's consent between real endpoints and on the command line (consent.md): one action, whose word it is, how
it ends; and what a colleague, another patient's record or the service can try against it."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial

import pytest
from fhir.resources.R4B.consent import Consent as JudgedConsent

from directory.accounts.authoring import Authoring
from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.primitives import kem
from directory.primitives.labels import Label
from messaging.client.endpoint import Endpoint
from messaging.protocol import epoch_secret
from messaging.referral.clinical import Party
from messaging.wire import epoch
from messaging.wire.access import Purpose
from record_bridge.client import consents, holding
from record_bridge.client.feed import RecordFeed
from record_bridge.consent import fhir
from record_bridge.consent.consent import Consent, Exchange, Told
from record_bridge.consent.permits import Target
from record_bridge.consent.states import By, State
from record_bridge.errors import RecordError
from tests.scenarios.played import at, do
from tests.scenarios.test_sharing import a_patient, ask, opened_case, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_recorded_in_one_action_and_said_whose_word_it_is(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint:
        _, thread = await ask(endpoint, a_patient("VERBE"), specialist.address)
    refused = await at(gp, "consent", "record", thread.hex())
    assert (refused.code, refused.error) == (3, "consent-record-missing")
    assert "record open" in refused.err
    async with gp.at_work() as endpoint:
        record, _ = await holding.open_record(endpoint, a_patient("VERBE"))

    said = await at(gp, "consent", "record", thread.hex(), json_=False)
    assert said.code == 0, said.err
    told = "seront rangés dans votre dossier"
    for words in ("attesté par le professionnel", told, "La loi demande", "consent withdraw"):
        assert words in said.out
    (first,) = await do(gp, "consent", "show", thread.hex())
    assert (first["state"], first["basis"], first["scope"]["threads"]) == ("active", "attested", [thread.hex()])
    again = await do(gp, "consent", "record", thread.hex())
    assert (again["already"], again["series"], len(again["versions"])) == (True, first["series"], 1)

    judged = await do(gp, "consent", "show", first["series"], "--fhir")
    assert JudgedConsent.model_validate(judged).status == "active"

    done = await do(gp, "consent", "withdraw", thread.hex())
    assert (done["state"], done["already"]) == ("withdrawn", False)
    assert (await do(gp, "consent", "withdraw", first["series"]))["already"]
    async with gp.at_work() as endpoint:
        (known,) = await consents.known(endpoint, record)
        assert len(known.opened) == 2
    shown = await at(gp, "consent", "show", json_=False, lang="en")
    assert "Withdrawn" in shown.out
    new = await do(gp, "consent", "record", thread.hex(), "--limit", "biologie")
    assert (new["state"], new["excluded_kinds"], new["series"] != first["series"]) == ("limited", ["laboratory"], True)
    opposed = await do(gp, "consent", "record", thread.hex(), "--oppose")
    assert (opposed["state"], opposed["series"]) == ("opposed", new["series"])
    lifted = await do(gp, "consent", "record", thread.hex())
    assert (lifted["state"], lifted["told"], lifted["series"]) == ("active", "exchange-1", new["series"])


async def test_an_episode_of_care_and_wrong_usage(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint:
        case = await opened_case(endpoint, "EPISODE", specialist.address)
    thread = case.thread.hex()
    assert (await at(gp, "consent", "record", thread, "--episode", "Lombalgie")).code == 2
    assert (await at(gp, "consent", "record", thread, "--oppose", "--propose")).code == 2
    made = await do(gp, "consent", "record", thread, "--episode", "Lombalgie", "--until", "2099-01-31")
    assert (made["scope"]["label"], made["told"]) == ("Lombalgie", "episode-1")
    assert (await do(gp, "consent", "record", thread, "--episode", "lombalgie", "--until", "2099-01-31"))["already"]
    assert (await at(gp, "consent", "sign", made["series"])).error == "consent-sign-patient-only"
    assert (await at(gp, "consent", "withdraw", "0000ffff")).error == "consent-unknown"


async def test_the_patient_signs_what_was_attested_and_from_then_on_only_the_patient_widens(practice) -> None:
    gp, specialist = await practice.enrol(), await practice.enrol()
    patient = await practice.patient(a_patient("SIGNE"))
    async with patient.at_work() as own, gp.at_work() as doctor:
        record, _ = await holding.open_record(own, a_patient("SIGNE"))
        rights = Right.READ | Right.SEND_AS
        await own.delegation.grant(record, doctor.identity.mailbox, (0, 1, 3, 4, 6), rights, history=True)
        _, thread = await ask(doctor, a_patient("SIGNE"), specialist.address)
    made = await do(gp, "consent", "record", thread.hex(), "--propose")
    assert made["state"] == "proposed"
    signed = await do(patient, "consent", "sign")
    assert (signed["state"], signed["basis"], signed["series"]) == ("active", "signed", made["series"])
    assert (await do(patient, "consent", "sign", made["series"]))["already"]
    ((shown),) = await do(gp, "consent", "show", thread.hex())
    assert [v["basis"] for v in shown["versions"]] == ["attested", "signed"]

    opposed = await do(patient, "consent", "withdraw", made["series"], "--oppose")
    assert (opposed["state"], opposed["basis"]) == ("opposed", "signed")
    name = opposed["mandates_ended"]
    assert len(name) == 1
    lifted = await at(gp, "consent", "record", thread.hex())
    assert lifted.code == 3
    async with gp.at_work() as doctor:
        assert record not in doctor.keyring.held

    started = await do(patient, "consent", "sign", "--episode", "Grossesse", "--until", "2099-06-30")
    assert (started["state"], started["basis"], started["by"]) == ("active", "signed", "le patient")
    said = await at(patient, "consent", "show", json_=False)
    assert "Signé par le patient lui-même" in said.out


# --- attacks ---


async def _hacked(endpoint: Endpoint, record: bytes, consent: Consent) -> Authoring:
    """What a changed client of this endpoint's owner submits, whatever its rules say."""
    await endpoint.accounts.ensure([endpoint.identity.account, record])
    author = endpoint.delegation.author()
    blind = endpoint.environment.entropy(32)
    author.consent(record, consent.series, blind, fhir.write(consent), endpoint.keyring.authority(record))
    return author


async def _mandated(patient: Endpoint, record: bytes, doctor: Endpoint, rights: Right, *, history: bool = True) -> None:
    await patient.delegation.grant(record, doctor.identity.mailbox, (0, 1, 3, 4, 6), rights, history=history)
    await doctor.sync()


def _scope() -> Exchange:
    return Exchange(os.urandom(16), (os.urandom(16),))


async def test_a_mandate_to_read_records_no_consent(practice) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as doctor, colleague.at_work() as reader:
        record, _ = await holding.open_record(doctor, a_patient("LIRE"))
        await _mandated(doctor, record, reader, Right.READ)
        begun = (reader, record, a_patient("LIRE"), _scope(), State.ACTIVE, Told.EXCHANGE)
        with pytest.raises(Refusal) as refused:
            await consents.begin(*begun)
        assert refused.value.id == "mailbox-not-held"
        series = await consents.begin(doctor, *begun[1:])
        (known,) = await consents.known(reader, record)
        taken = replace(known.current.consent, series=os.urandom(16))
        with pytest.raises(Refusal) as refused:
            await reader.delegation.publish(await _hacked(reader, record, taken))
        assert refused.value.id == "authority-insufficient"
        assert [one.series for one in await consents.known(doctor, record)] == [series]


async def test_what_the_patient_signed_a_professional_neither_lifts_nor_forges(practice) -> None:
    gp, patient = await practice.enrol(), await practice.patient(a_patient("PATIENTE"))
    who = a_patient("PATIENTE")
    async with patient.at_work() as own, gp.at_work() as doctor:
        record, _ = await holding.open_record(own, who)
        await _mandated(own, record, doctor, Right.READ | Right.SEND_AS)
        scope = _scope()
        await consents.begin(own, record, who, scope, State.OPPOSED, Told.OPPOSITION)
        (known,) = await consents.known(doctor, record)
        assert known.current.by is By.PATIENT
        with pytest.raises(RecordError) as refused:
            await consents.move(doctor, known, State.ACTIVE)
        assert refused.value.id == "consent-patient-only"
        lifted = replace(
            known.current.consent, state=State.ACTIVE, told=Told.EXCHANGE, recorder=Party("Dr X", ""),
        )  # fmt: skip
        signed = replace(lifted, series=os.urandom(16), recorder=None)
        for forged in (lifted, replace(lifted, recorder=None), signed):
            await doctor.delegation.publish(await _hacked(doctor, record, forged))
        found = await consents.survey(own, record)
        (still,) = found.known
        assert (still.current.consent.state, still.current.by) == (State.OPPOSED, By.PATIENT)
        assert [reason for _, reason in still.folded.refused] == ["consent-patient-only", "consent-signer-wrong"]
        assert [reason for _, reason in found.void] == ["consent-signer-wrong"]
        target = Target(scope.threads[0], scope.case)
        decides = await consents.covering(doctor, record, target)
        assert decides is not None
        assert decides.current.consent.state is State.OPPOSED
        # A newer agreement beside the opposition does not pass over it.
        await consents.begin(doctor, record, who, scope, State.ACTIVE, Told.EXCHANGE)
        decides = await consents.covering(doctor, record, target)
        assert decides is not None
        assert decides.current.consent.state is State.OPPOSED
    said = await at(patient, "consent", "show", json_=False)
    assert said.out.count("Sans effet") == 3


async def test_a_consent_of_another_record_or_patient_has_no_effect(practice) -> None:
    gp = await practice.enrol()
    async with gp.at_work() as doctor:
        record, _ = await holding.open_record(doctor, a_patient("PREMIER"))
        other, _ = await holding.open_record(doctor, a_patient("SECOND"))
        series = await consents.begin(doctor, other, a_patient("SECOND"), _scope(), State.ACTIVE, Told.EXCHANGE)
        (known,) = await consents.known(doctor, other)
        moved = known.current.consent
        stranger = replace(moved, series=os.urandom(16), record=record)
        for planted in (moved, stranger):
            await doctor.delegation.publish(await _hacked(doctor, record, planted))
        found = await consents.survey(doctor, record)
        assert found.known == ()
        assert [reason for _, reason in found.void] == ["consent-other-record", "consent-other-patient"]
        assert [one.series for one in await consents.known(doctor, other)] == [series]


async def test_the_same_entry_again_says_nothing_again(practice) -> None:
    gp = await practice.enrol()
    async with gp.at_work() as doctor:
        record, _ = await holding.open_record(doctor, a_patient("REJEU"))
        await consents.begin(doctor, record, a_patient("REJEU"), _scope(), State.ACTIVE, Told.EXCHANGE)
        (known,) = await consents.known(doctor, record)
        author = await _hacked(doctor, record, known.current.consent)
        again = author.octets
        await doctor.delegation.publish(author)
        await consents.move(doctor, (await consents.known(doctor, record))[0], State.WITHDRAWN)
        before = len(await consents.logged(doctor, record))
        await doctor.service.change_accounts(again)  # its old receipt, and no new place
        assert len(await consents.logged(doctor, record)) == before
        (known,) = await consents.known(doctor, record)
        assert known.current.consent.state is State.WITHDRAWN


async def test_a_service_that_withholds_or_spoils_what_was_said_revives_nothing(practice, monkeypatch) -> None:
    gp, patient = await practice.enrol(), await practice.patient(a_patient("SERVICE"))
    who = a_patient("SERVICE")
    async with patient.at_work() as own, gp.at_work() as doctor:
        record, _ = await holding.open_record(own, who)
        await _mandated(own, record, doctor, Right.READ | Right.SEND_AS)
        scope = _scope()
        await consents.begin(own, record, who, scope, State.OPPOSED, Told.OPPOSITION)
        (known,) = await consents.known(doctor, record)
        lifted = replace(
            known.current.consent, state=State.ACTIVE, told=Told.EXCHANGE, recorder=Party("Dr X", ""),
        )  # fmt: skip
        await doctor.delegation.publish(await _hacked(doctor, record, lifted))
        honest = doctor.service.consents
        pairs = await honest(record)
        seed = doctor.accounts.lookup(record).current(0).pk
        entry = pairs[0][0]
        resealed = kem.seal(seed, os.urandom(32) + pairs[0][1], Label.OPENING, record + entry)

        for tampered, reason in (
            (pairs[1:], "openings-wrong"),  # the opposition left out
            ([(entry, bytes(len(pairs[0][1]))), pairs[1]], "consent-unreadable"),
            ([(entry, resealed), pairs[1]], "consent-unreadable"),  # anybody can seal to the record
        ):

            async def lying(_record: bytes, answer=tampered):
                return answer

            monkeypatch.setattr(doctor.service, "consents", lying)
            with pytest.raises(Refusal) as refused:
                await consents.known(doctor, record)
            assert refused.value.id == reason
            if reason == "consent-unreadable":
                found = await consents.survey(doctor, record)
                assert found.known == ()  # the lifting alone would read as an agreement
                assert [one.entry for one in found.unreadable] == [entry]


async def test_a_service_that_hides_who_the_patient_is_does_not_undo_her_word(practice, monkeypatch) -> None:
    gp, patient = await practice.enrol(), await practice.patient(a_patient("CACHE"))
    async with patient.at_work() as own:
        record, _ = await holding.open_record(own, a_patient("CACHE"))
    async with patient.at_work() as own, gp.at_work() as doctor:

        async def nothing(_account: bytes) -> list[bytes]:
            return []

        with monkeypatch.context() as lying:
            lying.setattr(doctor.service, "binds", nothing)
            await _mandated(own, record, doctor, Right.READ | Right.SEND_AS)
            await consents.begin(own, record, a_patient("CACHE"), _scope(), State.OPPOSED, Told.OPPOSITION)
            with pytest.raises(Refusal) as refused:
                await consents.known(doctor, record)
            assert refused.value.id == "bind-unknown"
        (known,) = await consents.known(doctor, record)
        assert known.current.by is By.PATIENT


async def test_who_was_given_access_from_now_on_decides_nothing_on_what_is_older(practice) -> None:
    gp, patient = await practice.enrol(), await practice.patient(a_patient("DEPUIS"))
    who = a_patient("DEPUIS")
    async with patient.at_work() as own, gp.at_work() as doctor:
        record, _ = await holding.open_record(own, who)
        await consents.begin(own, record, who, _scope(), State.OPPOSED, Told.OPPOSITION)
        await _mandated(own, record, doctor, Right.READ | Right.SEND_AS, history=False)
        with pytest.raises(RecordError) as refused:
            await consents.known(doctor, record)
        assert refused.value.id == "consent-unreadable"
        assert len((await consents.survey(doctor, record)).unreadable) == 1


async def test_after_a_withdrawal_nothing_new_opens_with_any_key_of_who_attested(practice) -> None:
    gp, patient = await practice.enrol(), await practice.patient(a_patient("CLES"))
    who = a_patient("CLES")
    async with patient.at_work() as own, gp.at_work() as doctor:
        record, _ = await holding.open_record(own, who)
        await _mandated(own, record, doctor, Right.READ | Right.SEND_AS)
        await RecordFeed(doctor, record, Purpose.CARE).refresh()
        series = await consents.begin(doctor, record, who, _scope(), State.ACTIVE, Told.EXCHANGE)
    done = await do(patient, "consent", "withdraw", series.hex()[:8])
    assert len(done["mandates_ended"]) == 1
    async with patient.at_work() as own, gp.at_work() as doctor:
        item = await write(own, record, "APRÈS LE RETRAIT")
        commit = (await own.intake.thread(item.thread)).latest.commit
        # Even with the whole server in hand: the wrap of the record's key as it stands in the service.
        (page,) = [page async for page in own.service.pages(partial(own.service.thread_epochs, item.thread, record), 0)]
        wrapped = epoch.parse_wrap(page[0].wrap)
        held = [
            seed
            for class_, chain in own.accounts.lookup(record).generations.items()
            for made in chain
            if (seed := doctor.keyring.seed(record, class_, made.g)) is not None
        ]
        assert held  # what opened the past
        for seed in held:
            with pytest.raises(Refusal):
                epoch_secret.open_wrap(wrapped, commit, seed, {0: commit})
        # Nor does she read what was said at the withdrawal.
        with pytest.raises(Refusal):
            await consents.survey(doctor, record)

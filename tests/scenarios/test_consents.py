"""The patient's consent between real endpoints and on the command line (consent.md): one action, whose word it is, how it
ends; and what a colleague, a stranger's patient or the service can try against it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fhir.resources.R4B.consent import Consent as JudgedConsent

from directory.accounts.grants import Right
from directory.errors import Refusal
from record_bridge.client import consents, holding, sharing
from record_bridge.client.feed import RecordFeed
from record_bridge.consent import fhir
from record_bridge.consent.consent import Consent, Episode, Exchange, Told
from record_bridge.consent.permits import Target
from record_bridge.consent.states import By, State
from record_bridge.errors import RecordError
from messaging.wire.access import Purpose
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
    for words in ("attesté par le professionnel", "seront rangés dans votre dossier", "La loi demande", "consent withdraw"):
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

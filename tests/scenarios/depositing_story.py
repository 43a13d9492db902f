"""Reports, statements and cards for the tests of deposits; nobody real is in them."""

from __future__ import annotations

import datetime
import uuid

from confrere.story import documents as story
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.referral.patient import Patient
from messaging.wire.access import Purpose
from record_bridge.client import cards, depositing, holding, index
from record_bridge.client.feed import RecordFeed
from record_bridge.fhir import explanation_of_benefit as statements
from record_bridge.fhir.elements import Code, Structure
from record_bridge.fhir.explanation_of_benefit import ExplanationOfBenefit, Reimbursed
from record_bridge.record.classes import RecordClass

MARK = "UNMARQUEUR"
NARRATIVE = "Prélèvement conforme."


def a_patient(name: str) -> Patient:
    traits = StrictTraits(name, "JEANNE MARIE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215")
    return Patient(traits, parse_ins("279035121518989", OID_TEST))


def a_report(name: str, number: int = 1, marker: str = NARRATIVE) -> bytes:
    return story.laboratory_cda(a_patient(name), marker, number=number)


def a_statement(name: str, insurer: str = "", reimbursed: int = 3220) -> bytes:
    line = Reimbursed(datetime.date(2026, 11, 20), Code("urn:oid:1.2.250.1.2", "CS", MARK), 4600, reimbursed)
    return statements.to_fhir(
        ExplanationOfBenefit(
            uuid.UUID(int=7).bytes,
            a_patient(name),
            Structure("Caisse fictive", insurer),
            Structure("Cabinet fictif"),
            1_795_000_000_000,
            (line,),
        )
    )


async def opened(endpoint, name: str) -> tuple[bytes, str]:
    """A record of that patient and its card's text."""
    record, _ = await holding.open_record(endpoint, a_patient(name))
    return record, await cards.make(endpoint, record)


async def put(endpoint, octets: bytes, text: str, class_: RecordClass | None = None):
    return await depositing.deposit(endpoint, octets, await cards.read(endpoint, text), class_)


async def lines(endpoint, record: bytes):
    await RecordFeed(endpoint, record, Purpose.CARE).everything()
    return await index.items(endpoint, record)

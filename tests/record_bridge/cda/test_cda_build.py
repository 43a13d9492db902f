"""CDA-2 and CDA-3: what is written, and what is refused before anything is."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from directory.identity.ins import OID_NIA, OID_NIR, OID_TEST, Ins, Sex, StrictTraits, parse_ins
from messaging.referral.patient import Patient
from record_bridge.cda import rules, values
from record_bridge.cda.build import build
from record_bridge.cda.read import read
from record_bridge.cda.values import ClinicalDocument, Structure, StructureKind, oid
from record_bridge.errors import RecordError
from tests.record_bridge.cda.cda_documents import (
    CARDIOLOGIST,
    GP,
    HOUR,
    LETTER,
    NOON,
    PATIENT,
    PDF,
    PRACTICE,
    generated,
)


def test_cda_3_several_hundred_generated_documents_keep_every_rule_and_read_back() -> None:
    for seed in range(400):
        document = generated(seed)
        octets = build(document)
        assert rules.broken(octets) == (), seed
        header = read(octets)
        assert (header.id, header.set_id, header.version) == (document.id, document.set_id, document.version)
        assert (header.type_code, header.replaces) == (document.kind.value, document.replaces)
        assert (header.title, header.effective_ms) == (document.title, document.effective_ms)
        assert (header.patient, header.pdf) == (document.patient, document.pdf)
        assert header.confidentiality == document.confidentiality.value
        assert (header.author.rpps, header.author.specialty) == (document.author.rpps, document.author.label)
        assert header.author.organisation_id == document.author.structure.identifier
        assert header.custodian == document.custodian.name


def test_cda_3_the_same_values_give_the_same_octets() -> None:
    assert build(LETTER) == build(dataclasses.replace(LETTER))


def test_an_offset_shows_the_local_clock() -> None:
    assert b'<effectiveTime value="20261122120000+0100"/>' in build(LETTER)
    assert b'<effectiveTime value="20261122013000-0930"/>' in build(dataclasses.replace(LETTER, offset_minutes=-570))


def test_an_unknown_specialty_is_shown_by_its_profession() -> None:
    author = dataclasses.replace(GP, specialty="G15_10/CEX64")
    assert read(build(dataclasses.replace(LETTER, author=author))).author.specialty == "Médecin"


def with_traits(**traits: Any) -> Patient:
    return dataclasses.replace(PATIENT, traits=dataclasses.replace(PATIENT.traits, **traits))


def with_ins(matricule: str, authority: str) -> Patient:
    return dataclasses.replace(PATIENT, ins=Ins(matricule, authority))


FINESS = Structure(StructureKind.FINESS, "750100126", "Clé fausse")
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("author as recipient", {"recipients": (CARDIOLOGIST, GP)}, "cda-author-is-recipient"),
    ("author's RPPS key", {"author": dataclasses.replace(GP, rpps="01234567898")}, "cda-rpps-wrong"),
    ("author's RPPS shape", {"author": dataclasses.replace(GP, rpps="1234567897")}, "cda-rpps-wrong"),
    ("RPPS in other digits", {"author": dataclasses.replace(GP, rpps="٠1234567897")}, "cda-rpps-wrong"),
    (
        "recipient's RPPS key",
        {"recipients": (dataclasses.replace(CARDIOLOGIST, rpps="0" * 10 + "1"),)},
        "cda-rpps-wrong",
    ),
    ("INS key", {"patient": with_ins("279035121518988", OID_NIR)}, "cda-ins-key-wrong"),
    ("INS key, waiting number", {"patient": with_ins("279035121518988", OID_NIA)}, "cda-ins-key-wrong"),
    ("INS shape", {"patient": with_ins("27903512151898", OID_TEST)}, "cda-ins-key-wrong"),
    ("INS authority", {"patient": with_ins("279035121518989", "1.2.250.1.213.1.4.2")}, "cda-ins-key-wrong"),
    ("no INS", {"patient": dataclasses.replace(PATIENT, ins=None)}, "cda-patient-incomplete"),
    ("no birth place", {"patient": with_traits(birth_place="")}, "cda-patient-incomplete"),
    ("sex unknown", {"patient": with_traits(sex=Sex.UNKNOWN)}, "cda-patient-incomplete"),
    ("no birth name", {"patient": with_traits(birth_name=" ")}, "cda-patient-incomplete"),
    ("no given name", {"patient": with_traits(birth_given_names="")}, "cda-patient-incomplete"),
    ("name with a control", {"patient": with_traits(birth_name="A\x02B")}, "cda-value-wrong"),
    ("body no PDF", {"pdf": b"<html/>"}, "cda-pdf-wrong"),
    ("body empty", {"pdf": b""}, "cda-pdf-wrong"),
    ("body cut off", {"pdf": PDF[:-8]}, "cda-pdf-wrong"),
    ("body too large", {"pdf": b"%PDF-1.4" + b" " * values.MAX_PDF + b"%%EOF"}, "cda-pdf-too-large"),
    ("FINESS key", {"custodian": FINESS}, "cda-structure-wrong"),
    ("author's FINESS key", {"author": dataclasses.replace(GP, structure=FINESS)}, "cda-structure-wrong"),
    ("SIRET key", {"custodian": Structure(StructureKind.SIRET, "73282932000075", "x")}, "cda-structure-wrong"),
    ("RPPS-rang", {"custodian": Structure(StructureKind.RPPS_RANG, "01234567898001", "x")}, "cda-structure-wrong"),
    ("act after the document", {"service_start_ms": NOON + 1000}, "cda-dates-wrong"),
    ("encounter after the document", {"encounter_start_ms": NOON + 1000}, "cda-dates-wrong"),
    ("act before the birth", {"patient": with_traits(birth_date=datetime.date(2026, 11, 23))}, "cda-dates-wrong"),
    ("year 99999", {"effective_ms": 10**16}, "cda-dates-wrong"),
    ("year 1500", {"service_start_ms": -(10**14) // 6}, "cda-dates-wrong"),
    ("offset of a day", {"offset_minutes": 1440}, "cda-dates-wrong"),
    ("version 0", {"version": 0}, "cda-value-wrong"),
    ("version 1 that replaces", {"version": 1}, "cda-value-wrong"),
    ("version 2 of nothing", {"replaces": ""}, "cda-value-wrong"),
    ("replaces itself", {"replaces": LETTER.id}, "cda-value-wrong"),
    ("id no OID", {"id": "letter-1"}, "cda-value-wrong"),
    ("id not yet an OID", {"id": "00000000-0000-0000-0000-000000000005"}, "cda-value-wrong"),
    ("title empty", {"title": " "}, "cda-value-wrong"),
    ("title with a line break", {"title": "a\nb"}, "cda-value-wrong"),
    ("title that turns round", {"title": "a\u202eb"}, "cda-value-wrong"),
    ("title with half a character", {"title": "a\ud800"}, "cda-value-wrong"),
    ("title too long", {"title": "a" * 251}, "cda-value-wrong"),
    ("facility code", {"custodian": dataclasses.replace(PRACTICE, facility_type="SA 07")}, "cda-value-wrong"),
    ("specialty code", {"author": dataclasses.replace(GP, specialty="")}, "cda-value-wrong"),
]


@pytest.mark.parametrize(("change", "error"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_cda_2_refused_before_anything_is_written(change: dict[str, Any], error: str) -> None:
    with pytest.raises(RecordError) as refused:
        build(dataclasses.replace(LETTER, **change))
    assert refused.value.id == error


def test_cda_2_5_a_wrong_key_of_a_test_identity_is_written() -> None:
    fictive = with_ins("279035121518988", OID_TEST)
    assert read(build(dataclasses.replace(LETTER, patient=fictive))).patient.ins == fictive.ins


def test_all_missing_traits_are_named_and_no_value_is() -> None:
    nobody = Patient(StrictTraits("SECRET", "", datetime.date(2000, 1, 1), Sex.UNKNOWN, ""))
    with pytest.raises(RecordError) as refused:
        values.check_patient(nobody)
    assert refused.value.facts["traits"] == "birth-given-names sex birth-place ins"
    assert "SECRET" not in str(refused.value)
    assert "PAT-TROIS" not in repr(LETTER) + repr(read(build(LETTER)))


def test_identifiers_of_both_kinds_become_oids() -> None:
    assert oid("urn:uuid:00000000-0000-0000-0000-00000000000a") == "2.25.10"
    assert oid("urn:oid:1.2.250.1") == oid("1.2.250.1") == "1.2.250.1"
    for wrong in ("", "1", "3.1", "1.02", "1." * 100 + "1", "nothing"):
        with pytest.raises(RecordError, match="cda-value-wrong"):
            oid(wrong)


def test_a_document_of_the_hour_of_birth_may_be_written() -> None:
    newborn = dataclasses.replace(
        PATIENT,
        traits=dataclasses.replace(PATIENT.traits, birth_date=datetime.date(2026, 11, 22)),
        ins=parse_ins("279035121518989", OID_TEST),
    )
    document: ClinicalDocument = dataclasses.replace(LETTER, patient=newborn, encounter_start_ms=NOON - HOUR)
    assert rules.broken(build(document)) == ()

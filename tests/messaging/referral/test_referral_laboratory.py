"""referral.md RF-7: a laboratory report is recognised safely and belongs to the patient of the referral."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest

from confrere.story.documents import laboratory_cda, pdf_of_size
from directory.errors import Refusal
from directory.identity.ins import OID_DEMO, Sex, StrictTraits, parse_ins
from messaging.errors import MessagingError
from messaging.referral.clinical_xml import MAX_DOCUMENT
from messaging.referral.laboratory import LaboratoryDocument, recognise, verify_patient
from messaging.referral.patient import Patient

ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def document(patient: Patient) -> LaboratoryDocument:
    found = recognise(laboratory_cda(patient, "MARKER <&> 1"))
    assert found is not None
    return found


def test_header_is_read(patient: Patient) -> None:
    found = document(patient)
    assert (found.title, found.date) == ("Compte rendu d'examens biologiques", datetime.date(2026, 11, 20))
    assert found.author_organisation == "Laboratoire fictif des Tilleuls"
    assert (found.ins, found.sex, found.birth_date) == (patient.ins, Sex.FEMALE, datetime.date(1979, 3, 28))
    assert verify_patient(found, patient) is found


def changed(patient: Patient, **traits: object) -> Patient:
    return dataclasses.replace(patient, traits=dataclasses.replace(patient.traits, **traits))  # type: ignore[arg-type]


def test_document_of_another_patient_is_refused_by_trait(patient: Patient) -> None:
    others = {
        "ins": dataclasses.replace(patient, ins=parse_ins("277076322082910", "1.2.250.1.213.1.4.10")),
        "birth-date": changed(patient, birth_date=datetime.date(1980, 3, 28)),
        "birth-name": changed(patient, birth_name="PAT-CINQ"),
        "sex": changed(patient, sex=Sex.MALE),
    }
    for trait, other in others.items():
        with pytest.raises(MessagingError) as refused:
            verify_patient(document(patient), other)
        assert (refused.value.id, refused.value.facts) == ("document-other-patient", {"trait": trait})


def test_same_number_under_another_authority_is_another_patient(patient: Patient) -> None:
    assert patient.ins is not None
    demo = dataclasses.replace(patient, ins=parse_ins(patient.ins.matricule, OID_DEMO))
    with pytest.raises(MessagingError, match="document-other-patient"):
        verify_patient(document(patient), demo)


def test_accents_and_hyphens_do_not_make_another_patient(patient: Patient) -> None:
    verify_patient(document(patient), changed(patient, birth_name="Pat Trôis"))


def test_without_ins_name_and_birth_date_must_be_there_and_agree(patient: Patient) -> None:
    found = document(dataclasses.replace(patient, ins=None))
    verify_patient(found, patient)
    with pytest.raises(MessagingError, match="document-patient-unproven"):
        verify_patient(dataclasses.replace(found, birth_date=None), patient)


def test_other_documents_are_not_laboratory_reports(patient: Patient) -> None:
    cda = laboratory_cda(patient, "x")
    assert recognise(pdf_of_size(5_000, "x")) is None
    assert recognise(b"") is None
    assert recognise(b"<html/>") is None
    assert recognise(cda[:-30]) is None
    assert recognise(cda.replace(b'code="11502-2"', b'code="11488-4"')) is None
    assert recognise(cda.replace(b"2.16.840.1.113883.6.1", b"2.16.840.1.113883.6.3")) is None


def test_document_with_a_dtd_or_entities_is_unsafe(patient: Patient, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("LEAK")
    declaration, _, rest = laboratory_cda(patient, "x").partition(b"?>")
    external = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    for doctype in (ENTITIES, external, b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'):
        for body in (rest, rest.replace(b"<title>", b"<title>&e;&b;")):
            with pytest.raises(MessagingError, match="document-unsafe"):
                recognise(declaration + b"?>" + doctype + body)


def test_two_identities_a_wrong_key_and_too_many_bytes_are_refused(patient: Patient) -> None:
    cda = laboratory_cda(patient, "x")
    identifier = b'<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/>'
    for data, error in (
        (cda.replace(identifier, identifier * 2), "document-unsafe"),
        (cda.replace(b"1.4.10", b"1.4.8").replace(b"518989", b"518988"), "patient-ins-key-wrong"),
        (cda + b" " * MAX_DOCUMENT, "document-unsafe"),
    ):
        with pytest.raises(Refusal) as refused:
            recognise(data)
        assert refused.value.id == error


def test_story_documents_hold_their_marker_and_size() -> None:
    patient = Patient(StrictTraits("O'B & <C>", "A B", datetime.date(2000, 1, 2), Sex.UNKNOWN))
    assert b"MARKER-7" in laboratory_cda(patient, "MARKER-7")
    assert recognise(laboratory_cda(patient, "x")) is not None
    for size in (1_000, 1_001, 9_999, 3_000_000):
        pdf = pdf_of_size(size, "MARKER-(7)")
        assert (len(pdf), pdf[:5], pdf == pdf_of_size(size, "MARKER-(7)")) == (size, b"%PDF-", True)
        assert b"MARKER-\\(7\\)" in pdf
        start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
        assert pdf[start : start + 4] == b"xref"
    with pytest.raises(ValueError, match="cannot hold"):
        pdf_of_size(100, "x")

"""CDA-4: documents that others made: what is read, what is tolerated, what is refused."""

from __future__ import annotations

import base64
import time

import pytest
from lxml import etree

from confrere.story.documents import laboratory_cda, pdf_of_size
from directory.errors import Refusal
from directory.identity.ins import Sex
from messaging.referral import clinical_xml
from record_bridge.cda import rules
from record_bridge.cda.build import build
from record_bridge.cda.laboratory import read_report, results
from record_bridge.cda.read import read
from record_bridge.errors import RecordError
from tests.record_bridge.cda.cda_documents import LETTER, PATIENT

REPORT = laboratory_cda(PATIENT, "MARKER")
LETTER_OCTETS = build(LETTER)


def refusal_of(octets: bytes) -> tuple[str, str]:
    """The id and the clause with which every reader refuses these octets, quickly."""
    found = set()
    for reader in (read, results, read_report, rules.verify, rules.broken):
        started = time.perf_counter()
        try:
            reader(octets)
        except RecordError as refused:
            found.add((refused.id, str(refused.facts.get("clause", ""))))
        assert time.perf_counter() - started < 2
    assert len(found) == 1, found
    return found.pop()


def with_prolog(doctype: bytes, octets: bytes = REPORT) -> bytes:
    declaration, _, rest = octets.partition(b"?>")
    return declaration + b"?>" + doctype + rest


def test_a_report_of_a_laboratory() -> None:
    header = read(REPORT)
    assert header.patient.traits == PATIENT.traits
    assert header.patient.ins == PATIENT.ins
    assert (header.type_code, header.type_label) == ("11502-2", "CR d'examens biologiques")
    assert (header.author.name, header.author.rpps) == ("Odile TILLEUL", "99900000011")
    assert (header.author.organisation, header.pdf) == ("Laboratoire fictif des Tilleuls", None)
    assert header.effective_ms == 1_795_159_800_000


LAUGHS = b"<!DOCTYPE a [<!ENTITY l0 'ha'>" + b"".join(
    b"<!ENTITY l%d '%b'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
)
HOSTILE = {
    "external entity": (with_prolog(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'), "dtd"),
    "external entity used": (
        with_prolog(b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>', REPORT.replace(b"MARKER", b"&e;")),
        "dtd",
    ),
    "billion laughs": (with_prolog(LAUGHS + b"]>", REPORT.replace(b"MARKER", b"&l9;")), "dtd"),
    "encoding declared wrongly": (REPORT.replace(b"UTF-8", b"ISO-8859-1"), "encoding"),
    "encoding not declared": (REPORT.decode().partition("?>")[2].encode("latin-1"), "encoding"),
    "encoding not kept": (REPORT.decode().encode("latin-1"), "encoding"),
    "UTF-16": (REPORT.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "encoding"),
    "gigantic narrative": (REPORT.replace(b"MARKER", b"x " * clinical_xml.MAX_TEXT), "text"),
    "gigantic title": (LETTER_OCTETS.replace(b"<title>", b"<title>" + b"x" * 3_000_000), "text"),
    "gigantic table": (REPORT.replace(b"<tbody>", b"<tbody>" + b"<tr/>" * 300_000), "markup"),
    "deep nesting": (REPORT.replace(b"MARKER", b"<list><item>" * 40 + b"x" + b"</item></list>" * 40), "depth"),
    "bottomless nesting": (REPORT.replace(b"MARKER", b"<list>" * 50_000 + b"x" + b"</list>" * 50_000), "depth"),
    "size": (LETTER_OCTETS + b"\n" * clinical_xml.MAX_DOCUMENT, "size"),
}


@pytest.mark.parametrize(("octets", "clause"), HOSTILE.values(), ids=HOSTILE)
def test_cda_4_1_a_hostile_document_is_refused_quickly_by_every_reader(octets: bytes, clause: str) -> None:
    assert refusal_of(octets) == ("cda-unsafe", clause)


@pytest.mark.parametrize(
    "octets",
    [
        *(b"", b"%PDF-1.4", b"{}", b"<html/>", b"<ClinicalDocument/>", REPORT[:-40], pdf_of_size(2000, "x")[:1000]),
        *(REPORT.replace(b"urn:hl7-org:v3", b"urn:hl7-org:v4"), b'<Bundle xmlns="urn:hl7-org:v3"/>'),
    ],
)
def test_cda_4_1_what_is_no_clinical_document_is_refused(octets: bytes) -> None:
    assert refusal_of(octets)[0] in ("cda-not-a-document", "cda-unsafe")


def part(tag: str, octets: bytes = REPORT) -> bytes:
    start, end = octets.index(f"<{tag}>".encode()), octets.index(f"</{tag}>".encode())
    return octets[start : end + len(tag) + 3]


_INS = b'<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/>'
_OTHER = _INS.replace(b"279035121518989", b"277076322082910")
REFUSED = {
    "patient missing": (REPORT.replace(part("recordTarget"), b""), "cda-patient-missing"),
    "patient without identity": (REPORT.replace(part("patient"), b""), "cda-patient-missing"),
    "two patients": (REPORT.replace(part("recordTarget"), part("recordTarget") * 2), "cda-two-patients"),
    "two roles": (REPORT.replace(part("patientRole"), part("patientRole") * 2), "cda-two-patients"),
    "two INS": (
        REPORT.replace(_INS, _INS + _OTHER),
        "cda-two-identities",
    ),
    "two authorities": (REPORT.replace(_INS, _INS + _INS.replace(b"1.4.10", b"1.4.11")), "cda-two-identities"),
    "INS key": (REPORT.replace(b"1.4.10", b"1.4.8").replace(b"518989", b"518988"), "cda-ins-key-wrong"),
    "INS shape": (REPORT.replace(b"279035121518989", b"2790351215189"), "cda-unreadable"),
    "no birth name": (REPORT.replace(b"PAT-TROIS", b" "), "cda-patient-incomplete"),
    "no birth date": (REPORT.replace(b'<birthTime value="19790328"/>', b""), "cda-patient-incomplete"),
    "birth date nonsense": (REPORT.replace(b"19790328", b"19791328"), "cda-unreadable"),
    "no sex": (REPORT.replace(b'<administrativeGenderCode code="F"', b'<religion code="F"'), "cda-patient-incomplete"),
    "no type": (REPORT.replace(b'<code code="11502-2"', b'<code nullFlavor="UNK"'), "cda-unreadable"),
    "no id": (REPORT.replace(b'<id root="2.25.3', b'<no root="2.25.3'), "cda-unreadable"),
    "id nonsense": (REPORT.replace(b'<id root="2.25.3', b'<id root="here'), "cda-unreadable"),
    "no date": (REPORT.replace(b"<effectiveTime value", b"<effectiveTime was", 1), "cda-unreadable"),
    "date nonsense": (REPORT.replace(b'"20261120083000+0100"', b'"20261140083000+0100"', 1), "cda-unreadable"),
    "version nonsense": (REPORT.replace(b'versionNumber value="1"', b'versionNumber value="-1"'), "cda-unreadable"),
    "no author": (REPORT.replace(part("author"), b""), "cda-unreadable"),
    "two bodies": (
        LETTER_OCTETS.replace(b"<nonXMLBody>", b"<structuredBody/><nonXMLBody>"),
        "cda-unreadable",
    ),
    "body not PDF": (
        LETTER_OCTETS.replace(base64.b64encode(LETTER.pdf), base64.b64encode(b"<script/>")),
        "cda-pdf-wrong",
    ),
    "body not base64": (LETTER_OCTETS.replace(base64.b64encode(LETTER.pdf), b"%PDF-1.4 %%EOF"), "cda-pdf-wrong"),
    "body of another kind": (LETTER_OCTETS.replace(b"application/pdf", b"text/html"), "cda-unreadable"),
}


@pytest.mark.parametrize(("octets", "error"), REFUSED.values(), ids=REFUSED)
def test_cda_4_2_what_is_used_is_read_strictly(octets: bytes, error: str) -> None:
    assert octets not in (REPORT, LETTER_OCTETS)
    with pytest.raises(RecordError) as refused:
        read(octets)
    assert refused.value.id == error
    with pytest.raises(Refusal):
        rules.verify(octets)


def test_cda_4_2_what_is_optional_may_be_missing() -> None:
    bare = REPORT
    for tag in ("custodian", "legalAuthenticator", "documentationOf", "componentOf", "title", "birthplace"):
        bare = bare.replace(part(tag, bare), b"")
    for element in (b'<versionNumber value="1"/>', b'<languageCode code="fr-FR"/>', _INS):
        bare = bare.replace(element, b"")
    header = read(bare)
    assert (header.version, header.title, header.custodian) == (1, "", "")
    assert (header.patient.ins, header.patient.traits.birth_place) == (None, "")


def test_an_identity_of_before_the_ins_is_read() -> None:
    old = REPORT.replace(b' qualifier="BR"', b"").replace(b"<given>DOMINIQUE</given>", b"").replace(_INS, b"")
    traits = read(old).patient.traits
    assert (traits.birth_name, traits.birth_given_names) == ("PAT-TROIS", "DOMINIQUE MARIE-LOUISE")
    assert read(REPORT.replace(b'Code code="F"', b'Code code="UN"')).patient.traits.sex is Sex.UNKNOWN
    usual = b'<family qualifier="CL">PAT-TROIS</family><given qualifier="CL">DOMI</given></name>'
    read_usual = read(REPORT.replace(b"</name>\n      <administrative", usual + b"<administrative")).patient
    assert (read_usual.usual_name, read_usual.usual_given_name) == ("", "DOMI")


def test_the_same_ins_said_twice_is_one() -> None:
    assert read(REPORT.replace(_INS, _INS * 2)).patient.ins == PATIENT.ins


def test_an_author_that_is_a_device_is_its_organisation() -> None:
    device = REPORT.replace(part("assignedPerson"), b"<assignedAuthoringDevice/>", 1)
    author = read(device.replace(b"899900000011", b"899900000012")).author
    assert (author.name, author.rpps, author.organisation) == ("", "", "Laboratoire fictif des Tilleuls")


def test_text_of_a_stranger_comes_as_one_plain_line() -> None:
    title = "Compte\n rendu \u202edesrever   <b>" + "x" * 300
    root = etree.fromstring(REPORT)
    root.find("{*}title").text = title
    read_title = read(etree.tostring(root)).title
    assert read_title.startswith("Compte rendu desrever <b>xxx")
    assert (len(read_title), read_title[-1]) == (250, "…")


def test_no_refusal_holds_an_identity() -> None:
    for octets, _ in REFUSED.values():
        with pytest.raises(RecordError) as refused:
            read(octets)
        said = f"{refused.value} {refused.value.args} {refused.value.facts}"
        assert not any(secret in said for secret in ("PAT-TROIS", "279035", "DOMINIQUE", "1979"))
        assert refused.value.__cause__ is None

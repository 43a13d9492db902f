"""CDA-1: the door for a stranger's XML, by the attack."""

from __future__ import annotations

import time

import pytest

from confrere.story.documents import laboratory_cda
from directory.errors import Refusal
from messaging.errors import MessagingError
from messaging.referral import clinical_xml
from messaging.referral.laboratory import recognise
from messaging.referral.patient import Patient


def refused(clause: str) -> Refusal:
    return MessagingError("document-unsafe", clause=clause)


LAUGHS = b"<!DOCTYPE a [<!ENTITY l0 'ha'>" + b"".join(
    b"<!ENTITY l%d '%b'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
)

ATTACKS = {
    "size": [b"<a/>" + b" " * clinical_xml.MAX_DOCUMENT],
    "encoding": [
        b"<a>\xe9</a>",
        b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>',
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a>e</a>',
        b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>',
        b'<?xml version="1.0" encoding="x-unheard-of"?><a/>',
        "<a>é</a>".encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        "<a/>".encode("utf-32-be"),
    ],
    "dtd": [
        LAUGHS + b"]><a>&l9;</a>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><a/>',
    ],
    "markup": [
        b"<a>" + b"<b/>" * clinical_xml.MAX_MARKUP + b"</a>",
        b"<a " + b" ".join(b'a%d=""' % n for n in range(clinical_xml.MAX_ATTRIBUTES + 1)) + b"/>",
    ],
    "depth": [b"<a>" * 65 + b"</a>" * 65, b"<a>" * 300 + b"</a>" * 300, b"<a>" * 90_000 + b"</a>" * 90_000],
    "text": [
        b"<a>" + b"x" * (clinical_xml.MAX_TEXT + 1) + b"</a>",
        b"<a>" + b"<b>xxxxxxxxxxxx</b>x" * 99_000 + b"y" * clinical_xml.MAX_TEXT + b"</a>",
        b'<a representation="B64">' + b"x" * (clinical_xml.MAX_TEXT_NODE + 1) + b"</a>",
    ],
}


@pytest.mark.parametrize(
    ("clause", "data"), [(clause, data) for clause, all_data in ATTACKS.items() for data in all_data]
)
def test_cda_1_hostile_xml_is_refused_by_its_clause_and_quickly(clause: str, data: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(MessagingError) as found:
        clinical_xml.parse(data, refused)
    assert found.value.facts == {"clause": clause}
    assert time.perf_counter() - started < 2


def test_what_is_within_the_bounds_is_read() -> None:
    embedded = b'<a representation="B64">' + b"x" * (clinical_xml.MAX_TEXT_NODE - 1) + b"</a>"
    for data in (b"<a/>", b"\xef\xbb\xbf<a/>", b"<a>" * 64 + b"</a>" * 64, "<a>é</a>".encode(), embedded):
        assert clinical_xml.parse(data, refused) is not None


def test_what_is_not_well_formed_is_none() -> None:
    for data in (b"", b"<a>", b"<a>&undeclared;</a>", b"<a></b>", b"no markup", b"<a>\x01</a>"):
        assert clinical_xml.parse(data, refused) is None


def test_comments_and_processing_instructions_are_gone() -> None:
    root = clinical_xml.parse(b'<?xml-stylesheet href="x"?><a>one<!-- not seen --> two<?x y?></a>', refused)
    assert (root.text, len(root)) == ("one two", 0)


def test_cda_1_2_a_report_in_another_encoding_cannot_slip_by_its_patient(patient: Patient) -> None:
    text = laboratory_cda(patient, "x").decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    for data in (text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-16-be")):
        with pytest.raises(MessagingError) as found:
            recognise(data)
        assert found.value.facts == {"clause": "encoding"}


def test_what_is_no_clinical_document_is_never_refused() -> None:
    assert recognise(b"<!DOCTYPE html><html/>") is None
    assert recognise("<html>é</html>".encode("latin-1")) is None
    assert recognise(b"%PDF-1.4 \xff <ClinicalDocument/>") is None

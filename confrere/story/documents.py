"""Documents of the story: synthetic laboratory reports and a PDF of any size, with a marker text inside.

For the demo and the tests, which look for the marker where it must not be. Nobody real is named here. The
same arguments give the same bytes.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from directory.identity.ins import Sex
from directory.identity.luhn import check_digit
from messaging.referral.patient import Patient
from record_bridge.fhir import explanation_of_benefit
from record_bridge.fhir.elements import Code, Structure
from record_bridge.fhir.explanation_of_benefit import ExplanationOfBenefit, Reimbursed

NGAP = "urn:oid:1.2.250.1.215.200.3.3"

LABORATORY = "Laboratoire fictif des Tilleuls"
_BIOLOGIST = "9990000001" + check_digit("9990000001")


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of a synthetic report: LOINC code, name, value in its unit (UCUM), normal range ("" for an open end)."""

    code: str
    name: str
    value: str
    unit: str
    low: str = ""
    high: str = ""

    @property
    def interpretation(self) -> str:
        """What a laboratory would say of it: L, N or H."""
        if self.low and Decimal(self.value) < Decimal(self.low):
            return "L"
        return "H" if self.high and Decimal(self.value) > Decimal(self.high) else "N"


# The heart failure of the story: it answers to its treatment.
HISTORY: tuple[tuple[datetime.date, tuple[Measure, ...]], ...] = tuple(
    (
        day,
        (
            Measure("33762-6", "NT-proBNP", peptide, "ng/L", high="450"),
            Measure("2823-3", "Potassium", potassium, "mmol/L", "3.5", "5.1"),
            Measure("2160-0", "Créatinine", creatinine, "umol/L", "45", "84"),
            Measure("718-7", "Hémoglobine", haemoglobin, "g/dL", "12.0", "16.0"),
        ),
    )
    for day, peptide, potassium, creatinine, haemoglobin in (
        (datetime.date(2026, 2, 3), "310", "4.4", "74", "13.2"),
        (datetime.date(2026, 6, 16), "620", "4.3", "79", "12.8"),
        (datetime.date(2026, 11, 20), "1240", "4.1", "88", "11.7"),
    )
)

_CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <templateId root="1.3.6.1.4.1.19376.1.3.3"/>
  <templateId root="1.2.250.1.213.1.1.1.55"/>
  <id root="2.25.3{number:036}"/>
  <code code="11502-2" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"
    displayName="CR d'examens biologiques"/>
  <title>Compte rendu d'examens biologiques</title>
  <effectiveTime value="{day}083000{zone}"/>
  <confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  <setId root="2.25.4{number:036}"/>
  <versionNumber value="1"/>
  <recordTarget><patientRole>
    {identifier}
    <addr nullFlavor="NASK"/>
    <telecom nullFlavor="NASK"/>
    <patient>
      <name>
        <family qualifier="BR">{birth_name}</family>
        <given>{given_names}</given>
        <given qualifier="BR">{given_name}</given>
      </name>
      <administrativeGenderCode code="{sex}" displayName="{sex_label}" codeSystem="2.16.840.1.113883.5.1"/>
      <birthTime value="{birth_date}"/>
      <birthplace><place><addr><county>{birth_place}</county></addr></place></birthplace>
    </patient>
  </patientRole></recordTarget>
  <author>
    <time value="{day}083000{zone}"/>
    <assignedAuthor>{biologist}<representedOrganization>{laboratory}</representedOrganization></assignedAuthor>
  </author>
  <custodian><assignedCustodian><representedCustodianOrganization>
    {laboratory}
  </representedCustodianOrganization></assignedCustodian></custodian>
  <legalAuthenticator>
    <time value="{day}083000{zone}"/>
    <signatureCode code="S"/>
    <assignedEntity>{biologist}</assignedEntity>
  </legalAuthenticator>
  <documentationOf><serviceEvent>
    <effectiveTime><low value="{day}073000{zone}"/></effectiveTime>
    <performer typeCode="PRF"><assignedEntity>{biologist}<representedOrganization>
      {laboratory}
      <standardIndustryClassCode code="AMBULATOIRE" displayName="Ambulatoire" codeSystem="1.2.250.1.213.1.1.4.9"/>
    </representedOrganization></assignedEntity></performer>
  </serviceEvent></documentationOf>
  <componentOf><encompassingEncounter>
    <effectiveTime><low value="{day}073000{zone}"/></effectiveTime>
    <location><healthCareFacility>
      <code code="SA25" displayName="Laboratoire de biologie médicale" codeSystem="1.2.250.1.71.4.2.4"/>
    </healthCareFacility></location>
  </encompassingEncounter></componentOf>
  <component><structuredBody><component><section>
    <templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/>
    <code code="18719-5" displayName="Biochimie" codeSystem="2.16.840.1.113883.6.1"/>
    <title>Biochimie</title>
    <text>
      <paragraph>{marker}</paragraph>
      <table>
        <thead><tr><th>Examen</th><th>Résultat</th><th>Unité</th></tr></thead>
        <tbody>{rows}</tbody>
      </table>
    </text>
    <entry typeCode="DRIV">
      <templateId root="1.3.6.1.4.1.19376.1.3.1"/>
      <act classCode="ACT" moodCode="EVN">
        <code code="18719-5" displayName="Biochimie" codeSystem="2.16.840.1.113883.6.1"/>
        <statusCode code="completed"/>
        {entries}
      </act>
    </entry>
  </section></component></structuredBody></component>
</ClinicalDocument>
"""
_LABORATORY = f"""<id root="1.2.250.1.71.4.2.2" extension="10B0000001"/><name>{LABORATORY}</name>"""
_PERSON = f"""<id root="1.2.250.1.71.4.2.1" extension="8{_BIOLOGIST}"/>
    <code code="G15_10/SM03" displayName="Médecin - Biologie médicale (SM)" codeSystem="1.2.250.1.213.1.1.4.5"/>
    <assignedPerson><name><given>Odile</given><family>TILLEUL</family></name></assignedPerson>"""
_ROW = """
          <tr><td ID="r{place}">{name}</td><td>{shown}</td><td>{unit}</td></tr>"""
_ENTRY = """
        <entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
          <templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>
          <code code="{code}" displayName="{name}" codeSystem="2.16.840.1.113883.6.1">
            <originalText><reference value="#r{place}"/></originalText>
          </code>
          <statusCode code="completed"/>
          <effectiveTime value="{day}073000{zone}"/>
          <value xsi:type="PQ" value="{value}" unit="{unit}"/>
          <interpretationCode code="{interpretation}" codeSystem="2.16.840.1.113883.5.83"/>
          <referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">
            <value xsi:type="IVL_PQ">{bounds}</value>
            <interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>
          </observationRange></referenceRange>
        </observation></entryRelationship>"""


def laboratory_cda(
    patient: Patient,
    marker_text: str,
    *,
    day: datetime.date = HISTORY[-1][0],
    measures: tuple[Measure, ...] = HISTORY[-1][1],
    number: int = 1,
) -> bytes:
    """A CDA R2 laboratory report of that patient and day, whose narrative holds `marker_text`.

    `number` makes its identifier: another report takes another number.
    """
    traits, ins = patient.traits, patient.ins
    identifier = (
        f"<id root={quoteattr(ins.oid)} extension={quoteattr(ins.matricule)}/>" if ins else '<id nullFlavor="UNK"/>'
    )
    sex, sex_label = {Sex.FEMALE: ("F", "Féminin"), Sex.MALE: ("M", "Masculin"), Sex.UNKNOWN: ("UN", "Inconnu")}[
        traits.sex
    ]
    dated = {"day": f"{day:%Y%m%d}", "zone": "+0200" if 4 <= day.month <= 10 else "+0100"}
    return _CDA.format(
        **dated,
        number=number,
        identifier=identifier,
        birth_name=escape(traits.birth_name),
        given_names=escape(traits.birth_given_names),
        given_name=escape(traits.birth_given_names.split()[0]),
        sex=sex,
        sex_label=sex_label,
        birth_date=traits.birth_date.strftime("%Y%m%d"),
        birth_place=escape(traits.birth_place or "99999"),
        biologist=_PERSON,
        laboratory=_LABORATORY,
        marker=escape(marker_text),
        rows="".join(_row(place, measure) for place, measure in enumerate(measures, start=1)),
        entries="".join(_entry(place, measure, dated) for place, measure in enumerate(measures, start=1)),
    ).encode()


def laboratory_history(patient: Patient, marker_text: str) -> tuple[bytes, ...]:
    """The reports of HISTORY, oldest first: the same measures over ten months."""
    return tuple(
        laboratory_cda(patient, marker_text, day=day, measures=measures, number=number)
        for number, (day, measures) in enumerate(HISTORY, start=1)
    )


def _row(place: int, measure: Measure) -> str:
    shown = measure.value.replace(".", ",")
    return _ROW.format(place=place, name=escape(measure.name), shown=shown, unit=escape(measure.unit))


def _entry(place: int, measure: Measure, dated: Mapping[str, str]) -> str:
    ends = (("low", measure.low), ("high", measure.high))
    return _ENTRY.format(
        **dated,
        place=place,
        code=measure.code,
        name=escape(measure.name),
        value=measure.value,
        unit=escape(measure.unit),
        interpretation=measure.interpretation,
        bounds="".join(f'<{end} value="{value}" unit="{escape(measure.unit)}"/>' for end, value in ends if value),
    )


def pdf_of_size(n_bytes: int, marker_text: str) -> bytes:
    """A one-page PDF of exactly `n_bytes`, showing `marker_text` (ASCII) and carrying a stream that does not compress.

    Raises ValueError where `n_bytes` is too small to hold the page.
    """
    shown = marker_text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    drawing = f"BT /F1 14 Tf 72 760 Td ({shown}) Tj ET".encode("ascii")
    least = len(_pdf(drawing, b""))
    if n_bytes < least:
        raise ValueError(f"{n_bytes} bytes cannot hold this page: it takes {least}")
    return _pdf(drawing, random.Random(n_bytes).randbytes(n_bytes - least))


def _pdf(drawing: bytes, padding: bytes) -> bytes:
    # Lengths that depend on the padding have a fixed width, so that one byte more is one byte more.
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /PieceInfo << /Confrere << /Private 6 0 R >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %010d >>\nstream\n%b\nendstream" % (len(padding), padding),
    )
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%010d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def reimbursements(patient: Patient, finess: str) -> bytes:
    """An insurer's statement: two acts of one month."""
    acts = (
        Reimbursed(datetime.date(2026, 9, 14), Code(NGAP, "G", "Consultation"), 3000, 2000),
        Reimbursed(datetime.date(2026, 9, 21), Code(NGAP, "CS", "Consultation de spécialiste"), 6000, 4000),
    )
    insurer = Structure("Caisse fictive", f"1{finess}")
    created = 1_790_000_000_000
    return explanation_of_benefit.to_fhir(
        ExplanationOfBenefit(bytes(range(16)), patient, insurer, Structure("Cabinet fictif"), created, acts)
    )

"""Documents of the story: a synthetic laboratory report and a PDF of any size, with a marker text inside.

For the demo and the tests, which look for the marker where it must not be. Nobody real is named here. The
same arguments give the same bytes.
"""

from __future__ import annotations

import random
from xml.sax.saxutils import escape, quoteattr

from directory.identity.ins import Sex
from messaging.referral.patient import Patient

_CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <id root="2.25.300000000000000000000000000000000001"/>
  <code code="11502-2" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"
    displayName="CR d'examens biologiques"/>
  <title>Compte rendu d'examens biologiques</title>
  <effectiveTime value="20261120083000+0100"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  <setId root="2.25.300000000000000000000000000000000002"/>
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
      <administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/>
      <birthTime value="{birth_date}"/>
      <birthplace><place><addr><county>{birth_place}</county></addr></place></birthplace>
    </patient>
  </patientRole></recordTarget>
  <author>
    <time value="20261120083000+0100"/>
    <assignedAuthor>
      <id root="1.2.250.1.71.4.2.2" extension="10B0000001"/>
      <assignedAuthoringDevice>
        <softwareName>Laboratoire de démonstration</softwareName>
      </assignedAuthoringDevice>
      <representedOrganization><name>Laboratoire fictif des Tilleuls</name></representedOrganization>
    </assignedAuthor>
  </author>
  <custodian><assignedCustodian><representedCustodianOrganization>
    <id root="1.2.250.1.71.4.2.2" extension="10B0000001"/>
    <name>Laboratoire fictif des Tilleuls</name>
  </representedCustodianOrganization></assignedCustodian></custodian>
  <component><structuredBody><component><section>
    <code code="18719-5" codeSystem="2.16.840.1.113883.6.1"/>
    <title>Biochimie</title>
    <text>
      <paragraph>{marker}</paragraph>
      <table>
        <thead><tr><th>Examen</th><th>Résultat</th><th>Unité</th></tr></thead>
        <tbody>
          <tr><td>NT-proBNP</td><td>1240</td><td>ng/L</td></tr>
          <tr><td>Potassium</td><td>4,1</td><td>mmol/L</td></tr>
          <tr><td>Créatinine</td><td>88</td><td>µmol/L</td></tr>
        </tbody>
      </table>
    </text>
  </section></component></structuredBody></component>
</ClinicalDocument>
"""


def laboratory_cda(patient: Patient, marker_text: str) -> bytes:
    """A CDA R2 laboratory report of that patient, whose narrative holds `marker_text`."""
    traits, ins = patient.traits, patient.ins
    identifier = (
        f"<id root={quoteattr(ins.oid)} extension={quoteattr(ins.matricule)}/>" if ins else '<id nullFlavor="UNK"/>'
    )
    return _CDA.format(
        identifier=identifier,
        birth_name=escape(traits.birth_name),
        given_names=escape(traits.birth_given_names),
        given_name=escape(traits.birth_given_names.split()[0]),
        sex={Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: "UN"}[traits.sex],
        birth_date=traits.birth_date.strftime("%Y%m%d"),
        birth_place=escape(traits.birth_place or "99999"),
        marker=escape(marker_text),
    ).encode()


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

"""A clinical document written as CDA R2, level N1: the CI-SIS header over a PDF in base64 (CDA-3.1, CDA-3.2).

Values in, octets out; the same values give the same octets. Everything is checked before the first element is
made. It lays out no page and judges no PDF/A.
"""

from __future__ import annotations

import base64

from lxml import etree

from directory.identity.ins import Sex, StrictTraits
from messaging.referral.patient import Patient
from record_bridge.cda import timestamps, value_sets
from record_bridge.cda.values import (
    PROFESSIONALS,
    STRUCTURES,
    ClinicalDocument,
    Professional,
    Structure,
    check,
)
from record_bridge.errors import RecordError

NAMESPACE = "urn:hl7-org:v3"
TEMPLATES = (
    "2.16.840.1.113883.2.8.2.1",  # HL7 France
    "1.2.250.1.213.1.1.1.1",  # the header of the CI-SIS
    "1.3.6.1.4.1.19376.1.2.20",  # IHE XDS-SD: a PDF within
)
_IN_NAMESPACE = f"{{{NAMESPACE}}}"
_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M"}


def build(document: ClinicalDocument) -> bytes:
    """The document as UTF-8 XML. Raises the refusals of `values.check`, before anything is written."""
    check(document)
    root = etree.Element(_IN_NAMESPACE + "ClinicalDocument", nsmap={None: NAMESPACE})
    try:
        _about(root, document)
        _patient(root, document.patient)
        _author(root, document)
        _custodian(root, document.custodian)
        for recipient in document.recipients:
            _recipient(root, recipient)
        _authenticator(root, document)
        _act(root, document)
        _replaced(root, document)
        _encounter(root, document)
        _body(root, document.pdf)
    except ValueError:
        raise RecordError("cda-value-wrong", field="text") from None  # a character that XML cannot hold
    octets: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return octets


def _add(parent: etree._Element, tag: str, text: str = "", /, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, _IN_NAMESPACE + tag, attributes)
    if text:
        node.text = text
    return node


def _down(parent: etree._Element, *tags: str) -> etree._Element:
    for tag in tags:
        parent = _add(parent, tag)
    return parent


def _coded(parent: etree._Element, tag: str, code: str, label: str, system: str, /, **more: str) -> None:
    _add(parent, tag, code=code, displayName=label, codeSystem=system, **more)


def _about(root: etree._Element, document: ClinicalDocument) -> None:
    kind = value_sets.DOCUMENT_TYPES[document.kind.value]
    _add(root, "realmCode", code="FR")
    _add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for template in TEMPLATES:
        _add(root, "templateId", root=template)
    _add(root, "id", root=document.id)
    _coded(root, "code", kind.code, kind.label, kind.system, codeSystemName="LOINC")
    _add(root, "title", document.title)
    _add(root, "effectiveTime", value=_shown(document, document.effective_ms))
    confidentiality = document.confidentiality.value
    _coded(
        root,
        "confidentialityCode",
        confidentiality,
        value_sets.CONFIDENTIALITY_LABELS[confidentiality],
        value_sets.CONFIDENTIALITY,
    )
    _add(root, "languageCode", code="fr-FR")
    _add(root, "setId", root=document.set_id)
    _add(root, "versionNumber", value=str(document.version))


def _patient(root: etree._Element, patient: Patient) -> None:
    role = _down(root, "recordTarget", "patientRole")
    if patient.ins is not None:  # `check` has refused a patient without
        _add(role, "id", root=patient.ins.oid, extension=patient.ins.matricule)
    _unasked(role)
    person = _add(role, "patient", classCode="PSN")
    _patient_name(person, patient)
    traits: StrictTraits = patient.traits
    sex = _SEXES[traits.sex]
    _coded(person, "administrativeGenderCode", sex, value_sets.GENDER_LABELS[sex], value_sets.GENDER)
    _add(person, "birthTime", value=f"{traits.birth_date:%Y%m%d}")
    _add(_down(person, "birthplace", "place", "addr"), "county", traits.birth_place)


def _patient_name(person: etree._Element, patient: Patient) -> None:
    name = _add(person, "name")
    given = patient.traits.birth_given_names
    _add(name, "family", patient.traits.birth_name, qualifier="BR")
    _add(name, "given", given)
    _add(name, "given", given.split()[0], qualifier="BR")
    if patient.usual_name:
        _add(name, "family", patient.usual_name, qualifier="CL")
    if patient.usual_given_name:
        _add(name, "given", patient.usual_given_name, qualifier="CL")


def _author(root: etree._Element, document: ClinicalDocument) -> None:
    author = _add(root, "author")
    _add(author, "time", value=_shown(document, document.effective_ms))
    assigned = _add(author, "assignedAuthor")
    _professional(assigned, document.author)
    _organisation(_add(assigned, "representedOrganization"), document.author.structure)


def _custodian(root: etree._Element, custodian: Structure) -> None:
    _organisation(_down(root, "custodian", "assignedCustodian", "representedCustodianOrganization"), custodian)


def _recipient(root: etree._Element, recipient: Professional) -> None:
    intended = _down(root, "informationRecipient", "intendedRecipient")
    _add(intended, "id", root=PROFESSIONALS, extension=recipient.identifier)
    _unasked(intended)
    _name(_add(intended, "informationRecipient"), recipient)
    _organisation(_add(intended, "receivedOrganization"), recipient.structure)


def _authenticator(root: etree._Element, document: ClinicalDocument) -> None:
    authenticator = _add(root, "legalAuthenticator")
    _add(authenticator, "time", value=_shown(document, document.effective_ms))
    _add(authenticator, "signatureCode", code="S")
    entity = _add(authenticator, "assignedEntity")
    _professional(entity, document.author)
    _organisation(_add(entity, "representedOrganization"), document.author.structure)


def _act(root: etree._Element, document: ClinicalDocument) -> None:
    event = _down(root, "documentationOf", "serviceEvent")
    _add(_add(event, "effectiveTime"), "low", value=_shown(document, document.service_start_ms))
    entity = _add(_add(event, "performer", typeCode="PRF"), "assignedEntity")
    _professional(entity, document.author)
    structure = document.author.structure
    organisation = _add(entity, "representedOrganization")
    _organisation(organisation, structure)
    setting = structure.practice_setting
    _coded(
        organisation,
        "standardIndustryClassCode",
        setting,
        value_sets.practice_setting_label(setting),
        value_sets.PRACTICE_SETTINGS,
    )


def _replaced(root: etree._Element, document: ClinicalDocument) -> None:
    if document.replaces:
        parent = _add(_add(root, "relatedDocument", typeCode="RPLC"), "parentDocument")
        _add(parent, "id", root=document.replaces)
        _add(parent, "setId", root=document.set_id)
        _add(parent, "versionNumber", value=str(document.version - 1))


def _encounter(root: etree._Element, document: ClinicalDocument) -> None:
    encounter = _down(root, "componentOf", "encompassingEncounter")
    _add(_add(encounter, "effectiveTime"), "low", value=_shown(document, document.encounter_start_ms))
    facility = _down(encounter, "location", "healthCareFacility")
    structure = document.author.structure
    _add(facility, "id", root=STRUCTURES, extension=structure.identifier)
    code = structure.facility_type
    _coded(facility, "code", code, value_sets.facility_label(code), value_sets.FACILITIES)


def _body(root: etree._Element, pdf: bytes) -> None:
    body = _down(root, "component", "nonXMLBody")
    _add(body, "text", base64.b64encode(pdf).decode("ascii"), mediaType="application/pdf", representation="B64")


def _professional(assigned: etree._Element, professional: Professional) -> None:
    _add(assigned, "id", root=PROFESSIONALS, extension=professional.identifier)
    _coded(assigned, "code", professional.specialty, professional.label, value_sets.SPECIALTIES)
    _unasked(assigned)
    _name(_add(assigned, "assignedPerson"), professional)


def _name(person: etree._Element, professional: Professional) -> None:
    name = _add(person, "name")
    if professional.prefix:
        _add(name, "prefix", professional.prefix)
    _add(name, "given", professional.given)
    _add(name, "family", professional.family)
    if professional.suffix:
        _add(name, "suffix", professional.suffix)


def _organisation(organisation: etree._Element, structure: Structure) -> None:
    _add(organisation, "id", root=STRUCTURES, extension=structure.identifier)
    _add(organisation, "name", structure.name)
    _add(organisation, "telecom", nullFlavor="NASK")
    _add(organisation, "addr", nullFlavor="NASK")


def _unasked(party: etree._Element) -> None:
    """Address and telephone, of which a document between clinicians says that nobody asked for them."""
    _add(party, "addr", nullFlavor="NASK")
    _add(party, "telecom", nullFlavor="NASK")


def _shown(document: ClinicalDocument, at_ms: int) -> str:
    return timestamps.render(at_ms, document.offset_minutes)

"""What HL7 CDA R2 and the CI-SIS ask of a document's header and body, element by element (CDA-6.1 to CDA-6.7).

A table of rules, each named by the path of its element. What no published schema checks stands here too: the
keys of INS and RPPS, the author among the recipients, a body that is no PDF, dates that cannot be. It is not
the ANS schematron, which was not at hand; `docs/spec/cda.md` says what that leaves open.
"""

from __future__ import annotations

from record_bridge.cda import read, value_sets
from record_bridge.cda.read import open_document
from record_bridge.cda.rule import (
    Rule,
    attribute,
    coded,
    each,
    fixed,
    holding,
    is_uid,
    ordered,
    professional_id,
    said,
    structure_id,
)
from record_bridge.cda.rule_values import (
    act_before_document,
    author_before_document,
    author_is_no_recipient,
    author_is_somebody,
    birth_before_document,
    body_is_a_pdf,
    encounter_before_document,
    first_given_name_first,
    is_birth_place_code,
    is_day,
    is_document_type,
    is_full_instant,
    is_ins,
    is_instant,
    is_version,
    null_flavors_are_known,
    one_body,
    one_identity,
    qualifiers_are_known,
    replacement_keeps_set,
    replacement_raises_version,
    template_of_body,
    type_in_its_system,
)
from record_bridge.cda.values import Header
from record_bridge.errors import RecordError

_PATIENT = "recordTarget/patientRole/patient"
_ACT = "documentationOf[1]/serviceEvent"
_PERFORMER = f"{_ACT}/performer/assignedEntity"
_ENCOUNTER = "componentOf/encompassingEncounter"
_FACILITY = f"{_ENCOUNTER}/location/healthCareFacility"
_CUSTODIAN = "custodian/assignedCustodian/representedCustodianOrganization"
_PARTICIPANT = "participant/associatedEntity"
_GUARDIAN = "recordTarget/patientRole/patient/guardian"
_SIGNER = "legalAuthenticator/assignedEntity"

_HEADER: tuple[Rule, ...] = (
    ordered(
        "",
        *("realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode"),
        *("languageCode", "setId", "versionNumber", "copyTime", "recordTarget", "author", "dataEnterer", "informant"),
        *("custodian", "informationRecipient", "legalAuthenticator", "authenticator", "participant"),
        *("inFulfillmentOf", "documentationOf", "relatedDocument", "authorization", "componentOf", "component"),
    ),
    holding("ClinicalDocument#nullFlavor", "what is unknown says why in HL7's words", null_flavors_are_known),
    each("", "realmCode"),
    fixed("realmCode", code="FR"),
    each("", "typeId"),
    fixed("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
    each("", "templateId[@root='2.16.840.1.113883.2.8.2.1']"),
    each("", "templateId[@root='1.2.250.1.213.1.1.1.1']"),
    holding("templateId", "an N1 declares IHE XDS-SD, a structured body its own model", template_of_body),
    attribute("templateId", "root", "is an OID", is_uid),
    each("", "id"),
    attribute("id", "root", "is an OID or a UUID", is_uid),
    each("", "code"),
    *coded("code", value_sets.LOINC, value_sets.NATIONAL_TYPES, asks="is a document type", fits=is_document_type),
    holding("code#system", "the code stands in its own system", type_in_its_system),
    each("", "title"),
    said("title"),
    each("", "effectiveTime"),
    attribute("effectiveTime", "value", "is an instant to the second with its offset", is_full_instant),
    each("", "confidentialityCode"),
    *coded(
        "confidentialityCode",
        value_sets.CONFIDENTIALITY,
        asks="is an HL7 confidentiality",
        fits=frozenset("LMNRUV").__contains__,
    ),
    each("", "languageCode"),
    fixed("languageCode", code="fr-FR"),
    each("", "setId"),
    attribute("setId", "root", "is an OID or a UUID", is_uid),
    each("", "versionNumber"),
    attribute("versionNumber", "value", "is a whole number from 1", is_version),
)

_SUBJECT: tuple[Rule, ...] = (
    each("", "recordTarget"),
    ordered("recordTarget", "patientRole"),
    each("recordTarget", "patientRole"),
    ordered("recordTarget/patientRole", "id", "addr", "telecom", "patient", "providerOrganization"),
    holding("recordTarget/patientRole/id", "carries one INS and not two", one_identity),
    holding("recordTarget/patientRole/id/@extension", "is an INS whose key holds", is_ins),
    each("recordTarget/patientRole", "patient"),
    ordered(
        _PATIENT,
        *("id", "name", "administrativeGenderCode", "birthTime", "deceasedInd", "deceasedTime", "maritalStatusCode"),
        *("religiousAffiliationCode", "raceCode", "ethnicGroupCode", "guardian", "birthplace", "languageCommunication"),
    ),
    attribute(_PATIENT, "classCode", "is PSN where it is said", frozenset({"", "PSN"}).__contains__),
    each(_PATIENT, "name"),
    each(f"{_PATIENT}/name", "family[@qualifier='BR']"),
    said(f"{_PATIENT}/name/family[@qualifier='BR']"),
    each(f"{_PATIENT}/name", "given[not(@qualifier)]"),
    said(f"{_PATIENT}/name/given[not(@qualifier)]"),
    each(f"{_PATIENT}/name", "given[@qualifier='BR']"),
    said(f"{_PATIENT}/name/given[@qualifier='BR']"),
    holding(f"{_PATIENT}/name#qualifier", "a part of a name is qualified in HL7's words", qualifiers_are_known),
    holding(f"{_PATIENT}/name#first-given", "the first given name opens the list", first_given_name_first),
    each(_PATIENT, "administrativeGenderCode"),
    *coded(
        f"{_PATIENT}/administrativeGenderCode",
        value_sets.GENDER,
        asks="is F or M",
        fits=frozenset("FM").__contains__,
    ),
    each(_PATIENT, "birthTime"),
    attribute(f"{_PATIENT}/birthTime", "value", "is a day", is_day),
    holding(f"{_PATIENT}/birthTime#before-document", "the birth is not after the document", birth_before_document),
    each(_GUARDIAN, "guardianPerson|guardianOrganization"),
    each(f"{_GUARDIAN}/guardianPerson", "name"),
    each(f"{_GUARDIAN}/guardianPerson/name", "family"),
    each(_PATIENT, "birthplace"),
    each(f"{_PATIENT}/birthplace", "place"),
    each(f"{_PATIENT}/birthplace/place", "addr"),
    each(f"{_PATIENT}/birthplace/place/addr", "county"),
    holding(f"{_PATIENT}/birthplace/place/addr/county/text()", "is an INSEE code", is_birth_place_code),
)

_PARTIES: tuple[Rule, ...] = (
    each("", "author", most=20),
    ordered("author", "functionCode", "time", "assignedAuthor"),
    each("author", "time"),
    attribute("author/time", "value", "is an instant", is_instant),
    holding("author/time#before-document", "nobody wrote after the document", author_before_document),
    each("author", "assignedAuthor"),
    ordered(
        "author/assignedAuthor",
        *("id", "code", "addr", "telecom", "assignedPerson", "assignedAuthoringDevice", "representedOrganization"),
    ),
    each("author/assignedAuthor", "id", most=10),
    *professional_id("author/assignedAuthor/id"),
    *coded("author/assignedAuthor/code"),
    *structure_id("author/assignedAuthor/representedOrganization/id"),
    holding("author/assignedAuthor/assignedPerson", "an author is a person or a device", author_is_somebody),
    each("author/assignedAuthor/assignedPerson", "name"),
    each("author/assignedAuthor/assignedPerson/name", "family"),
    said("author/assignedAuthor/assignedPerson/name/family"),
    each("", "custodian"),
    each("custodian", "assignedCustodian"),
    each("custodian/assignedCustodian", "representedCustodianOrganization"),
    ordered(_CUSTODIAN, "id", "name", "telecom", "addr"),
    each(_CUSTODIAN, "id", most=10),
    *structure_id(f"{_CUSTODIAN}/id"),
    each("informationRecipient", "intendedRecipient"),
    ordered(
        "informationRecipient/intendedRecipient",
        *("id", "addr", "telecom", "informationRecipient", "receivedOrganization"),
    ),
    *professional_id("informationRecipient/intendedRecipient/id"),
    *structure_id("informationRecipient/intendedRecipient/receivedOrganization/id"),
    each("informationRecipient/intendedRecipient/informationRecipient", "name"),
    each("informationRecipient/intendedRecipient/informationRecipient/name", "family"),
    said("informationRecipient/intendedRecipient/informationRecipient/name/family"),
    holding("informationRecipient#author", "the author is not a recipient", author_is_no_recipient),
    each("", "legalAuthenticator"),
    ordered("legalAuthenticator", "time", "signatureCode", "assignedEntity"),
    each("legalAuthenticator", "time"),
    attribute("legalAuthenticator/time", "value", "is an instant", is_instant),
    each("legalAuthenticator", "signatureCode"),
    fixed("legalAuthenticator/signatureCode", code="S"),
    each("legalAuthenticator", "assignedEntity"),
    ordered(_SIGNER, "id", "code", "addr", "telecom", "assignedPerson", "representedOrganization"),
    each(_SIGNER, "id", most=10),
    *professional_id(f"{_SIGNER}/id"),
    *coded(f"{_SIGNER}/code"),
    *structure_id(f"{_SIGNER}/representedOrganization/id"),
    each(_SIGNER, "assignedPerson"),
    each(f"{_SIGNER}/assignedPerson", "name"),
    each(f"{_SIGNER}/assignedPerson/name", "family"),
    said(f"{_SIGNER}/assignedPerson/name/family"),
    ordered("participant", "functionCode", "time", "associatedEntity"),
    each("participant", "time", null=True),
    each("participant", "associatedEntity"),
    ordered(_PARTICIPANT, "id", "code", "addr", "telecom", "associatedPerson", "scopingOrganization"),
    *professional_id(f"{_PARTICIPANT}/id"),
    each(f"{_PARTICIPANT}/associatedPerson", "name"),
    each(f"{_PARTICIPANT}/associatedPerson/name", "family"),
)

_CARE: tuple[Rule, ...] = (
    each("", "documentationOf", most=100),
    each("documentationOf[1]", "serviceEvent"),
    ordered(_ACT, "id", "code", "effectiveTime", "performer"),
    each(_ACT, "effectiveTime"),
    each(f"{_ACT}/effectiveTime", "low"),
    attribute(f"{_ACT}/effectiveTime/low", "value", "is an instant", is_instant),
    holding(f"{_ACT}/effectiveTime/low#before-document", "the act did not begin after it", act_before_document),
    each(_ACT, "performer", most=20),
    fixed(f"{_ACT}/performer", typeCode="PRF"),
    each(f"{_ACT}/performer", "assignedEntity"),
    ordered(_PERFORMER, "id", "code", "addr", "telecom", "assignedPerson", "representedOrganization"),
    each(_PERFORMER, "id", most=10),
    *professional_id(f"{_PERFORMER}/id"),
    *coded(f"{_PERFORMER}/code"),
    each(f"{_PERFORMER}/assignedPerson", "name"),
    *structure_id(f"{_PERFORMER}/representedOrganization/id"),
    each(_PERFORMER, "representedOrganization"),
    ordered(f"{_PERFORMER}/representedOrganization", "id", "name", "telecom", "addr", "standardIndustryClassCode"),
    each(f"{_PERFORMER}/representedOrganization", "standardIndustryClassCode"),
    *coded(f"{_PERFORMER}/representedOrganization/standardIndustryClassCode"),
    ordered("relatedDocument", "parentDocument"),
    each("relatedDocument", "parentDocument"),
    attribute("relatedDocument", "typeCode", "is RPLC, APND or XFRM", {"RPLC", "APND", "XFRM"}.__contains__),
    ordered("relatedDocument/parentDocument", "id", "code", "text", "setId", "versionNumber"),
    each("relatedDocument/parentDocument", "id"),
    attribute("relatedDocument/parentDocument/id", "root", "is an OID or a UUID", is_uid),
    attribute("relatedDocument/parentDocument/setId", "root", "is an OID or a UUID", is_uid),
    holding("relatedDocument/parentDocument/setId", "a replaced version is of the same set", replacement_keeps_set),
    holding("versionNumber#replaces", "a replacement has a higher version", replacement_raises_version),
    each("", "componentOf"),
    each("componentOf", "encompassingEncounter"),
    ordered(
        _ENCOUNTER,
        *("id", "code", "effectiveTime", "dischargeDispositionCode", "responsibleParty", "encounterParticipant"),
        "location",
    ),
    each(_ENCOUNTER, "effectiveTime"),
    each(f"{_ENCOUNTER}/effectiveTime", "low|high", most=2, null=True),
    attribute(f"{_ENCOUNTER}/effectiveTime/low", "value", "is an instant or a day", is_instant),
    holding(f"{_ENCOUNTER}/effectiveTime/low#before-document", "did not begin after it", encounter_before_document),
    each(_ENCOUNTER, "location"),
    each(f"{_ENCOUNTER}/location", "healthCareFacility"),
    ordered(_FACILITY, "id", "code", "location", "serviceProviderOrganization"),
    *structure_id(f"{_FACILITY}/id"),
    each(_FACILITY, "code"),
    *coded(f"{_FACILITY}/code"),
)

_BODY: tuple[Rule, ...] = (
    each("", "component"),
    holding("component/nonXMLBody", "there is one body", one_body),
    each("component/nonXMLBody", "text"),
    fixed("component/nonXMLBody/text", mediaType="application/pdf", representation="B64"),
    holding("component/nonXMLBody/text/text()", "is a whole PDF in base64", body_is_a_pdf),
)

RULES: tuple[Rule, ...] = (*_HEADER, *_SUBJECT, *_PARTIES, *_CARE, *_BODY)


def verify(octets: bytes) -> Header:
    """The header of a document that keeps every rule.

    Raises RecordError: cda-unsafe, cda-not-a-document, cda-rule-broken naming the first broken rule, and the
    refusals of `read.header`.
    """
    root = open_document(octets)
    for rule in RULES:
        if not rule.holds(root):
            raise RecordError("cda-rule-broken", rule=rule.id)
    return read.header(root)


def broken(octets: bytes) -> tuple[str, ...]:
    """The ids of all the rules that a document breaks, in the table's order. Raises as `open_document` does."""
    root = open_document(octets)
    return tuple(rule.id for rule in RULES if not rule.holds(root))

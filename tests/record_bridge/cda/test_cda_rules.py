"""CDA-6: every rule has a refusing case, made by deleting, doubling, moving or spoiling what a sound document has."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from record_bridge.cda import rules
from record_bridge.cda.build import build
from record_bridge.errors import RecordError
from tests.record_bridge.cda.cda_documents import GP, LETTER

NS = {"h": "urn:hl7-org:v3"}
ROOT = etree.fromstring(build(LETTER))

# What a sound document has and may lack; all the rest is mandatory.
OPTIONAL = re.compile(
    r"""
    (?!.*birthplace).*/(addr|telecom)
    | .*/(prefix|suffix|given)(?<!patient/name/given)
    | recordTarget/patientRole/patient/name/(family|given)\[@qualifier='CL'\]
    | author/assignedAuthor/(code|representedOrganization(/.*)?)
    | custodian/.*/name
    | informationRecipient
    | informationRecipient/intendedRecipient/(id|informationRecipient|receivedOrganization(/.*)?)
    | legalAuthenticator/assignedEntity/(code|representedOrganization(/.*)?)
    | documentationOf/serviceEvent/performer/assignedEntity/(code|assignedPerson)
    | documentationOf/serviceEvent/performer/assignedEntity/assignedPerson/name/family
    | documentationOf/serviceEvent/performer/assignedEntity/representedOrganization/(id|name)
    | relatedDocument
    | relatedDocument/parentDocument/(setId|versionNumber)
    | componentOf/encompassingEncounter/location/healthCareFacility/id
    """,
    re.VERBOSE,
)
OPTIONAL_ATTRIBUTES = re.compile(
    r".*/@codeSystemName|.*/(addr|telecom)/@nullFlavor|recordTarget/patientRole/patient/@classCode"
    r"|.*name/family\[@qualifier='CL'\]/@qualifier"  # an unqualified family is one more name, and allowed
)


def name_of(node: etree._Element) -> str:
    tag = etree.QName(node).localname
    if tag == "templateId":
        return f"templateId[@root='{node.get('root')}']"
    if node.get("qualifier"):
        return f"{tag}[@qualifier='{node.get('qualifier')}']"
    return f"{tag}[not(@qualifier)]" if tag == "given" and "patient" in str(node.getparent().getparent().tag) else tag


def path_of(node: etree._Element) -> str:
    above = [step for step in node.iterancestors() if step.getparent() is not None]
    return "/".join([*(etree.QName(step).localname for step in reversed(above)), name_of(node)])


def spoiled(number: int, spoil: Callable[[etree._Element], None]) -> bytes:
    """The sound document, its element of that number in document order spoiled."""
    root = copy.deepcopy(ROOT)
    spoil(list(root.iter())[number])
    octets: bytes = etree.tostring(root, encoding="UTF-8")
    return octets


def delete(node: etree._Element) -> None:
    node.getparent().remove(node)


ELEMENTS = [(number, path_of(node)) for number, node in enumerate(ROOT.iter()) if number]
ATTRIBUTES = [
    (number, f"{path_of(node)}/@{attribute}", attribute)
    for number, node in enumerate(ROOT.iter())
    if number
    for attribute in node.attrib
]
MANDATORY = [(number, path) for number, path in ELEMENTS if not OPTIONAL.fullmatch(path)]


def test_the_sound_document_keeps_every_rule() -> None:
    assert rules.broken(build(LETTER)) == ()
    assert rules.verify(build(LETTER)).id == LETTER.id
    assert len({rule.id for rule in rules.RULES}) == len(rules.RULES) > 150
    assert len(MANDATORY) > 70


@pytest.mark.parametrize(("number", "path"), MANDATORY, ids=[path for _, path in MANDATORY])
def test_cda_6_1_without_a_mandatory_element_it_is_refused_by_its_rule(number: int, path: str) -> None:
    octets = spoiled(number, delete)
    with pytest.raises(RecordError) as refused:
        rules.verify(octets)
    assert refused.value.id == "cda-rule-broken"
    named = {rule.replace("[1]", "").removesuffix("|high") for rule in rules.broken(octets)}
    assert named & {path, "templateId"}
    assert str(refused.value.facts["rule"]) == rules.broken(octets)[0]


def test_without_an_optional_element_it_is_sound() -> None:
    optional = [(number, path) for number, path in ELEMENTS if OPTIONAL.fullmatch(path)]
    wrong = {path: rules.broken(spoiled(number, delete)) for number, path in optional}
    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_null_flavor_is_no_value_where_one_is_mandatory() -> None:
    def unknown(node: etree._Element) -> None:
        for attribute in list(node.attrib):
            del node.attrib[attribute]
        node.text = None
        node.set("nullFlavor", "UNK")

    nullable = {"componentOf/encompassingEncounter/effectiveTime/low"}
    passed = [path for number, path in MANDATORY if not rules.broken(spoiled(number, unknown))]
    assert set(passed) == nullable


def test_without_a_mandatory_attribute_it_is_refused() -> None:
    passed = []
    for number, path, attribute in ATTRIBUTES:
        octets = spoiled(number, lambda node, name=attribute: node.attrib.pop(name))  # type: ignore[misc]
        if not rules.broken(octets):
            passed.append(path)
    assert [path for path in passed if not OPTIONAL_ATTRIBUTES.fullmatch(path)] == []


# Attributes whose value is free text, or belongs to somebody's own numbering.
FREE = re.compile(
    r".*/@displayName|.*/(assignedAuthor|assignedEntity|standardIndustryClassCode|healthCareFacility)/.*@code"
)


def test_with_a_spoiled_attribute_it_is_refused() -> None:
    passed = []
    for number, path, attribute in ATTRIBUTES:
        for value in ("", "✗ spoiled"):
            octets = spoiled(number, lambda node, name=attribute, new=value: node.set(name, new))  # type: ignore[misc]
            if not rules.broken(octets) and not (value and FREE.fullmatch(path)):
                passed.append(f"{path}={value!r}")
    optional = [path for path in passed if OPTIONAL_ATTRIBUTES.fullmatch(path.partition("=")[0])]
    assert [path for path in passed if path not in optional] == []


def test_a_second_of_what_stands_once_is_refused() -> None:
    repeatable = re.compile(
        r".*/(addr|telecom|name|prefix|given|suffix|id)|templateId.*|author|documentationOf|informationRecipient"
        r"|relatedDocument|.*/(code|performer)|.*\[@qualifier='CL'\]|.*/(receivedOrganization|informationRecipient)"
        r"|.*/effectiveTime/low|.*/parentDocument/(setId|versionNumber)|.*/representedOrganization|.*/performer/.*/(assignedPerson|family)"
    )
    passed = [
        path
        for number, path in ELEMENTS
        if not rules.broken(spoiled(number, lambda node: node.addnext(copy.deepcopy(node))))
    ]
    assert [path for path in passed if not repeatable.fullmatch(path)] == []


def test_elements_out_of_their_order_are_refused() -> None:
    def swap(node: etree._Element) -> None:
        node.getparent().insert(node.getparent().index(node), node.getnext())

    free = re.compile(r".*/name/[^/]*|.*(Organization|assignedCustodian)/[^/]*")
    passed = []
    for number, node in enumerate(ROOT.iter()):
        following = node.getnext()
        if following is not None and following.tag != node.tag and not rules.broken(spoiled(number, swap)):
            passed.append(path_of(node))
    assert [path for path in passed if not free.fullmatch(path)] == []


def test_an_element_that_the_standard_does_not_know_is_refused() -> None:
    octets = build(LETTER).replace(b"<languageCode", b"<spokenCode/><languageCode")
    assert rules.broken(octets) == ("ClinicalDocument#order",)
    foreign = build(LETTER).replace(b"<birthplace>", b'<x:deceasedInd xmlns:x="urn:hl7-org:sdtc"/><birthplace>')
    assert rules.broken(foreign) == ()


def replaced(old: str, new: str, *, count: int = -1) -> bytes:
    octets = build(LETTER)
    assert old.encode() in octets, old
    return octets.replace(old.encode(), new.encode(), count)


def bodies() -> Iterator[tuple[str, bytes]]:
    coded = base64.b64encode(LETTER.pdf).decode()
    for name, body in {
        "no PDF": base64.b64encode(b"<html/> %%EOF").decode(),
        "no end": base64.b64encode(LETTER.pdf[:-8]).decode(),
        "no base64": "%PDF-1.4 %%EOF",
        "empty": "",
        "markup within": f"{coded}<b/>",
    }.items():
        yield f"component/nonXMLBody/text/text() {name}", replaced(coded, body)


_INS = '<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/>'
_TARGET = re.search(rb"<recordTarget>.*</recordTarget>", build(LETTER))
assert _TARGET is not None
TARGET = _TARGET[0].decode()
_PATIENT = "recordTarget/patientRole"

SPOILED: list[tuple[str, bytes]] = [
    ("recordTarget", replaced(TARGET, TARGET * 2)),
    (f"{_PATIENT}/id", replaced(_INS, _INS + _INS.replace("279035121518989", "277076322082910"))),
    (f"{_PATIENT}/id", replaced(_INS, _INS + _INS.replace("1.4.10", "1.4.8"))),
    (f"{_PATIENT}/id", replaced(_INS, '<id root="1.2.3.4" extension="IPP7"/>')),
    (f"{_PATIENT}/id/@extension", replaced(_INS, _INS.replace("1.4.10", "1.4.8").replace("518989", "518988"))),
    (f"{_PATIENT}/id/@extension", replaced("279035121518989", "27903512151898")),
    (f"{_PATIENT}/patient/name#first-given", replaced(">DOMINIQUE<", ">MARIE-LOUISE<")),
    (f"{_PATIENT}/patient/name#first-given", replaced(">DOMINIQUE<", ">DOMI<")),
    (f"{_PATIENT}/patient/birthTime/@value", replaced("19790328", "19790230")),
    (f"{_PATIENT}/patient/birthTime/@value", replaced("19790328", "1979")),
    (f"{_PATIENT}/patient/birthTime/@value", replaced("19790328", "01790328")),
    (f"{_PATIENT}/patient/birthTime#before-document", replaced("19790328", "20261123")),
    (f"{_PATIENT}/patient/administrativeGenderCode/@code", replaced('code="F" ', 'code="UN" ')),
    (f"{_PATIENT}/patient/birthplace/place/addr/county/text()", replaced("51215", "Dompremy")),
    ("effectiveTime/@value", replaced('effectiveTime value="20261122120000+0100"', 'effectiveTime value="20261122"')),
    ("effectiveTime/@value", replaced('effectiveTime value="20261122120000', 'effectiveTime value="20261122250000')),
    (
        "effectiveTime/@value",
        replaced('effectiveTime value="20261122120000+0100', 'effectiveTime value="20261122120000+9900'),
    ),
    ("author/time#before-document", replaced('<author><time value="20261122', '<author><time value="20261123')),
    (
        "documentationOf[1]/serviceEvent/effectiveTime/low#before-document",
        replaced('<low value="20261122110000', '<low value="20261122130000'),
    ),
    (
        "componentOf/encompassingEncounter/effectiveTime/low#before-document",
        replaced('<low value="20261122100000', '<low value="20271122100000'),
    ),
    ("informationRecipient#author", replaced("899700218896", "801234567897")),
    ("author/assignedAuthor/id#rpps", replaced("801234567897", "801234567898")),
    ("informationRecipient/intendedRecipient/id#rpps", replaced("899700218896", "899700218897")),
    ("legalAuthenticator/assignedEntity/id#rpps", replaced("801234567897", "8ABC")),
    ("documentationOf[1]/serviceEvent/performer/assignedEntity/id#rpps", replaced("801234567897", "2123456789")),
    (
        "author/assignedAuthor/assignedPerson",
        replaced("<assignedPerson>", "<assignedAuthoringDevice/><assignedPerson>", count=1),
    ),
    ("code/@code", replaced("96349-6", "00000-0")),
    ("code#system", replaced('codeSystem="2.16.840.1.113883.6.1"', 'codeSystem="1.2.250.1.213.1.1.4.12"')),
    ("confidentialityCode/@code", replaced('confidentialityCode code="N"', 'confidentialityCode code="MASQUE_PS"')),
    ("versionNumber/@value", replaced('versionNumber value="2"', 'versionNumber value="0"')),
    ("versionNumber#replaces", replaced('versionNumber value="2"', 'versionNumber value="1"')),
    ("versionNumber#replaces", replaced('root="2.25.4"', 'root="2.25.5"')),
    (
        "relatedDocument/parentDocument/setId",
        replaced('<setId root="2.25.6"/><versionNumber value="1"', '<setId root="2.25.7"/><versionNumber value="1"'),
    ),
    ("templateId", replaced("1.3.6.1.4.1.19376.1.2.20", "1.3.6.1.4.1.19376.1.3.3")),
    (
        "templateId",
        replaced("<nonXMLBody>", "<structuredBody>")
        .replace(b"</nonXMLBody>", b"</structuredBody>")
        .replace(b'<templateId root="1.3.6.1.4.1.19376.1.2.20"/>', b""),
    ),
    ("component/nonXMLBody", replaced("<nonXMLBody>", "<structuredBody/><nonXMLBody>")),
    ("component/nonXMLBody/text/@mediaType+@representation", replaced("application/pdf", "text/html")),
    *((rule.partition(" ")[0], octets) for rule, octets in bodies()),
]


@pytest.mark.parametrize(("rule", "octets"), SPOILED, ids=[f"{n}-{case[0]}" for n, case in enumerate(SPOILED)])
def test_cda_6_2_a_spoiled_value_breaks_its_rule(rule: str, octets: bytes) -> None:
    assert rule in rules.broken(octets)
    with pytest.raises(RecordError, match="cda-rule-broken"):
        rules.verify(octets)


GUARDIAN = "<guardian><guardianPerson><name><family>MARTIN</family></name></guardianPerson></guardian><birthplace>"
PARTICIPANT = (
    '<participant typeCode="REF"><time/><associatedEntity classCode="PROV">'
    '<id root="1.2.250.1.71.4.2.1" extension="801234567897"/>'
    "<associatedPerson><name><family>AUBRY</family></name></associatedPerson>"
    "</associatedEntity></participant><documentationOf>"
)
WITH_OTHERS = replaced("<birthplace>", GUARDIAN).replace(b"<documentationOf>", PARTICIPANT.encode())


def without(path: str) -> bytes:
    root = etree.fromstring(WITH_OTHERS)
    step = "/".join(f"h:{name.partition('|')[0]}" for name in path.split("/"))
    delete(root.find(step, NS))
    octets: bytes = etree.tostring(root, encoding="UTF-8")
    return octets


OTHER_PATHS = (
    *(
        f"{_PATIENT}/patient/guardian/guardianPerson{below}"
        for below in ("|guardianOrganization", "/name", "/name/family")
    ),
    *(f"participant/{below}" for below in ("time", "associatedEntity")),
    *(f"participant/associatedEntity/associatedPerson/{below}" for below in ("name", "name/family")),
)


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_cda_6_1_who_else_is_named_is_named_wholly(path: str) -> None:
    assert rules.broken(WITH_OTHERS) == ()
    assert rules.broken(without(path)) == (path,)


def test_every_rule_has_a_refusing_case() -> None:
    """Whatever the tests above spoil breaks, taken together, every rule of the table."""
    found = {rule for _, octets in SPOILED for rule in rules.broken(octets)}
    found.update(rule for path in OTHER_PATHS for rule in rules.broken(without(path)))
    participant = PARTICIPANT.encode()
    for old, new in (
        (b"<time/>", b"<spare/><time/>"),
        (b'<id root="1.2.250.1.71.4.2.1"', b'<code/><id root="1.2.250.1.71.4.2.1"'),
        (b'<id root="1.2.250.1.71.4.2.1"', b'<id root=""'),
        (b"801234567897", b""),
    ):
        found.update(rules.broken(WITH_OTHERS.replace(participant, participant.replace(old, new))))
    for number, _ in ELEMENTS:
        found.update(rules.broken(spoiled(number, delete)))
        found.update(rules.broken(spoiled(number, lambda node: node.insert(0, etree.Element("{urn:hl7-org:v3}spare")))))

        def emptied(node: etree._Element) -> None:
            node.text = None
            for attribute in node.attrib:
                node.set(attribute, "")

        found.update(rules.broken(spoiled(number, emptied)))
        found.update(rules.broken(spoiled(number, lambda node: setattr(node, "text", " "))))
        found.update(rules.broken(spoiled(number, lambda node: node.set("classCode", "DEV"))))
        found.update(rules.broken(spoiled(number, lambda node: node.set("extension", "1 2"))))
    octets = build(LETTER).replace(b"<realmCode", b"<spare/><realmCode")
    found.update(rules.broken(octets))
    assert {rule.id for rule in rules.RULES} - found == set()


def test_a_fault_of_a_test_identity_s_key_is_tolerated_and_another_professional_s_is_not() -> None:
    assert rules.broken(replaced("279035121518989", "279035121518988")) == ()
    assert GP.identifier == "801234567897"


def test_a_request_for_an_act_to_come_may_name_a_later_date() -> None:
    later = replaced('<low value="20261122110000', '<low value="20261125110000').decode()
    assert rules.broken(later.replace("96349-6", "75496-0").encode()) == ()

"""What a value of a clinical document must be, and how values must agree (CDA-6.2 to CDA-6.6).

Predicates over one value or over the open document. They are vacuous where an element is missing: its own
rule says so.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from lxml import etree

from directory.errors import DirectoryError
from directory.identity.ins import OIDS, fold_trait, is_birth_place, parse_ins
from record_bridge.cda import timestamps, value_sets
from record_bridge.cda.build import TEMPLATES
from record_bridge.cda.rule import select
from record_bridge.cda.values import PROFESSIONALS, is_pdf

_FULL_INSTANT = re.compile(r"\d{14}[+-]\d{4}", re.ASCII)
_VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)

_TEMPLATES = select("templateId")
_CODE = select("code")
_EFFECTIVE = select("effectiveTime")
_IDS = select("recordTarget/patientRole/id")
_NAME = select("recordTarget/patientRole/patient/name")
_GIVEN = select("given[not(@qualifier)]")
_FIRST_GIVEN = select("given[@qualifier='BR']")
_BIRTH = select("recordTarget/patientRole/patient/birthTime")
_COUNTY = select("recordTarget/patientRole/patient/birthplace/place/addr/county")
_AUTHORS = select("author/assignedAuthor")
_PERSONS = select("assignedPerson|assignedAuthoringDevice")
_AUTHOR_IDS = select("author/assignedAuthor/id")
_AUTHOR_TIMES = select("author/time")
_RECIPIENT_IDS = select("informationRecipient/intendedRecipient/id")
_ACT_LOW = select("documentationOf[1]/serviceEvent/effectiveTime/low")
_ENCOUNTER_LOW = select("componentOf/encompassingEncounter/effectiveTime/low")
_ID = select("id")
_SET = select("setId")
_VERSION_NUMBER = select("versionNumber")
_REPLACED = select("relatedDocument[@typeCode='RPLC']/parentDocument")
_BODIES = select("component/*")
_TEXT = select("component/nonXMLBody/text")


_NULL_FLAVORS = etree.XPath("//@nullFlavor", smart_strings=False)
_KNOWN_NULLS = frozenset(
    ["NI", "OTH", "NINF", "PINF", "UNK", "ASKU", "NAV", "NASK", "TRC", "MSK", "NA", "NP", "INV", "DER", "QS", "UNC"]
)
_QUALIFIERS = frozenset(("AC", "AD", "BR", "CL", "IN", "LS", "NB", "PR", "SP", "TITLE", "VV"))

# --- one value ---


def is_version(value: str) -> bool:
    return _VERSION.fullmatch(value) is not None


def is_document_type(value: str) -> bool:
    return value in value_sets.DOCUMENT_TYPES


def is_instant(value: str) -> bool:
    return _at(value) is not None


def is_full_instant(value: str) -> bool:
    return _FULL_INSTANT.fullmatch(value) is not None and is_instant(value)


def is_day(value: str) -> bool:
    return len(value) == len("YYYYMMDD") and is_instant(value)


# --- values that must agree ---


def template_of_body(root: etree._Element) -> bool:
    declared = {node.get("root", "") for node in _TEMPLATES(root)}
    return TEMPLATES[2] in declared if _TEXT(root) else len(declared) >= len(TEMPLATES)


def type_in_its_system(root: etree._Element) -> bool:
    known = [(value_sets.document_type(node.get("code", "")), node.get("codeSystem")) for node in _CODE(root)]
    return all(kind is None or kind.system == system for kind, system in known)


def one_identity(root: etree._Element) -> bool:
    """CDA-6.3: one INS, be it said twice."""
    found = {(n.get("root"), n.get("extension")) for n in _IDS(root) if n.get("root") in OIDS}
    return not _NAME(root) or len(found) == 1


def is_ins(root: etree._Element) -> bool:
    """CDA-6.3: its shape everywhere, its key under a production authority."""
    try:
        for node in _IDS(root):
            if node.get("root") in OIDS:
                parse_ins(node.get("extension", ""), node.get("root", ""))
            elif not node.get("root") and node.get("nullFlavor") is None:
                return False
    except DirectoryError:
        return False
    return True


def null_flavors_are_known(root: etree._Element) -> bool:
    return _KNOWN_NULLS.issuperset(_NULL_FLAVORS(root))


def qualifiers_are_known(root: etree._Element) -> bool:
    return all(part.get("qualifier", "BR") in _QUALIFIERS for name in _NAME(root) for part in name)


def first_given_name_first(root: etree._Element) -> bool:
    for name in _NAME(root):
        given = fold_trait(" ".join(_words(node) for node in _GIVEN(name)))
        if not all(f"{given} ".startswith(f"{fold_trait(_words(first))} ") for first in _FIRST_GIVEN(name)):
            return False
    return True


def is_birth_place_code(root: etree._Element) -> bool:
    return all(is_birth_place(_words(node)) for node in _COUNTY(root))


def birth_before_document(root: etree._Element) -> bool:
    """CDA-6.5: by the day, since a newborn's documents are of the day of birth."""
    born = [n.get("value", "")[:8] for n in _BIRTH(root) if is_instant(n.get("value", ""))]
    written = [n.get("value", "")[:8] for n in _EFFECTIVE(root) if is_instant(n.get("value", ""))]
    return not born or not written or max(born) <= min(written)


def author_before_document(root: etree._Element) -> bool:
    return _not_after_document(root, _AUTHOR_TIMES)


def act_before_document(root: etree._Element) -> bool:
    return _planned(root) or _not_after_document(root, _ACT_LOW)


def encounter_before_document(root: etree._Element) -> bool:
    return _planned(root) or _not_after_document(root, _ENCOUNTER_LOW)


def author_is_somebody(root: etree._Element) -> bool:
    return all([node.get("nullFlavor") for node in _PERSONS(author)] == [None] for author in _AUTHORS(root))


def author_is_no_recipient(root: etree._Element) -> bool:
    """CDA-6.4: by national number."""
    authors, recipients = (
        {node.get("extension") for node in nodes(root) if node.get("root") == PROFESSIONALS}
        for nodes in (_AUTHOR_IDS, _RECIPIENT_IDS)
    )
    return not authors & recipients


def replacement_keeps_set(root: etree._Element) -> bool:
    ours = {(node.get("root"), node.get("extension")) for node in _SET(root)}
    return all((node.get("root"), node.get("extension")) in ours for old in _REPLACED(root) for node in _SET(old))


def replacement_raises_version(root: etree._Element) -> bool:
    ours = {(node.get("root"), node.get("extension")) for node in _ID(root)}
    version = max((int(n.get("value", "")) for n in _VERSION_NUMBER(root) if is_version(n.get("value", ""))), default=0)
    for old in _REPLACED(root):
        if version == 1 or any((node.get("root"), node.get("extension")) in ours for node in _ID(old)):
            return False
        older = [node.get("value", "") for node in _VERSION_NUMBER(old)]
        if not all(is_version(number) and (not version or int(number) < version) for number in older):
            return False
    return True


def one_body(root: etree._Element) -> bool:
    names = [etree.QName(node).localname for node in _BODIES(root) if node.get("nullFlavor") is None]
    return not root.findall("{*}component") or names in (["nonXMLBody"], ["structuredBody"])


def body_is_a_pdf(root: etree._Element) -> bool:
    """CDA-6.6: that it begins and ends as one; PDF/A is judged elsewhere."""
    try:
        return all(
            not len(node) and is_pdf(base64.b64decode("".join((node.text or "").split()), validate=True))
            for node in _TEXT(root)
        )
    except (binascii.Error, ValueError):
        return False


def _not_after_document(root: etree._Element, nodes: Callable[[etree._Element], list[etree._Element]]) -> bool:
    """CDA-6.5."""
    written = [at for node in _EFFECTIVE(root) if (at := _at(node.get("value", ""))) is not None]
    begun = [at for node in nodes(root) if (at := _at(node.get("value", ""))) is not None]
    return not written or not begun or max(begun) <= max(written)


def _planned(root: etree._Element) -> bool:
    """Whether the document asks for an act to come: a request for telemedicine, a prescription."""
    kinds = [value_sets.document_type(node.get("code", "")) for node in _CODE(root)]
    return any(kind and (kind.code == "75496-0" or kind.class_code == "42") for kind in kinds)


def _at(value: str) -> int | None:
    try:
        return timestamps.instant(value)
    except ValueError:
        return None


def _words(node: etree._Element) -> str:
    return " ".join("".join(node.itertext()).split())

"""The INS datamatrix: what a scanner types when it reads the code printed beside a patient (referral.md RF-1.4).

A 26-character header (`IS`, version `01`, 22 reserved characters), then fields in any order: an identifier
and a value. S1 matricule (15), S2 OID (up to 20), S3 birth given names (up to 100), S4 birth name (up to
100), S5 sex (1), S6 birth date DD-MM-YYYY (10), S7 INSEE code of the birth place (5, may be absent). A value
shorter than its field's greatest length ends with GS (U+001D), one of fixed length does not.

Grade of the source: C. The national specification itself was not at hand; this follows the published tests of
two independent implementations and a sample in a barcode library, which agree. Scanners set to replace GS by
its written name are tolerated; without any GS the variable fields cannot be told apart, and that is refused.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from directory.identity.ins import Sex, parse_ins
from messaging.errors import MessagingError
from messaging.referral.patient import Patient, strict_traits, traits_missing

GS = "\x1d"
MAX_DATAMATRIX = 400  # characters; all fields at their greatest length make 291

# field -> (greatest length, fixed)
_FIELDS = MappingProxyType(
    {
        "S1": (15, True),
        "S2": (20, False),
        "S3": (100, False),
        "S4": (100, False),
        "S5": (1, True),
        "S6": (10, True),
        "S7": (5, True),
    }
)
_NAMES = frozenset({"S3", "S4"})
_HEADER = re.compile(r"IS01[0-9A-Z]{22}", re.ASCII)
_WRITTEN_GS = re.compile(r"<GS>|\[GS\]|\{GS\}|\\x1d|\\u001d|\u241d", re.IGNORECASE)
_SEX = MappingProxyType({"F": Sex.FEMALE.value, "M": Sex.MALE.value})


def looks_like_datamatrix(text: str) -> bool:
    """Whether this begins as an INS datamatrix does; says nothing of the rest."""
    return _HEADER.match(text.strip().removeprefix("]d2").removeprefix("]d1")) is not None


def from_datamatrix(text: str) -> Patient:
    """Read a scanned string. Same refusals as `patient.from_fhir`."""
    fields = _fields(_WRITTEN_GS.sub(GS, text.strip(" \r\n\t").removeprefix("]d2").removeprefix("]d1")))
    if not {"S1", "S2"} <= fields.keys():
        raise _unreadable("S1")
    day, _, rest = fields.get("S6", "").partition("-")
    month, _, year = rest.partition("-")
    traits = strict_traits(
        birth_name=fields.get("S4", ""),
        birth_given_names=fields.get("S3", ""),
        birth_date=f"{year}-{month}-{day}",
        sex=_SEX.get(fields.get("S5", ""), ""),
        birth_place=fields.get("S7", ""),
    )
    return Patient(traits, parse_ins(fields["S1"], fields["S2"]))


def to_datamatrix(patient: Patient) -> str:
    """The string to print as a code; the patient must have an INS."""
    if patient.ins is None:
        raise traits_missing("ins")
    traits = patient.traits
    values = {
        "S1": patient.ins.matricule,
        "S2": patient.ins.oid,
        "S3": traits.birth_given_names.upper(),
        "S4": traits.birth_name.upper(),
        "S5": "F" if traits.sex is Sex.FEMALE else "M" if traits.sex is Sex.MALE else "",
        "S6": traits.birth_date.strftime("%d-%m-%Y"),
        "S7": traits.birth_place,
    }
    return "IS01" + "0" * 22 + "".join(_written(name, value) for name, value in values.items() if value)


def _written(name: str, value: str) -> str:
    longest, fixed = _FIELDS[name]
    return f"{name}{value}" if fixed or len(value) == longest else f"{name}{value}{GS}"


def _fields(text: str) -> dict[str, str]:
    if len(text) > MAX_DATAMATRIX or not _HEADER.match(text) or not text.replace(GS, "").isprintable():
        raise _unreadable("header")
    found: dict[str, str] = {}
    at = 26
    while at < len(text):
        name = text[at : at + 2]
        if name not in _FIELDS or name in found:
            raise _unreadable("field")
        longest, fixed = _FIELDS[name]
        rest = text[at + 2 :]
        value = rest[:longest] if fixed else rest[:longest].partition(GS)[0]
        if not value or GS in value or (fixed and len(value) != longest):
            raise _unreadable(name)
        if name in _NAMES and any(character.isdigit() for character in value):
            raise _unreadable(name)  # the separator was lost and the next fields are in here
        found[name] = value
        at += 2 + len(value)
        if text[at : at + 1] == GS:
            at += 1  # also after a fixed field: some printers close every field
        elif not fixed and len(value) < longest and at < len(text):
            raise _unreadable(name)
    return found


def _unreadable(clause: str) -> MessagingError:
    return MessagingError("patient-unreadable", clause=f"datamatrix.{clause}")

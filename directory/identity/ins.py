"""The national health identity (INS): its number, its authority and its strict traits.

Source: `docs/spec/referral.md` RF-1. A matricule is thirteen characters and a two-digit key, and means
nothing without the OID of the register that gave it. Values only: it looks nobody up, and an error or a
`repr` never holds an identity.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from directory.errors import DirectoryError

_ARC = "1.2.250.1.213.1.4."
OID_NIR = _ARC + "8"  # production, from the register of persons
OID_NIA = _ARC + "9"  # production, waiting number
OID_TEST = _ARC + "10"
OID_DEMO = _ARC + "11"
PRODUCTION_OIDS = frozenset({OID_NIR, OID_NIA})
OIDS = PRODUCTION_OIDS | {OID_TEST, OID_DEMO}

# sex, year and month, then the département (Corsica in letters), commune and order, then the key
_MATRICULE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2A|2B)[0-9]{6}[0-9]{2}", re.ASCII)
_BIRTH_PLACE = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}", re.ASCII)
_CORSICA = {"2A": "19", "2B": "18"}


class Sex(StrEnum):
    """Sex as FHIR writes it. The INS itself knows only the first two; a local identity may be unknown."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Ins:
    """A matricule under its authority. Made by `parse_ins`, which has checked its shape."""

    matricule: str
    oid: str

    @property
    def production(self) -> bool:
        """True where a real person is meant."""
        return self.oid in PRODUCTION_OIDS

    @property
    def warnings(self) -> tuple[str, ...]:
        """Ids of the words to show beside this identity; empty for a sound production identity."""
        fictive = () if self.production else ("patient-ins-fictive",)
        return fictive if _key_holds(self.matricule) else (*fictive, "patient-ins-key-doubtful")

    def __repr__(self) -> str:
        return "<Ins>"


@dataclass(frozen=True, slots=True, repr=False)
class StrictTraits:
    """The five strict traits of an identity (national framework of identity vigilance, RNIV).

    `birth_given_names` is the whole list of the birth certificate, space-separated; `birth_place` is the
    five-character INSEE code, or empty where the source does not carry it.
    """

    birth_name: str
    birth_given_names: str
    birth_date: datetime.date
    sex: Sex
    birth_place: str = ""

    def __repr__(self) -> str:
        return "<StrictTraits>"


def ins_key(number: str) -> int:
    """The key of thirteen characters: 97 less the number modulo 97, Corsica counted as 19 and 18."""
    place = number[5:7]
    return 97 - int(number[:5] + _CORSICA.get(place, place) + number[7:13]) % 97


def parse_ins(matricule: str, oid: str) -> Ins:
    """Read a matricule of fifteen characters (spaces tolerated) under an OID (with or without `urn:oid:`).

    Raises `patient-ins-malformed` for a wrong shape or an unknown authority, and `patient-ins-key-wrong` on a
    production authority; published test identities often break the key, so elsewhere that is a warning.
    """
    authority = oid.strip().removeprefix("urn:oid:")
    if authority not in OIDS:
        raise DirectoryError("patient-ins-malformed", clause="authority")
    compact = "".join(matricule.split()).upper()
    if not _MATRICULE.fullmatch(compact):
        raise DirectoryError("patient-ins-malformed", clause="matricule")
    if authority in PRODUCTION_OIDS and not _key_holds(compact):
        raise DirectoryError("patient-ins-key-wrong")
    return Ins(compact, authority)


def is_birth_place(code: str) -> bool:
    """Whether this has the shape of an INSEE code of a commune or a country (99xxx)."""
    return _BIRTH_PLACE.fullmatch(code) is not None


def fold_trait(name: str) -> str:
    """A name as the INS compares it: capitals without accents, everything else a single space."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).upper()
    return " ".join(re.sub(r"[^A-Z]+", " ", letters).split())


def _key_holds(matricule: str) -> bool:
    return ins_key(matricule[:13]) == int(matricule[13:])

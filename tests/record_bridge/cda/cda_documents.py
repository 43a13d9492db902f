"""Fictive documents: one by hand, and as many as wanted from a number. Nobody in them exists."""

from __future__ import annotations

import datetime
import random
import uuid

from directory.identity.ins import OID_DEMO, OID_NIR, OID_TEST, Sex, StrictTraits, ins_key, parse_ins
from directory.identity.luhn import check_digit
from messaging.referral.patient import Patient
from record_bridge.cda import value_sets
from record_bridge.cda.values import (
    ClinicalDocument,
    Confidentiality,
    DocumentKind,
    Professional,
    Structure,
    StructureKind,
    oid,
)

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
NOON = 1_795_345_200_000  # 2026-11-22 11:00 UTC
HOUR = 3_600_000

PATIENT = Patient(
    StrictTraits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"),
    parse_ins("279035121518989", OID_TEST),
    "DURAND",
    "Domi",
)
PRACTICE = Structure(StructureKind.FINESS, "750100125", "Cabinet des Tilleuls")
GP = Professional("01234567897", "AUBRY", "Claire", "G15_10/SM26", PRACTICE, "MME", "DR")
CARDIOLOGIST = Professional(
    "99700218896",
    "TEISSIER",
    "Paul",
    "G15_10/SM04",
    Structure(StructureKind.SIRET, "73282932000074", "Cœur"),
    "M",
    "DR",
)
LETTER = ClinicalDocument(
    id=oid(uuid.UUID(int=5)),
    set_id=oid(uuid.UUID(int=6)),
    version=2,
    kind=DocumentKind.LETTER,
    title="Lettre d'adressage : dyspnée d'effort",
    effective_ms=NOON,
    offset_minutes=60,
    patient=PATIENT,
    author=GP,
    custodian=PRACTICE,
    service_start_ms=NOON - HOUR,
    encounter_start_ms=NOON - 2 * HOUR,
    pdf=PDF,
    recipients=(CARDIOLOGIST,),
    replaces=oid(uuid.UUID(int=4)),
)

_NAMES = ("MARTIN", "D'ARC", "LE GOFF-ÉVÊQUE", "N'GUYÊN", "O & <B>", "ŒUVRARD", "ÿ Ça", 'DE "LA" TOUR')
_GIVEN = ("Anne", "JEAN-LUC", "Zoé", "Maëlys", "ÉMILE", "Noël")


def rpps(chance: random.Random) -> str:
    body = f"{chance.randrange(10**10):010}"
    return body + check_digit(body)


def structure(chance: random.Random) -> Structure:
    kind = chance.choice(list(StructureKind))
    if kind is StructureKind.RPPS_RANG:
        number = rpps(chance) + f"{chance.randrange(1000):03}"
    else:
        body = f"{chance.randrange(1, 10**8):0{13 if kind is StructureKind.SIRET else 8}}"
        number = body + check_digit(body)
    return Structure(
        kind,
        number,
        f"Cabinet {chance.choice(_NAMES)}",
        chance.choice(list(value_sets.FACILITY_LABELS)),
        chance.choice(list(value_sets.PRACTICE_SETTING_LABELS)),
    )


def professional(chance: random.Random) -> Professional:
    return Professional(
        rpps(chance),
        chance.choice(_NAMES),
        chance.choice(_GIVEN),
        chance.choice(["G15_10/SM26", "G15_10/SM04", "G15_10/SM99", "G15_60", "G15_40/SCD01"]),
        structure(chance),
        chance.choice(["", "M", "MME"]),
        chance.choice(["", "DR", "PR"]),
        chance.choice(["", "Médecin généraliste"]),
    )


def patient(chance: random.Random) -> Patient:
    born = datetime.date(1900, 1, 1) + datetime.timedelta(days=chance.randrange(46_000))
    sex = chance.choice([Sex.FEMALE, Sex.MALE])
    place = chance.choice(["2A004", "2B033", "99352", "97411", "75056", "01001"])
    department = place[:2]
    number = f"{1 if sex is Sex.MALE else 2}{born:%y%m}{department}{chance.randrange(10**6):06}"
    given = " ".join(chance.sample(_GIVEN, chance.randrange(1, 4)))
    used = chance.choice(["", "MARTIN-DUPONT"])
    return Patient(
        StrictTraits(chance.choice(_NAMES), given, born, sex, place),
        parse_ins(f"{number}{ins_key(number):02}", chance.choice([OID_NIR, OID_TEST, OID_DEMO])),
        used,
        "Petit" if used else "",
    )


def generated(seed: int) -> ClinicalDocument:
    """A sound document, always the same for a number."""
    chance = random.Random(seed)
    effective = NOON + chance.randrange(10**11)
    version = chance.choice([1, 1, 2, 7])
    author, *recipients = (professional(chance) for _ in range(chance.randrange(1, 5)))
    return ClinicalDocument(
        id=oid(uuid.UUID(int=chance.getrandbits(128))),
        set_id=oid(uuid.UUID(int=chance.getrandbits(128))),
        version=version,
        kind=chance.choice(list(DocumentKind)),
        title=f"Réponse à {chance.choice(_NAMES)} — {seed}",
        effective_ms=effective - effective % 1000,
        offset_minutes=chance.choice([60, 120, 240, -600, 0, 330]),
        patient=patient(chance),
        author=author,
        custodian=structure(chance),
        service_start_ms=effective - effective % 1000 - chance.randrange(10**6) * 1000,
        encounter_start_ms=effective - effective % 1000 - chance.randrange(10**6) * 1000,
        pdf=PDF + chance.randbytes(chance.randrange(200)) + b"\n%%EOF",
        recipients=tuple(recipients),
        confidentiality=chance.choice(list(Confidentiality)),
        replaces=oid(uuid.UUID(int=chance.getrandbits(128))) if version > 1 else "",
    )

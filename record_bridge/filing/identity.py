"""Why filing waits for an identity, and by what two are not one person's (docs/spec/filing.md FI-2.6, FI-2.7).

Whether an identity is qualified is the Patient's own to say, and whether two are one person's is CO-4.2; this names the
reason for words. No exception and no `repr` holds an identity.
"""

from __future__ import annotations

from directory.identity.ins import Sex, fold_trait
from messaging.referral.patient import Patient
from record_bridge.consent.same_patient import same_patient


def waits_for(patient: Patient) -> str:
    """The id of the reason why filing waits; empty for a qualified identity."""
    if patient.qualified:
        return ""
    if patient.ins is None:
        return "filing-waits-for-ins"
    lacking = not patient.traits.birth_place or patient.traits.sex is Sex.UNKNOWN
    return "filing-waits-for-traits" if lacking else "filing-waits-for-validation"


def differs(one: Patient, other: Patient) -> str:
    """The first trait by which two identities are not one person's; empty if they are."""
    if same_patient(one, other):
        return ""
    a, b = one.traits, other.traits
    numbered = one.ins is not None and other.ins is not None and one.ins.oid == other.ins.oid
    found = (
        ("ins", numbered and one.ins != other.ins),
        ("birth-name", fold_trait(a.birth_name) != fold_trait(b.birth_name)),
        ("birth-date", a.birth_date != b.birth_date),
        ("sex", a.sex is not b.sex and Sex.UNKNOWN not in (a.sex, b.sex)),
        ("birth-place", bool(a.birth_place and b.birth_place) and a.birth_place != b.birth_place),
    )
    return next((trait for trait, other_person in found if other_person), "birth-given-names")

"""Whether two identities are one person's, as far as they say (consent.md CO-4.2; RNIV).

Two numbers of one authority must be equal, and even then name, birth date and sex must not contradict: a number typed
beside another person's name is the accident that this is for. Without two numbers the first given name counts too. It
says no more than that: which identity is qualified is for who files.
"""

from __future__ import annotations

from directory.identity.ins import Sex, fold_trait
from messaging.referral.patient import Patient


def same_patient(one: Patient, other: Patient) -> bool:
    """Whether nothing contradicts and enough agrees."""
    a, b = one.traits, other.traits
    numbered = one.ins is not None and other.ins is not None and one.ins.oid == other.ins.oid
    if numbered and one.ins != other.ins:
        return False
    if fold_trait(a.birth_name) != fold_trait(b.birth_name) or a.birth_date != b.birth_date:
        return False
    if a.sex is not b.sex and Sex.UNKNOWN not in (a.sex, b.sex):
        return False
    if a.birth_place and b.birth_place and a.birth_place != b.birth_place and not numbered:
        return False
    return numbered or _first(a.birth_given_names) == _first(b.birth_given_names)


def _first(names: str) -> str:
    folded = fold_trait(names).split()
    return folded[0] if folded else ""

"""referral.md RF-1: the INS number, its key and its authority."""

from __future__ import annotations

import pytest

from directory.errors import DirectoryError
from directory.identity.ins import (
    OID_DEMO,
    OID_NIA,
    OID_NIR,
    OID_TEST,
    Ins,
    fold_trait,
    ins_key,
    is_birth_place,
    parse_ins,
)

# Month 99 and commune 999 belong to nobody.
FICTIVE = "2009999999999"


def with_key(number: str, shift: int = 0) -> str:
    return f"{number}{(ins_key(number) - 1 + shift) % 97 + 1:02d}"


@pytest.mark.parametrize("published", ["279035121518989", "277076322082910", "260058815400233"])
def test_key_of_published_test_identities(published: str) -> None:
    assert ins_key(published[:13]) == int(published[13:])


@pytest.mark.parametrize(("letters", "digits"), [("2A", "19"), ("2B", "18")])
def test_corsica_counts_as_19_and_18(letters: str, digits: str) -> None:
    assert ins_key(f"10099{letters}999999") == ins_key(f"10099{digits}999999")
    assert parse_ins(with_key(f"10099{letters}999999"), OID_NIR).matricule[5:7] == letters


@pytest.mark.parametrize("oid", [OID_NIR, OID_NIA])
def test_wrong_key_blocks_on_a_production_authority(oid: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse_ins(with_key(FICTIVE, shift=1), oid)
    assert refused.value.id == "patient-ins-key-wrong"
    assert refused.value.facts == {}


@pytest.mark.parametrize("oid", [OID_TEST, OID_DEMO])
def test_wrong_key_warns_on_a_test_authority(oid: str) -> None:
    ins = parse_ins(with_key(FICTIVE, shift=1), oid)
    assert ins.warnings == ("patient-ins-fictive", "patient-ins-key-doubtful")


def test_sound_production_identity_has_no_warning() -> None:
    ins = parse_ins(with_key(FICTIVE), "urn:oid:" + OID_NIR)
    assert (ins.warnings, ins.production, ins.oid) == ((), True, OID_NIR)


def test_spaces_and_small_letters_are_read() -> None:
    spaced = "1 00 99 2a 999 999 "
    key = ins_key("100992A999999")
    assert parse_ins(f"{spaced}{key:02d}", OID_TEST).matricule == f"100992A999999{key:02d}"


@pytest.mark.parametrize(
    ("matricule", "oid", "clause"),
    [
        (with_key(FICTIVE), "1.2.250.1.213.1.4.2", "authority"),
        (with_key(FICTIVE), "", "authority"),
        (FICTIVE, OID_TEST, "matricule"),
        (with_key(FICTIVE) + "0", OID_TEST, "matricule"),
        ("10099" + "2C" + "99999901", OID_TEST, "matricule"),
        ("٢" * 15, OID_TEST, "matricule"),
        ("", OID_TEST, "matricule"),
    ],
)
def test_malformed_matricule_names_the_clause_only(matricule: str, oid: str, clause: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse_ins(matricule, oid)
    assert (refused.value.id, refused.value.facts) == ("patient-ins-malformed", {"clause": clause})


def test_repr_shows_no_identity() -> None:
    assert with_key(FICTIVE) not in repr(Ins(with_key(FICTIVE), OID_NIR))


def test_traits_compare_without_accents_hyphens_and_case() -> None:
    assert fold_trait("  d'Œuvre-Gracián ") == fold_trait("D OEUVRE GRACIAN")
    assert fold_trait("Le Gall") != fold_trait("Legall")


def test_birth_place_is_an_insee_code() -> None:
    assert all(is_birth_place(code) for code in ("51215", "2A004", "99100"))
    assert not any(is_birth_place(code) for code in ("2C004", "5121", "512155", "PARIS"))

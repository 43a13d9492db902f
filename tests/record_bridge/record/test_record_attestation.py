"""The registrar's identity attestation: every octet signed, for one code, read strictly; no exception says who."""

from __future__ import annotations

from datetime import date

import pytest

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError
from directory.identity.ins import Sex, StrictTraits
from directory.primitives.signature import SigningKey
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir
from record_bridge.errors import RecordError
from record_bridge.record import attestation

REGISTRAR, CODE = SigningKey(bytes([1]) * 32), SigningKey(bytes([2]) * 32)
PATIENT = Patient(StrictTraits("ESSAI", "JEANNE", date(1950, 1, 2), Sex.FEMALE, "51215"))
FHIR = dump(to_fhir(PATIENT))


def made(fhir: bytes = FHIR, key: SigningKey = REGISTRAR) -> bytes:
    return attestation.build(CODE.public, 1_800_000_000_000, fhir, key)


def invitation(kind: InviteeKind = InviteeKind.PATIENT, code_pk: bytes = CODE.public) -> Invitation:
    return Invitation(code_pk, kind, "", "", "", "", 0, 1)


def test_it_says_for_which_code_and_who() -> None:
    code_pk, patient = attestation.verify(made(), REGISTRAR.public)
    assert code_pk == CODE.public
    assert patient.traits == PATIENT.traits
    assert attestation.parse(made()).fhir == FHIR


def test_the_holder_is_who_enrolled_with_that_code() -> None:
    assert attestation.verify_holder(made(), invitation()) == invitation()


@pytest.mark.parametrize(
    "other",
    [invitation(InviteeKind.PROFESSIONAL), invitation(code_pk=REGISTRAR.public), invitation(InviteeKind.DEPOSITOR)],
)
def test_somebody_else_s_account_is_not_the_holder(other: Invitation) -> None:
    with pytest.raises(RecordError) as refused:
        attestation.verify_holder(made(), other)
    assert refused.value.id == "attestation-foreign"


def test_any_flipped_octet_is_refused_and_nobody_is_named() -> None:
    raw = made()
    for at in range(len(raw)):
        with pytest.raises((RecordError, DirectoryError)) as refused:
            attestation.verify(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], REGISTRAR.public)
        assert refused.value.id in ("attestation-malformed", "attestation-forged", "protocol-newer")
        assert "ESSAI" not in f"{refused.value}{refused.value.facts}".upper()


def test_signed_by_anybody_but_the_registrar() -> None:
    with pytest.raises(RecordError) as refused:
        attestation.verify(made(key=CODE), REGISTRAR.public)
    assert refused.value.id == "attestation-forged"


@pytest.mark.parametrize("wrong", [made()[:-1], made() + b"\0", b"", b"CP1k" + made()[4:]])
def test_octets_that_are_no_attestation(wrong: bytes) -> None:
    with pytest.raises(RecordError) as refused:
        attestation.parse(wrong)
    assert refused.value.id == "attestation-malformed"


def test_what_nobody_could_read_is_never_signed() -> None:
    for fhir in (b"{}", FHIR + b" " * 8 * 1024):
        with pytest.raises(RecordError):
            made(fhir)


def test_it_shows_nothing_in_a_log() -> None:
    assert "ESSAI" not in repr(attestation.parse(made())).upper()

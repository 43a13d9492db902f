"""The primitives against published answers: Wycheproof (C2SP), RFC 8032, the X-Wing draft, RFC 9180 by an own oracle.

The published values stand in `tests/vectors/published/`, each file with its source.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from nacl import bindings

from directory.errors import DirectoryError
from directory.primitives import aead, kdf, kem, kem_key, passphrase, selftest, selftest_sealing, signature
from directory.primitives.labels import Label
from directory.primitives.passphrase import Cost

PUBLISHED = Path(__file__).parents[2] / "vectors/published"
NO_LABEL: Any = b""  # published vectors carry none


def published(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((PUBLISHED / f"{name}.json").read_text())["vectors"]
    return [{k: bytes.fromhex(v) if k in HEX else v for k, v in vector.items()} for vector in vectors]


HEX = {"pk", "msg", "sig", "key", "iv", "aad", "ct", "tag", "ikm", "salt", "info", "okm", "seed", "eseed", "ss"}


def test_ed25519_verifies_what_wycheproof_calls_valid_and_nothing_else() -> None:
    for vector in published("ed25519"):
        refused = selftest.refuses(lambda v=vector: signature.verify(v["pk"], v["sig"], NO_LABEL, v["msg"]))
        assert refused == (vector["result"] == "invalid"), vector["tcId"]


def test_rfc_8032_section_7_1_test_2_signs_as_published() -> None:
    key = signature.SigningKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(NO_LABEL, b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_aead_opens_what_wycheproof_calls_valid_and_nothing_else() -> None:
    # The published nonces are not among CP1's, so this goes below `open_once` and `open_chunk`, which only choose them.
    for vector in published("chacha20_poly1305"):
        sealed = vector["ct"] + vector["tag"]
        if vector["result"] == "valid":
            assert aead._open(vector["key"], vector["iv"], sealed, vector["aad"]) == vector["msg"]
        else:
            with pytest.raises(DirectoryError, match="tag-wrong"):
                aead._open(vector["key"], vector["iv"], sealed, vector["aad"])


def test_local_store_aead_opens_what_wycheproof_calls_valid_and_nothing_else() -> None:
    for vector in published("xchacha20_poly1305"):
        stored = vector["iv"] + vector["ct"] + vector["tag"]
        if vector["result"] == "valid":
            assert aead.seal_stored(vector["key"], vector["iv"], vector["msg"], vector["aad"]) == stored
            assert aead.open_stored(vector["key"], stored, vector["aad"]) == vector["msg"]
        else:
            with pytest.raises(DirectoryError, match="tag-wrong"):
                aead.open_stored(vector["key"], stored, vector["aad"])


def test_hkdf_derives_as_published() -> None:
    for vector in published("hkdf_sha256"):
        derived = kdf.derive(vector["ikm"], vector["salt"], NO_LABEL, vector["info"], vector["size"])
        assert derived == vector["okm"], vector["tcId"]


def hpke_seal(shared: bytes, enc: bytes, info: bytes, plaintext: bytes) -> bytes:
    """RFC 9180 base mode, one message, from a shared secret: an oracle apart from the library that we use."""
    suite = b"HPKE" + bytes.fromhex("647a00010003")  # X-Wing, HKDF-SHA256, ChaCha20-Poly1305

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(prk: bytes, label: bytes, context: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(prk, labelled + b"\x01", "sha256")[:size]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    sealed: bytes = bindings.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, b"", nonce, key)
    return enc + sealed


@pytest.mark.parametrize("vector", published("xwing"), ids=["1", "2", "3"])
def test_x_wing_draft_keys_and_hpke_over_its_shared_secrets(vector: dict[str, Any]) -> None:
    assert kem.public_key(vector["seed"]) == vector["pk"]
    kem_key.verify_public_key(vector["pk"])
    sealed = hpke_seal(vector["ss"], vector["ct"], Label.AEK_WRAP + b"info", b"a secret")
    assert kem.open_sealed(vector["seed"], sealed, Label.AEK_WRAP, b"info") == b"a secret"
    for wrong in (sealed[:-1], sealed + b"\0", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(DirectoryError, match="wrap-wrong"):
            kem.open_sealed(vector["seed"], wrong, Label.AEK_WRAP, b"info")


def test_sha256_and_shake_are_the_standard_ones() -> None:
    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf8f01cfea414140de5dae2223")  # FIPS 180-4
    assert hashlib.shake_256(b"").hexdigest(16) == "46b9dd2b0ba88d13233b3feb743eeb24"  # FIPS 202


def test_cp1_1_8_start_up_answers_hold_in_50_ms() -> None:
    selftest.run()
    selftest_sealing.run()
    start = time.perf_counter()
    selftest.run()
    selftest_sealing.run()
    assert time.perf_counter() - start < 0.05


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ((signature, "verify", lambda *_: None), "ed25519"),
        ((signature, "verify_key", lambda public: public), "ed25519-points"),
        ((kem_key, "verify_public_key", lambda public: (public, b"")), "kem-key"),
    ],
)
def test_cp1_1_8_a_library_that_accepts_everything_does_not_start(
    monkeypatch: pytest.MonkeyPatch, broken: tuple[Any, str, Any], what: str
) -> None:
    monkeypatch.setattr(*broken)
    with pytest.raises(DirectoryError) as refused:
        selftest.run()
    assert (refused.value.id, refused.value.facts) == ("selftest-failed", {"what": what})


def test_cp1_1_8_without_ml_kem_an_endpoint_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_seed: bytes) -> bytes:
        raise DirectoryError("sealing-unsupported")

    monkeypatch.setattr(kem, "public_key", unsupported)
    with pytest.raises(DirectoryError) as refused:
        selftest_sealing.run()
    assert refused.value.facts == {"what": "x-wing: sealing-unsupported"}


@pytest.mark.parametrize(
    "cost", [Cost(passphrase.FLOOR_MEMORY - 1), Cost(passes=2), Cost(passphrase.CEILING_MEMORY + 1), Cost(passes=33)]
)
def test_cp1_8_3_a_stored_cost_below_the_floor_or_above_the_ceiling_is_refused(cost: Cost) -> None:
    with pytest.raises(DirectoryError, match="passphrase-cost-unsafe"):
        passphrase.derive("words", bytes(16), cost)

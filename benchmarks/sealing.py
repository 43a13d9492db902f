"""Sealing and opening one 2 KB event against the bare calls that it is made of, in one run.

The bare calls over the same lengths: HKDF-SHA256 to 64 octets, the SHA-256 digests, Ed25519 over the same octets,
ChaCha20- Poly1305 over the same plaintext. Aim: at most 1.5 times (docs/spec/cp1-events.md). Opening is measured with
the logs already folded, as in a thread that is being read; parsing the header counts.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import bindings

from directory.accounts.authoring import Authoring
from directory.accounts.entry import NO_ACCOUNT, AccountKind, Device, DeviceKind, Signer
from directory.accounts.state import NOW, AccountState
from directory.primitives import kem
from directory.primitives.signature import SigningKey
from messaging.protocol import epoch_secret
from messaging.protocol import event as events
from messaging.wire import epoch, header
from messaging.wire.epoch import EpochCommit, Member, Role

BODY = 2048


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One person with one mailbox, made for measuring."""

    account: bytes
    device: bytes
    signing: SigningKey
    mailbox: bytes
    states: dict[bytes, AccountState]


def correspondent(now: int) -> Correspondent:
    signing, kem_seed = SigningKey(os.urandom(32)), os.urandom(32)
    device = Device(os.urandom(16), DeviceKind.SDK, signing.public, kem.public_key(kem_seed))
    author = Authoring({}, NO_ACCOUNT, device.id, signing, now)
    account = author.open_person(AccountKind.PERSON, device)
    author.rotate_person(os.urandom(32), None)
    mailbox = author.open_mailbox(AccountKind.PERSONAL_MAILBOX, os.urandom(16))
    for class_ in (0, 1, 2):
        author.rotate_class(mailbox, class_, os.urandom(32), None, [account])
    return Correspondent(account, device.id, signing, mailbox, author.states)


def open_thread(one: Correspondent, other: Correspondent, tes: bytes, now: int) -> EpochCommit:
    states = one.states | other.states

    def member(mailbox: bytes, role: Role) -> Member:
        state = states[mailbox]
        current = state.current(1)
        return Member(mailbox, 1, state.head, current.g, epoch.pk_hash(current.pk), role, 0)

    members = sorted([member(one.mailbox, Role.ADMIN), member(other.mailbox, Role.SEND)], key=lambda m: m.account)
    thread = os.urandom(16)
    keys = {m.account: states[m.account].current(1).pk for m in members}
    wraps = epoch_secret.wraps_for(
        thread=thread, parent=None, tes=tes, members=members, keys=keys, held={}, epoch=0
    )
    return epoch.build(
        thread=thread,
        epoch=0,
        parent=epoch.NO_PARENT,
        time=now,
        committer=Signer(one.account, one.device, states[one.account].head),
        acting_for=one.mailbox,
        class_=1,
        authority=(),
        members=members,
        tes_hash=epoch_secret.tes_hash(tes),
        wraps_root=epoch.wraps_root(wraps),
        key=one.signing,
    )


def _micros(action: Callable[[], object], rounds: int = 400, batches: int = 9) -> float:
    action()
    taken = []
    for _ in range(batches):
        started = time.perf_counter()
        for _ in range(rounds):
            action()
        taken.append((time.perf_counter() - started) / rounds * 1e6)
    return statistics.median(taken)


def measure() -> dict[str, float]:
    """Microseconds for each, and the two ratios."""
    now = 1_700_000_000_000
    one, other = correspondent(now), correspondent(now)
    states = one.states | other.states
    tes, body = os.urandom(32), os.urandom(BODY)
    commit = open_thread(one, other, tes, now)
    epoch_id = commit.id
    meta = events.Meta(
        type=1,
        acting_for=one.mailbox,
        signer=Signer(one.account, one.device, states[one.account].head),
        acting_head=states[one.mailbox].head,
        authority=(),
        ctr=1,
        prev_own=bytes(32),
        seen_seq=1,
        seen_chain=bytes(32),
        time=now,
    )

    def seal() -> bytes:
        return events.seal(
            thread=commit.thread,
            epoch_id=epoch_id,
            tes=tes,
            salt=os.urandom(32),
            intent=os.urandom(16),
            meta=meta,
            body=body,
            key=one.signing,
        )

    raw = seal()

    def open_() -> object:
        decrypted = events.decrypt(header.parse(raw), tes)
        return events.verify_author(decrypted, commit, states.__getitem__, NOW, now)

    meta_size = len(meta.encode())
    head = os.urandom(header.HEADER_SIZE)
    padded = os.urandom(len(raw) - header.HEADER_SIZE - 4 - 16)
    signed_part = os.urandom(13 + 102 + meta_size + 32)
    public, secret = bindings.crypto_sign_seed_keypair(os.urandom(32))
    key, nonce = os.urandom(32), bytes(12)
    signature = bindings.crypto_sign(signed_part, secret)
    ciphertext = bindings.crypto_aead_chacha20poly1305_ietf_encrypt(padded, head, nonce, key)

    def bare_digests() -> None:
        hashlib.sha256(body).digest()
        hashlib.sha256(signed_part).digest()

    def bare_hkdf() -> None:
        HKDF(algorithm=hashes.SHA256(), length=64, salt=key, info=head[:61]).derive(key)

    def bare_seal() -> None:
        os.urandom(32)
        os.urandom(16)
        bare_hkdf()
        bare_digests()
        bindings.crypto_sign(signed_part, secret)
        bindings.crypto_aead_chacha20poly1305_ietf_encrypt(padded, head, nonce, key)

    def bare_open() -> None:
        bare_hkdf()
        bare_digests()
        hashlib.sha256(ciphertext).digest()
        bindings.crypto_sign_open(signature, public)
        bindings.crypto_aead_chacha20poly1305_ietf_decrypt(ciphertext, head, nonce, key)

    found = {
        "seal": _micros(seal),
        "bare seal": _micros(bare_seal),
        "open": _micros(open_),
        "bare open": _micros(bare_open),
    }
    found["seal ratio"] = found["seal"] / found["bare seal"]
    found["open ratio"] = found["open"] / found["bare open"]
    return found


def main() -> None:
    found = measure()
    print(f"{'2 KB event':<12}{'us':>8}{'bare us':>10}{'ratio':>8}")
    for verb in ("seal", "open"):
        print(f"{verb:<12}{found[verb]:>8.1f}{found['bare ' + verb]:>10.1f}{found[verb + ' ratio']:>8.2f}")


if __name__ == "__main__":
    main()

"""What a third party needs to check, offline and without any decryption key, who signed what and when.

A bundle holds opened events (header, meta, signature, blind, body), every commit of their threads from epoch 0, the
logs of all accounts that they name, binds, and for each its receipt under the service's key. `verify` believes nothing
but the two keys, which whoever checks compares with those that they know. Paths and octets in, values out; no file is
read here. It proves authorship and date; delivery only by a recipient's acknowledgement, an event like the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.accounts import bind, entry, fold
from directory.accounts.bind import Invitation
from directory.accounts.entry import Entry
from directory.accounts.state import AccountState
from directory.errors import DirectoryError, Refusal
from directory.primitives import tree
from directory.transparency import receipt
from directory.transparency.receipt import ReceiptKind, ReceiptProof
from messaging.errors import MessagingError
from messaging.protocol import blob
from messaging.protocol import body as bodies
from messaging.protocol import event as events
from messaging.protocol.body import Body, Manifest
from messaging.wire import epoch, epoch_rules, header
from messaging.wire.epoch import EpochCommit

FORMAT = "confrere-evidence-1"
MANIFEST = "manifest.json"
_PARTS = ("event", "receipt", "header", "meta", "signature", "blind", "body")
_EXPLAINED = {
    "service_pk": "Ed25519 public key that signed every receipt. Compare it with the one that you know of the service.",
    "registrar_pk": "Ed25519 public key of the operator's registrar, which vouches for professionals. Compare it too.",
    "events/*/event.bin": "The event as it was sent and stored: clear header, seal, ciphertext.",
    "events/*/receipt.bin": "Its receipt: place in the thread, path to the root that the service signed, and the time.",
    "events/*/header.bin": "The clear header with its seal, as it stands at the beginning of event.bin.",
    "events/*/meta.bin": "Opened: type, mailbox, signer, authority, order, and the author's time.",
    "events/*/signature.bin": "Opened: the author's Ed25519 signature over header, meta and the hash of the body.",
    "events/*/blind.bin": "Opened: what blinds the hash of the body.",
    "events/*/body.bin": "Opened: attachments' manifests, media type and content.",
    "threads/*/*.commit": "Who the members of the thread were, from the first composition on, each signed by a member.",
    "accounts/*/*.entry": "The log of an account: devices, keys and mandates, each entry signed.",
    "*/*.receipt": "The receipt of the file of the same name.",
    "binds/*.bind": "Which professional an account is: the registrar's certificate and the proof for this account.",
    "attachments": "Attached files. Sealed again under their manifest's key they give the root that was signed.",
}


@dataclass(frozen=True, slots=True)
class Receipted:
    """Something accepted by the service, with its receipt proof."""

    raw: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    event: Receipted
    meta: bytes
    signature: bytes
    blind: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """`event` names the event, `place` the manifest in its body, `path` the file beside the bundle."""

    event: bytes
    place: int
    path: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """`commits` by thread and `logs` by account are in order from the first on."""

    service_pk: bytes
    registrar_pk: bytes
    events: tuple[OpenedEvent, ...]
    commits: Mapping[bytes, tuple[Receipted, ...]]
    logs: Mapping[bytes, tuple[Receipted, ...]]
    binds: Mapping[bytes, bytes]
    attachments: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Proven:
    """An event whose author, place and content are proven. `time` is the receipt's, in ms UTC; `author` and `owner`
    (of the mailbox) are None where no bind proves a professional."""

    id: bytes
    thread: bytes
    seq: int
    time: int
    type: int
    author: Invitation | None
    owner: Invitation | None
    body: Body


# --- as files ---


def write(bundle: Bundle) -> dict[str, bytes]:
    """The bundle's files by their path, the manifest included."""
    files: dict[str, bytes] = {}
    listed = []
    for number, opened in enumerate(bundle.events, 1):
        sealed = header.parse(opened.event.raw)
        folder = f"events/{number:04d}-{sealed.id.hex()[:12]}"
        parts = (
            *(opened.event.raw, opened.event.proof, sealed.header.raw),
            *(opened.meta, opened.signature, opened.blind, opened.body),
        )
        files |= {f"{folder}/{name}.bin": part for name, part in zip(_PARTS, parts, strict=True)}
        listed.append({"event": sealed.id.hex(), "thread": sealed.header.thread.hex(), "folder": folder})
    for folder, ending, chains in (("threads", "commit", bundle.commits), ("accounts", "entry", bundle.logs)):
        for owner, chain in chains.items():
            for number, one in enumerate(chain):
                path = f"{folder}/{owner.hex()}/{number:04d}"
                files |= {f"{path}.{ending}": one.raw, f"{path}.receipt": one.proof}
    files |= {f"binds/{account.hex()}.bind": raw for account, raw in bundle.binds.items()}
    manifest = {
        "format": FORMAT,
        "service_pk": bundle.service_pk.hex(),
        "registrar_pk": bundle.registrar_pk.hex(),
        "events": listed,
        "threads": {thread.hex(): len(chain) for thread, chain in bundle.commits.items()},
        "accounts": {account.hex(): len(chain) for account, chain in bundle.logs.items()},
        "binds": [account.hex() for account in bundle.binds],
        "attachments": [{"event": a.event.hex(), "place": a.place, "path": a.path} for a in bundle.attachments],
        "explained": _EXPLAINED,
    }
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
    return files


def read(files: Mapping[str, bytes]) -> Bundle:
    """The bundle behind its files. Raises MessagingError("export-wrong") naming the file."""

    def part(path: str) -> bytes:
        try:
            return files[path]
        except KeyError:
            raise MessagingError("export-wrong", what=path) from None

    def chains(folder: str, ending: str, sizes: Mapping[str, int]) -> dict[bytes, tuple[Receipted, ...]]:
        return {
            bytes.fromhex(owner): tuple(
                Receipted(
                    part(f"{folder}/{owner}/{number:04d}.{ending}"), part(f"{folder}/{owner}/{number:04d}.receipt")
                )
                for number in range(int(size))
            )
            for owner, size in sizes.items()
        }

    try:
        plain: dict[str, Any] = json.loads(part(MANIFEST))
        if plain["format"] != FORMAT:
            raise ValueError
        return Bundle(
            bytes.fromhex(plain["service_pk"]),
            bytes.fromhex(plain["registrar_pk"]),
            tuple(_read_event(str(listed["folder"]), part) for listed in plain["events"]),
            chains("threads", "commit", plain["threads"]),
            chains("accounts", "entry", plain["accounts"]),
            {bytes.fromhex(account): part(f"binds/{account}.bind") for account in plain["binds"]},
            tuple(
                AttachedFile(bytes.fromhex(a["event"]), int(a["place"]), str(a["path"])) for a in plain["attachments"]
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MessagingError("export-wrong", what=MANIFEST) from None


def _read_event(folder: str, part: Any) -> OpenedEvent:
    raw, proof, head, meta, signature, blind, body = (part(f"{folder}/{name}.bin") for name in _PARTS)
    if not raw.startswith(head):
        raise MessagingError("export-wrong", what=f"{folder}/header.bin")
    return OpenedEvent(Receipted(raw, proof), meta, signature, blind, body)


# --- the check ---


def verify(bundle: Bundle, folded: Mapping[bytes, AccountState] | None = None) -> tuple[Proven, ...]:
    """Every event of the bundle, proven again from nothing but the two keys.

    `folded` are the accounts of the bundle's logs as somebody who holds these very logs has folded them already: then
    they are not folded again.
    Raises MessagingError("export-wrong") naming what fails, with the reason's id.
    """
    states = _states(bundle) if folded is None else folded
    commits: dict[bytes, EpochCommit] = {}
    for thread, chain in bundle.commits.items():
        commits |= _commits(thread, chain, bundle.service_pk, states)
    known = _professionals(bundle, states)
    return tuple(_event(opened, bundle.service_pk, commits, states, known) for opened in bundle.events)


def verify_attachment(manifest: Manifest, chunks: Iterable[bytes]) -> None:
    """That a file (its plain octets in chunks of 1 MiB) is the one that was signed.

    Raises MessagingError("blob-root-wrong", "blob-chunk-wrong").
    """
    hashes, size = [], 0
    for index, plain in enumerate(chunks):
        size += len(plain)
        hashes.append(tree.leaf_hash(blob.seal_chunk(manifest.id, manifest.key, manifest.padded, index, plain)))
    for index in range(len(hashes), blob.chunk_count(manifest.padded)):
        hashes.append(tree.leaf_hash(blob.seal_chunk(manifest.id, manifest.key, manifest.padded, index, b"")))
    if size != manifest.size:
        raise MessagingError("blob-root-wrong")
    blob.verify_whole(manifest, hashes)


def _lookup(states: Mapping[bytes, AccountState], account: bytes) -> AccountState:
    try:
        return states[account]
    except KeyError:
        raise DirectoryError("account-unknown") from None


def _placed(one: Receipted, kind: ReceiptKind, scope: bytes, identifier: bytes, service_pk: bytes) -> ReceiptProof:
    proof = receipt.parse_proof(one.proof)
    placed = receipt.verify_proof(proof, service_pk)
    if (placed.kind, placed.scope, placed.id) != (kind, scope, identifier):
        raise MessagingError("receipt-foreign")
    return proof


def _wrong(what: str, refused: Refusal) -> MessagingError:
    return MessagingError("export-wrong", what=what, reason=refused.id)


def _states(bundle: Bundle) -> dict[bytes, AccountState]:
    """All logs folded in the one order of ticks, in which whoever signs was there before."""
    entries: list[tuple[ReceiptProof, Entry]] = []
    for account, chain in bundle.logs.items():
        for one in chain:
            try:
                made = entry.parse(one.raw)
                proof = _placed(one, ReceiptKind.ACCOUNT_ENTRY, account, made.hash, bundle.service_pk)
            except Refusal as refused:
                raise _wrong(f"accounts/{account.hex()}", refused) from None
            entries.append((proof, made))
    states: dict[bytes, AccountState] = {}
    for proof, made in sorted(entries, key=lambda pair: pair[0].receipt.tick):
        owner = proof.receipt.scope
        try:
            states[owner] = fold.append(
                states.get(owner), made, proof.receipt.tick, lambda a: _lookup(states, a), proof.group.time
            )
        except Refusal as refused:
            raise _wrong(f"accounts/{owner.hex()}/{made.seq:04d}.entry", refused) from None
    return states


def _commits(
    thread: bytes, chain: Iterable[Receipted], service_pk: bytes, states: Mapping[bytes, AccountState]
) -> dict[bytes, EpochCommit]:
    found: dict[bytes, EpochCommit] = {}
    parent: EpochCommit | None = None
    for number, one in enumerate(chain):
        try:
            commit = epoch.parse(one.raw)
            proof = _placed(one, ReceiptKind.EPOCH, thread, commit.id, service_pk)
            epoch_rules.verify_commit(
                commit, parent, lambda a: _lookup(states, a), proof.receipt.tick, proof.group.time
            )
        except Refusal as refused:
            raise _wrong(f"threads/{thread.hex()}/{number:04d}.commit", refused) from None
        found[commit.id] = parent = commit
    return found


def _professionals(bundle: Bundle, states: Mapping[bytes, AccountState]) -> dict[bytes, Invitation]:
    found = {}
    for account, raw in bundle.binds.items():
        try:
            state = _lookup(states, account)
            found[account] = bind.verify_bind(bind.parse_evidence(raw), state, bundle.registrar_pk)
        except Refusal as refused:
            raise _wrong(f"binds/{account.hex()}.bind", refused) from None
    return found


def _event(
    opened: OpenedEvent,
    service_pk: bytes,
    commits: Mapping[bytes, EpochCommit],
    states: Mapping[bytes, AccountState],
    known: Mapping[bytes, Invitation],
) -> Proven:
    name = "events/*"
    try:
        sealed = header.parse(opened.event.raw)
        name, thread = f"events/*-{sealed.id.hex()[:12]}", sealed.header.thread
        proof = _placed(opened.event, ReceiptKind.EVENT, thread, sealed.id, service_pk)
        commit = commits.get(sealed.header.epoch_id)
        if commit is None:
            raise MessagingError("epoch-unknown")
        parts = events.reopen(sealed, opened.meta, opened.signature, opened.blind, opened.body)
        verified = events.verify_author(
            parts, commit, lambda a: _lookup(states, a), proof.receipt.tick, proof.group.time
        )
    except Refusal as refused:
        raise _wrong(name, refused) from None
    try:
        body = bodies.parse(verified.body)
    except DirectoryError:
        body = Body("", verified.body)  # signed all the same: one malformed body takes no proof from the others
    mailbox = states[verified.meta.acting_for]
    return Proven(
        verified.id,
        thread,
        proof.receipt.seq,
        proof.group.time,
        verified.meta.type,
        known.get(verified.meta.signer.account),
        known.get(mailbox.manager if mailbox.kind.is_mailbox else mailbox.account),
        body,
    )

"""Judge every file of `tests/vectors/` through the public parse, verify and open functions (tests/vectors/README.md).

`judge` gives what an accepted vector says, or raises the Refusal; a second implementation mirrors this one function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from directory.accounts import bind, change, fold, generation, grants, wraps
from directory.accounts import entry as entries
from directory.accounts.authoring import open_opening
from directory.accounts.authority import verify_authority
from directory.accounts.grants import Right
from directory.accounts.state import AccountState
from directory.errors import Category, DirectoryError, Refusal
from directory.primitives import kem_key, signature
from directory.transparency import receipt
from messaging.protocol import acks, blob, body, epoch_secret, event, paper
from messaging.wire import access, epoch, epoch_rules, header, submission

VECTORS = Path(__file__).parents[1] / "vectors"
Octets = Callable[[str], bytes]
Said = dict[str, Any]


@cache
def world(name: str) -> Mapping[bytes, AccountState]:
    """The folded account logs that many vectors share, each entry at its tick."""
    log = json.loads((VECTORS / f"worlds/{name}.json").read_text())["entries"]
    states: dict[bytes, AccountState] = {}
    for item in log:
        _append(states, item)
    return states


def _append(states: dict[bytes, AccountState], item: Mapping[str, Any], account: str = "") -> AccountState:
    made = entries.parse(bytes.fromhex(item["entry"]))
    log = bytes.fromhex(account) if account else made.account
    states[log] = fold.append(states.get(log), made, item["tick"], _lookup(states), item.get("received"))
    return states[log]


def _lookup(states: Mapping[bytes, AccountState]) -> Callable[[bytes], AccountState]:
    def look(account: bytes) -> AccountState:
        try:
            return states[account]
        except KeyError:
            raise DirectoryError("account-unknown") from None

    return look


def judge(vector: Mapping[str, Any]) -> Said:
    """What the vector's octets say. Raises the Refusal of the first rule that fails."""
    given = vector["given"]
    states = dict(world(vector["world"])) if "world" in vector else {}
    for item in given.get("before", ()):
        _append(states, item)
    return OPERATIONS[vector["operation"]](given, lambda field: bytes.fromhex(given[field]), states)


def _log(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    if not given["entries"]:
        fold.fold((), _lookup(states))
    for item in given["entries"]:
        state = _append(states, item, given.get("log", ""))
    return {
        "account": state.account.hex(),
        "head": state.head.hex(),
        "seq": state.seq,
        "devices": sorted(device.id.hex() for device in state.live_devices()),
        "grants": sorted(
            life.entry_hash.hex() for life in state.grants.values() if life.removed > state.entries[-1].tick
        ),
        "generations": {str(class_): chain[-1].g for class_, chain in sorted(state.generations.items())},
        "segments": {str(class_): chain[-1].segment for class_, chain in sorted(state.generations.items())},
    }


def _authority(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    lookup = _lookup(states)
    mailbox = lookup(octets("mailbox"))
    steps = entries.parse_authority(octets("authority"))
    power = verify_authority(steps, octets("signer"), mailbox, given["tick"], given["time"], lookup)
    power.demand(Right(given["right"]), given["class"])
    return {"classes": list(power.classes), "rights": int(power.rights)}


def _opening(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    if "sealed" in given:
        blind, payload = open_opening(octets("sealed"), octets("mailbox"), octets("entry"), octets("seed"))
    else:
        blind, payload = octets("blind"), octets("payload")
    opened = grants.verify_opening(octets("commitment"), blind, payload)
    said = {"principal": opened.principal.hex(), "classes": list(opened.classes), "role": int(opened.role)}
    return {**said, "not_after": opened.not_after}


def _account_submission(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    parsed = change.parse(octets("octets"))
    assert change.encode(parsed) == octets("octets")
    for part in parsed:
        match part.entry.payload:
            case entries.AddDevice() | entries.RotateAek() | entries.Grant():
                wraps.verify_root(part.wraps, part.entry.payload.wraps_root)
            case _:
                pass
    return {"entries": [part.entry.hash.hex() for part in parsed], "wraps": [len(part.wraps) for part in parsed]}


def _aek_wrap(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    wrap = wraps.parse(octets("wrap"))
    return {"seed": generation.open_wrap(wrap, octets("owner"), octets("seed"), octets("pk")).hex()}


def _aek_chain(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    place = (octets("owner"), given["class"], given["g"])
    return {"seed": generation.open_chain(octets("seed"), *place, octets("chain_ct"), octets("previous_pk")).hex()}


def _bind(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    state = _lookup(states)(octets("account"))
    invitation = bind.verify_bind(bind.parse_evidence(octets("evidence")), state, octets("registrar"))
    return {"kind": int(invitation.kind), "identifier": invitation.identifier, "name": invitation.name}


def _key(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    if given["algorithm"] == "ed25519":
        signature.verify_key(octets("public"))
    else:
        kem_key.verify_public_key(octets("public"))
    return {}


def _recovery_code(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    made = paper.paper_device(paper.read_code(given["code"]))
    return {"device": made.device.id.hex(), "sign_pk": made.device.sign_pk.hex(), "kem_seed": made.kem_seed.hex()}


def _epoch(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    parent = epoch.parse(octets("parent")) if given.get("parent") else None
    commit = epoch.parse(octets("commit"))
    epoch_rules.verify_commit(commit, parent, _lookup(states), given["tick"], given.get("received", 0))
    roles = {f"{member.account.hex()}/{member.class_}": int(member.role) for member in commit.members}
    return {"id": commit.id.hex(), "epoch": commit.epoch, "members": roles}


def _epoch_wraps(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    held = [epoch.parse_wrap(bytes.fromhex(raw)) for raw in given["wraps"]]
    epoch.verify_wraps(epoch.parse(octets("commit")), held)
    return {}


def _epoch_secret(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    earlier = {commit.epoch: commit for commit in (epoch.parse(bytes.fromhex(raw)) for raw in given["earlier"])}
    wrap = epoch.parse_wrap(octets("wrap"))
    opened = epoch_secret.open_wrap(wrap, epoch.parse(octets("commit")), octets("seed"), earlier)
    return {"tes": opened.tes.hex(), "earlier": {str(number): tes.hex() for number, tes in opened.earlier.items()}}


def _event(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    decrypted = event.decrypt(header.parse(octets("event")), octets("tes"))
    commit = epoch.parse(octets("commit"))
    opened = event.verify_author(decrypted, commit, _lookup(states), given["tick"], given["time"])
    said = {"id": opened.id.hex(), "type": opened.meta.type, "body": opened.body.hex(), "ctr": opened.meta.ctr}
    return {**said, "author": opened.meta.signer.account.hex(), "acting_for": opened.meta.acting_for.hex()}


def _body(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    opened = body.parse(octets("body"))
    assert opened.encode() == octets("body")
    said = {"media_type": opened.media_type, "content": opened.content.hex()}
    return {**said, "manifests": [manifest.name for manifest in opened.manifests]}


def _body_to_write(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    manifest = body.Manifest(bytes(16), bytes(32), 0, 0, bytes(32), "", "")
    written = body.Body("text/plain", bytes(given["content_size"]), (manifest,) * given["manifests"])
    return {"size": len(written.encode())}


def _event_to_write(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    meta = event.decrypt(header.parse(octets("event")), octets("tes")).meta
    sealed = event.seal(
        thread=bytes(16),
        epoch_id=bytes(32),
        tes=octets("tes"),
        salt=bytes(32),
        intent=bytes(16),
        meta=replace(meta, time=0),
        body=bytes(given["body_size"]),
        key=signature.SigningKey(bytes(32)),
    )
    return {"size": len(sealed)}


def _ack(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    ack = acks.parse(octets("content"))
    return {"kind": int(ack.kind), "seq": ack.seq}


def _blob_chunk(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    manifest = body.parse(octets("body")).manifests[0]
    return {"octets": blob.open_chunk(manifest, given["index"], octets("sealed")).hex()}


def _blob_chunk_to_write(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    sealed = blob.seal_chunk(octets("id"), octets("key"), given["padded"], given["index"], octets("plaintext"))
    return {"sealed": sealed.hex()}


def _blob(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    manifest = body.parse(octets("body")).manifests[0]
    blob.verify_whole(manifest, [bytes.fromhex(leaf) for leaf in given["leaf_hashes"]])
    token = blob.fetch_token(manifest.key)
    return {"token": token.hex(), "token_hash": blob.token_hash(token).hex()}


def _receipt(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    placed = receipt.verify_proof(receipt.parse_proof(octets("proof")), octets("service_pk"))
    return {"kind": int(placed.kind), "seq": placed.seq, "tick": placed.tick, "id": placed.id.hex()}


def _access(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    stated = access.verify(access.parse(octets("statement")), _lookup(states), given["tick"], given["received"])
    said = {"id": stated.id.hex(), "scope": access.scope_of(stated.record).hex(), "classes": list(stated.classes)}
    return {**said, "purpose": int(stated.purpose)}


def _thread_submission(given: Said, octets: Octets, states: dict[bytes, AccountState]) -> Said:
    parsed = submission.parse(octets("octets"))
    said = {"thread": parsed.thread.hex(), "events": [sealed.id.hex() for sealed in parsed.events]}
    return {**said, "commit": parsed.commit.id.hex() if parsed.commit else None, "wraps": len(parsed.wraps)}


OPERATIONS: dict[str, Callable[[Said, Octets, dict[bytes, AccountState]], Said]] = {
    "log": _log,
    "authority": _authority,
    "opening": _opening,
    "account-submission": _account_submission,
    "aek-wrap": _aek_wrap,
    "aek-chain": _aek_chain,
    "bind": _bind,
    "key": _key,
    "recovery-code": _recovery_code,
    "epoch": _epoch,
    "epoch-wraps": _epoch_wraps,
    "epoch-secret": _epoch_secret,
    "event": _event,
    "event-to-write": _event_to_write,
    "body": _body,
    "body-to-write": _body_to_write,
    "ack": _ack,
    "blob-chunk": _blob_chunk,
    "blob-chunk-to-write": _blob_chunk_to_write,
    "blob": _blob,
    "receipt": _receipt,
    "thread-submission": _thread_submission,
    "access": _access,
}

SCENARIOS = sorted(
    path
    for path in VECTORS.rglob("*.json")
    if path.relative_to(VECTORS).parts[0] not in ("published", "worlds") and path.name != "sealed.json"
)


@pytest.mark.parametrize(
    "path", SCENARIOS, ids=[path.relative_to(VECTORS).with_suffix("").as_posix() for path in SCENARIOS]
)
def test_vector(path: Path) -> None:
    vector = json.loads(path.read_text())
    expected = vector["expected"]
    if "accept" in expected:
        assert judge(vector) == expected["accept"]
        return
    with pytest.raises(Refusal) as refused:
        judge(vector)
    found = {"id": refused.value.id, "category": str(refused.value.category)}
    assert found == expected["refuse"], refused.value.facts


def test_every_vector_has_the_shape_of_the_readme() -> None:
    for path in SCENARIOS:
        vector = json.loads(path.read_text())
        assert set(vector) - {"world"} == {"name", "about", "clauses", "operation", "given", "expected"}, path
        assert vector["name"] == path.stem
        assert vector["clauses"], path
        assert vector["operation"] in OPERATIONS
        if "refuse" in vector["expected"]:
            Category(vector["expected"]["refuse"]["category"])

"""The account log's rules (CP1-3.2 to CP1-3.17): one verified entry at a time, state in, state out.

Transitions, by the kind of the log's owner (P person or service, M mailbox):

    entry            P   M   signer                                needs
    genesis          x   x   the first device / the manager        seq 0, prev zeros
    add_device       x       a live device of the owner            possession by the new device
    rotate_aek       x       a live device of the owner            g + 1; removed are live devices
                         x   manage or read, over the class        g + 1; removed are live grants
    grant                x   manage                                -
    bind             x       a live device of the owner            -
    suite, close     x   x   a live device / manage                -
    paper_removal    x       a live device of the owner            warns a paper device for 72 hours
    paper_objection  x       that paper device                     ends the warning
    consent              x   send_as over the common class         a record's log only
    claim                x   whoever the sheet's key signed for    a record's log only, once: ends every grant

A grant gives no class that its signer had no power over. A holder without manage may rotate only what is *stale* and
remove only what made it so (CP1-3.10); readers are hidden in the log, so that half is checked where openings
are known: by the service's access list and by holders. The genesis manager's implicit grant never lapses, so here
already nobody without manage removes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from directory.accounts.authority import Lookup, Power, owner_of, verify_authority
from directory.accounts.entry import (
    NO_ACCOUNT,
    NO_SHEET,
    SUITE,
    AccountKind,
    AddDevice,
    Bind,
    Claim,
    Close,
    Consent,
    Device,
    DeviceKind,
    Entry,
    Genesis,
    Grant,
    HighestSuite,
    PaperObjection,
    PaperRemoval,
    RotateAek,
    account_id,
)
from directory.accounts.grants import Right, classes_of
from directory.accounts.state import (
    NEVER,
    AccountState,
    BindLife,
    ConsentLife,
    DeviceLife,
    Generation,
    GrantLife,
    Placed,
)
from directory.errors import DirectoryError
from directory.primitives import digest, kem_key, signature
from directory.primitives.labels import Label

PAPER_DELAY = 72 * 3600 * 1000
DAY = 24 * 3600 * 1000
ROTATIONS_A_DAY = 16
COMMON = 1


def fold(log: Iterable[tuple[Entry, int]], lookup: Lookup) -> AccountState:
    """Fold (entry, receipt tick) pairs from genesis. Raises as `append`, or DirectoryError("log-empty")."""
    state: AccountState | None = None
    for entry, tick in log:
        state = append(state, entry, tick, lookup)
    if state is None:
        raise DirectoryError("log-empty")
    return state


def append(
    state: AccountState | None, entry: Entry, tick: int, lookup: Lookup, received: int | None = None
) -> AccountState:
    """Verify one entry against the log so far and return the log with it.

    1. chain: seq is the next, prev is the head, the log is not closed, time does not run backwards;
    2. signer: device live at `tick` in the signer's own log, signer_head on that chain;
    3. authority: the power the entry type needs, live at `tick`;
    4. signature;
    5. the rule of the entry type.
    `lookup` gives other accounts' states. `received` is the time (ms) of the receipt's group, where it is known: then
    a claimed time that lies behind or ahead of it gains nothing (not_after, the 72 hours of a paper device).
    Raises DirectoryError with the id of the first rule that fails.
    """
    if state is None:
        return _genesis(entry, tick, lookup)
    if entry.account != state.account:
        raise DirectoryError("entry-foreign")
    if entry.seq != state.seq + 1 or entry.prev != state.head:
        raise DirectoryError("entry-out-of-chain")
    if not state.entries[-1].tick < tick < state.closed:
        raise DirectoryError("entry-out-of-chain" if state.closed == NEVER else "account-closed")
    if entry.time < state.entries[-1].time:
        raise DirectoryError("entry-backdated")
    if isinstance(entry.payload, Genesis):
        raise DirectoryError("entry-out-of-chain")
    received = entry.time if received is None else received
    power = owner_of(state)
    if state.kind.is_mailbox:
        power, device = _mailbox_signer(state, entry, tick, max(entry.time, received), lookup)
    else:
        device = _own_signer(state, entry, tick)
    signature.verify(device.sign_pk, entry.signature, Label.ACCOUNT_ENTRY, entry.signed)
    changed = _apply(state, entry, tick, device, power, received)
    return replace(changed, entries=(*state.entries, Placed(entry.hash, tick, entry.time)))


def _own_signer(state: AccountState, entry: Entry, tick: int) -> Device:
    if entry.signer.account != state.account or entry.authority:
        raise DirectoryError("authority-broken")
    if entry.signer.head != state.head:
        raise DirectoryError("head-unknown")
    return state.device_at(entry.signer.device, tick)


def _mailbox_signer(
    state: AccountState, entry: Entry, tick: int, time: int, lookup: Lookup
) -> tuple[Power, Device]:
    if isinstance(entry.payload, Claim):
        return _claimant(state, entry, entry.payload, lookup), _device_of(entry, tick, lookup)
    power = verify_authority(entry.authority, entry.signer.account, state, tick, time, lookup)
    match entry.payload:
        case RotateAek():
            power.demand(Right.READ, entry.payload.class_)
            if state.managing in entry.payload.removed:
                power.demand(Right.MANAGE)
        case Consent():
            power.demand(Right.SEND_AS, COMMON)
        case _:
            power.demand(Right.MANAGE)
    return power, _device_of(entry, tick, lookup)


def _claimant(state: AccountState, entry: Entry, payload: Claim, lookup: Lookup) -> Power:
    """CP1-3.17: whoever holds the sheet signs for the account that takes the record over."""
    if state.kind is not AccountKind.RECORD:
        raise DirectoryError("entry-not-for-this-account")
    if entry.authority or lookup(entry.signer.account).kind is not AccountKind.PERSON:
        raise DirectoryError("authority-broken")
    if state.sheet_pk == NO_SHEET:
        raise DirectoryError("claim-used")
    signature.verify(state.sheet_pk, payload.proof, Label.CLAIM, state.account, entry.signer.account)
    return owner_of(state)


def _device_of(entry: Entry, tick: int, lookup: Lookup) -> Device:
    owner = lookup(entry.signer.account)
    if owner.kind.is_mailbox:
        raise DirectoryError("authority-broken")
    owner.place_before(entry.signer.head, tick)
    return owner.device_at(entry.signer.device, tick)


def _genesis(entry: Entry, tick: int, lookup: Lookup) -> AccountState:
    payload = entry.payload
    if not isinstance(payload, Genesis) or entry.seq != 0 or entry.prev != digest.ZERO:
        raise DirectoryError("entry-out-of-chain")
    if entry.account != account_id(entry.payload_raw):
        raise DirectoryError("entry-foreign")
    if entry.authority:
        raise DirectoryError("authority-broken")
    placed = (Placed(entry.hash, tick, entry.time),)
    if payload.device is None:
        if entry.signer.account != payload.manager:
            raise DirectoryError("authority-broken")
        device = _device_of(entry, tick, lookup)
        signature.verify(device.sign_pk, entry.signature, Label.ACCOUNT_ENTRY, entry.signed)
        keys: frozenset[bytes] = frozenset()
        if payload.kind is AccountKind.RECORD and payload.sheet_pk != NO_SHEET:
            signature.verify_key(payload.sheet_pk)
            keys = frozenset({payload.sheet_pk})
        return AccountState(
            entry.account,
            payload.kind,
            payload.manager,
            placed,
            {},
            {},
            {entry.hash: _managing(payload.kind, entry.hash, tick)},
            managers=((entry.hash, payload.manager),),
            sheet_pk=payload.sheet_pk or NO_SHEET,
            keys=keys,
        )
    device = payload.device
    if entry.signer.account != entry.account or entry.signer.device != device.id:
        raise DirectoryError("authority-broken")
    if entry.signer.head != digest.ZERO:
        raise DirectoryError("head-unknown")
    if device.kind is DeviceKind.PAPER:
        raise DirectoryError("device-kind-refused")
    keys = _new_keys(frozenset(), device.sign_pk, device.kem_pk)
    _verify_device(device)
    signature.verify(
        device.sign_pk, payload.possession, Label.DEVICE, NO_ACCOUNT, digest.ZERO, device.encode()
    )
    signature.verify(device.sign_pk, entry.signature, Label.ACCOUNT_ENTRY, entry.signed)
    # The first device is live for everything after its own genesis.
    devices = {device.id: DeviceLife(device, tick)}
    return AccountState(entry.account, payload.kind, NO_ACCOUNT, placed, devices, {}, {}, keys=keys)


def _managing(kind: AccountKind, entry_hash: bytes, tick: int) -> GrantLife:
    return GrantLife(entry_hash, b"", digest.ZERO, tick, ceiling=classes_of(kind))


def _apply(
    state: AccountState, entry: Entry, tick: int, signer: Device, power: Power, received: int
) -> AccountState:
    payload = entry.payload
    match payload:
        case RotateAek():
            return _rotate(state, entry, payload, tick, signer, min(entry.time, received))
        case Grant() if state.kind.is_mailbox:
            life = GrantLife(entry.hash, payload.blinded, payload.wraps_root, tick, ceiling=power.classes)
            return replace(state, grants={**state.grants, entry.hash: life})
        case Consent() if state.kind is AccountKind.RECORD:
            life_of_consent = ConsentLife(
                payload.series, entry.hash, payload.blinded, entry.signer.account, tick, entry.time
            )
            return replace(state, consents={**state.consents, payload.series: life_of_consent})
        case Claim() if state.kind is AccountKind.RECORD:
            return _claim(state, entry, tick)
        case HighestSuite():
            if payload.suite < max(SUITE, state.highest_suite):
                raise DirectoryError("suite-lowered")
            return replace(state, highest_suite=payload.suite)
        case Close():
            if signer.kind is DeviceKind.PAPER:
                raise DirectoryError("device-kind-refused")
            return replace(state, closed=tick + 1)
        case _ if state.kind.is_mailbox:
            raise DirectoryError("entry-not-for-this-account")
        case AddDevice():
            return _add_device(state, entry, payload, tick)
        case Bind():
            life_of_bind = BindLife(payload.blinded, entry.hash, state.head)
            return replace(state, binds=(*state.binds, life_of_bind))
        case PaperRemoval():
            _live_paper(state, payload.device, tick)
            warned = {payload.device: max(entry.time, received)}
            return replace(state, paper_warnings={**state.paper_warnings, **warned})
        case PaperObjection():
            if payload.device != signer.id or payload.device not in state.paper_warnings:
                raise DirectoryError("paper-objection-refused")
            warnings = {k: v for k, v in state.paper_warnings.items() if k != payload.device}
            return replace(state, paper_warnings=warnings)
        case _:
            raise DirectoryError("entry-not-for-this-account")


def _claim(state: AccountState, entry: Entry, tick: int) -> AccountState:
    """The record starts again with its new manager alone: every grant ends, and every class is due to rotate."""
    ended = {h: replace(life, removed=tick) if life.live_at(tick) else life for h, life in state.grants.items()}
    return replace(
        state,
        manager=entry.signer.account,
        managers=(*state.managers, (entry.hash, entry.signer.account)),
        grants={**ended, entry.hash: _managing(state.kind, entry.hash, tick)},
        sheet_pk=NO_SHEET,
    )


def _add_device(state: AccountState, entry: Entry, payload: AddDevice, tick: int) -> AccountState:
    device = payload.device
    if device.id in state.devices:
        raise DirectoryError("device-repeated")
    if device.kind is DeviceKind.GATEWAY and any(d.kind is DeviceKind.GATEWAY for d in state.live_devices(tick)):
        raise DirectoryError("device-kind-refused")
    keys = _new_keys(state.keys, device.sign_pk, device.kem_pk)
    _verify_device(device)
    signature.verify(
        device.sign_pk, payload.possession, Label.DEVICE, state.account, entry.prev, device.encode()
    )
    return replace(state, devices={**state.devices, device.id: DeviceLife(device, tick)}, keys=keys)


def _rotate(
    state: AccountState, entry: Entry, payload: RotateAek, tick: int, signer: Device, time: int
) -> AccountState:
    if payload.class_ not in classes_of(state.kind):
        raise DirectoryError("class-unknown")
    chain = state.generations.get(payload.class_, ())
    if payload.g != len(chain) + 1:
        raise DirectoryError("generation-out-of-order")
    if not chain and payload.chain_ct:
        raise DirectoryError("generation-out-of-order")
    removing = bool(payload.removed) or _removed_since(state, chain)
    if not removing:
        recent = [old for old in chain if not old.removing and old.time > entry.time - DAY]
        if len(recent) >= ROTATIONS_A_DAY:
            raise DirectoryError("rotations-too-many")
    keys = _new_keys(state.keys, payload.pk)
    kem_key.verify_public_key(payload.pk)
    generation = Generation(
        class_=payload.class_,
        g=payload.g,
        pk=payload.pk,
        chain_ct=payload.chain_ct,
        added=tick,
        time=entry.time,
        segment=chain[-1].segment if payload.chain_ct else payload.g,
        removing=removing,
        wraps_root=payload.wraps_root,
    )
    changed = replace(
        state,
        generations={**state.generations, payload.class_: (*chain, generation)},
        keys=keys,
    )
    if state.kind.is_mailbox:
        return _remove_grants(changed, payload.removed, tick)
    return _remove_devices(changed, payload.removed, time, tick, signer)


def _removed_since(state: AccountState, chain: tuple[Generation, ...]) -> bool:
    # A grant over several classes is named by the first rotation only; the others shut the same reader out.
    return bool(chain) and any(chain[-1].added < life.removed != NEVER for life in state.grants.values())


def _remove_grants(state: AccountState, removed: tuple[bytes, ...], tick: int) -> AccountState:
    lives = dict(state.grants)
    for entry_hash in removed:
        life = lives.get(entry_hash)
        if life is None or not life.live_at(tick):
            raise DirectoryError("removal-unknown")
        lives[entry_hash] = replace(life, removed=tick)
    if lives and not any(life.live_at(tick) for life in lives.values()):
        raise DirectoryError("removal-of-last")
    return replace(state, grants=lives)


def _remove_devices(
    state: AccountState, removed: tuple[bytes, ...], time: int, tick: int, signer: Device
) -> AccountState:
    lives = dict(state.devices)
    for identifier in removed:
        life = lives.get(identifier)
        if life is None or not life.live_at(tick):
            raise DirectoryError("removal-unknown")
        if life.device.kind is DeviceKind.PAPER and identifier != signer.id:
            warned = state.paper_warnings.get(identifier)
            if warned is None or time < warned + PAPER_DELAY:
                raise DirectoryError("paper-removal-too-early")
        lives[identifier] = replace(life, removed=tick)
    if not any(
        life.live_at(tick) and life.device.kind is not DeviceKind.PAPER for life in lives.values()
    ):
        raise DirectoryError("removal-of-last")
    return replace(state, devices=lives)


def _live_paper(state: AccountState, identifier: bytes, tick: int) -> None:
    if state.device_at(identifier, tick).kind is not DeviceKind.PAPER:
        raise DirectoryError("device-kind-refused")


def _verify_device(device: Device) -> None:
    signature.verify_key(device.sign_pk)
    kem_key.verify_public_key(device.kem_pk)


def _new_keys(seen: frozenset[bytes], *keys: bytes) -> frozenset[bytes]:
    if seen.intersection(keys) or len(set(keys)) != len(keys):
        raise DirectoryError("key-reused")
    return seen.union(keys)

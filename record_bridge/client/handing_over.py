"""A record that was claimed: its former holder hands over what opens its past, the patient takes it (CP1-3.17)."""

from __future__ import annotations

from directory.accounts.grants import RECORD_CLASSES
from directory.errors import DirectoryError
from directory.primitives import kem
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.profile import keys
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from record_bridge.client.holding import ATTESTATION, enrolled_as_patient
from record_bridge.record import handover
from record_bridge.record.classes import RecordClass
from record_bridge.record.handover import ClassSeed

_MANAGED = "records-managed"
_DOCTOR_ONLY = 2
_ID = 16


async def hand_over(endpoint: Endpoint) -> None:
    """For every record that this endpoint managed until its patient claimed it. A killed handover is done again, and
    one to somebody who is not proven to be a patient waits."""
    before = await _managed(endpoint)
    now = {r for r in endpoint.keyring.records() if endpoint.accounts.lookup(r).manager == endpoint.identity.account}
    later = {record for record in before - now if not await _hand_over_one(endpoint, record)}
    if before != now | later:
        raw = b"".join(sorted(now | later))
        await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _MANAGED, raw))


async def _managed(endpoint: Endpoint) -> set[bytes]:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _MANAGED)) or b""
    return {raw[at : at + _ID] for at in range(0, len(raw), _ID)}


async def _hand_over_one(endpoint: Endpoint, record: bytes) -> bool:
    await endpoint.accounts.ensure([record])
    state = endpoint.accounts.lookup(record)
    if not await enrolled_as_patient(endpoint, state.manager):
        return False
    seeds = [
        ClassSeed(RecordClass(class_), made.g, seed)
        for class_ in RECORD_CLASSES
        for made in state.generations.get(class_, ())
        if (seed := endpoint.keyring.seed(record, class_, made.g)) is not None
    ]
    said = Outgoing(
        intent=endpoint.intent(),
        thread=endpoint.new_id(),
        class_=_DOCTOR_ONLY,
        acting_for=endpoint.identity.mailbox,
        type=EventType.RECORD_HANDOVER,
        body=Body(handover.MEDIA_TYPE, handover.write(tuple(seeds))).encode(),
        accounts=(record,),
    )
    await endpoint.put([said])
    await leave(endpoint, [said])
    return True


async def take_over(endpoint: Endpoint, record: bytes, content: bytes) -> bool:
    """Adopt what a former holder handed over, each secret held against the key that the record's log shows.

    Gives whether anything new can be opened now.
    """
    if await endpoint.profile.run(lambda c: endpoint.profile.kept(c, ATTESTATION)) is None:
        return False
    state = endpoint.accounts.lookup(record)
    fresh = False
    for one in handover.read(content):
        try:
            made = state.generation(one.class_, one.generation)
        except DirectoryError:
            continue
        if kem.public_key(one.seed) != made.pk or endpoint.keyring.seed(record, one.class_, one.generation):
            continue
        await endpoint.profile.run(
            lambda c, s=one: keys.save_seed(endpoint.profile, c, record, s.class_, s.generation, s.seed)  # type: ignore[misc]
        )
        fresh = True
    if fresh:
        await endpoint.keyring.load()
    return fresh

"""Say what of a record is opened, and why, before it is given out (docs/spec/cp1-access.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.accounts.entry import Signer
from directory.errors import DirectoryError
from directory.primitives.codec import u64
from directory.transparency import receipt
from directory.transparency.receipt import ReceiptKind
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.wire import access
from messaging.wire.access import VALID_MS, WHOLE, AccessStatement, Purpose
from record_bridge.record.classes import RecordClass


@dataclass(frozen=True, slots=True)
class Access:
    """A proven statement: who opened what of the record, why, and when the service received it (ms UTC)."""

    account: bytes
    classes: tuple[int, ...]
    purpose: Purpose
    thread: bytes
    time: int
    tick: int


__all__ = ["VALID_MS", "Access", "state", "stated"]


async def state(
    endpoint: Endpoint,
    record: bytes,
    classes: Iterable[int],
    purpose: Purpose,
    *,
    thread: bytes = WHOLE,
    mailbox: bytes = b"",
) -> None:
    """A statement for whoever holds the classes, or, with `mailbox`, for the member to whom one item was shown."""
    stated = tuple(sorted(class_ for class_ in classes if class_ != RecordClass.NOTICES))
    if not stated:
        return
    me, reads_as = endpoint.identity, mailbox or record
    await endpoint.accounts.ensure([me.account, record, reads_as])
    made = access.build(
        record=record,
        mailbox=reads_as,
        classes=stated,
        purpose=purpose,
        thread=thread,
        time=endpoint.environment.now(),
        reader=Signer(me.account, me.device, endpoint.accounts.lookup(me.account).head),
        authority=endpoint.keyring.authority(reads_as),
        key=me.signing,
    )
    proof = receipt.parse_proof(await endpoint.service.state_access(made.raw))
    placed = receipt.verify_proof(proof, me.service_pk)
    _verify_place(made, placed)
    raw = u64(placed.seq) + placed.chain
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _own_place(record), raw))


def _verify_place(made: AccessStatement, placed: receipt.Receipt) -> None:
    expected = (ReceiptKind.ACCESS, access.scope_of(made.record), made.id)
    if (placed.kind, placed.scope, placed.id) != expected:
        raise MessagingError("receipt-foreign")


async def stated(endpoint: Endpoint, record: bytes) -> tuple[Access, ...]:
    """Every access to a record, proven, in order.

    Raises MessagingError("thread-forked") where one was left out: their receipts are a chain of their own, and no end
    is believed that lies before this endpoint's own newest statement.
    """
    own = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _own_place(record))) or u64(0)
    own_seq, own_chain = int.from_bytes(own[:8], "big"), own[8:]
    found: list[Access] = []
    after, seq, chain = 0, 0, receipt.CHAIN_START
    while page := await endpoint.service.accesses(record, after):
        for raw, proof_raw in page:
            made = access.parse(raw)
            proof = receipt.parse_proof(proof_raw)
            placed = receipt.verify_proof(proof, endpoint.identity.service_pk)
            _verify_place(made, placed)
            chain, seq = receipt.next_chain(placed.scope, chain, placed.id), seq + 1
            if made.record != record or (placed.seq, placed.chain) != (seq, chain) or placed.tick <= after:
                raise MessagingError("thread-forked")
            if seq == own_seq and chain != own_chain:
                raise MessagingError("thread-forked")
            after = placed.tick
            await _verify(endpoint, made, placed.tick, proof.group.time)
            found.append(
                Access(made.reader.account, made.classes, made.purpose, made.thread, proof.group.time, placed.tick)
            )
    if seq < own_seq:
        raise MessagingError("thread-forked")
    return tuple(found)


def _own_place(record: bytes) -> str:
    return f"record-stated/{record.hex()}"


async def _verify(endpoint: Endpoint, made: AccessStatement, tick: int, time: int) -> None:
    """At its place in the log; only whose log is known too short is asked for again."""
    named = {made.reader.account, made.mailbox, made.record, *(step.mailbox for step in made.authority)}
    await endpoint.accounts.ensure(named)
    try:
        access.verify(made, endpoint.accounts.lookup, tick, time)
    except DirectoryError:
        endpoint.accounts.outdate(named)
        await endpoint.accounts.ensure(named)
        access.verify(made, endpoint.accounts.lookup, tick, time)

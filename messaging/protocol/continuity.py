"""Order within a thread (CP1-5.10, CP1-7.2): what is authentic but out of place is shown with a notice, never hidden.

State in, state and notices out. A receipt that breaks the scope's chain convicts the service; a device's counter that
repeats or jumps says that a device was copied or that something was dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from directory.primitives import digest
from directory.transparency.receipt import CHAIN_START, Receipt, next_chain
from messaging.protocol.event import Meta

DeviceKey = tuple[bytes, bytes]


class Notice(StrEnum):
    """Words for each stand in the interface's catalogue (`notice-<value>`)."""

    GAP = "gap"  # receipts of this thread are missing before this one
    CHAIN_BROKEN = "chain-broken"  # two histories of one thread: the service showed different ones
    COUNTER_REPEATED = "counter-repeated"  # the device sent two events in one place: a copied profile
    COUNTER_GAP = "counter-gap"  # an earlier event of this device was never shown to us
    STALE_EPOCH = "stale-epoch"  # receipted although its circle of readers had changed
    SPLIT_VIEW = "split-view"  # the sender saw another history of this thread
    DUPLICATE_INTENT = "duplicate-intent"  # the same sending twice: shown once


@dataclass(frozen=True, slots=True)
class Last:
    ctr: int
    id: bytes


@dataclass(frozen=True, slots=True)
class ThreadOrder:
    """How far a thread is known: last receipt and, for each device, its last receipted event. `owed` are notices about
    what was found between events, for the next one that is shown."""

    seq: int = 0
    chain: bytes = CHAIN_START
    devices: Mapping[DeviceKey, Last] = field(default_factory=dict)
    owed: tuple[Notice, ...] = ()


def take_receipt(order: ThreadOrder, receipt: Receipt, first_known: bool) -> tuple[ThreadOrder, tuple[Notice, ...]]:
    """Place a verified receipt (of an epoch or an event). `first_known`: nothing of the thread was seen before, so a
    reader added "from now on" starts wherever it is let in."""
    notices: tuple[Notice, ...] = ()
    if receipt.seq == order.seq + 1:
        if next_chain(receipt.scope, order.chain, receipt.id) != receipt.chain:
            notices = (Notice.CHAIN_BROKEN,)
    elif receipt.seq <= order.seq:
        notices = (Notice.CHAIN_BROKEN,)
    elif not first_known:
        notices = (Notice.GAP,)
    if receipt.seq > order.seq:
        order = replace(order, seq=receipt.seq, chain=receipt.chain)
    return order, notices


def take_event(
    order: ThreadOrder, meta: Meta, event_id: bytes, from_start: bool
) -> tuple[ThreadOrder, tuple[Notice, ...]]:
    """Place a verified event among those of its device. `from_start`: the thread is known from its first event."""
    key = (meta.signer.account, meta.signer.device)
    last = order.devices.get(key)
    notices: tuple[Notice, ...] = ()
    expected_ctr, expected_prev = (last.ctr + 1, last.id) if last else (1, digest.ZERO)
    if last is None and not from_start:
        pass  # what came before was not for us
    elif meta.ctr < expected_ctr or (meta.ctr == expected_ctr and meta.prev_own != expected_prev):
        notices = (Notice.COUNTER_REPEATED,)
    elif meta.ctr > expected_ctr:
        notices = (Notice.COUNTER_GAP,)
    if last is None or meta.ctr > last.ctr:
        order = replace(order, devices={**order.devices, key: Last(meta.ctr, event_id)})
    return order, notices


def next_counter(order: ThreadOrder, account: bytes, device: bytes) -> tuple[int, bytes]:
    """(ctr, prev_own) of this device's next event: continues its last *receipted* one (CP1-5.5)."""
    last = order.devices.get((account, device))
    return (last.ctr + 1, last.id) if last else (1, digest.ZERO)

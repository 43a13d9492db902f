"""CP1-5.5, CP1-5.10, CP1-7.2, CP1-7.5: what is authentic but out of order is shown with a notice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.accounts.entry import Signer
from directory.transparency.receipt import CHAIN_START, Receipt, ReceiptKind, next_chain
from messaging.protocol.continuity import Last, Notice, ThreadOrder, next_counter, take_event, take_receipt
from messaging.protocol.event import Meta

SCOPE = b"s" * 16
ME = (b"a" * 16, b"d" * 16)


def receipts(number: int) -> list[Receipt]:
    chain, made = CHAIN_START, []
    for seq in range(1, number + 1):
        identifier = bytes([seq]) * 32
        chain = next_chain(SCOPE, chain, identifier)
        made.append(Receipt(ReceiptKind.EVENT, SCOPE, seq, identifier, chain, 10 + seq))
    return made


def meta(ctr: int, prev: bytes = bytes(32)) -> Meta:
    return Meta(1, b"m" * 16, Signer(*ME, bytes(32)), bytes(32), (), ctr, prev, 0, bytes(32), 0)


def test_cp1_7_2_receipts_in_order_are_silent() -> None:
    order = ThreadOrder()
    for receipt in receipts(4):
        order, notices = take_receipt(order, receipt, first_known=False)
        assert notices == ()
    assert (order.seq, order.chain) == (4, receipts(4)[-1].chain)


@pytest.mark.parametrize(
    ("held", "shown", "first_known", "expected"),
    [
        (1, 3, False, (Notice.GAP,)),  # something was dropped in the middle
        (0, 3, True, ()),  # let in from now on
        (2, 2, False, (Notice.CHAIN_BROKEN,)),  # two receipts for one seq
        (3, 1, False, (Notice.CHAIN_BROKEN,)),
    ],
)
def test_cp1_7_5_gaps_and_repetitions_of_receipts_are_noticed(
    held: int, shown: int, first_known: bool, expected: tuple[Notice, ...]
) -> None:
    order = ThreadOrder()
    for receipt in receipts(held):
        order, _ = take_receipt(order, receipt, first_known=False)
    order, notices = take_receipt(order, receipts(3)[shown - 1], first_known)
    assert notices == expected
    assert order.seq == max(held, shown)


def test_cp1_7_5_another_history_is_a_broken_chain() -> None:
    order, _ = take_receipt(ThreadOrder(), receipts(1)[0], first_known=False)
    other = replace(receipts(2)[1], chain=bytes(32))
    assert take_receipt(order, other, first_known=False)[1] == (Notice.CHAIN_BROKEN,)


@pytest.mark.parametrize(
    ("last", "shown", "from_start", "expected"),
    [
        (None, meta(1), True, ()),
        (None, meta(3), True, (Notice.COUNTER_GAP,)),
        (None, meta(3), False, ()),  # what came before was not for us
        (Last(2, b"2" * 32), meta(3, b"2" * 32), True, ()),
        (Last(2, b"2" * 32), meta(3, b"x" * 32), True, (Notice.COUNTER_REPEATED,)),  # a cloned machine
        (Last(2, b"2" * 32), meta(2, b"1" * 32), True, (Notice.COUNTER_REPEATED,)),  # a restored backup
        (Last(2, b"2" * 32), meta(5, b"4" * 32), True, (Notice.COUNTER_GAP,)),
        (None, meta(0), True, (Notice.COUNTER_REPEATED,)),  # ctr starts at 1
    ],
)
def test_cp1_5_10_a_devices_counter(
    last: Last | None, shown: Meta, from_start: bool, expected: tuple[Notice, ...]
) -> None:
    order = ThreadOrder(devices={ME: last} if last else {})
    order, notices = take_event(order, shown, b"i" * 32, from_start)
    assert notices == expected
    assert order.devices[ME].ctr == max(shown.ctr, last.ctr if last else 0)


def test_cp1_5_5_the_next_counter_continues_the_last_receipted_event() -> None:
    order = ThreadOrder()
    assert next_counter(order, *ME) == (1, bytes(32))
    order, _ = take_event(order, meta(1), b"i" * 32, from_start=True)
    assert next_counter(order, *ME) == (2, b"i" * 32)

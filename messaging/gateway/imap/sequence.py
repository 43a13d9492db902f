"""Sequence sets (RFC 3501 section 9): `1,3:5,*`, of message numbers or UIDs. Does not know which of the two."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.ports import Mail

LARGEST = (1 << 32) - 1

_SET = re.compile(rb"[0-9*:,]+")
_STAR = 0  # is no number of a message


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges as written, `*` as 0."""

    ranges: tuple[tuple[int, int], ...]

    def within(self, largest: int) -> tuple[tuple[int, int], ...]:
        """The ranges in ascending order without overlap, `*` being `largest`."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(_ordered(one, largest) for one in self.ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return tuple(merged)

    def of_uids(self, mails: Sequence[Mail]) -> list[int]:
        """The indexes of the messages whose UIDs are in the set; those that do not exist are passed over."""
        found: list[int] = []
        if mails:
            for low, high in self.within(mails[-1].uid):
                found += range(bisect_left(mails, low, key=_uid), bisect_right(mails, high, key=_uid))
        return found

    def of_numbers(self, mails: Sequence[Mail]) -> list[int]:
        """The indexes of the messages of these numbers. Raises Malformed where one does not exist."""
        found: list[int] = []
        ends = _STAR in (end for one in self.ranges for end in one)
        for low, high in self.within(len(mails)):
            if ends and low >= len(mails):
                low, high = len(mails), len(mails)  # `7:*` of five messages is the last one
            if high > len(mails):
                raise Malformed("there is no such message")
            found += range(max(low - 1, 0), high)
        return found


def _uid(mail: Mail) -> int:
    return mail.uid


def _ordered(one: tuple[int, int], largest: int) -> tuple[int, int]:
    low, high = (largest if end == _STAR else end for end in one)
    return (low, high) if low <= high else (high, low)


def read(scanner: Scanner) -> SequenceSet:
    """Raises Malformed."""
    return SequenceSet(tuple(_range(one) for one in scanner.take(_SET, "a sequence set")[0].split(b",")))


def _range(one: bytes) -> tuple[int, int]:
    low, colon, high = one.partition(b":")
    return _number(low), _number(high if colon else low)


def _number(digits: bytes) -> int:
    if digits == b"*":
        return _STAR
    if not digits.isdigit() or len(digits) > 10 or not 0 < int(digits) <= LARGEST:
        raise Malformed("this is no sequence set")
    return int(digits)


def written(numbers: Iterable[int]) -> bytes:
    """Ascending numbers as a set, runs put together."""
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in _runs(numbers))


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    low = high = None
    for number in numbers:
        if high is not None and number == high + 1:
            high = number
            continue
        if low is not None and high is not None:
            yield low, high
        low = high = number
    if low is not None and high is not None:
        yield low, high

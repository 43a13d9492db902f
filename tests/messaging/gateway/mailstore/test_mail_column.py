"""Values of many messages in one run of octets: what is sought is found in a value, never across two."""

from __future__ import annotations

import random

import pytest

from messaging.gateway.mailstore import column


@pytest.mark.parametrize("seed", range(40))
def test_a_column_finds_what_looking_at_each_value_finds(seed: int) -> None:
    chance = random.Random(seed)
    slots = {
        slot: [bytes(chance.choices(b"ab\n", k=chance.randint(0, 6))) for _ in range(chance.randint(0, 3))]
        for slot in sorted(chance.sample(range(column.MOST_SLOTS), chance.randint(0, 60)))
    }
    made = column.read(column.written(slots))
    assert list(made.held) == list(slots)
    assert list(made.values()) == [(slot, value) for slot, values in slots.items() for value in values]
    for _ in range(30):
        words = bytes(chance.choices(b"ab\n", k=chance.randint(0, 8)))
        assert made.having(words) == {slot for slot, values in slots.items() if any(words in one for one in values)}


def test_no_hit_reaches_from_one_value_into_the_next() -> None:
    made = column.read(column.written({0: [b"aab", b""], 1: [b"", b"caa"], 7: [b"bca"]}))
    assert made.having(b"bc") == {7}
    assert made.having(b"aa") == {0, 1}
    assert made.having(b"") == {0, 1, 7}
    assert made.having(b"aabcaa") == set()


def test_all_slots_and_none() -> None:
    full = {slot: [b"%d" % slot] for slot in range(column.MOST_SLOTS)}
    assert column.read(column.written(full)).having(b"255") == {255}
    assert column.read(column.written({})).having(b"") == set()

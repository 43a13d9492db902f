"""How sending gives way to those who hand in mail (serving.giving_way): what is pushed soon, and what starves never."""

from __future__ import annotations

import pytest

from messaging.gateway.serving.giving_way import (
    LONGEST_HELD,
    LONGEST_REST,
    MANY,
    QUIET,
    QUIET_OF_MANY,
    SHARE,
    GivingWay,
)


def test_a_mail_that_comes_alone_leaves_almost_at_once() -> None:
    way = GivingWay()
    way.handed_in(100.0)
    assert 0 < way.wait(100.0) <= QUIET + 1e-6
    assert way.wait(100.001 + QUIET) == 0
    assert way.quiet(100.001 + QUIET)


def test_of_many_mails_the_programs_are_served_first() -> None:
    way = GivingWay()
    for number in range(10):
        way.handed_in(100.0 + number * QUIET)
    last = 100.0 + 9 * QUIET
    assert way.wait(last + QUIET) > 0
    assert not way.quiet(last + QUIET_OF_MANY - 0.001)
    assert way.wait(last + QUIET_OF_MANY) == 0


def test_a_stream_that_never_ends_holds_nothing_back_for_ever() -> None:
    way, now, left = GivingWay(), 100.0, 0
    until = now + 10 * LONGEST_HELD
    while now < until:
        way.handed_in(now)
        left += way.wait(now) == 0
        now += QUIET
    assert left >= 9


def test_between_two_rounds_it_rests_for_a_share_of_its_work_and_not_longer_than_a_moment() -> None:
    way = GivingWay()
    way.handed_in(99.95)
    way.handed_in(100.0)
    assert way.rest(99.9, 100.0) == (100.0 + QUIET_OF_MANY, pytest.approx(100.0 + SHARE * 0.1))
    assert way.rest(40.0, 100.0) == (100.0 + QUIET_OF_MANY, 100.0 + LONGEST_REST)


def test_who_was_kept_waiting_by_a_long_round_is_heard_before_the_next() -> None:
    way = GivingWay()
    way.handed_in(99.95)
    way.handed_in(100.0)
    heard, until = way.rest(99.9, 101.0)  # so long nobody could say anything
    assert 101.0 < heard < until


@pytest.mark.parametrize("since", [99.97, 100.5])
def test_after_a_round_in_which_not_two_mails_came_it_goes_on(since: float) -> None:
    way = GivingWay()
    way.handed_in(99.95)
    way.handed_in(100.0)
    assert way.rest(since, 101.0) == (101.0, 101.0)


def test_two_mails_of_a_person_who_types_are_no_burst() -> None:
    way = GivingWay()
    way.handed_in(100.0)
    assert way.wait(101.0) == 0
    way.handed_in(100.0 + 4 * MANY)
    assert way.wait(100.0 + 4 * MANY) <= QUIET + 1e-6


def test_nothing_is_held_where_nothing_waits() -> None:
    assert GivingWay().wait(0.0) == 0

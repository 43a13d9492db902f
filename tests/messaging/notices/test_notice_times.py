"""Quiet hours and digests on the owner's wall clock, over the changes of summer time (RFC 5545 3.3.5, form 3)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.mailbox import quiet
from messaging.mailbox.quiet import DAYS, Every, Times

PARIS = "Europe/Paris"


def at(wall: str, zone: str = PARIS, fold: int = 0) -> int:
    return round(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def times(every: str = "now", hours: str = "", days: str = "", zone: str = PARIS) -> Times:
    return quiet.parse(every, hours, days, zone)


@pytest.mark.parametrize(
    ("hours", "days", "asked", "opens"),
    [
        ("20:00-07:30", "", "2026-11-18T19:59:59", "2026-11-18T19:59:59"),
        ("20:00-07:30", "", "2026-11-18T20:00", "2026-11-19T07:30"),
        ("20:00-07:30", "", "2026-11-19T07:29:59", "2026-11-19T07:30"),
        ("20:00-07:30", "", "2026-11-19T07:30", "2026-11-19T07:30"),
        ("12:00-14:00", "", "2026-11-19T13:00", "2026-11-19T14:00"),
        ("", "sat,sun", "2026-11-21T10:00", "2026-11-23T00:00"),
        # Friday evening to Monday morning: hours, two days, hours.
        ("20:00-07:30", "sat,sun", "2026-11-20T21:00", "2026-11-23T07:30"),
        ("", "mon,tue,wed,thu,fri,sat", "2026-11-23T00:00", "2026-11-29T00:00"),
        ("", "", "2026-11-21T03:00", "2026-11-21T03:00"),
    ],
)
def test_nothing_opens_within_the_quiet(hours: str, days: str, asked: str, opens: str) -> None:
    assert times(hours=hours, days=days).opens(at(asked)) == at(opens)


def test_quiet_hours_keep_to_the_wall_clock_when_summer_begins_and_ends() -> None:
    night = times(hours="20:00-07:30")
    # 29 March 2026: the night is an hour shorter; 25 October 2026: an hour longer.
    assert night.opens(at("2026-03-28T20:00")) - at("2026-03-28T20:00") == int(10.5 * 3_600_000)
    assert night.opens(at("2026-10-24T20:00")) - at("2026-10-24T20:00") == int(12.5 * 3_600_000)


def test_an_end_in_the_skipped_hour_is_as_far_into_it_as_the_clock_would_have_been() -> None:
    assert times(hours="20:00-02:30").opens(at("2026-03-29T01:00")) == at("2026-03-29T03:30")


def test_an_end_in_the_hour_that_comes_twice_is_its_first_then_its_second() -> None:
    night = times(hours="20:00-02:30")
    assert night.opens(at("2026-10-25T02:10")) == at("2026-10-25T02:30")
    assert night.opens(at("2026-10-25T02:10", fold=1)) == at("2026-10-25T02:30", fold=1)


def test_a_zone_is_the_owners_and_not_the_services() -> None:
    away = times(hours="20:00-07:30", zone="Indian/Reunion")
    assert away.opens(at("2026-11-18T18:00")) == at("2026-11-19T07:30", "Indian/Reunion")


@pytest.mark.parametrize(
    ("every", "asked", "due"),
    [
        ("now", "2026-11-18T10:20:30", "2026-11-18T10:20:30"),
        ("hour", "2026-11-18T10:20:30", "2026-11-18T11:00"),
        ("hour", "2026-11-18T10:00", "2026-11-18T11:00"),
        ("day", "2026-11-18T07:59", "2026-11-18T08:00"),
        ("day", "2026-11-18T08:00", "2026-11-19T08:00"),
        ("day", "2026-03-28T09:00", "2026-03-29T08:00"),
    ],
)
def test_a_digest_is_due_on_the_hour_or_in_the_morning(every: str, asked: str, due: str) -> None:
    assert times(every).due(at(asked)) == at(due)


def test_a_full_hour_is_that_of_the_zone() -> None:
    assert times("hour", zone="Asia/Kolkata").due(at("2026-11-18T10:10", "Asia/Kolkata")) == at(
        "2026-11-18T11:00", "Asia/Kolkata"
    )


def test_a_digest_in_the_quiet_waits_for_its_end() -> None:
    assert times("hour", "20:00-07:30").due(at("2026-11-18T23:10")) == at("2026-11-19T07:30")
    assert times("day", "20:00-09:30").due(at("2026-11-18T23:10")) == at("2026-11-19T09:30")
    assert times("day", days="sat,sun").due(at("2026-11-20T12:00")) == at("2026-11-23T08:00")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (("weekly", "", "", PARIS), "every"),
        (("now", "20:00", "", PARIS), "quiet"),
        (("now", "24:00-07:30", "", PARIS), "quiet"),
        (("now", "20:00-20:00", "", PARIS), "quiet"),
        (("now", "٢0:00-07:30", "", PARIS), "quiet"),
        (("now", "20:00-07:30\n", "", PARIS), "quiet"),
        (("now", "", "sat,", PARIS), "quiet_days"),
        (("now", "", ",".join(DAYS), PARIS), "quiet_days"),
        (("now", "", "", "Europe"), "zone"),
        (("now", "", "", "../../etc/passwd"), "zone"),
        (("now", "", "", "Europe/Atlantis"), "zone"),
        (("now", "", "", ""), "zone"),
    ],
)
def test_what_has_no_meaning_or_no_end_is_refused_by_its_field(wrong: tuple[str, str, str, str], field: str) -> None:
    with pytest.raises(MessagingError) as refused:
        quiet.parse(*wrong)
    assert (refused.value.id, refused.value.facts) == ("request-malformed", {"field": field})


_clock = st.times().map(lambda one: f"{one:%H:%M}")


@given(
    moment=st.integers(at("2026-01-01T00:00"), at("2028-01-01T00:00")),
    every=st.sampled_from(list(Every)),
    start=_clock,
    end=_clock,
    days=st.sets(st.sampled_from(DAYS), max_size=6),
    zone=st.sampled_from([PARIS, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
)
def test_whatever_was_asked_what_is_due_is_later_and_not_in_the_quiet(
    moment: int, every: Every, start: str, end: str, days: set[str], zone: str
) -> None:
    asked = quiet.parse(every, f"{start}-{end}" if start != end else "", ",".join(days), zone)
    due = asked.due(moment)
    assert moment <= due < moment + 15 * 86_400_000  # one minute a week may be all that is open
    assert asked.opens(due) == due

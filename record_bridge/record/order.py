"""The order in which a record can be used: what a doctor asks first stands first (record.md RD-3).

Theory. A pile by date was the national record's failure. So an item has a *place*, the first rule of the table that
holds, and inside a place the newest stands first (date of care, then of entry, then the thread's id, so that two
devices show one order). An item stands once. What was replaced sinks to the end and stays readable. A masked item has
no place of its own: who may see it sees it where it belongs.

Grouping by kind and over time are the same items under other headings. Pure: `now_ms` and what is unread are given.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from record_bridge.record.items import Item
from record_bridge.record.kinds import Kind

PAGE = 50  # lines
DAY = 24 * 3600 * 1000  # ms
ABNORMAL_FOR = 365 * DAY
ANSWER_FOR = 90 * DAY


@dataclass(frozen=True, slots=True)
class View:
    """What the rules may look at besides the item: whose eyes, when, and the one synthesis that counts."""

    now_ms: int
    unread: Collection[bytes]
    synthesis: bytes  # thread of the newest one that nothing replaced


@dataclass(frozen=True, slots=True)
class Rule:
    """A place in the record; the words' id of its heading is `record-place-<name>`."""

    name: str
    holds: Callable[[Item, View], bool]

    @property
    def words(self) -> str:
        return f"record-place-{self.name}"


RULES = (
    Rule("replaced", lambda item, view: bool(item.replaced_by)),  # decided first, shown last (RD-3.2)
    Rule("synthesis", lambda item, view: item.thread == view.synthesis),
    Rule("allergies", lambda item, view: item.kind is Kind.ALLERGY),
    Rule("treatments", lambda item, view: item.kind is Kind.TREATMENT),
    Rule("abnormal", lambda item, view: item.abnormal and view.now_ms - item.date_ms <= ABNORMAL_FOR),
    Rule("unread", lambda item, view: item.thread in view.unread and item.kind is not Kind.REIMBURSEMENT),
    Rule("answers", lambda item, view: item.kind is Kind.REPORT and view.now_ms - item.date_ms <= ANSWER_FOR),
    Rule("rest", lambda item, view: item.kind is not Kind.REIMBURSEMENT),
    Rule("reimbursements", lambda item, view: True),
)
SHOWN = (*RULES[1:], RULES[0])
_SHOWN_AT = {rule.name: at for at, rule in enumerate(SHOWN)}


@dataclass(frozen=True, slots=True)
class Line:
    """An item at its place."""

    item: Item
    place: Rule


@dataclass(frozen=True, slots=True)
class Page:
    """`total` counts all lines of the filter; `next_offset` is None on the last page."""

    lines: tuple[Line, ...]
    total: int
    next_offset: int | None


def page(
    items: Iterable[Item],
    now_ms: int,
    kind: Kind | None = None,
    offset: int = 0,
    *,
    unread: Collection[bytes] = (),
    size: int = PAGE,
) -> Page:
    """One page of the record in the order of use; `kind` keeps the places and shows that kind alone."""
    everything = tuple(items)
    lines = ordered(everything, now_ms, unread=unread)
    kept = lines if kind is None else tuple(line for line in lines if line.item.kind is kind)
    start = max(offset, 0)
    shown = kept[start : start + size]
    after = start + len(shown)
    return Page(shown, len(kept), after if shown and after < len(kept) else None)


def ordered(items: Iterable[Item], now_ms: int, *, unread: Collection[bytes] = ()) -> tuple[Line, ...]:
    """Every item once, at its place."""
    newest_first = sorted(items, key=_newest_first)
    standing = (item for item in newest_first if item.kind is Kind.SYNTHESIS and not item.replaced_by)
    synthesis = next(standing, None)
    view = View(now_ms, frozenset(unread), synthesis.thread if synthesis else b"")
    lines = [Line(item, place_of(item, view)) for item in newest_first]
    return tuple(sorted(lines, key=lambda line: _SHOWN_AT[line.place.name]))  # stable: dates stay in order


def place_of(item: Item, view: View) -> Rule:
    """The first rule that holds; the last one always does."""
    return next(rule for rule in RULES if rule.holds(item, view))


def by_kind(items: Iterable[Item]) -> tuple[tuple[Kind, tuple[Item, ...]], ...]:
    """Groups in the order of `Kind`, the newest first in each; no empty group."""
    newest_first = sorted(items, key=_newest_first)
    groups = ((kind, tuple(item for item in newest_first if item.kind is kind)) for kind in Kind)
    return tuple((kind, group) for kind, group in groups if group)


def over_time(items: Iterable[Item]) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """Groups by month of care, `2026-11` (UTC), the newest month and in it the newest item first."""
    newest_first = sorted(items, key=_newest_first)
    return tuple((month, tuple(group)) for month, group in groupby(newest_first, key=_month))


def _newest_first(item: Item) -> tuple[int, int, bytes]:
    return (-item.date_ms, -item.received_ms, item.thread)


def _month(item: Item) -> str:
    moment = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(milliseconds=item.date_ms)
    return moment.strftime("%Y-%m")

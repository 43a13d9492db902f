"""Pages: what a run of messages has of one kind, sealed as one value, so that ten thousand headers are some eighty to
open. Derived from descriptions and beside them, as other servers keep a cache: a page that is not there, or cannot be
opened, makes nothing unreadable.

A message is on the page that its id falls on. The turn that gives a page's last id writes it; the turn that lets one of
its messages go drops it, so that nothing of what was deleted is kept; whoever misses it has it written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, LargeBinary, bindparam, cast, delete, exists, func, insert, select

from messaging.errors import MessagingError
from messaging.gateway.database import number_lists, tables
from messaging.gateway.mail.described import Described
from messaging.gateway.mailstore import column, kinds
from messaging.gateway.mailstore.column import Column
from messaging.gateway.mailstore.kinds import Kind
from messaging.gateway.mailstore.seals import Seals

SIZE = 128  # messages; at most column.MOST_SLOTS
LONGEST = 16 * 1024  # octets of a description that a page holds
WORTH = 4  # messages whose descriptions are wanted of a page before it is opened for them

_table = tables.pages
_SEALED = select(_table.c.page, cast(_table.c.sealed, LargeBinary)).where(
    _table.c.kind == bindparam("of"), _table.c.page.in_(number_lists.numbers("among"))
)
_WRITTEN = insert(_table).prefix_with("OR REPLACE")
# As `turn` lets messages go: with the last folder that has one.
_DROPPED = delete(_table).where(
    _table.c.page == bindparam("of_page"),
    ~exists(select(tables.placements.c.uid).where(tables.placements.c.message == bindparam("of"))),
)


def full(before: int, now: int) -> range:
    """The pages whose last id was given while the next id went from `before` to `now`."""
    return range(before // SIZE, now // SIZE)


def write(connection: Connection, seals: Seals, page: int) -> None:
    """Write a page, or again, of what can be read of its messages and is not too long for it."""
    held: dict[int, Described] = {}
    table, first = tables.descriptions, page * SIZE
    rows = select(table.c.message, table.c.sealed).where(
        table.c.message.between(first, first + SIZE - 1), func.length(table.c.sealed) <= LONGEST
    )
    for message, sealed in connection.execute(rows):
        try:
            held[message - first] = seals.open_description(message, sealed)
        except MessagingError:  # whoever asks for it finds out
            continue
    connection.execute(
        _WRITTEN,
        [
            {"page": page, "kind": kind, "sealed": seals.page(page, kind, written)}
            for kind, written in kinds.written(held).items()
        ],
    )


def drop(connection: Connection, released: Iterable[int]) -> None:
    """Drop the pages of those of these messages that no folder has any more."""
    rows = [{"of": message, "of_page": message // SIZE} for message in released]
    if rows:
        connection.execute(_DROPPED, rows)


def crowded(messages: Iterable[int], next_message: int, worth: int = WORTH) -> list[int]:
    """The pages that are worth opening for these messages; the last one is not written before it is full."""
    crowds = Counter(map(SIZE.__rfloordiv__, messages))
    return sorted(page for page, many in crowds.items() if many >= worth and (page + 1) * SIZE <= next_message)


def opened(
    connection: Connection, seals: Seals, kind: Kind, pages: Collection[int], missed: set[int]
) -> Iterator[tuple[int, Column]]:
    """Of each of `pages` the id of its first message and what it holds, one at a time. `missed` gets those that are
    not there, or are damaged."""
    if not pages:
        return
    lost = set(pages)
    for page, sealed in connection.execute(_SEALED, {"of": int(kind), "among": number_lists.written(pages)}):
        try:
            found = column.read(seals.open_page(page, kind, sealed))
        except MessagingError:
            continue
        lost.discard(page)
        yield page * SIZE, found
    missed |= lost

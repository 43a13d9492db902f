"""Reads from the disk what mails have: one message whole, or what many have of one kind in batches.

A batch is bounded in mails and in octets and is opened in the reader's thread, so that a search through ten thousand
mails holds neither all of them nor the loop. What many have is read from pages, and from each row what no page holds:
the answers are the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence, Set
from functools import cache, partial
from itertools import takewhile
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from messaging.errors import MessagingError
from messaging.gateway.database import number_lists, tables
from messaging.gateway.mail.described import Trait
from messaging.gateway.mailstore import pages, sifting
from messaging.gateway.mailstore.kinds import TRAITS
from messaging.gateway.mailstore.ledger import Ledger
from messaging.gateway.ports import Mail, Sought

BATCH_MAILS = 2 * pages.SIZE
BATCH_OCTETS = 1024 * 1024
Value = TypeVar("Value")
_Described = list[tuple[Mail, Sequence[bytes] | None]]


async def octets(ledger: Ledger, mail: Mail) -> bytes | None:
    """The frozen octets of a message; None where they are not there or cannot be opened."""

    def query(connection: Connection) -> bytes | None:
        table = tables.octets
        parts = select(table.c.sealed).where(table.c.message == mail.message).order_by(table.c.part)
        try:
            return ledger.seals.open_octets(mail, connection.execute(parts).scalars())
        except MessagingError:
            return None

    return await ledger.read(query)


async def each(
    ledger: Ledger, table: Table, mails: Sequence[Mail], unseal: Callable[[int, bytes], Value]
) -> AsyncIterator[tuple[Mail, Value | None]]:
    """What `table` holds of each mail's message, in their order; None as above. `unseal` gets the id of a message and
    its sealed value."""
    start = 0
    while start < len(mails):
        batch = await ledger.read(partial(_batch, table, mails[start : start + BATCH_MAILS], unseal))
        for pair in batch:
            yield pair
        start += len(batch)


async def described(
    ledger: Ledger, mails: Sequence[Mail], traits: Sequence[Trait], missed: set[int]
) -> AsyncIterator[_Described]:
    """These traits of each in their order, some mails at a time; None as above. `missed` gets pages that would have
    been of use."""
    start = 0
    while start < len(mails):
        some = mails[start : start + BATCH_MAILS + 1]
        batch = await ledger.read(partial(_described, ledger, some, traits, missed))
        yield batch
        start += len(batch)


async def sifted(
    ledger: Ledger, mails: Sequence[Mail], sought: Collection[Sought], missed: set[int]
) -> tuple[Set[int], dict[Sought, set[int]]]:
    """The messages of these whose headers could not be looked through, and those that have what is sought; all in one
    look, which is as long as `mails`."""

    def query(connection: Connection) -> tuple[Set[int], dict[Sought, set[int]]]:
        looked = sifting.Sifting(sought)
        messages = {mail.message for mail in mails}
        crowded = pages.crowded(messages, ledger.index.next_message, worth=1)
        for kind in looked.kinds:
            for first, column in pages.opened(connection, ledger.seals, kind, crowded, missed):
                looked.through(kind, first, column)
        left = looked.left(messages)
        undecided = [mail for mail in mails if mail.message in left] if left else []
        for message, header in _headers(ledger, undecided, missed, connection):
            looked.at(message, header)
        return looked.left(left), looked.found

    return await ledger.read(query)


def _headers(
    ledger: Ledger, mails: Sequence[Mail], missed: set[int], connection: Connection
) -> Iterator[tuple[int, bytes]]:
    """Of each message of these its header, without those that cannot be read."""
    start = 0
    while start < len(mails):
        some = mails[start : start + BATCH_MAILS + 1]
        batch = _described(ledger, some, [Trait.HEADER], missed, connection)
        yield from ((mail.message, traits[0]) for mail, traits in batch if traits is not None)
        start += len(batch)


def _described(
    ledger: Ledger, mails: Sequence[Mail], traits: Sequence[Trait], missed: set[int], connection: Connection
) -> _Described:
    """Of the first ones of `mails`, as `_batch`."""
    mails = _first(mails)
    messages = {mail.message for mail in mails}
    crowded = pages.crowded(messages, ledger.index.next_message)
    held: list[dict[int, bytes]] = []
    for trait in traits:
        columns = pages.opened(connection, ledger.seals, TRAITS[trait], crowded, missed)
        held.append({first + slot: octets for first, column in columns for slot, octets in column.values()})
    whole = list(messages.intersection(*held))
    known: dict[int, Sequence[bytes] | None] = dict(
        zip(whole, zip(*[map(of_trait.__getitem__, whole) for of_trait in held], strict=True), strict=True)
    )
    others = [mail for mail in mails if mail.message not in known]
    if others:
        rows = _batch(tables.descriptions, others, ledger.seals.open_description, connection)
        known |= {mail.message: None if found is None else found.traits(traits) for mail, found in rows}
    return [(mail, known[mail.message]) for mail in takewhile(lambda mail: mail.message in known, mails)]


def _first(mails: Sequence[Mail]) -> Sequence[Mail]:
    """The first batch of these, up to where a page ends rather than into its middle."""
    for end in range(BATCH_MAILS, BATCH_MAILS // 2, -1):
        if end < len(mails) and mails[end].message // pages.SIZE != mails[end - 1].message // pages.SIZE:
            return mails[:end]
    return mails[:BATCH_MAILS]


def _batch(
    table: Table, mails: Sequence[Mail], unseal: Callable[[int, bytes], Value], connection: Connection
) -> list[tuple[Mail, Value | None]]:
    """Of the first ones of `mails`, as many as fit; at least one. SQLite knows a length without reading the value."""
    lengths: dict[int, int] = _asked(connection, _lengths(table), mails)
    taken: list[Mail] = []
    room = BATCH_OCTETS
    for mail in mails:
        room -= lengths.get(mail.message, 0)
        if taken and room < 0:
            break
        taken.append(mail)
    sealed: dict[int, bytes] = _asked(connection, _sealed(table), taken)
    return [
        (mail, _opened(unseal, mail.message, sealed[mail.message]) if mail.message in sealed else None)
        for mail in taken
    ]


def _asked(connection: Connection, statement: Select[Any], mails: Sequence[Mail]) -> dict[int, Any]:
    messages = number_lists.written(mail.message for mail in mails)
    return {row[0]: row[1] for row in connection.execute(statement, {"among": messages})}


@cache
def _lengths(table: Table) -> Select[Any]:
    return _of_each(table, func.length(table.c.sealed))


@cache
def _sealed(table: Table) -> Select[Any]:
    return _of_each(table, table.c.sealed)


def _of_each(table: Table, column: ColumnElement[Any]) -> Select[Any]:
    return select(table.c.message, column).where(table.c.message.in_(number_lists.numbers("among")))


def _opened(unseal: Callable[[int, bytes], Value], message: int, sealed: bytes) -> Value | None:
    try:
        return unseal(message, sealed)
    except MessagingError:
        return None

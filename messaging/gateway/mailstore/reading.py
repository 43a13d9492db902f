"""Reads from the disk what mails have: one message whole, or a column of many in batches.

A batch is bounded in mails and in octets and is opened in the reader's thread, so that a search through ten thousand
mails holds neither all of them nor the loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, func, select

from messaging.errors import MessagingError
from messaging.gateway.database import tables
from messaging.gateway.database.number_lists import numbers
from messaging.gateway.mailstore.ledger import Ledger
from messaging.gateway.ports import Mail

BATCH_MAILS = 256
BATCH_OCTETS = 4 * 1024 * 1024
Value = TypeVar("Value")


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


def _batch(
    table: Table, mails: Sequence[Mail], unseal: Callable[[int, bytes], Value], connection: Connection
) -> list[tuple[Mail, Value | None]]:
    """Of the first ones of `mails`, as many as fit; at least one. SQLite knows a length without reading the value."""
    lengths: dict[int, int] = dict(_column(connection, table, mails, func.length(table.c.sealed)))
    taken: list[Mail] = []
    room = BATCH_OCTETS
    for mail in mails:
        room -= lengths.get(mail.message, 0)
        if taken and room < 0:
            break
        taken.append(mail)
    sealed: dict[int, bytes] = dict(_column(connection, table, taken, table.c.sealed))
    return [
        (mail, _opened(unseal, mail.message, sealed[mail.message]) if mail.message in sealed else None)
        for mail in taken
    ]


def _column(connection: Connection, table: Table, mails: Sequence[Mail], column: ColumnElement[Any]) -> list[Any]:
    wanted = table.c.message.in_(numbers([mail.message for mail in mails]))
    return [tuple(row) for row in connection.execute(select(table.c.message, column).where(wanted))]


def _opened(unseal: Callable[[int, bytes], Value], message: int, sealed: bytes) -> Value | None:
    try:
        return unseal(message, sealed)
    except MessagingError:
        return None

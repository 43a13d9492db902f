"""Receipts as the writer stored them, read again by tick. The writer's own tables, named here and not defined."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, column, select, table

from directory.transparency.receipt import Receipt, ReceiptKind, encode_proof

_receipts = table(
    "receipts",
    *(column(name) for name in ("tick", "kind", "scope", "seq", "id", "chain", "idx", "path", "group_no")),
)
_groups = table("groups", column("group_no"), column("raw"))
_JOINED = select(_receipts, _groups.c.raw).join(_groups, _groups.c.group_no == _receipts.c.group_no)
_AT_ONCE = 500  # SQLite bounds the variables of one statement


class StoredReceipts:
    """Fills `append_entries.Receipts`."""

    def proofs(self, ticks: Sequence[int], connection: Connection) -> tuple[bytes, ...]:
        """The encoded receipt proofs of these ticks, in this order; each must be there."""
        found: dict[int, bytes] = {}
        for at in range(0, len(ticks), _AT_ONCE):
            for row in connection.execute(_JOINED.where(_receipts.c.tick.in_(ticks[at : at + _AT_ONCE]))):
                receipt = Receipt(ReceiptKind(row.kind), row.scope, row.seq, row.id, row.chain, row.tick)
                found[row.tick] = encode_proof(receipt.encode(), row.idx, row.path, row.raw)
        return tuple(found[tick] for tick in ticks)

"""What the writer signed, read again as encoded proofs (CP1-7.3)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from confrere.database.tables import groups, receipts
from directory.transparency.receipt import Receipt, ReceiptKind, encode_proof

_JOINED = select(receipts, groups.c.raw).join_from(receipts, groups, groups.c.group_no == receipts.c.group_no)
_AT_ONCE = 400


class StoredReceipts:
    """No state: every method is given a connection."""

    def proofs(self, ticks: Sequence[int], connection: Connection) -> tuple[bytes, ...]:
        """The encoded proofs of these ticks, in this order; each must be there."""
        found = {}
        for at in range(0, len(ticks), _AT_ONCE):
            for row in connection.execute(_JOINED.where(receipts.c.tick.in_(ticks[at : at + _AT_ONCE]))):
                receipt = Receipt(ReceiptKind(row.kind), row.scope, row.seq, row.id, row.chain, row.tick)
                found[row.tick] = encode_proof(receipt.encode(), row.idx, row.path, row.raw)
        return tuple(found[tick] for tick in ticks)

"""Every account log, folded as the service needs it (CP1-3.6): states, holdings, and what an accepted change adds.

States are folded from the stored entries when asked for, and kept while they fit. What the group commit in the making
has accepted is seen on its own connection and transaction only; the rest of the service sees it once it is on disk.
Decides nothing: `use_cases.append_entries` does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from directory.accounts import entry as entries
from directory.accounts import fold, grants, wraps
from directory.accounts.bind import InviteeKind
from directory.accounts.entry import AccountKind, Claim, Consent, Genesis
from directory.accounts.grants import ALL_RIGHTS, GrantPayload, Right, reading_class
from directory.accounts.readers import Slot
from directory.accounts.state import NEVER, AccountState
from directory.errors import DirectoryError
from directory.ports import GroupCommit, Holding
from directory.primitives import tree
from directory.primitives.digest import sha256
from directory.store import tables
from directory.use_cases.append_entries import Accepted, device_of, keys_of

Changed = Callable[[bytes, int], None]
"""(account, seq of its new head), after the change is on disk."""

_LOG = (
    select(tables.account_entry.c.raw, tables.account_entry.c.tick, tables.account_entry.c.received)
    .where(tables.account_entry.c.account == bindparam("account"))
    .order_by(tables.account_entry.c.seq)
)
_MANAGED = select(tables.account.c.account).where(tables.account.c.manager == bindparam("account"))
_GRANTED = select(tables.grant_opening).where(tables.grant_opening.c.principal == bindparam("account"))
_LAST_TICK = select(func.max(tables.account_entry.c.tick))
_KINDS_WITH_GRANTS = (AccountKind.ORGANISATION_MAILBOX,)


@dataclass(slots=True)
class _Staged:
    """What one write transaction has accepted so far."""

    connection: Connection
    transaction: object
    states: dict[bytes, AccountState]


class StoredAccounts:
    """Fills `ports.AccountBook` and `append_entries.Ledger`. One per process."""

    def __init__(self, capacity: int = 5_000) -> None:
        self._capacity = capacity
        self._states: OrderedDict[bytes, AccountState] = OrderedDict()
        self._holdings: OrderedDict[bytes, tuple[int, int, tuple[Holding, ...]]] = OrderedDict()
        self._version = 0
        self._published_tick = 0
        self._staged: _Staged | None = None
        self._listeners: list[Changed] = []
        self._lock = threading.Lock()

    @property
    def version(self) -> int:
        return self._version

    def on_change(self, listener: Changed) -> None:
        """Have `listener` called on the writer's thread after each durable change; it must be quick, not raise."""
        self._listeners.append(listener)

    # --- reading ---

    def state(self, account: bytes, connection: Connection) -> AccountState:
        """Raises DirectoryError("account-unknown")."""
        staged = self._staged_on(connection).get(account)
        if staged is not None:
            return staged
        with self._lock:
            known = self._states.get(account)
            if known is not None:
                self._states.move_to_end(account)
                return known
            version = self._version
        folded = self._fold(account, connection)
        self._remember(self._states, account, folded, version, connection)
        return folded

    def _fold(self, account: bytes, connection: Connection) -> AccountState:
        log = connection.execute(_LOG, {"account": account}).all()
        state: AccountState | None = None
        for raw, tick, received in log:
            entry = entries.parse(raw)
            state = fold.append(state, entry, tick, lambda other: self.state(other, connection), received)
        if state is None:
            raise DirectoryError("account-unknown")
        return state

    def _remember(
        self, cache: OrderedDict[bytes, Any], account: bytes, value: object, version: int, connection: Connection
    ) -> None:
        # A reader's snapshot may be older than what was published meanwhile: its answer is right for it alone.
        fresh = (connection.execute(_LAST_TICK).scalar() or 0) >= self._published_tick
        with self._lock:
            if fresh and version == self._version:
                cache[account] = value
                while len(cache) > self._capacity:
                    cache.popitem(last=False)

    def holdings(self, account: bytes, connection: Connection, now: int) -> tuple[Holding, ...]:
        """As `ports.AccountBook.holdings`; a way through an organisation shows the organisation's grant."""
        staged = self._staged_on(connection)
        with self._lock:
            version = self._version
            kept = self._holdings.get(account)
            if kept is not None and not staged and kept[0] == version and now <= kept[1]:
                return kept[2]
        own = self._held_directly(account, connection)
        found, until = [], grants.FOREVER
        for holding, not_after in own:
            if not_after < now:
                continue
            found.append(holding)
            until = min(until, not_after)
            if self.state(holding.mailbox, connection).kind not in _KINDS_WITH_GRANTS:
                continue
            for through, through_until in self._held_directly(holding.mailbox, connection):
                classes = tuple(c for c in through.classes if reading_class(c) in holding.classes)
                if through_until >= now and classes:
                    found.append(replace(through, classes=classes, rights=through.rights & holding.rights))
                    until = min(until, through_until)
        answer = tuple(found)
        if not staged:
            self._remember(self._holdings, account, (version, until, answer), version, connection)
        return answer

    def _held_directly(self, account: bytes, connection: Connection) -> list[tuple[Holding, int]]:
        found = []
        for (mailbox,) in connection.execute(_MANAGED, {"account": account}):
            state = self.state(mailbox, connection)
            if state.manager == account and state.closed == NEVER and state.grants[state.managing].removed == NEVER:
                classes = grants.classes_of(state.kind)
                holding = Holding(mailbox, classes, ALL_RIGHTS, state.managing, b"", b"")
                found.append((holding, grants.FOREVER))
        for row in connection.execute(_GRANTED, {"account": account}).all():
            state = self.state(row.mailbox, connection)
            if state.closed != NEVER or state.grants[row.entry_hash].removed != NEVER:
                continue
            opened = grants.parse(row.payload)
            holding = Holding(
                row.mailbox, opened.classes, Right(opened.role), row.entry_hash, row.blind, row.payload
            )
            found.append((holding, opened.not_after))
        return found

    # --- what a decision needs ---

    def opened(self, mailbox: bytes, connection: Connection) -> Mapping[bytes, GrantPayload]:
        table = tables.grant_opening
        rows = connection.execute(select(table.c.entry_hash, table.c.payload).where(table.c.mailbox == mailbox))
        return {entry_hash: grants.parse(payload) for entry_hash, payload in rows}

    def wrapped(self, owner: bytes, class_: int, g: int, connection: Connection) -> tuple[Slot, ...]:
        table = tables.account_wrap
        rows = connection.execute(
            select(table.c.recipient, table.c.device, table.c["class"], table.c.g, table.c.recipient_generation).where(
                table.c.owner == owner, table.c["class"] == class_, table.c.g == g
            )
        )
        return tuple(Slot(*row) for row in rows)

    def holds_mailboxes(self, organisation: bytes, connection: Connection) -> bool:
        table = tables.grant_opening
        return connection.execute(select(1).where(table.c.principal == organisation).limit(1)).scalar() is not None

    def held_by_organisation(self, mailbox: bytes, connection: Connection) -> bool:
        table = tables.grant_opening
        query = select(1).where(
            table.c.mailbox == mailbox, table.c.principal_kind == int(AccountKind.ORGANISATION_MAILBOX)
        )
        return connection.execute(query.limit(1)).scalar() is not None

    def any_key_seen(self, keys: Iterable[bytes], connection: Connection) -> bool:
        table = tables.key_seen
        query = select(1).where(table.c.hash.in_([sha256(key) for key in keys])).limit(1)
        return connection.execute(query).scalar() is not None

    def owner_of_device(self, device: bytes, connection: Connection) -> bytes | None:
        table = tables.device
        found: bytes | None = connection.execute(select(table.c.account).where(table.c.device == device)).scalar()
        return found

    def ticks(self, hashes: Sequence[bytes], connection: Connection) -> tuple[int, ...]:
        """The receipt ticks of the entries that are stored, in the order asked for."""
        table = tables.account_entry
        rows = connection.execute(select(table.c.hash, table.c.tick).where(table.c.hash.in_(hashes)))
        stored: dict[bytes, int] = {row.hash: row.tick for row in rows}
        return tuple(stored[one] for one in hashes if one in stored)

    def invited_as(self, account: bytes, connection: Connection) -> InviteeKind | None:
        table = tables.invitation
        found = connection.execute(select(table.c.kind).where(table.c.used_by == account)).scalar()
        return None if found is None else InviteeKind(found)

    # --- keeping ---

    def keep(self, group: GroupCommit, accepted: Sequence[Accepted], states: Mapping[bytes, AccountState]) -> None:
        """Write what was accepted and let it be seen after the commit. Refuses nothing; the command's last act."""
        connection = group.connection
        for one in accepted:
            _insert(connection, one, group.now)
        staged = self._staged
        transaction = connection.get_transaction()
        if staged is None or staged.connection is not connection or staged.transaction is not transaction:
            staged = self._staged = _Staged(connection, transaction, {})
        staged.states.update(states)
        last = max(one.tick for one in accepted)
        group.after_commit(lambda: self._publish(staged, states, last))

    def _publish(self, staged: _Staged, states: Mapping[bytes, AccountState], last_tick: int) -> None:
        with self._lock:
            self._version += 1
            self._published_tick = last_tick
            for account, state in states.items():
                self._states[account] = state
                self._states.move_to_end(account)
                if staged.states.get(account) is state:
                    del staged.states[account]
            while len(self._states) > self._capacity:
                self._states.popitem(last=False)
        for account, state in states.items():
            for listener in self._listeners:
                listener(account, state.seq)

    def _staged_on(self, connection: Connection) -> dict[bytes, AccountState]:
        staged = self._staged
        if staged is None or staged.connection is not connection:
            return {}
        # A group that failed leaves its transaction behind, and what it had accepted with it.
        return staged.states if staged.transaction is connection.get_transaction() else {}


def _insert(connection: Connection, one: Accepted, received: int) -> None:
    entry, seq = one.change.entry, one.change.entry.seq
    if isinstance(entry.payload, Genesis):
        row = {"account": entry.account, "kind": int(entry.payload.kind), "manager": entry.payload.manager}
        connection.execute(insert(tables.account), row)
    connection.execute(
        insert(tables.account_entry),
        {
            "account": entry.account,
            "seq": seq,
            "tick": one.tick,
            "received": received,
            "hash": entry.hash,
            "raw": entry.raw,
        },
    )
    if (shown := device_of(entry)) is not None:
        connection.execute(insert(tables.device), {"device": shown.id, "account": entry.account})
    if keys := keys_of(entry):
        connection.execute(insert(tables.key_seen), [{"hash": sha256(key)} for key in keys])
    if rows := _wrap_rows(entry.account, seq, one.change.wraps):
        connection.execute(insert(tables.account_wrap), rows)
    if one.opened is not None:
        connection.execute(
            insert(tables.grant_opening),
            {
                "entry_hash": entry.hash,
                "mailbox": entry.account,
                "principal": one.opened.principal,
                "principal_kind": int(one.principal_kind),
                "blind": one.change.opening[:32],
                "payload": one.change.opening[32:],
                "sealed_opening": one.change.sealed_opening,
            },
        )
    if isinstance(entry.payload, Consent):
        row = {
            "entry_hash": entry.hash,
            "record": entry.account,
            "series": entry.payload.series,
            "seq": seq,
            "sealed_opening": one.change.sealed_opening,
        }
        connection.execute(insert(tables.consent_opening), row)
    if isinstance(entry.payload, Claim):
        taken = update(tables.account).where(tables.account.c.account == entry.account)
        connection.execute(taken.values(manager=entry.signer.account))
    if one.change.evidence:
        row = {"account": entry.account, "seq": seq, "evidence": one.change.evidence}
        connection.execute(insert(tables.bind_evidence), row)


def _wrap_rows(owner: bytes, seq: int, made: Sequence[wraps.Wrap]) -> list[dict[str, object]]:
    ordered = sorted(made)
    _, paths = tree.paths([tree.leaf_hash(wrap.encode()) for wrap in ordered])
    return [
        {
            "owner": owner,
            "seq": seq,
            "recipient": wrap.recipient,
            "device": wrap.device,
            "class": wrap.class_,
            "g": wrap.g,
            "recipient_generation": wrap.recipient_generation,
            "sealed": wrap.sealed,
            "position": position,
            "size": len(ordered),
            "path": b"".join(path),
        }
        for position, (wrap, path) in enumerate(zip(ordered, paths, strict=True))
    ]

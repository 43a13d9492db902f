"""Invitations, addresses and RPPS numbers in `service.db`: the register that enrolment fills and everybody asks.

Two doors: `StoredRegister` on the service's connections, `InvitationCounter` for the operator's own process, whose
write transaction is short enough for a running service not to notice.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, delete, event, exists, insert, select, update
from sqlalchemy.pool import NullPool

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError
from directory.store import tables
from directory.use_cases.enrol import Registration, StoredInvitation
from directory.use_cases.look_up import Registered

_BUSY_SECONDS = 10
_PAUSE = 0.000_2
_invitation, _address, _rpps = tables.invitation.c, tables.address.c, tables.rpps.c
_LIVE = (_invitation.used_by.is_(None), _invitation.replaced == 0)


class StoredRegister:
    """Fills `enrol.Register` and `look_up.Addresses`."""

    def invitation(self, code_pk: bytes, connection: Connection) -> StoredInvitation | None:
        row = connection.execute(select(tables.invitation).where(_invitation.code_pk == code_pk)).first()
        if row is None:
            return None
        used = row.used_submission_hash or b""
        return StoredInvitation(row.code_pk, row.certificate, row.not_after, bool(row.replaced), used)

    def address_in_use(self, address: str, connection: Connection) -> bool:
        return bool(connection.execute(select(exists().where(_address.address == address))).scalar())

    def rpps_in_use(self, rpps: str, connection: Connection) -> bool:
        return bool(connection.execute(select(exists().where(_rpps.rpps == rpps))).scalar())

    def register(self, registration: Registration, submission_hash: bytes, connection: Connection) -> None:
        invitation = registration.invitation
        if registration.mailbox:
            connection.execute(
                insert(tables.address),
                {
                    "address": invitation.address,
                    "mailbox": registration.mailbox,
                    "person": registration.person,
                    "kind": int(invitation.kind),
                    "identifier": invitation.identifier,
                    "name": invitation.name,
                    "profession": invitation.profession,
                },
            )
        if invitation.kind is InviteeKind.PROFESSIONAL:
            row = {"rpps": invitation.identifier, "person": registration.person, "address": invitation.address}
            connection.execute(insert(tables.rpps), row)
            connection.execute(
                delete(tables.invitation_request).where(tables.invitation_request.c.rpps == invitation.identifier)
            )
        connection.execute(
            update(tables.invitation)
            .where(_invitation.code_pk == invitation.code_pk)
            .values(used_by=registration.person, used_submission_hash=submission_hash)
        )

    def by_address(self, address: str, connection: Connection) -> Registered | None:
        row = connection.execute(select(tables.address).where(_address.address == address)).first()
        if row is None:
            return None
        return Registered(
            row.address, row.mailbox, row.person, row.name, row.profession, row.identifier, InviteeKind(row.kind)
        )

    def address_of(self, mailbox: bytes, connection: Connection) -> str:
        """"" for a mailbox without an address."""
        found = connection.execute(select(_address.address).where(_address.mailbox == mailbox)).scalar()
        return found or ""

    def addresses_of_rpps(self, numbers: list[str], connection: Connection) -> dict[str, str]:
        rows = connection.execute(select(_rpps.rpps, _rpps.address).where(_rpps.rpps.in_(numbers)))
        return {row.rpps: row.address for row in rows}

    def request(self, rpps: str, requested_by: bytes, now: int, connection: Connection) -> None:
        """Note that a colleague asked for an invitation."""
        table = tables.invitation_request
        row = {"requested_by": requested_by, "requested": now}
        if connection.execute(select(table.c.rpps).where(table.c.rpps == rpps)).scalar() is None:
            connection.execute(insert(table), {"rpps": rpps, "announced": 0, **row})
        else:
            connection.execute(update(table).where(table.c.rpps == rpps).values(**row))

    def unannounced(self, before: int, most: int, connection: Connection) -> list[str]:
        """RPPS of those requested since they were last announced, that time being at most `before` (ms)."""
        table = tables.invitation_request
        query = select(table.c.rpps).where(table.c.requested > table.c.announced, table.c.announced <= before)
        return list(connection.execute(query.order_by(table.c.requested).limit(most)).scalars())

    def announced(self, rpps: str, now: int, connection: Connection) -> None:
        table = tables.invitation_request
        connection.execute(update(table).where(table.c.rpps == rpps).values(announced=now))


class _Desk:
    """Fills `invite.Desk` on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_enrolled(self, number: str) -> bool:
        return bool(self._connection.execute(select(exists().where(_rpps.rpps == number))).scalar())

    def replace(self, kind: InviteeKind, identifier: str) -> str:
        of_theirs = (_invitation.kind == int(kind), _invitation.identifier == identifier, *_LIVE)
        promised = self._connection.execute(select(_invitation.address).where(*of_theirs)).scalar()
        self._connection.execute(update(tables.invitation).where(*of_theirs).values(replaced=1))
        return promised or ""

    def free_expired(self, now: int) -> None:
        expired = (_invitation.not_after < now, *_LIVE)
        self._connection.execute(update(tables.invitation).where(*expired).values(replaced=1))

    def is_taken(self, address: str) -> bool:
        registered = exists().where(_address.address == address)
        promised = exists().where(_invitation.address == address, *_LIVE)
        return bool(self._connection.execute(select(registered | promised)).scalar())

    def add(self, certificate: bytes, invitation: Invitation) -> None:
        self._connection.execute(
            insert(tables.invitation),
            {
                "code_pk": invitation.code_pk,
                "certificate": certificate,
                "kind": int(invitation.kind),
                "identifier": invitation.identifier,
                "address": invitation.address,
                "not_after": invitation.not_after,
            },
        )


class InvitationCounter:
    """Fills `invite.Counter` for a `service.db` that exists."""

    def __init__(self, file: Path) -> None:
        self._engine = create_engine("sqlite://", creator=lambda: _open(file), poolclass=NullPool)

        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def transaction(self) -> Iterator[_Desk]:
        """Raises DirectoryError("register-busy") when a service leaves no gap for ten seconds."""
        with self._engine.begin() as connection:
            yield _Desk(connection)


def _begin(connection: Connection) -> None:
    # Under load the writer lets go for a fraction of a millisecond at a time, and SQLite's own waiting, with pauses
    # of up to 100 ms, misses every gap (tried: ten seconds without one).
    driver, until = connection.connection.cursor(), time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > until:
                raise DirectoryError("register-busy") from None
            time.sleep(_PAUSE)


def _open(file: Path) -> sqlite3.Connection:
    uri = f"{file.resolve().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def is_ready(file: Path) -> bool:
    """Whether `file` is a database with the tables that an invitation needs."""
    if not file.exists():
        return False
    try:
        with closing(_open(file)) as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (tables.invitation.name,))
            return found.fetchone() is not None
    except sqlite3.OperationalError:
        return False  # somebody is making it

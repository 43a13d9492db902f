"""Read what the directory knows: logs, binds, wraps, openings, holdings, addresses, and how a colleague is reached.

Logs, binds and addresses are for every account that logged in: verifying others needs them. Wraps are for those they
are sealed to; openings for holders of class 0. Nothing is decided here that the reader does not verify again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from directory.accounts.bind import InviteeKind
from directory.accounts.entry import AccountKind
from directory.accounts.state import NEVER, NOW
from directory.accounts.wraps import Wrap
from directory.errors import DirectoryError
from directory.extraction.practitioner import Practitioner, PractitionerHit
from directory.ports import AccountBook, Holding
from directory.primitives.codec import u16, u32, var
from directory.use_cases.append_entries import Receipts

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOG_PAGE = 8192
"""Entries in one answer; a reader that gets as many asks again from the next one."""


class Reach(StrEnum):
    """How a colleague can be reached."""

    END_TO_END = "end-to-end"
    CLASSIC = "classic"
    NOT_YET = "not-yet"


@dataclass(frozen=True, slots=True)
class Registered:
    """An address, and what the registrar's certificate said when it was enrolled."""

    address: str
    mailbox: bytes
    person: bytes
    name: str
    profession: str
    identifier: str
    kind: InviteeKind


@dataclass(frozen=True, slots=True)
class LogEntry:
    raw: bytes
    tick: int


@dataclass(frozen=True, slots=True)
class StoredWrap:
    """A wrap with its place under the root that its entry committed to."""

    wrap: Wrap
    position: int
    size: int
    path: bytes

    def encode(self) -> bytes:
        return (
            var(self.wrap.encode()) + u32(self.position) + u32(self.size) + u16(len(self.path) // 32) + self.path
        )


class Library(Protocol):
    """Stored octets of accounts."""

    def log(self, account: bytes, first: int, most: int, connection: Connection) -> Sequence[LogEntry]: ...

    def binds(self, account: bytes, connection: Connection) -> Sequence[bytes]: ...

    def wraps_for(
        self, account: bytes, recipients: Sequence[bytes], connection: Connection
    ) -> Sequence[StoredWrap]: ...

    def sealed_openings(self, mailbox: bytes, connection: Connection) -> Sequence[tuple[bytes, bytes]]:
        """(entry hash, sealed opening) of every grant, in log order."""
        ...


    def sealed_consents(self, record: bytes, connection: Connection) -> Sequence[tuple[bytes, bytes]]:
        """(entry hash, sealed opening) of every consent, in log order."""
        ...


class Addresses(Protocol):
    def by_address(self, address: str, connection: Connection) -> Registered | None: ...

    def address_of(self, mailbox: bytes, connection: Connection) -> str: ...

    def addresses_of_rpps(self, numbers: list[str], connection: Connection) -> dict[str, str]: ...


def log(
    account: bytes, first: int, library: Library, receipts: Receipts, connection: Connection
) -> tuple[bytes, ...]:
    """Entry, receipt proof, entry, receipt proof ... from `first` on. Raises DirectoryError("account-unknown")."""
    found = library.log(account, first, LOG_PAGE, connection)
    if not found and not library.log(account, 0, 1, connection):
        raise DirectoryError("account-unknown")
    proofs = receipts.proofs([one.tick for one in found], connection)
    return tuple(octets for one, proof in zip(found, proofs, strict=True) for octets in (one.raw, proof))


def binds(account: bytes, library: Library, book: AccountBook, connection: Connection) -> tuple[bytes, ...]:
    """Raises DirectoryError("account-unknown")."""
    book.state(account, connection)
    return tuple(library.binds(account, connection))


def wraps_for(
    caller: bytes, account: bytes, library: Library, book: AccountBook, connection: Connection, now: int
) -> tuple[bytes, ...]:
    """Wraps of an account for the caller, its devices, and the organisation mailboxes that it holds."""
    book.state(account, connection)
    recipients = {caller}
    for held in book.holdings(caller, connection, now):
        if book.state(held.mailbox, connection).kind is AccountKind.ORGANISATION_MAILBOX:
            recipients.add(held.mailbox)
    return tuple(one.encode() for one in library.wraps_for(account, sorted(recipients), connection))


def openings(
    caller: bytes, mailbox: bytes, library: Library, book: AccountBook, connection: Connection, now: int
) -> tuple[bytes, ...]:
    """Entry hash, sealed opening ... of the live grants. Raises DirectoryError: account-unknown, access-refused."""
    state = book.state(mailbox, connection)
    if not any(
        held.mailbox == mailbox and 0 in held.classes for held in book.holdings(caller, connection, now)
    ):
        raise DirectoryError("access-refused")
    return tuple(
        octets
        for entry_hash, sealed in library.sealed_openings(mailbox, connection)
        if state.grants[entry_hash].removed == NEVER
        for octets in (entry_hash, sealed)
    )


def consents(
    caller: bytes, record: bytes, library: Library, book: AccountBook, connection: Connection, now: int
) -> tuple[bytes, ...]:
    """Entry hash, sealed opening ... of every consent of a record, in log order.

    Raises DirectoryError: account-unknown, access-refused.
    """
    book.state(record, connection)
    if not any(held.mailbox == record and 0 in held.classes for held in book.holdings(caller, connection, now)):
        raise DirectoryError("access-refused")
    return tuple(octets for pair in library.sealed_consents(record, connection) for octets in pair)


def holdings(
    caller: bytes, book: AccountBook, addresses: Addresses, connection: Connection, now: int
) -> tuple[tuple[Holding, str], ...]:
    """What the caller may act for, each with its address or ""."""
    found = book.holdings(caller, connection, now)
    return tuple((held, addresses.address_of(held.mailbox, connection)) for held in found)


def address(text: str, addresses: Addresses, book: AccountBook, connection: Connection) -> Registered:
    """Raises DirectoryError: address-unknown, address-closed."""
    found = addresses.by_address(text, connection)
    if found is None:
        raise DirectoryError("address-unknown", address=text)
    # An account closes at a tick; it is open as long as that lies ahead of everything.
    if any(book.state(account, connection).closed <= NOW for account in (found.mailbox, found.person)):
        raise DirectoryError("address-closed", address=text)
    return found


def hit_document(hit: PractitionerHit, address: str) -> dict[str, str | None]:
    """A search result as the service answers it."""
    shown = (hit.name, hit.profession, hit.specialty, hit.place, hit.structure, hit.phone)
    return _document(hit.rpps, *shown, address, hit.email)


def practitioner_document(found: Practitioner, address: str) -> dict[str, object]:
    first = found.activities[0] if found.activities else None
    place, structure, phone = (first.town, first.structure, first.phone) if first else ("", "", "")
    shown = (found.name, found.profession, found.specialty, place, structure, phone)
    document: dict[str, object] = dict(_document(found.rpps, *shown, address, found.email))
    # What a clinical document says of its author.
    return document | {
        "civility": found.civility,
        "family": found.family,
        "given": found.given,
        "codes": list(found.codes),
        "activities": [
            {"structure": one.structure, "finess": one.finess, "siren": one.siren, "sector": one.sector}
            for one in found.activities
        ],
    }


def _document(
    rpps: str | None,
    name: str,
    profession: str,
    specialty: str,
    place: str,
    structure: str,
    phone: str,
    address: str,
    email: str,
) -> dict[str, str | None]:
    return {
        "rpps": rpps,
        "name": name,
        "profession": profession,
        "specialty": specialty,
        "place": place,
        "structure": structure,
        "phone": phone,
        "address": address or None,
        "reach": reach(enrolled=bool(address), contact=email),
    }


def reach(*, enrolled: bool, contact: str = "") -> Reach:
    """`contact` is a secure-mail or e-mail address that the national directory publishes."""
    if enrolled:
        return Reach.END_TO_END
    return Reach.CLASSIC if contact else Reach.NOT_YET

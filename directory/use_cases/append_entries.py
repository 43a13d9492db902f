"""Append to account logs (CP1-3.13): one submission, all of it or nothing, each rule checked before anything is kept.

The log's own rules are `accounts.fold`; here stand those that need what only the service sees: the grants opened, the
wraps, every other log, every key ever shown. It opens no wrap: that each holds what it should is for readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from directory.accounts import change as changes_room
from directory.accounts import fold, grants, readers, wraps
from directory.accounts.authority import verify_authority
from directory.accounts.bind import InviteeKind
from directory.accounts.change import Change
from directory.accounts.entry import (
    NO_SHEET,
    AccountKind,
    AddDevice,
    Bind,
    Claim,
    Consent,
    Device,
    DeviceKind,
    Entry,
    Genesis,
    Grant,
    RotateAek,
)
from directory.accounts.grants import GrantPayload, Right
from directory.accounts.readers import Opened, Slot
from directory.accounts.state import NEVER, AccountState
from directory.errors import DirectoryError
from directory.ports import AccountBook, GroupCommit, Reader, Session, Writer
from directory.transparency.receipt import ReceiptKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

CLOCK_LEEWAY = 5 * 60 * 1000
"""How far an entry's claimed time may lie from the service's, ms."""
_BLIND = 32


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that holds, at its place; `opened` and `principal_kind` for a grant."""

    change: Change
    tick: int
    opened: GrantPayload | None = None
    principal_kind: AccountKind = AccountKind.PERSON


class Ledger(AccountBook, Protocol):
    """The account book as the one who writes it needs it."""

    def opened(self, mailbox: bytes, connection: Connection) -> Opened:
        """Every grant of a mailbox, opened, live or not."""
        ...

    def wrapped(self, owner: bytes, class_: int, g: int, connection: Connection) -> tuple[Slot, ...]: ...

    def holds_mailboxes(self, organisation: bytes, connection: Connection) -> bool:
        """Whether any mailbox was ever granted to this one."""
        ...

    def held_by_organisation(self, mailbox: bytes, connection: Connection) -> bool:
        """Whether this mailbox was ever granted to an organisation mailbox."""
        ...

    def any_key_seen(self, keys: Iterable[bytes], connection: Connection) -> bool: ...

    def owner_of_device(self, device: bytes, connection: Connection) -> bytes | None: ...

    def ticks(self, hashes: Sequence[bytes], connection: Connection) -> tuple[int, ...]:
        """The receipt ticks of those entries that are stored."""
        ...

    def keep(self, group: GroupCommit, accepted: Sequence[Accepted], states: Mapping[bytes, AccountState]) -> None: ...


class Receipts(Protocol):
    """What was signed, read again."""

    def proofs(self, ticks: Sequence[int], connection: Connection) -> tuple[bytes, ...]:
        """The encoded receipt proofs of these ticks, in this order."""
        ...


async def append_entries(
    raw: bytes, session: Session, writer: Writer, reader: Reader, ledger: Ledger, receipts: Receipts
) -> tuple[bytes, ...]:
    """The receipt proofs of a submission (CP1s), one per entry; the same submission again gives the same proofs.

    Raises DirectoryError: what `change.parse` and `Draft.add` raise, signer-not-caller, session-recovery-only,
    invitation-needed, octets-malformed.
    """
    submitted = changes_room.parse(raw)
    if not submitted:
        raise DirectoryError("octets-malformed", what="account submission", field="n")
    for one in submitted:
        if one.entry.signer.account != session.account or one.entry.signer.device != session.device:
            raise DirectoryError("signer-not-caller")
        if isinstance(one.entry.payload, Bind) or _opens_other_than_record(one.entry):
            raise DirectoryError("invitation-needed")

    def command(group: GroupCommit) -> tuple[int, ...]:
        stored = ledger.ticks([one.entry.hash for one in submitted], group.connection)
        if len(stored) == len(submitted):
            return stored
        _verify_session(session, submitted, ledger.state(session.account, group.connection))
        _verify_opener(session, submitted, ledger, group)
        draft = Draft(ledger, group)
        for one in submitted:
            draft.add(one)
        draft.keep()
        return ()

    written = await writer.write(command)
    if not written.result:
        return written.proofs
    return await reader.read(lambda connection: receipts.proofs(written.result, connection))


def _verify_session(session: Session, submitted: Sequence[Change], caller: AccountState) -> None:
    """A paper device only mends its own log; the new device that it adds does the rest."""
    life = caller.devices.get(session.device)
    on_paper = life is not None and life.device.kind is DeviceKind.PAPER
    if on_paper and any(one.entry.account != session.account for one in submitted):
        raise DirectoryError("session-recovery-only")


def _opens_other_than_record(entry: Entry) -> bool:
    return isinstance(entry.payload, Genesis) and entry.payload.kind is not AccountKind.RECORD


def _verify_opener(session: Session, submitted: Sequence[Change], ledger: Ledger, group: GroupCommit) -> None:
    """CP1-3.15: a record is opened by its patient, or by a professional for a patient without a device."""
    if not any(isinstance(one.entry.payload, Genesis | Claim) for one in submitted):
        return
    kind = ledger.invited_as(session.account, group.connection)
    claims = any(isinstance(one.entry.payload, Claim) for one in submitted)
    if kind is not InviteeKind.PATIENT and (claims or kind is not InviteeKind.PROFESSIONAL):
        raise DirectoryError("record-opener-refused")


@dataclass(slots=True)
class Draft:
    """A submission in the making on the writer's thread: nobody sees it until `keep`, and a Refusal drops it."""

    ledger: Ledger
    group: GroupCommit
    states: dict[bytes, AccountState] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    _opened: dict[bytes, dict[bytes, GrantPayload]] = field(default_factory=dict)
    _keys: set[bytes] = field(default_factory=set)
    _devices: set[bytes] = field(default_factory=set)
    _removed_by_manager: set[bytes] = field(default_factory=set)

    def state(self, account: bytes) -> AccountState:
        return self.states.get(account) or self.ledger.state(account, self.group.connection)

    def add(self, change: Change) -> AccountState:
        """Place one change, verify it wholly, and give its account's new state.

        Raises DirectoryError: what `fold.append` raises, and entry-time-wrong, key-reused, wraps-root-wrong,
        wraps-recipients-wrong, opening-wrong, grant-not-live, grant-principal-refused, grant-too-deep,
        rotation-not-due, octets-malformed.
        """
        entry = change.entry
        if abs(entry.time - self.group.now) > CLOCK_LEEWAY:
            raise DirectoryError("entry-time-wrong", seconds=(entry.time - self.group.now) // 1000)
        _verify_parts(change)
        before = None if entry.seq == 0 and isinstance(entry.payload, Genesis) else self.state(entry.account)
        if before is None and self._exists(entry.account):
            raise DirectoryError("entry-out-of-chain")
        tick = self.group.place(ReceiptKind.ACCOUNT_ENTRY, entry.account, entry.hash).tick
        after = fold.append(before, entry, tick, self.state, self.group.now)
        self._verify_keys(entry)
        self._verify_device_id(entry)
        accepted = Accepted(change, tick)
        match entry.payload:
            case AddDevice() if before is not None:
                wraps.verify_root(change.wraps, entry.payload.wraps_root)
                self._verify_newcomer(change, before, before, entry.payload.device.id, (0,))
            case RotateAek() if before is not None:
                wraps.verify_root(change.wraps, entry.payload.wraps_root)
                self._verify_rotation(change, entry.payload, before, after, tick)
            case Grant():
                wraps.verify_root(change.wraps, entry.payload.wraps_root)
                accepted = self._verify_grant(change, entry.payload, after, tick)
            case Consent() if len(change.sealed_opening) <= wraps.SEALED_SIZE:
                raise DirectoryError("opening-wrong")  # nobody could ever read it
            case Claim():
                self._removed_by_manager.add(entry.account)
            case _:
                pass
        self.states[entry.account] = after
        self.accepted.append(accepted)
        return after

    def keep(self) -> None:
        """The whole submission holds: write it. Raises DirectoryError("removal-incomplete") before anything is."""
        for mailbox in self._removed_by_manager:
            readers.verify_removal_complete(self.states[mailbox], self._openings(mailbox))
        self.ledger.keep(self.group, self.accepted, self.states)

    # --- the rules of each type ---

    def _verify_rotation(
        self, change: Change, payload: RotateAek, before: AccountState, after: AccountState, tick: int
    ) -> None:
        if not after.kind.is_mailbox:
            readers.verify_slots(change.wraps, readers.devices_of_rotation(after, payload.g))
            return
        entry, opened = change.entry, self._openings(after.account)
        latest = max(entry.time, self.group.now)
        power = verify_authority(entry.authority, entry.signer.account, before, tick, latest, self.state)
        if not power.rights & Right.MANAGE:
            self._verify_due(payload, before, opened, min(entry.time, self.group.now))
        elif payload.removed:
            self._removed_by_manager.add(after.account)
        expected = readers.holders_of_rotation(after, payload.class_, payload.g, opened, entry.time, self.state)
        readers.verify_slots(change.wraps, expected)

    def _verify_due(self, payload: RotateAek, before: AccountState, opened: Opened, time: int) -> None:
        """CP1-3.10: without manage, only a stale class, and removing exactly what made it stale."""
        if payload.class_ not in before.generations:
            raise DirectoryError("rotation-not-due")
        wrapped = self._wrapped(before, payload.class_)
        if payload.removed != readers.lapsed(before, payload.class_, opened, time):
            raise DirectoryError("rotation-not-due")
        if not readers.is_stale(before, payload.class_, opened, wrapped, time, self.state):
            raise DirectoryError("rotation-not-due")

    def _verify_grant(self, change: Change, payload: Grant, mailbox: AccountState, tick: int) -> Accepted:
        opened = grants.verify_opening(payload.blinded, change.opening[:_BLIND], change.opening[_BLIND:])
        if len(change.sealed_opening) != len(change.opening) + wraps.SEALED_SIZE - 32:
            raise DirectoryError("opening-wrong")
        if not opened.live_at_time(self.group.now):
            raise DirectoryError("grant-not-live")
        if not set(opened.classes) <= set(mailbox.grants[change.entry.hash].ceiling):
            raise DirectoryError("authority-insufficient")
        principal = self.state(opened.principal)
        self._verify_principal(principal, mailbox)
        self._verify_newcomer(change, mailbox, principal, wraps.NO_DEVICE, opened.classes)
        self._openings(mailbox.account)[change.entry.hash] = opened
        return Accepted(change, tick, opened, principal.kind)

    def _verify_principal(self, principal: AccountState, mailbox: AccountState) -> None:
        """CP1-3.9: a person, or an organisation mailbox that no organisation holds; depth 2, hence no cycle.

        Grants that have ended count too: a log must fold for ever without going round in a circle.
        """
        if principal.account == mailbox.account or principal.closed != NEVER:
            raise DirectoryError("grant-principal-refused")
        if principal.kind is AccountKind.PERSON:
            return
        if principal.kind is not AccountKind.ORGANISATION_MAILBOX:
            raise DirectoryError("grant-principal-refused")
        connection = self.group.connection
        drafted = [one for one in self.accepted if one.opened is not None]
        if (
            self.ledger.held_by_organisation(principal.account, connection)
            or self.ledger.holds_mailboxes(mailbox.account, connection)
            or any(
                one.change.entry.account == principal.account
                and one.principal_kind is AccountKind.ORGANISATION_MAILBOX
                for one in drafted
            )
            or any(one.opened is not None and one.opened.principal == mailbox.account for one in drafted)
        ):
            raise DirectoryError("grant-too-deep")

    def _verify_newcomer(
        self, change: Change, owner: AccountState, recipient: AccountState, device: bytes, classes: tuple[int, ...]
    ) -> None:
        """CP1-3.5: with history or from now on, nothing between."""
        if device != wraps.NO_DEVICE and 0 not in owner.generations:
            classes = ()  # before the first generation there is nothing to wrap
        readers.verify_slots(
            change.wraps,
            readers.whole_history(owner, classes, recipient, device),
            readers.from_now_on(owner, classes, recipient, device),
        )

    def _verify_keys(self, entry: Entry) -> None:
        """CP1-3.4: no key that any log ever showed."""
        shown = keys_of(entry)
        if self._keys.intersection(shown) or (shown and self.ledger.any_key_seen(shown, self.group.connection)):
            raise DirectoryError("key-reused")
        self._keys.update(shown)

    def _verify_device_id(self, entry: Entry) -> None:
        """CP1-3.3: an id names one device of one account, everywhere."""
        shown = device_of(entry)
        if shown is None:
            return
        taken = self.ledger.owner_of_device(shown.id, self.group.connection) is not None
        if taken or shown.id in self._devices:
            raise DirectoryError("device-repeated")
        self._devices.add(shown.id)

    # --- what the rules look up ---

    def _exists(self, account: bytes) -> bool:
        try:
            self.state(account)
        except DirectoryError:
            return False
        return True

    def _openings(self, mailbox: bytes) -> dict[bytes, GrantPayload]:
        if mailbox not in self._opened:
            self._opened[mailbox] = dict(self.ledger.opened(mailbox, self.group.connection))
        return self._opened[mailbox]

    def _wrapped(self, owner: AccountState, class_: int) -> list[Slot]:
        g = owner.current(class_).g
        drafted = (
            readers.slot_of(wrap)
            for one in self.accepted
            if one.change.entry.account == owner.account
            for wrap in one.change.wraps
        )
        stored = self.ledger.wrapped(owner.account, class_, g, self.group.connection)
        return [*stored, *(slot for slot in drafted if (slot.class_, slot.g) == (class_, g))]


def keys_of(entry: Entry) -> tuple[bytes, ...]:
    """The public keys that an entry shows for the first time."""
    shown = device_of(entry)
    if shown is not None:
        return shown.sign_pk, shown.kem_pk
    match entry.payload:
        case RotateAek(pk=pk):
            return (pk,)
        case Genesis(sheet_pk=sheet_pk) if sheet_pk not in (b"", NO_SHEET):
            return (sheet_pk,)
        case _:
            return ()


def device_of(entry: Entry) -> Device | None:
    """The device that an entry shows for the first time, if any."""
    return entry.payload.device if isinstance(entry.payload, Genesis | AddDevice) else None


def _verify_parts(change: Change) -> None:
    """Nothing comes along that its entry does not commit to: the service keeps no unsigned octets."""
    payload = change.entry.payload
    unexpected = (
        ("wraps", change.wraps and not isinstance(payload, AddDevice | RotateAek | Grant)),
        ("opening", change.opening and not isinstance(payload, Grant)),
        ("sealed opening", change.sealed_opening and not isinstance(payload, Grant | Consent)),
        ("evidence", change.evidence and not isinstance(payload, Bind)),
    )
    for name, found in unexpected:
        if found:
            raise DirectoryError("octets-malformed", what="account submission", field=name)

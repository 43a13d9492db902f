"""Who must be able to read a new generation, and when one is due (CP1-3.4, CP1-3.7, CP1-3.10). Values only.

The log hides a mailbox's readers; who knows the grants opened (the service's access list, a holder of class 0) computes
here the *slots* that an entry's wraps must fill: no reader missing, none too many. Seals are not opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from directory.accounts.authority import Lookup
from directory.accounts.entry import AccountKind
from directory.accounts.grants import GrantPayload, classes_of, reading_class
from directory.accounts.state import NEVER, AccountState
from directory.accounts.wraps import NO_DEVICE, Wrap
from directory.errors import DirectoryError

Opened = Mapping[bytes, GrantPayload]
"""The grants of one mailbox, opened, by entry hash; the genesis manager's is not among them."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A wrap without its seal."""

    recipient: bytes
    device: bytes
    class_: int
    g: int
    recipient_generation: int


def slot_of(wrap: Wrap) -> Slot:
    return Slot(wrap.recipient, wrap.device, wrap.class_, wrap.g, wrap.recipient_generation)


def verify_slots(wraps: Iterable[Wrap], *allowed: frozenset[Slot]) -> None:
    """Raises DirectoryError("wraps-recipients-wrong") unless the wraps fill exactly one of the allowed sets."""
    filled = frozenset(map(slot_of, wraps))
    if filled not in allowed:
        raise DirectoryError(
            "wraps-recipients-wrong", missing=len(allowed[0] - filled), unexpected=len(filled - allowed[0])
        )


def devices_of_rotation(person: AccountState, g: int) -> frozenset[Slot]:
    """CP1-3.4: every device that is live once the rotation (and its removals) counts."""
    return frozenset(Slot(person.account, device.id, 0, g, 0) for device in person.live_devices())


def holders_of_rotation(
    mailbox: AccountState, class_: int, g: int, opened: Opened, time: int, lookup: Lookup
) -> frozenset[Slot]:
    """CP1-3.4: every holder of the class that stays, at its own newest generation."""
    return frozenset(
        _for_account(holder, class_, g, lookup) for holder in holders(mailbox, class_, opened, time)
    )


def whole_history(
    state: AccountState, classes: Iterable[int], recipient: AccountState, device: bytes
) -> frozenset[Slot]:
    """CP1-3.5 "with history": the last generation of each segment of each class, for one newcomer."""
    return frozenset(
        _for_newcomer(class_, g, recipient, device) for class_ in classes for g in last_of_segments(state, class_)
    )


def from_now_on(
    state: AccountState, classes: Iterable[int], recipient: AccountState, device: bytes
) -> frozenset[Slot]:
    """CP1-3.5 "from now on": only the newest generation of each class."""
    return frozenset(_for_newcomer(class_, state.current(class_).g, recipient, device) for class_ in classes)


def last_of_segments(state: AccountState, class_: int) -> tuple[int, ...]:
    """The generations whose chains together open the whole past of a class."""
    return tuple({made.segment: made.g for made in state.generations.get(class_, ())}.values())


def holders(mailbox: AccountState, class_: int, opened: Opened, time: int) -> frozenset[bytes]:
    """The accounts that hold a class of a mailbox now: the genesis manager and live grants, until their not_after."""
    found = set()
    for entry_hash, life in mailbox.grants.items():
        if life.removed != NEVER:
            continue
        if not life.blinded:
            found.add(mailbox.manager)
        elif class_ in opened[entry_hash].classes and opened[entry_hash].live_at_time(time):
            found.add(opened[entry_hash].principal)
    return frozenset(found)


def lapsed(mailbox: AccountState, class_: int, opened: Opened, time: int) -> tuple[bytes, ...]:
    """CP1-3.10: the grants of a class that only their not_after has ended, ascending."""
    return tuple(
        sorted(
            entry_hash
            for entry_hash, life in mailbox.grants.items()
            if life.removed == NEVER
            and life.blinded
            and class_ in opened[entry_hash].classes
            and not opened[entry_hash].live_at_time(time)
        )
    )


def is_stale(
    mailbox: AccountState, class_: int, opened: Opened, wrapped: Iterable[Slot], time: int, lookup: Lookup
) -> bool:
    """CP1-3.10: somebody who should no longer read the class still could. `wrapped` are its newest generation's."""
    if lapsed(mailbox, class_, opened, time):
        return True
    current = mailbox.current(class_)
    for entry_hash, life in mailbox.grants.items():
        covers = not life.blinded or class_ in opened[entry_hash].classes
        if covers and life.removed != NEVER and current.added < life.removed:
            return True
    return any(_lost_a_reader(slot, lookup) for slot in wrapped)


def _lost_a_reader(slot: Slot, lookup: Lookup) -> bool:
    if slot.device != NO_DEVICE:
        return False
    recipient = lookup(slot.recipient)
    chain = recipient.generations.get(_class_at(recipient, slot.class_), ())
    return any(made.removing for made in chain[slot.recipient_generation :])


def verify_removal_complete(mailbox: AccountState, opened: Opened) -> None:
    """CP1-3.10: a removed grant's classes have all rotated since. Raises DirectoryError("removal-incomplete")."""
    for entry_hash, life in mailbox.grants.items():
        if life.removed == NEVER:
            continue
        covered = opened[entry_hash].classes if life.blinded else classes_of(mailbox.kind)
        for class_ in covered:
            if class_ in mailbox.generations and mailbox.current(class_).added < life.removed:
                raise DirectoryError("removal-incomplete", **{"class": class_})


def _for_account(recipient: bytes, class_: int, g: int, lookup: Lookup) -> Slot:
    state = lookup(recipient)
    return Slot(recipient, NO_DEVICE, class_, g, state.current(_class_at(state, class_)).g)


def _for_newcomer(class_: int, g: int, recipient: AccountState, device: bytes) -> Slot:
    if device != NO_DEVICE:
        return Slot(recipient.account, device, class_, g, 0)
    return Slot(recipient.account, device, class_, g, recipient.current(_class_at(recipient, class_)).g)


def _class_at(recipient: AccountState, class_: int) -> int:
    """A mailbox reads a class by its own (CP1-3.4), a person or service by class 0."""
    return reading_class(class_) if recipient.kind is AccountKind.ORGANISATION_MAILBOX else 0

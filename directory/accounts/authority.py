"""Who may speak for a mailbox (CP1-3.9): an authority is the signer's own grant, opened, and at most one more above it.

Grant principals are persons and organisation mailboxes, depth 2, no cycles. An empty authority is good for one's own
log and for a mailbox whose genesis names the signer as manager, while that has not been removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from directory.accounts import grants
from directory.accounts.entry import AccountKind, Authority
from directory.accounts.grants import ALL_RIGHTS, GrantPayload, Right, classes_of, reading_class
from directory.accounts.state import AccountState
from directory.errors import DirectoryError

Lookup = Callable[[bytes], AccountState]
"""account id -> folded state; raises DirectoryError("account-unknown")."""


@dataclass(frozen=True, slots=True)
class Power:
    """What the signer may do with the mailbox at that moment: the intersection along the authority."""

    classes: tuple[int, ...]
    rights: Right

    def demand(self, right: Right, class_: int | None = None) -> None:
        """Raises DirectoryError("authority-insufficient")."""
        if not self.rights & right or (class_ is not None and class_ not in self.classes):
            raise DirectoryError("authority-insufficient")


def owner_of(mailbox: AccountState) -> Power:
    """Everything: what an account may do with itself, and a manager with a mailbox."""
    return Power(classes_of(mailbox.kind), ALL_RIGHTS)


def verify_authority(
    authority: Authority, signer: bytes, mailbox: AccountState, tick: int, time: int, lookup: Lookup
) -> Power:
    """The signer's power over `mailbox` at `tick` (`time`, ms, decides not_after).

    A closed mailbox is nobody's to speak for. Raises DirectoryError: authority-missing, authority-broken,
    account-closed, opening-wrong, grant-not-live, head-unknown.
    """
    if mailbox.account == signer:
        if authority:
            raise DirectoryError("authority-broken")
        return owner_of(mailbox)
    if not tick < mailbox.closed:
        raise DirectoryError("account-closed")
    if not authority:
        # A record that was claimed has had two managers, each within their time.
        for managing, manager in mailbox.managers:
            implicit = mailbox.grants.get(managing)
            if manager == signer and implicit is not None and implicit.live_at(tick):
                return owner_of(mailbox)
        raise DirectoryError("authority-missing")
    if authority[-1].mailbox != mailbox.account or lookup(signer).kind is not AccountKind.PERSON:
        raise DirectoryError("authority-broken")
    principal, power = signer, None
    for step in authority:
        if step.mailbox == signer or step.mailbox == principal:
            raise DirectoryError("authority-broken")
        state = mailbox if step.mailbox == mailbox.account else lookup(step.mailbox)
        if state is not mailbox and state.kind != AccountKind.ORGANISATION_MAILBOX:
            raise DirectoryError("authority-broken")
        if not tick < state.closed:
            raise DirectoryError("account-closed")
        payload, ceiling = _opened_step(state, step.head, step.grant_entry, step.blind, step.payload, tick)
        if payload.principal != principal:
            raise DirectoryError("authority-broken")
        if not payload.live_at_time(time):
            raise DirectoryError("grant-not-live")
        power = _through(power, payload, ceiling)
        principal = step.mailbox
    if power is None:
        raise DirectoryError("authority-missing")
    return power


def _through(above: Power | None, payload: GrantPayload, ceiling: tuple[int, ...]) -> Power:
    """What a grant leaves of the power above it: None is the signer's own."""
    given = tuple(class_ for class_ in payload.classes if class_ in ceiling)
    if above is None:
        return Power(given, payload.role)
    return Power(tuple(c for c in given if reading_class(c) in above.classes), above.rights & payload.role)


def _opened_step(
    state: AccountState, head: bytes, grant_entry: bytes, blind: bytes, payload: bytes, tick: int
) -> tuple[GrantPayload, tuple[int, ...]]:
    seen_at = state.place_before(head, tick)
    life = state.grants.get(grant_entry)
    if life is None or not life.blinded:
        raise DirectoryError("grant-not-live")
    if not life.live_at(tick) or state.place_of(grant_entry).tick > seen_at.tick:
        raise DirectoryError("grant-not-live")
    return grants.verify_opening(life.blinded, blind, payload), life.ceiling

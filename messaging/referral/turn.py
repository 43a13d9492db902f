"""Whose turn it is in a referral: the table that stands beside its states (referral.md RF-5).

The *phase* is what a person would say of the case in one line; each phase has one turn. Derived from class-0
facts alone (status, open question, noted, appointment), so the secretary, who reads nothing clinical, sees
the same turn as the doctor.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from messaging.referral.states import Side, Status


class Turn(StrEnum):
    """Who must act next."""

    REQUESTER = "requester"
    PERFORMER = "performer"
    NOBODY = "nobody"


class Phase(StrEnum):
    """A case in a few words; the words' id is `referral-phase-<value>`."""

    UNSENT = "unsent"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    INFO_AWAITED = "info-awaited"
    SLOT_OFFERED = "slot-offered"  # by the performer: the requester confirms with the patient
    SLOT_WISHED = "slot-wished"  # by the requester
    ANSWERED = "answered"
    DECLINED = "declined"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        return f"referral-phase-{self.value}"


TURNS: Mapping[Phase, Turn] = MappingProxyType(
    {
        Phase.UNSENT: Turn.REQUESTER,
        Phase.REQUESTED: Turn.PERFORMER,
        Phase.RECEIVED: Turn.PERFORMER,
        Phase.ACCEPTED: Turn.PERFORMER,
        Phase.IN_PROGRESS: Turn.PERFORMER,
        Phase.INFO_AWAITED: Turn.REQUESTER,
        Phase.SLOT_OFFERED: Turn.REQUESTER,
        Phase.SLOT_WISHED: Turn.PERFORMER,
        Phase.ANSWERED: Turn.REQUESTER,  # to read it and take over the follow-up
        Phase.DECLINED: Turn.REQUESTER,  # to find someone else
        Phase.CLOSED: Turn.NOBODY,
        Phase.CANCELLED: Turn.NOBODY,
    }
)

_FINAL = MappingProxyType(
    {
        Status.CANCELLED: Phase.CANCELLED,
        Status.COMPLETED: Phase.ANSWERED,
        Status.REJECTED: Phase.DECLINED,
    }
)
_OPEN = MappingProxyType(
    {
        Status.REQUESTED: Phase.REQUESTED,
        Status.RECEIVED: Phase.RECEIVED,
        Status.ACCEPTED: Phase.ACCEPTED,
        Status.IN_PROGRESS: Phase.IN_PROGRESS,
    }
)


def phase_of(status: Status | None, *, info_awaited: bool, noted: bool, proposed_by: Side | None) -> Phase:
    """The phase: an end before an open question, an open question before a proposed appointment.

    `proposed_by` is the side whose appointment proposal nobody has yet booked or cancelled.
    """
    if status is None:
        return Phase.UNSENT
    if status in _FINAL:
        return Phase.CLOSED if noted else _FINAL[status]
    if info_awaited:
        return Phase.INFO_AWAITED
    if proposed_by is not None:
        return Phase.SLOT_OFFERED if proposed_by is Side.PERFORMER else Phase.SLOT_WISHED
    return _OPEN[status]


def turn_words(turn: Turn, own: Side) -> str:
    """The id of the words that say whose turn it is to someone who stands on that side."""
    if turn is Turn.NOBODY:
        return "referral-turn-nobody"
    return "referral-turn-yours" if turn.value == own.value else "referral-turn-theirs"

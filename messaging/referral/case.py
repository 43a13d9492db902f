"""A case folded from its verified events (referral.md RF-6).

In: events in receipt order, of all the threads of one case that this reader may open. Out: one `CaseState`.
The same events give the same state on every device; a longer log only extends a shorter one; the logistics of
the state come from class 0 alone. An act that is illegal at its place is listed under `refused` and changes
nothing. It verifies no signature and reads no clock: the caller gives events that were verified, and the side
that each author's mailbox stands on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from messaging.errors import MessagingError
from messaging.referral.clinical import (
    Answer,
    Appointment,
    AppointmentStatus,
    Body,
    Question,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.states import OPEN, Act, Side, Status, act_of, step
from messaging.referral.turn import TURNS, Phase, Turn, phase_of
from messaging.referral.urgency import Urgency


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """A verified event of a case. `tick` counts over all threads; `time_ms` is shown, not trusted."""

    side: Side | None  # None: the author's mailbox is on neither side
    author: str
    body: Body
    time_ms: int
    tick: int


@dataclass(frozen=True, slots=True)
class RefusedAct:
    """An act without effect: shown where it stands, with the id of the words that say why."""

    tick: int
    author: str
    act: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case is. `since_ms` is the time of the act that gave the present turn."""

    case: bytes
    status: Status | None = None
    phase: Phase = Phase.UNSENT
    turn: Turn = TURNS[Phase.UNSENT]
    since_ms: int | None = None
    urgency: Urgency | None = None
    due_ms: int | None = None
    appointment: Appointment | None = None
    appointment_by: Side | None = None
    info_awaited: bool = False
    noted: bool = False
    request: ReferralRequest | None = field(default=None, repr=False)
    answers: tuple[Answer, ...] = field(default=(), repr=False)
    refused: tuple[RefusedAct, ...] = ()

    def overdue(self, now_ms: int) -> bool:
        """Whether someone was to act before now."""
        return self.turn is not Turn.NOBODY and self.due_ms is not None and self.due_ms < now_ms


def fold(case: bytes, events: Iterable[CaseEvent]) -> CaseState:
    """The state of `case` after these events, taken in the order of their ticks."""
    state = CaseState(case)
    for event in sorted(events, key=lambda event: event.tick):
        state = advance(state, event)
    return state


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """The state after one more event; the caller keeps ticks ascending."""
    try:
        moved = _moved(state, event)
        refusal = ""
    except MessagingError as error:
        moved, refusal = state, error.id
    if refusal:
        refused = RefusedAct(event.tick, event.author, _act_name(event), refusal)
        return replace(state, refused=(*state.refused, refused))
    phase = phase_of(
        moved.status,
        info_awaited=moved.info_awaited,
        noted=moved.noted,
        proposed_by=moved.appointment_by if _is_proposed(moved.appointment) else None,
    )
    turn = TURNS[phase]
    since = event.time_ms if turn is not state.turn or state.since_ms is None else state.since_ms
    return replace(moved, phase=phase, turn=turn, since_ms=since if moved.status else None)


def _moved(state: CaseState, event: CaseEvent) -> CaseState:
    body, side = event.body, event.side
    if body.case != state.case:
        raise MessagingError("referral-other-case")
    if isinstance(body, Question | Remark):
        return state
    if side is None:
        raise MessagingError("referral-not-your-turn", act=_act_name(event))
    match body:
        case StateChange():
            return _state_changed(state, side, body)
        case Appointment():
            return _appointment_changed(state, side, body)
        case ReferralRequest():
            if side is not Side.REQUESTER:
                raise MessagingError("referral-not-your-turn", act=body.kind.value)
            if state.request is not None:
                raise MessagingError("referral-illegal-transition", act=body.kind.value)
            return replace(state, request=body)
        case Answer():
            return replace(state, answers=(*state.answers, body)) if side is Side.PERFORMER else state


def _state_changed(state: CaseState, side: Side, body: StateChange) -> CaseState:
    act = act_of(side, body.status, body.business)
    status = step(state.status, side, act)
    if act is Act.NOTE and state.noted:
        raise MessagingError("referral-illegal-transition", act=act.value)
    info_awaited = act is Act.ASK or (state.info_awaited and act is not Act.PROVIDE and status in OPEN)
    return replace(
        state,
        status=status,
        urgency=body.urgency if act is Act.REQUEST else state.urgency,
        info_awaited=info_awaited,
        noted=act is Act.NOTE,
        due_ms=(body.due_ms if body.due_ms is not None else state.due_ms) if status in OPEN else None,
    )


def _appointment_changed(state: CaseState, side: Side, body: Appointment) -> CaseState:
    """Either side proposes or cancels; the performer books freely, the requester only what was offered."""
    current = state.appointment
    illegal = MessagingError("referral-illegal-transition", act=_appointment_act(body))
    if state.status not in (*OPEN, Status.COMPLETED):
        raise illegal
    standing = current is not None and current.status is not AppointmentStatus.CANCELLED
    if body.status is AppointmentStatus.CANCELLED and not standing:
        raise illegal
    if body.status is AppointmentStatus.BOOKED and side is Side.REQUESTER:
        if current is None or not _is_proposed(current) or state.appointment_by is not Side.PERFORMER:
            raise illegal
        if (current.start_ms, current.end_ms) != (body.start_ms, body.end_ms):
            raise illegal
    return replace(state, appointment=body, appointment_by=side)


def _is_proposed(appointment: Appointment | None) -> bool:
    return appointment is not None and appointment.status is AppointmentStatus.PROPOSED


def _appointment_act(body: Appointment) -> str:
    return f"appointment-{body.status.value}"


def _act_name(event: CaseEvent) -> str:
    match event.body:
        case StateChange() as change if event.side is not None:
            return act_of(event.side, change.status, change.business).value
        case Appointment() as appointment:
            return _appointment_act(appointment)
        case body:
            return body.kind.value

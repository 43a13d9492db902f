"""The states of a referral and who may move it: one table with its theory (referral.md RF-4).

Theory. A referral has two sides. The *requester* opens it, may withdraw it until it is answered, gives what
is asked for, and at the end takes note of the answer; from then on the follow-up is his. The *performer*
receives, accepts or declines, may ask for one more thing at any moment before answering, and answers;
télé-expertise often goes from requested to completed in one step. Status words are FHIR Task's. Asking and
providing do not change the status: they move the turn (`turn.py`).

    requested -> received -> accepted -> in-progress -> completed     performer, any step may be skipped
    requested | received | accepted -> rejected                       performer
    anything open -> cancelled                                        requester
    completed -> in-progress                                          requester asks again in the same case
    completed | rejected: requester takes note, once

A side is a mailbox, not a person: a secretary acts for hers. Acts are judged at their place in receipt order;
what is illegal there is shown and changes nothing, so two people who act at once never fork a case. Pure: no
clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from messaging.errors import MessagingError


class Side(StrEnum):
    """Which end of the case an author's mailbox stands at."""

    REQUESTER = "requester"
    PERFORMER = "performer"


class Status(StrEnum):
    """FHIR R4 Task.status, the ones a referral uses."""

    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class BusinessStatus(StrEnum):
    """Task.businessStatus: what moves the turn without moving the status."""

    INFO_REQUESTED = "info-requested"
    INFO_PROVIDED = "info-provided"
    NOTED = "noted"


class Act(StrEnum):
    """What a state change does."""

    REQUEST = "request"
    RECEIVE = "receive"
    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    ASK = "ask"
    PROVIDE = "provide"
    ANSWER = "answer"
    NOTE = "note"
    CANCEL = "cancel"
    ASK_AGAIN = "ask-again"


OPEN = (Status.REQUESTED, Status.RECEIVED, Status.ACCEPTED, Status.IN_PROGRESS)

Transitions = Mapping[tuple[Status | None, Side, Act], Status]


def _table() -> Transitions:
    performer, requester = Side.PERFORMER, Side.REQUESTER
    table: dict[tuple[Status | None, Side, Act], Status] = {
        (None, requester, Act.REQUEST): Status.REQUESTED,
        (Status.REQUESTED, performer, Act.RECEIVE): Status.RECEIVED,
        (Status.COMPLETED, requester, Act.NOTE): Status.COMPLETED,
        (Status.REJECTED, requester, Act.NOTE): Status.REJECTED,
        (Status.COMPLETED, requester, Act.ASK_AGAIN): Status.IN_PROGRESS,
    }
    for status in (Status.REQUESTED, Status.RECEIVED):
        table[status, performer, Act.ACCEPT] = Status.ACCEPTED
    for status in (Status.REQUESTED, Status.RECEIVED, Status.ACCEPTED):
        table[status, performer, Act.DECLINE] = Status.REJECTED
        table[status, performer, Act.START] = Status.IN_PROGRESS
    for status in OPEN:
        table[status, performer, Act.ASK] = status
        table[status, requester, Act.PROVIDE] = status
        table[status, performer, Act.ANSWER] = Status.COMPLETED
        table[status, requester, Act.CANCEL] = Status.CANCELLED
    return MappingProxyType(table)


TRANSITIONS = _table()

_BY_BUSINESS = MappingProxyType({BusinessStatus.INFO_PROVIDED: Act.PROVIDE, BusinessStatus.NOTED: Act.NOTE})
_BY_STATUS = MappingProxyType(
    {
        Status.REQUESTED: Act.REQUEST,
        Status.RECEIVED: Act.RECEIVE,
        Status.ACCEPTED: Act.ACCEPT,
        Status.IN_PROGRESS: Act.START,
        Status.COMPLETED: Act.ANSWER,
        Status.REJECTED: Act.DECLINE,
        Status.CANCELLED: Act.CANCEL,
    }
)


def act_of(side: Side, status: Status, business: BusinessStatus | None) -> Act:
    """Which act a state change is. A business status decides before the status that it carries along."""
    if business is BusinessStatus.INFO_REQUESTED:
        return Act.ASK if side is Side.PERFORMER else Act.ASK_AGAIN
    if business is not None:
        return _BY_BUSINESS[business]
    return _BY_STATUS[status]


def step(status: Status | None, side: Side, act: Act) -> Status:
    """The status after `act`.

    Raises `referral-not-your-turn` if the other side might do this here, else `referral-illegal-transition`.
    """
    after = TRANSITIONS.get((status, side, act))
    if after is not None:
        return after
    if any((status, other, act) in TRANSITIONS for other in Side):
        raise MessagingError("referral-not-your-turn", act=act.value)
    raise MessagingError("referral-illegal-transition", act=act.value)


def permitted(status: Status | None, side: Side) -> tuple[Act, ...]:
    """What that side may do now, in the order of `Act`: for menus and for messages that say what to do."""
    return tuple(act for act in Act if (status, side, act) in TRANSITIONS)

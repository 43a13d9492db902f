"""The clinical bodies of a case: frozen values and their kinds (referral.md RF-2; CP1 section 9).

A *case* is a set of threads that share one random 16-byte id. Class 0 (logistics) carries `StateChange` and
`Appointment`: codes, dates and a place, never a patient's name, never clinical text. Class 1 carries
`ReferralRequest`, `Question` and `Answer`; class 2 carries `Remark`. Their bytes are written and read by
`bodies.py`. This module knows no event type, no signature and no state.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from messaging.referral.patient import Patient
from messaging.referral.states import BusinessStatus, Status
from messaging.referral.urgency import Urgency

MEDIA_TYPE = "application/fhir+json"
MAX_BODY = 256 * 1024  # bytes of one body
MAX_LISTED = 50  # supporting documents, attached letters


class Kind(StrEnum):
    """The name of a body, which the protocol maps to an event type."""

    REFERRAL_REQUEST = "referral-request"
    STATE_CHANGE = "state-change"
    APPOINTMENT = "appointment"
    QUESTION = "question"
    ANSWER = "answer"
    REMARK = "remark"


class Reason(StrEnum):
    """Why a case was declined or cancelled, as a code: class 0 has no free text. Details go to class 1."""

    NOT_MY_FIELD = "not-my-field"
    NO_CAPACITY = "no-capacity"
    ABSENT = "absent"
    INFO_MISSING = "info-missing"
    SEEN_ELSEWHERE = "seen-elsewhere"
    NO_LONGER_NEEDED = "no-longer-needed"
    SENT_BY_MISTAKE = "sent-by-mistake"
    OTHER = "other"


class AppointmentStatus(StrEnum):
    """FHIR R4 Appointment.status, the ones a referral uses."""

    PROPOSED = "proposed"
    BOOKED = "booked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Party:
    """A professional as shown in the request; the event's signature is what proves the author."""

    name: str
    rpps: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ReferralRequest:
    """Class 1: who asks whom about which patient, in free text. `supporting` names what is attached."""

    kind: ClassVar[Kind] = Kind.REFERRAL_REQUEST
    classes: ClassVar[frozenset[int]] = frozenset({1})
    case: bytes
    patient: Patient
    question: str
    urgency: Urgency
    requester: Party
    performer: Party
    supporting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """Class 0: the case moved. `due_ms`: the next act is expected by then (ms UTC, on whole seconds)."""

    kind: ClassVar[Kind] = Kind.STATE_CHANGE
    classes: ClassVar[frozenset[int]] = frozenset({0})
    case: bytes
    status: Status
    urgency: Urgency | None = None
    business: BusinessStatus | None = None
    due_ms: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """Class 0: a slot, ms UTC (whole seconds on the wire). `place` is an address or a room, nothing else."""

    kind: ClassVar[Kind] = Kind.APPOINTMENT
    classes: ClassVar[frozenset[int]] = frozenset({0})
    case: bytes
    status: AppointmentStatus
    start_ms: int
    end_ms: int
    place: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """Class 1: one more thing is needed."""

    kind: ClassVar[Kind] = Kind.QUESTION
    classes: ClassVar[frozenset[int]] = frozenset({1})
    case: bytes
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """Class 1: free text suffices, and so does an attached letter. From the requester: what was asked for."""

    kind: ClassVar[Kind] = Kind.ANSWER
    classes: ClassVar[frozenset[int]] = frozenset({1})
    case: bytes
    text: str = ""
    conclusion: str = ""
    what_to_do: str = ""
    by_when: datetime.date | None = None
    send_back_if: str = ""
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Remark:
    """Class 2: between doctors only."""

    kind: ClassVar[Kind] = Kind.REMARK
    classes: ClassVar[frozenset[int]] = frozenset({2})
    case: bytes
    text: str


Body = ReferralRequest | StateChange | Appointment | Question | Answer | Remark

"""What was asked in an exchange, and which of it an answer answers (docs/spec/filing.md FI-5.6, FI-5.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.protocol.body import EventType
from messaging.referral import bodies as clinical_bodies
from messaging.referral.clinical import Body, Kind, Question, ReferralRequest
from record_bridge.filing.standing import Opened, said

KINDS = {EventType.REFERRAL_REQUEST: Kind.REFERRAL_REQUEST, EventType.QUESTION: Kind.QUESTION}


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that one side asked."""

    opened: Opened
    body: ReferralRequest | Question


def read(opened: Opened, kind: Kind) -> Body | None:
    """The clinical body of an event, None for one that is not of this kind or cannot be read."""
    try:
        return clinical_bodies.read(kind.value, said(opened.proven))
    except MessagingError:
        return None


def asked(events: Iterable[Opened]) -> tuple[Asked, ...]:
    """Everything that was asked, in the order of its places. What cannot be read asks nothing."""
    found = []
    for one in sorted(events, key=lambda one: one.proven.seq):
        kind = next((KINDS[known] for known in KINDS if known == one.proven.type), None)
        body = read(one, kind) if kind is not None else None
        if isinstance(body, ReferralRequest | Question):
            found.append(Asked(one, body))
    return tuple(found)


def context_of(answer: Opened, everything: Iterable[Asked]) -> Asked | None:
    """The last thing that the other side asked before this answer."""
    before = [
        one
        for one in everything
        if one.opened.proven.seq < answer.proven.seq and one.opened.meta.acting_for != answer.meta.acting_for
    ]
    return before[-1] if before else None

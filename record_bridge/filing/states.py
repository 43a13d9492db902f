"""The states of a filing and what moves it: one table with its theory (docs/spec/filing.md FI-1). Pure: no clock.

Theory. A filing is what one request asks for; a document is one authored unit of it. Both live by this table. A state
is on disk before the act that it names is done, so that whoever finds it after a crash knows what may have happened:

    queued            taken from a verified request; nothing has left
    waiting-identity  the patient's identity is not qualified; nothing has left, and nothing is asked of anybody again
    submitted         the octets are on disk and may have left
    unknown           they left and no answer came: look first, then send the very same octets again
    accepted          the target's receipt is on disk
    rejected          refused, by us or by the target; the reason is an id with words
    withdrawn         taken back: before it left nothing is filed, after acceptance it is deprecated at the target

The target may refuse for a reason that passes, a key of the record that was renewed at that moment: then nothing was
kept there, and the document is prepared again (`prepare-again`).

From `unknown` nothing is withdrawn: it is found out first, because what may be in the record must not be forgotten.
`rejected` and `withdrawn` are final: whoever wants it after all asks anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from record_bridge.errors import RecordError


class State(StrEnum):
    QUEUED = "queued"
    WAITING_IDENTITY = "waiting-identity"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    TAKE = "take"
    WAIT_IDENTITY = "wait-identity"
    IDENTITY_ARRIVED = "identity-arrived"
    SUBMIT = "submit"
    ACCEPT = "accept"
    REJECT = "reject"
    LOSE_ANSWER = "lose-answer"
    FIND_OUT = "find-out"
    PREPARE_AGAIN = "prepare-again"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[State | None, Act], State] = MappingProxyType(
    {
        (None, Act.TAKE): State.QUEUED,
        (State.QUEUED, Act.WAIT_IDENTITY): State.WAITING_IDENTITY,
        (State.QUEUED, Act.SUBMIT): State.SUBMITTED,
        (State.QUEUED, Act.REJECT): State.REJECTED,
        (State.QUEUED, Act.WITHDRAW): State.WITHDRAWN,
        (State.WAITING_IDENTITY, Act.IDENTITY_ARRIVED): State.QUEUED,
        (State.WAITING_IDENTITY, Act.REJECT): State.REJECTED,
        (State.WAITING_IDENTITY, Act.WITHDRAW): State.WITHDRAWN,
        (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
        (State.SUBMITTED, Act.REJECT): State.REJECTED,
        (State.SUBMITTED, Act.LOSE_ANSWER): State.UNKNOWN,
        (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
        (State.SUBMITTED, Act.PREPARE_AGAIN): State.QUEUED,
        (State.UNKNOWN, Act.SUBMIT): State.SUBMITTED,
        (State.UNKNOWN, Act.FIND_OUT): State.ACCEPTED,
        (State.UNKNOWN, Act.REJECT): State.REJECTED,
        (State.UNKNOWN, Act.PREPARE_AGAIN): State.QUEUED,
        (State.ACCEPTED, Act.WITHDRAW): State.WITHDRAWN,
    }
)

FINAL = frozenset(State) - {before for before, _ in TRANSITIONS}  # nothing follows
OPEN = frozenset({State.QUEUED, State.WAITING_IDENTITY, State.SUBMITTED, State.UNKNOWN})  # the bridge still owes an act
LEFT = frozenset({State.SUBMITTED, State.UNKNOWN, State.ACCEPTED})  # octets may be at the target

# What a filing of several documents is shown as: the least settled of them; of settled ones, what was filed.
_PRECEDENCE = (
    *(State.WAITING_IDENTITY, State.QUEUED, State.UNKNOWN, State.SUBMITTED),
    *(State.ACCEPTED, State.REJECTED, State.WITHDRAWN),
)


def step(state: State | None, act: Act) -> State:
    """The state after `act`. Raises RecordError("filing-illegal-transition")."""
    after = TRANSITIONS.get((state, act))
    if after is None:
        raise RecordError("filing-illegal-transition", act=act.value, state=state.value if state else "")
    return after


def permitted(state: State | None) -> tuple[Act, ...]:
    """What may happen now, in the order of `Act`."""
    return tuple(act for act in Act if (state, act) in TRANSITIONS)


def overall(documents: Iterable[State]) -> State:
    """What a filing of these documents is shown as; queued while there are none."""
    found = set(documents)
    return next((state for state in _PRECEDENCE if state in found), State.QUEUED)

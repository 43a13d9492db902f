"""The states of a consent and who may move it: one table with its theory (consent.md CO-2).

Theory. A consent is about one exchange or one episode of care. Somebody *proposes* it, or it starts at once with the
default of French law, where feeding is a duty: the professional records that the patient was informed and does not
oppose (*agree*, attested), or the patient signs (*agree*, signed). It may be *limited*, *withdrawn*, or *opposed*; when
its date has passed it is *expired*.

    nothing  -> proposed | active | limited | opposed
    proposed -> active | limited | withdrawn | opposed | expired
    active   -> active (confirmed by the patient, renewed) | limited | withdrawn | opposed | expired
    limited  -> limited (other limits, renewed) | active | withdrawn | opposed | expired
    opposed  -> active | limited (the opposition is lifted) | opposed (the patient signs what was noted for him)
    withdrawn, expired: the end of the series; agreeing again is a new series

Two rules make the rest. *Whoever speaks for the patient may close at any time*: a professional captures a withdrawal or
an opposition that he was told, with no signature of the patient's. *What the patient signed, only the patient opens
wider*: a professional neither lifts an opposition, nor widens limits, nor prolongs a consent that the patient signed;
he may do each with what a professional recorded. So who put the present state is a part of it (`Standing`).

Acts are judged at their place in the log of the record; what is illegal there has no effect. Pure: no clock. Expiry is
nobody's act: it follows from the date (`By.TIME`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from record_bridge.errors import RecordError


class State(StrEnum):
    """Where a consent stands; the words' id is `consent-state-<value>`."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    LIMITED = "limited"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OPPOSED = "opposed"

    @property
    def words(self) -> str:
        return f"consent-state-{self.value}"


class By(StrEnum):
    """Whose signature moves it: known from the verified entry of the log, never from what the consent says."""

    PATIENT = "patient"
    PROFESSIONAL = "professional"  # attests what he told the patient, or captures what the patient told him
    TIME = "time"


class Act(StrEnum):
    """What a new version of a consent does; the words' id is `consent-act-<value>`."""

    PROPOSE = "propose"
    AGREE = "agree"
    LIMIT = "limit"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    OPPOSE = "oppose"
    RENEW = "renew"

    @property
    def words(self) -> str:
        return f"consent-act-{self.value}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A state and who put it there."""

    state: State
    by: By


LIVE = (State.PROPOSED, State.ACTIVE, State.LIMITED)  # what a date can end
PERMITTING = (State.ACTIVE, State.LIMITED)
FINAL = (State.WITHDRAWN, State.EXPIRED)

Transitions = Mapping[tuple[Standing | None, By, Act], State]


def _table() -> Transitions:
    patient, professional = By.PATIENT, By.PROFESSIONAL
    table: dict[tuple[Standing | None, By, Act], State] = {(None, professional, Act.PROPOSE): State.PROPOSED}
    for by in (patient, professional):
        table[None, by, Act.AGREE] = State.ACTIVE
        table[None, by, Act.LIMIT] = State.LIMITED
        table[None, by, Act.OPPOSE] = State.OPPOSED
    for state in State:
        for put_by in (patient, professional):
            if (state, put_by) == (State.PROPOSED, patient):
                continue  # a patient who wants it agrees
            now = Standing(state, put_by)
            if state in LIVE:
                table[now, By.TIME, Act.EXPIRE] = State.EXPIRED
                for by in (patient, professional):
                    table[now, by, Act.WITHDRAW] = State.WITHDRAWN
                    table[now, by, Act.OPPOSE] = State.OPPOSED
            if state in FINAL:
                continue
            # Narrowing what was wide is open to both; all that opens wider is bound to who put it there.
            for by in (patient, professional):
                may_widen = by is patient or put_by is professional
                if may_widen or state in (State.PROPOSED, State.ACTIVE):
                    table[now, by, Act.LIMIT] = State.LIMITED
                if state in PERMITTING and may_widen:
                    table[now, by, Act.RENEW] = state
                confirms = by is patient and put_by is professional
                if (state is not State.ACTIVE and may_widen) or (state is State.ACTIVE and confirms):
                    table[now, by, Act.AGREE] = State.ACTIVE
    table[Standing(State.OPPOSED, professional), patient, Act.OPPOSE] = State.OPPOSED
    return MappingProxyType(table)


TRANSITIONS = _table()


def step(standing: Standing | None, by: By, act: Act) -> Standing:
    """The standing after `act`; None is a series that does not exist yet.

    Raises `consent-final` after an end, `consent-patient-only` if the patient himself might do this here, else
    `consent-illegal-transition`.
    """
    after = TRANSITIONS.get((standing, by, act))
    if after is not None:
        return Standing(after, by)
    if standing is not None and standing.state in FINAL:
        raise RecordError("consent-final", state=standing.state.value)
    if by is By.PROFESSIONAL and (standing, By.PATIENT, act) in TRANSITIONS:
        raise RecordError("consent-patient-only", act=act.value)
    raise RecordError("consent-illegal-transition", act=act.value)


def permitted(standing: Standing | None, by: By) -> tuple[Act, ...]:
    """What that side may do now, in the order of `Act`: for menus and for messages that say what to do."""
    return tuple(act for act in Act if (standing, by, act) in TRANSITIONS)

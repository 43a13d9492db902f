"""A consent as a value: about what, whose, recorded by whom, with which limits, and what the patient was told (CO-1).

It becomes true in two ways, *attested* by a professional ("patient informé, ne s'oppose pas") or *signed* by the
patient. Which of the two is never in here: it is `By`, taken from the verified entry of the record's log that carries
this value. A value checks its own shape when it is made and looks at no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.consent.states import LIVE, By, State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind

ID_SIZE = 16
MAX_THREADS = 8
MAX_EXCLUDED = 12  # professionals
MAX_LABEL = 120  # characters of an episode's name


class Purpose(StrEnum):
    """What the patient agreed to; the words' id is `consent-purpose-<value>`."""

    FILING = "filing"  # the exchange feeds the record
    SHARING = "sharing"  # items of the record are shown inside the exchange

    @property
    def words(self) -> str:
        return f"consent-purpose-{self.value}"


class Told(StrEnum):
    """Which sentence the patient was told; the words' id is `consent-told-<value>`.

    A sentence that changes its meaning gets a new number: a consent names what was said then, for twenty years.
    """

    EXCHANGE = "exchange-1"
    EPISODE = "episode-1"
    OPPOSITION = "opposition-1"

    @property
    def words(self) -> str:
        return f"consent-told-{self.value}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange: a case, or threads of it, or a thread without a case. No threads named: the whole case.

    `end_ms` is when it stops permitting anything new; None: with its withdrawal.
    """

    case: bytes = b""
    threads: tuple[bytes, ...] = ()
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of care: several exchanges about one trouble, from `start_ms` until before `end_ms` (ms UTC)."""

    id: bytes
    label: str
    start_ms: int
    end_ms: int


Scope = Exchange | Episode


@dataclass(frozen=True, slots=True)
class Limits:
    """What the patient keeps out, although he agrees: kinds of document, professionals (accounts), classes."""

    kinds: frozenset[Kind] = frozenset()
    professionals: frozenset[bytes] = frozenset()
    classes: frozenset[RecordClass] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.professionals or self.classes)

    def within(self, other: Limits) -> bool:
        """Whether `other` keeps out all that this does."""
        return self.kinds <= other.kinds and self.professionals <= other.professionals and self.classes <= other.classes


@dataclass(frozen=True, slots=True, repr=False)
class Consent:
    """One version of a consent. `record` is the record's account; `recorder` None is the patient himself."""

    series: bytes
    state: State
    scope: Scope
    patient: Patient
    record: bytes
    recorder: Party | None
    recorded_ms: int
    purposes: frozenset[Purpose] = frozenset({Purpose.FILING})
    limits: Limits = Limits()
    told: Told = Told.EXCHANGE

    def __post_init__(self) -> None:
        scope = self.scope
        ids = [self.series, self.record, *self.limits.professionals]
        if isinstance(scope, Episode):
            ids.append(scope.id)
            _require(scope.start_ms < scope.end_ms, "scope.period")
            _require(0 < len(scope.label) <= MAX_LABEL, "scope.label")
        else:
            ids += [*scope.threads, *([scope.case] if scope.case else [])]
            _require(bool(scope.case or scope.threads), "scope")
            _require(len(scope.threads) == len(set(scope.threads)) <= MAX_THREADS, "scope.threads")
        _require(all(len(one) == ID_SIZE for one in ids), "id")
        _require(bool(self.purposes), "purposes")
        _require(len(self.limits.professionals) <= MAX_EXCLUDED, "limits")
        if self.state in (State.ACTIVE, State.LIMITED):
            _require(bool(self.limits) is (self.state is State.LIMITED), "limits")

    @property
    def by(self) -> By:
        """Who this says recorded it: to be compared with the signature, never believed (`permits`, `series`)."""
        return By.PATIENT if self.recorder is None else By.PROFESSIONAL

    @property
    def ends_ms(self) -> int | None:
        return self.scope.end_ms

    def state_at(self, now_ms: int) -> State:
        """The state once the date is taken into account: no entry is needed for a consent to expire."""
        ended = self.ends_ms is not None and self.ends_ms <= now_ms
        return State.EXPIRED if ended and self.state in LIVE else self.state

    def __repr__(self) -> str:
        return f"<Consent {self.state}>"


def told_words(by: By) -> str:
    """The id of the words that say which of the two ways it was: for receipts, the log and every page."""
    return "consent-basis-signed" if by is By.PATIENT else "consent-basis-attested"


def _require(holds: bool, clause: str) -> None:
    if not holds:
        raise RecordError("consent-malformed", clause=f"Consent.{clause}")

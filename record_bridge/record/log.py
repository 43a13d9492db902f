"""The patient's log: who asked whom, who read what and why, what was filed on which consent (record.md RD-5).

In: facts as values, each proven by whoever opened it (receipted access statements, notices, filing receipts, consent
entries, grants, class changes). Out: one line a fact, the newest first, as ids of words with what fills them. The one
thing that is put together: readings by one reader for one purpose within an hour become a line with a count, so that
nobody hides a reading in a hundred lines. It is complete for an honest service; what was read from a copy leaves no
trace, and the pages that show this log say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from messaging.wire.access import Purpose
from record_bridge.consent.states import By, State
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import About, Notice, NoticeAct

HOUR = 3600 * 1000  # ms


class LogAct(StrEnum):
    """What a line says; the words' id is `record-log-<value>`."""

    READ = "read"
    ASKED = "asked"
    ANSWERED = "answered"
    SHARED = "shared"
    SHARE_ENDED = "share-ended"
    FILED = "filed"
    FILING_WAITS = "filing-waits"
    FILING_REFUSED = "filing-refused"
    FILING_WITHDRAWN = "filing-withdrawn"
    DEPOSITED = "deposited"
    CONSENT_PROPOSED = "consent-proposed"
    CONSENT_RECORDED = "consent-recorded"
    CONSENT_LIMITED = "consent-limited"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_EXPIRED = "consent-expired"
    CONSENT_OPPOSED = "consent-opposed"
    CLAIMED = "claimed"
    MANDATE_GRANTED = "mandate-granted"
    MANDATE_ENDED = "mandate-ended"
    MASKED = "masked"
    UNMASKED = "unmasked"
    MOVED = "moved"


class Filed(StrEnum):
    """How far a filing got, as the bridge's receipt says it."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Who:
    """A name to show with the account that proves it; empty account: only said by a notice."""

    name: str
    account: bytes = b""


@dataclass(frozen=True, slots=True)
class Access:
    """A receipted access statement. `title` names the item if one was opened, empty for whole classes."""

    time_ms: int
    reader: Who
    purpose: Purpose
    classes: tuple[RecordClass, ...]
    title: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice of the record's class 0, with the account whose signature it bears and the time of its receipt."""

    time_ms: int
    notice: Notice
    account: bytes


@dataclass(frozen=True, slots=True)
class Filing:
    """A receipt of the bridge: what was filed, who asked for it, on which consent, and whose word that consent is."""

    time_ms: int
    requester: Who
    title: str
    filed: Filed
    consent: bytes
    basis: By


@dataclass(frozen=True, slots=True)
class Consented:
    """An entry that changed a consent."""

    time_ms: int
    recorder: Who
    state: State
    consent: bytes
    basis: By
    title: str = ""  # what the consent is about


@dataclass(frozen=True, slots=True)
class Mandate:
    """Access to classes given to somebody, or ended."""

    time_ms: int
    by: Who
    to: Who
    classes: tuple[RecordClass, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that changed its class: masked, shown again, announced."""

    time_ms: int
    by: Who
    title: str
    before: RecordClass
    after: RecordClass


Fact = Access | Noticed | Filing | Consented | Mandate | Moved


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `why` and `basis` are ids of words; `titles` and `classes` are the what; `count` readings in one."""

    time_ms: int
    act: LogAct
    who: Who
    whom: Who | None = None
    titles: tuple[str, ...] = ()
    classes: tuple[RecordClass, ...] = ()
    why: str = ""
    consent: bytes = b""
    basis: str = ""
    on_behalf: str = ""
    count: int = 1
    until_ms: int | None = None  # of the last reading, where count is above one

    @property
    def words(self) -> str:
        return f"record-log-{self.act.value}"


_FILED = {
    Filed.ACCEPTED: LogAct.FILED,
    Filed.WAITING: LogAct.FILING_WAITS,
    Filed.REFUSED: LogAct.FILING_REFUSED,
    Filed.WITHDRAWN: LogAct.FILING_WITHDRAWN,
}
_CONSENTED = {
    State.PROPOSED: LogAct.CONSENT_PROPOSED,
    State.ACTIVE: LogAct.CONSENT_RECORDED,
    State.LIMITED: LogAct.CONSENT_LIMITED,
    State.WITHDRAWN: LogAct.CONSENT_WITHDRAWN,
    State.EXPIRED: LogAct.CONSENT_EXPIRED,
    State.OPPOSED: LogAct.CONSENT_OPPOSED,
}
# The signed entry or receipt says these better than a notice about it; the notice fills in where that is missing.
_BETTER_SAID = {
    NoticeAct.FILED: LogAct.FILED,
    NoticeAct.CONSENT_RECORDED: LogAct.CONSENT_RECORDED,
    NoticeAct.CONSENT_WITHDRAWN: LogAct.CONSENT_WITHDRAWN,
}


def fold(facts: Iterable[Fact]) -> tuple[LogLine, ...]:
    """The log, the newest line first. The same facts give the same log in whatever order they come, and only once."""
    given = sorted(set(facts), key=lambda fact: (fact.time_ms, type(fact).__name__, repr(fact)))
    proven = {(line.act, line.consent) for line in map(_line, given) if line.consent}
    lines: list[LogLine] = []
    open_reading: dict[tuple[object, ...], int] = {}  # of a reader and a purpose: where the line of this hour stands
    for fact in given:
        line = _line(fact)
        if isinstance(fact, Noticed) and _better_said(fact.notice, proven):
            continue
        if line.act is LogAct.READ:
            key = (line.who.account or line.who.name, line.on_behalf, line.why)
            at = open_reading.get(key)
            if at is not None and line.time_ms - lines[at].time_ms < HOUR:
                lines[at] = _together(lines[at], line)
                continue
            open_reading[key] = len(lines)
        lines.append(line)
    return tuple(reversed(lines))


def _line(fact: Fact) -> LogLine:
    time = fact.time_ms
    match fact:
        case Access():
            titles = (fact.title,) if fact.title else ()
            why = f"record-purpose-{fact.purpose.name.lower()}"
            return LogLine(
                time, LogAct.READ, fact.reader, titles=titles, classes=fact.classes, why=why, on_behalf=fact.on_behalf
            )
        case Noticed():
            notice = fact.notice
            whom = Who(notice.whom.name) if notice.whom else None
            return LogLine(time, LogAct(notice.act.value), Who(notice.who.name, fact.account), whom)
        case Filing():
            act, basis = _FILED[fact.filed], f"consent-basis-{_basis(fact.basis)}"
            return LogLine(time, act, fact.requester, titles=(fact.title,), consent=fact.consent, basis=basis)
        case Consented():
            act, basis = _CONSENTED[fact.state], f"consent-basis-{_basis(fact.basis)}"
            titles = (fact.title,) if fact.title else ()
            return LogLine(time, act, fact.recorder, titles=titles, consent=fact.consent, basis=basis)
        case Mandate():
            act = LogAct.MANDATE_ENDED if fact.ended else LogAct.MANDATE_GRANTED
            return LogLine(time, act, fact.by, fact.to, classes=fact.classes)
        case Moved():
            return LogLine(time, _moved(fact), fact.by, titles=(fact.title,), classes=(fact.before, fact.after))


def _moved(fact: Moved) -> LogAct:
    if fact.after is RecordClass.MASKED:
        return LogAct.MASKED
    return LogAct.UNMASKED if fact.before is RecordClass.MASKED else LogAct.MOVED


def _together(line: LogLine, again: LogLine) -> LogLine:
    return replace(
        line,
        titles=tuple(dict.fromkeys((*line.titles, *again.titles))),
        classes=tuple(sorted({*line.classes, *again.classes})),
        count=line.count + 1,
        until_ms=again.time_ms,
    )


def _better_said(notice: Notice, proven: set[tuple[LogAct, bytes]]) -> bool:
    act = _BETTER_SAID.get(notice.act)
    series = [reference.id for reference in notice.references if reference.about is About.SERIES]
    return act is not None and any((act, one) in proven for one in series)


def _basis(by: By) -> str:
    return "signed" if by is By.PATIENT else "attested"

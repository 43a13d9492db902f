"""How urgent a referral is, what that level promises, and when an answer is due (referral.md RF-3).

The four levels are FHIR's request priorities. Delays come from `config/urgency.toml`, read by an edge and
given here as a mapping. The highest level is never left to a message alone: it shows the telephone and the
emergency number, and says that Confrère does not replace a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from messaging.errors import MessagingError

_HOUR = 3_600_000  # milliseconds
_LONGEST = 24 * 366  # hours


class Urgency(StrEnum):
    """FHIR R4 request-priority, from least to most urgent."""

    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"
    STAT = "stat"


@dataclass(frozen=True, slots=True)
class Level:
    """What one level promises. `call_first` makes the sender see the telephone before sending."""

    urgency: Urgency
    answer_hours: int
    remind_hours: int
    call_first: bool


@dataclass(frozen=True, slots=True)
class UrgencyPolicy:
    """The levels of one deployment and the number to call when life is at stake."""

    levels: tuple[Level, ...]
    emergency_number: str

    def level(self, urgency: Urgency) -> Level:
        return next(level for level in self.levels if level.urgency is urgency)


@dataclass(frozen=True, slots=True)
class Advice:
    """Words to show before sending: their id and facts. `blocking` asks for an explicit yes."""

    words: str
    facts: Mapping[str, str | int]
    blocking: bool


def read_policy(settings: Mapping[str, object]) -> UrgencyPolicy:
    """The parsed `urgency.toml` as a policy, or `referral-settings-invalid` naming the setting.

    Every level is there, a more urgent one never waits longer, and `stat` always asks to call first.
    """
    number = settings.get("emergency_number")
    if not isinstance(number, str) or not number.isascii() or not number.isdigit() or len(number) > 15:
        raise _invalid("emergency_number")
    levels = tuple(_level(urgency, settings.get(urgency.value)) for urgency in Urgency)
    for calmer, graver in pairwise(levels):
        if graver.answer_hours > calmer.answer_hours:
            raise _invalid(f"{graver.urgency.value}.answer_hours")
    if not levels[-1].call_first:
        raise _invalid("stat.call_first")
    return UrgencyPolicy(levels, number)


def due(policy: UrgencyPolicy, urgency: Urgency, received_ms: int) -> int:
    """When an answer is expected, in ms UTC, for a referral received then."""
    return received_ms + policy.level(urgency).answer_hours * _HOUR


def remind(policy: UrgencyPolicy, urgency: Urgency, received_ms: int) -> int:
    """When whoever's turn it is should be reminded, in ms UTC."""
    return received_ms + policy.level(urgency).remind_hours * _HOUR


def advice(policy: UrgencyPolicy, urgency: Urgency, telephone: str = "") -> Advice:
    """What the sender is told before sending at this level; `telephone` is the recipient's practice."""
    level = policy.level(urgency)
    facts: dict[str, str | int] = {"hours": level.answer_hours, "days": -(-level.answer_hours // 24)}
    if not level.call_first:
        return Advice(f"urgency-{urgency.value}-expected", facts, blocking=False)
    facts["emergency"] = policy.emergency_number
    if telephone:
        return Advice("urgency-call-first", facts | {"telephone": telephone}, blocking=True)
    return Advice("urgency-call-first-no-telephone", facts, blocking=True)


def _level(urgency: Urgency, table: object) -> Level:
    if not isinstance(table, Mapping):
        raise _invalid(urgency.value)
    hours = {name: table.get(name) for name in ("answer_hours", "remind_hours")}
    for name, value in hours.items():
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LONGEST:
            raise _invalid(f"{urgency.value}.{name}")
    call_first = table.get("call_first", False)
    if not isinstance(call_first, bool):
        raise _invalid(f"{urgency.value}.call_first")
    return Level(urgency, int(hours["answer_hours"] or 0), int(hours["remind_hours"] or 0), call_first)


def _invalid(setting: str) -> MessagingError:
    return MessagingError("referral-settings-invalid", setting=setting)

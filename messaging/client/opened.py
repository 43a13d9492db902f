"""Threads as they were opened, and which of them are one case (RF-4, RF-4.3). Opens nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from directory.accounts.state import NOW
from messaging.profile.threads import KeptEpoch, KeptThread
from messaging.protocol.acks import AckBody
from messaging.referral.states import Side

if TYPE_CHECKING:
    from messaging.client.reading import ReadEvent, Refused

_DOCTOR_ONLY = 2


@dataclass(slots=True)
class Opened:
    """One thread; `acks` with the mailbox that each is of."""

    kept: KeptThread
    epochs: list[KeptEpoch]
    events: list[ReadEvent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    acks: list[tuple[bytes, AckBody]] = field(default_factory=list)
    case_id: bytes | None = None


def cases(same: Sequence[Opened]) -> Iterable[list[Opened]]:
    """Threads that name one case, as the cases that they are (RF-4.3): the oldest thread's opener asks, hers are one
    thread of each class, and a doctor-only thread may be opened by either side.

    Whoever was shown a case's id could open a thread that names it, to turn the sides or to catch the next answer; such
    a thread stands by itself.
    """
    waiting = sorted(same, key=lambda one: one.epochs[0].tick if one.epochs else NOW)
    while waiting:
        first, *others = waiting
        group, waiting = [first], []
        for one in others:
            sides = sides_of(group)
            by_requester = _opener(one) == _opener(first)
            between = one.kept.class_ == _DOCTOR_ONLY and _opener(one) in sides
            taken = one.kept.class_ in {held.kept.class_ for held in group}
            (waiting if taken or not (by_requester or between) else group).append(one)
        yield group


def _opener(one: Opened) -> bytes | None:
    return one.epochs[0].commit.acting_for if one.epochs else None


def sides_of(opened: Iterable[Opened]) -> dict[bytes, Side]:
    """Who opened the case asks; whoever was there from its first epoch performs (RF-4).

    The lowest class decides: a doctor-only thread may have been opened by the other side.
    """
    sides: dict[bytes, Side] = {}
    for one in opened:
        if one.epochs and one.epochs[0].commit.epoch == 0:
            first = one.epochs[0].commit
            for member in first.members:
                side = Side.REQUESTER if member.account == first.acting_for else Side.PERFORMER
                sides.setdefault(member.account, side)
    return sides

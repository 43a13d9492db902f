"""What the doctor can find: each with a stable id, how much it matters, and facts that are safe to print. Words are the
front door's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Grade(StrEnum):
    """`wrong`: mail does not flow, or not for long; `warning`: it does, and something should be done."""

    WELL = "well"
    NOTE = "note"
    WARNING = "warning"
    WRONG = "wrong"


FINDINGS: Final[Mapping[str, Grade]] = {
    "gateway-running": Grade.WELL,
    "gateway-stopped": Grade.WRONG,
    "gateway-silent": Grade.WRONG,
    "profile-locked": Grade.WRONG,
    "profile-in-use": Grade.WRONG,
    "profile-free": Grade.WELL,
    "profile-unreadable": Grade.WRONG,
    "door-well": Grade.WELL,
    "door-closed": Grade.WRONG,
    "door-other": Grade.WRONG,
    "identity-well": Grade.WELL,
    "identity-missing": Grade.NOTE,
    "identity-unreadable": Grade.WRONG,
    "identity-ends": Grade.WARNING,
    "identity-ended": Grade.WRONG,
    "identity-names": Grade.WARNING,
    "service-well": Grade.WELL,
    "service-unreachable": Grade.WRONG,
    "service-failing": Grade.WRONG,
    "service-unknown": Grade.NOTE,
    "clock-well": Grade.WELL,
    "clock-wrong": Grade.WRONG,
    "device-well": Grade.WELL,
    "device-refused": Grade.WRONG,
    "mails-waiting": Grade.NOTE,
    "mails-late": Grade.WARNING,
    "mails-failed": Grade.WARNING,
    "mails-none-waiting": Grade.WELL,
    "disk-well": Grade.WELL,
    "disk-low": Grade.WARNING,
    "disk-full": Grade.WRONG,
    "mail-well": Grade.WELL,
    "mail-missing": Grade.NOTE,
    "mail-older": Grade.NOTE,
    "mail-newer": Grade.WRONG,
    "mail-damaged": Grade.WRONG,
    "passwords-none": Grade.WARNING,
    "password-unused": Grade.NOTE,
    "passwords-unknown": Grade.NOTE,
    "passphrase-wrong": Grade.WRONG,
    "program-seen": Grade.WELL,
    "program-never": Grade.WARNING,
    "folder-well": Grade.WELL,
    "folder-open": Grade.WRONG,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`facts` are numbers, times in ms UTC, ports, paths and names of this machine; never of a mail."""

    id: str
    facts: Mapping[str, str | int]

    @property
    def grade(self) -> Grade:
        return FINDINGS[self.id]


def found(finding_id: str, **facts: str | int) -> Finding:
    """KeyError for an id that is not in the list: a mistake of ours."""
    _ = FINDINGS[finding_id]
    return Finding(finding_id, facts)

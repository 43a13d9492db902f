"""The seven classes of a patient's record: what each is for, who gets it, how a user names it (record.md RD-1).

A class is a key chain of the record's mailbox, so these are walls and not labels; the numbers are those of the epochs'
members. Which accounts hold which class stands in the record's account log and not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from directory.identity.folding import plain
from record_bridge.errors import RecordError


class RecordClass(IntEnum):
    """Words: `record-class-<slug>` (a name) and `record-class-<slug>-what` (a sentence for the patient)."""

    NOTICES = 0
    COMMON = 1
    MASKED = 2
    ANNOUNCEMENT = 3
    NOT_FOR_REPRESENTATIVES = 4
    REIMBURSEMENT = 5
    EMERGENCY = 6

    @property
    def slug(self) -> str:
        return self.name.lower().replace("_", "-")

    @property
    def words(self) -> str:
        return f"record-class-{self.slug}"


# What a professional's grant covers unless somebody chooses otherwise: never what the patient masked, never money.
PROFESSIONAL = frozenset(
    {
        RecordClass.NOTICES,
        RecordClass.COMMON,
        RecordClass.ANNOUNCEMENT,
        RecordClass.NOT_FOR_REPRESENTATIVES,
        RecordClass.EMERGENCY,
    }
)
# What may be shown inside a referral, item by item. What the patient masked he unmasks first.
SHAREABLE = PROFESSIONAL - {RecordClass.NOTICES}
# Where a structure deposits, and where a payer does: the one class that a payer's deposit may name.
DEPOSITS = frozenset({RecordClass.COMMON, RecordClass.ANNOUNCEMENT, RecordClass.NOT_FOR_REPRESENTATIVES})
PAYER_DEPOSITS = frozenset({RecordClass.REIMBURSEMENT})
# As people type them, folded; both languages at once, because nobody switches keyboard for a class.
_TYPED: Mapping[RecordClass, tuple[str, ...]] = MappingProxyType(
    {
        RecordClass.NOTICES: ("avis", "notices", "notice", "journal"),
        RecordClass.COMMON: ("commun", "common", "normal", "general"),
        RecordClass.MASKED: (
            "masque",
            "masquee",
            "masque aux professionnels",
            "masked",
            "masked to professionals",
            "hidden",
        ),
        RecordClass.ANNOUNCEMENT: ("annonce", "en attente d annonce", "announcement", "awaiting announcement"),
        RecordClass.NOT_FOR_REPRESENTATIVES: (
            *("representants", "non visible des representants legaux", "mineur"),
            *("representatives", "not for legal representatives", "minor"),
        ),
        RecordClass.REIMBURSEMENT: ("remboursement", "remboursements", "reimbursement", "reimbursements"),
        RecordClass.EMERGENCY: ("urgence", "synthese d urgence", "emergency", "emergency synthesis"),
    }
)
_BY_WORD = {
    word: class_ for class_, typed in _TYPED.items() for word in (*typed, plain(class_.slug), str(class_.value))
}


def parse_class(typed: str) -> RecordClass:
    """The class that a user means, in French or English, accents and case aside; else `record-class-unknown`."""
    found = _BY_WORD.get(plain(typed))
    if found is None:
        raise RecordError("record-class-unknown")
    return found


def parse_classes(typed: str) -> frozenset[RecordClass]:
    """Several, with commas between them."""
    return frozenset(parse_class(part) for part in typed.split(","))

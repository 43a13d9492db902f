"""What a line of a patient's record is, whoever wrote it: a document, a note, a laboratory report (record.md RD-1).

One item is one thread of the record with one event inside. These are values to show and to put in order; they are made
from events that were verified, by whoever opened them. No `repr` holds an identity or a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind


class Flag(StrEnum):
    """How the laboratory marked a result against its own range (HL7 observation interpretation, shortened)."""

    NONE = ""  # it said nothing
    NORMAL = "N"
    LOW = "L"
    HIGH = "H"
    CRITICAL_LOW = "LL"
    CRITICAL_HIGH = "HH"
    ABNORMAL = "A"


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """One result as its laboratory wrote it. `value` is None where it is no number: then `text` has it.

    `code` is LOINC; `unit` is UCUM as written; `low` and `high` are the range
    that this laboratory gave for this patient. Nothing is converted.
    """

    code: str
    label: str
    value: Decimal | None
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    flag: Flag = Flag.NONE
    date_ms: int = 0
    text: str = ""

    @property
    def abnormal(self) -> bool:
        """What the laboratory said; only where it said nothing, the value against the range it printed."""
        if self.flag is not Flag.NONE:
            return self.flag is not Flag.NORMAL
        if self.value is None:
            return False
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)

    def __repr__(self) -> str:
        return f"<Result {self.code}>"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it, from the verified signature or, for a document from elsewhere, as the document says.

    A patient's proof names nobody; `unproven` is whoever else signed without a proven name."""

    name: str
    profession: str = ""
    rpps: str = ""
    structure: str = ""
    unproven: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """A line of the record.

    `date_ms` is when the care took place, `received_ms` when it entered the record; `on_behalf` is for whom the author
    signed; `sources` are the original events' ids; `consent` is the series under which it was filed, empty for a
    deposit; `deposited_by` whose proven signature a document bears, which names its author itself (empty: nobody
    proven), None for what its author signed; `replaced_by` the thread of the newer version; `notes` what has to be
    shown beside it (ids of words).
    """

    thread: bytes
    class_: RecordClass
    kind: Kind
    title: str
    author: Author
    date_ms: int
    received_ms: int
    summary: str = ""
    on_behalf: str = ""
    results: tuple[Result, ...] = ()
    sources: tuple[bytes, ...] = ()
    consent: bytes = b""
    replaced_by: bytes = b""
    deposited_by: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def masked(self) -> bool:
        """Hidden by the patient from professionals: it is where it stands that hides it, not a mark."""
        return self.class_ is RecordClass.MASKED

    @property
    def abnormal(self) -> bool:
        return any(result.abnormal for result in self.results)

    def __repr__(self) -> str:
        return f"<Item {self.kind} {self.thread.hex()[:8]}>"

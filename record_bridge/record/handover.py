"""The secrets of a record's classes handed to whom it goes to (record.md RD-2.5).

RECORD_HANDOVER, octets that no `repr` shows. Whether a seed gives the key in the account log is checked where that log
is at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from directory.errors import DirectoryError
from directory.primitives.codec import Reader, u8, u16, u32
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass

MEDIA_TYPE = "application/vnd.confrere.record-handover"
MAX_SEEDS = 1024  # generations of all classes together
SEED_SIZE = 32


@dataclass(frozen=True, slots=True)
class ClassSeed:
    """The secret of one generation of one class."""

    class_: RecordClass
    generation: int
    seed: bytes = field(repr=False)


def write(seeds: tuple[ClassSeed, ...]) -> bytes:
    """In ascending order of class and generation. Raises RecordError: record-item-malformed."""
    ordered = sorted(seeds, key=lambda one: (one.class_, one.generation))
    data = u16(len(ordered)) + b"".join(u8(one.class_) + u32(one.generation) + one.seed for one in ordered)
    if read(data) != tuple(ordered):
        raise RecordError("record-item-malformed", clause="Handover.seed")
    return data


def read(data: bytes) -> tuple[ClassSeed, ...]:
    """Raises RecordError: record-item-malformed, also for seeds out of order or twice."""
    try:
        reader = Reader(data, "record handover")
        seeds = tuple(_read_seed(reader) for _ in range(reader.count("seeds", MAX_SEEDS)))
        reader.end()
        places = [(one.class_, one.generation) for one in seeds]
        if not seeds or any(left >= right for left, right in pairwise(places)):
            raise reader.fail("order")
    except DirectoryError as refused:
        clause = f"Handover.{refused.facts.get('field', refused.id)}"
    else:
        return seeds
    raise RecordError("record-item-malformed", clause=clause)


def _read_seed(reader: Reader) -> ClassSeed:
    number = reader.u8("class")
    if number not in tuple(RecordClass):
        raise reader.fail("class")
    return ClassSeed(RecordClass(number), reader.u32("generation"), reader.take(SEED_SIZE, "seed"))

"""Reading an extraction line by line (Annuaire Santé, libre accès: UTF-8, `|`, a trailing `|`, no quoting).

Lines of bytes in, rows and skipped lines out, one at a time: memory does not grow with the file. Opening the
file, counting and judging the whole are for `use_cases.import_extraction` and `report`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from directory.errors import DirectoryError
from directory.extraction.header import SEPARATOR, Header, read_header
from directory.extraction.row import Reason, Row, judge

LINE_BYTES = 32 * 1024  # a real line has under 1 KB; beyond this it is no line of this format
_BOM = "\ufeff"
# Controls and direction marks would let a field write on somebody's terminal, or read as another name.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that was not used: its number in the file (the header is 1) and why; never what it holds."""

    line: int
    reason: Reason


def bounded_lines(readline: Callable[[int], bytes]) -> Iterator[bytes]:
    """The lines that `readline` gives; of one longer than `LINE_BYTES` only the start, over-long, is kept."""
    while line := readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = readline(LINE_BYTES)
            if rest:
                line += b"\n"
        yield line


def parse(lines: Iterable[bytes]) -> Iterator[Row | Skipped]:
    """Each line after the header as a row, or skipped with its reason.

    Raises `DirectoryError` for what refuses the whole file: `extraction-no-header`, `-column-missing`,
    `-column-twice`, `-not-utf8` (with the line), `-unterminated`.
    """
    numbered = enumerate(lines, start=1)
    _, first = next(numbered, (1, b""))
    header = read_header(_text(first, 1).removeprefix(_BOM)) if first else None
    if header is None:
        raise DirectoryError("extraction-no-header")
    values = _picker(header)
    for number, line in numbered:
        if len(line) > LINE_BYTES:
            _require_end(line)
            yield Skipped(number, Reason.LINE_TOO_LONG)
            continue
        picked = values(_text(line, number))
        row = Reason.COLUMN_COUNT if picked is None else judge(picked)
        yield Skipped(number, row) if isinstance(row, Reason) else row


def _require_end(line: bytes) -> None:
    if not line.endswith(b"\n"):
        raise DirectoryError("extraction-unterminated")


def _text(line: bytes, number: int) -> str:
    """A line without its end. The last one must have one: a cut-off download looks like any other file."""
    _require_end(line)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise DirectoryError("extraction-not-utf8", line=number) from None
    text = text.rstrip("\r\n")
    return text if text.isprintable() else _UNPRINTABLE.sub(" ", text)


def _picker(header: Header) -> Callable[[str], list[str] | None]:
    pick = itemgetter(*header.indexes)

    def values(text: str) -> list[str] | None:
        fields = text.split(SEPARATOR)
        if len(fields) != header.width:
            return None
        fields.append("")  # what an absent column says
        return [field.strip() for field in pick(fields)]

    return values

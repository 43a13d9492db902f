"""What an import found, and whether it may replace what stands (docs/spec/directory-extraction.md, DX-4).

Counting and judging only. A report names lines by number and reason, never by content.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from directory.errors import DirectoryError
from directory.extraction.parse import Skipped
from directory.extraction.row import Row

BAD_LINES_PERCENT = 1
SHRUNK_PERCENT = 80
LISTED = 20_000  # one percent of the national file; past it the lines are counted and not listed


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one import.

    `rows` were taken, of them `without_rpps` can be found and not invited; `skipped` lists (line, reason) up
    to `LISTED`, `reasons` counts all; `replaced` is how many rows stood there before, None when nothing did.
    """

    rows: int
    practitioners: int
    without_rpps: int
    skipped: tuple[Skipped, ...]
    reasons: tuple[tuple[str, int], ...]
    replaced: int | None

    @property
    def skipped_count(self) -> int:
        return sum(count for _, count in self.reasons)

    def as_json(self) -> dict[str, object]:
        """The document that `directory import --json` prints."""
        return {
            "rows": self.rows,
            "practitioners": self.practitioners,
            "without_rpps": self.without_rpps,
            "replaced": self.replaced,
            "skipped": self.skipped_count,
            "reasons": dict(self.reasons),
            "skipped_lines": [{"line": line.line, "reason": str(line.reason)} for line in self.skipped],
        }


@dataclass(slots=True)
class Tally:
    """The running count of an import."""

    rows: int = 0
    without_rpps: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def take(self, row: Row) -> None:
        self.rows += 1
        self.without_rpps += not row.is_rpps

    def skip(self, line: Skipped) -> None:
        self.reasons[line.reason] += 1
        if len(self.skipped) < LISTED:
            self.skipped.append(line)

    def report(self, practitioners: int, replaced: int | None) -> Report:
        """The report of what was counted, in the order of the lines."""
        return Report(
            self.rows,
            practitioners,
            self.without_rpps,
            tuple(self.skipped),
            tuple(sorted((str(reason), count) for reason, count in self.reasons.items())),
            replaced,
        )


def verify_plausible(report: Report, *, allow_shrink: bool) -> Report:
    """The report, if the whole file may be used.

    Refuses `extraction-empty`, `extraction-too-many-bad-lines` (over 1 %; one bad line alone is always
    skipped, in a small file too) and, unless `allow_shrink`, `extraction-shrunk` (under 80 % of the rows it
    replaces).
    """
    lines, bad = report.rows + report.skipped_count, report.skipped_count
    if not lines:
        raise DirectoryError("extraction-empty")
    if bad > 1 and bad * 100 > BAD_LINES_PERCENT * lines:
        reason, _ = max(report.reasons, key=lambda pair: pair[1])
        first = report.skipped[0]
        raise DirectoryError(
            "extraction-too-many-bad-lines", bad=bad, lines=lines, reason=reason, line=first.line
        )
    if not report.rows:
        raise DirectoryError("extraction-empty")
    replaced = report.replaced or 0
    if report.rows * 100 < SHRUNK_PERCENT * replaced and not allow_shrink:
        raise DirectoryError("extraction-shrunk", rows=report.rows, replaced=replaced)
    return report

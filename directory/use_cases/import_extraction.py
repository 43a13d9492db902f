"""Import an Annuaire Santé extraction: read it, judge it, and only then let it replace what stands.

All or nothing: whatever goes wrong, down to a kill in the middle, the directory that stood before still
stands. It does not fetch the file, and takes no lock of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

from directory.errors import DirectoryError
from directory.extraction.parse import Skipped, bounded_lines, parse
from directory.extraction.report import Report, Tally, verify_plausible
from directory.extraction.row import Row

BATCH = 5_000

Progress = Callable[[int, int, int], None]
"""Called after each batch with lines read, bytes read, bytes in all."""


class AnnuaireDraft(Protocol):
    """A directory being built, seen by nobody; leaving its context without `publish` throws it away."""

    def add(self, rows: Sequence[Row]) -> None: ...

    def finish(self) -> int:
        """Index what was added and say how many practitioners there are."""
        ...

    def publish(self) -> None:
        """Put it, durably and at once, in the place of what stood there."""
        ...


class AnnuaireShelf(Protocol):
    """Where the directory stands."""

    def standing_rows(self) -> int | None: ...

    def draft(self) -> AbstractContextManager[AnnuaireDraft]: ...


def import_extraction(
    path: Path, shelf: AnnuaireShelf, *, allow_shrink: bool = False, progress: Progress | None = None
) -> Report:
    """Replace the directory on `shelf` by the extraction at `path`, and report what was taken and skipped.

    Raises `DirectoryError` (`extraction-*`, `annuaire-busy`) with nothing changed. `allow_shrink` accepts a
    file with under 80 % of the rows it replaces.
    """
    try:
        stream = path.open("rb")
        total = path.stat().st_size
    except OSError as cause:
        raise DirectoryError("extraction-unreadable", name=path.name) from cause
    with stream, shelf.draft() as draft:
        tally = Tally()
        lines = parse(bounded_lines(stream.readline))
        try:
            for rows in _batches(lines, tally):
                draft.add(rows)
                _tell(progress, tally, stream, total)
        except OSError as cause:
            raise DirectoryError("extraction-unreadable", name=path.name) from cause
        report = tally.report(draft.finish(), shelf.standing_rows())
        verify_plausible(report, allow_shrink=allow_shrink)
        draft.publish()
    return report


def _batches(lines: Iterator[Row | Skipped], tally: Tally) -> Iterator[list[Row]]:
    while batch := list(islice(lines, BATCH)):
        rows: list[Row] = []
        for line in batch:
            if isinstance(line, Row):
                tally.take(line)
                rows.append(line)
            else:
                tally.skip(line)
        yield rows


def _tell(progress: Progress | None, tally: Tally, stream: IO[bytes], total: int) -> None:
    if progress is not None:
        progress(tally.rows + sum(tally.reasons.values()), stream.tell(), total)

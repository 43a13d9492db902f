"""Every way the record bridge refuses, with a stable id. Same shape and rules as `directory.errors`."""

from __future__ import annotations

from directory.errors import Category, Kind, Refusal


class RecordError(Refusal):
    """Root of what the record bridge refuses."""

    CATALOGUE = {
        "record-unknown": Kind(Category.UNKNOWN),
    }

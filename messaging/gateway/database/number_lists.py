"""A list of numbers as one SQL parameter: the statement stays the same however many there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Select, column, func, select


def numbers(values: Sequence[int]) -> Select[Any]:
    """For `column.in_(numbers([...]))`; SQLite's json_each reads it."""
    return select(func.json_each(json.dumps(values)).table_valued(column("value", Integer)).c.value)

"""A list of numbers as one SQL parameter: a statement is made once, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Integer, Select, bindparam, column, func, select


def numbers(name: str) -> Select[Any]:
    """For `column.in_(numbers("some"))`; what `written` gives is the parameter. SQLite's json_each reads it."""
    return select(func.json_each(bindparam(name)).table_valued(column("value", Integer)).c.value)


def written(values: Iterable[int]) -> str:
    return json.dumps(list(values))

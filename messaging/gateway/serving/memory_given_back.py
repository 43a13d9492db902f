"""What a long delivery has freed goes back to the machine: glibc keeps it, for each thread that used it, as long as the
process lives. A gateway runs for months on a machine that has other work.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

EVERY: Final = 60.0  # seconds; it takes a millisecond or two


async def give_back() -> None:
    """malloc_trim(3), where there is one."""
    if sys.platform == "linux" and _TRIM is not None:
        _TRIM(0)


def _found() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or another system
        return None


_TRIM: Final = _found()

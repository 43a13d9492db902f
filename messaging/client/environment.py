"""What an endpoint takes from the world: the clock, entropy, how long to wait. Tests give their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Environment:
    """`now` gives ms UTC, `entropy` that many random octets; waits are in seconds."""

    now: Callable[[], int] = _now
    entropy: Callable[[int], bytes] = os.urandom
    connect_seconds: float = 5.0
    total_seconds: float = 20.0

"""Work on a mail's octets: small ones at once, large ones in a thread, so that nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

AT_ONCE: Final = 64 * 1024  # octets that take less than a millisecond or two

Given = ParamSpec("Given")
Made = TypeVar("Made")


async def aside(octets: int, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
    """What `work` gives; `octets` is how large what it works on is."""
    if octets < AT_ONCE:
        return work(*given, **named)
    return await asyncio.to_thread(work, *given, **named)

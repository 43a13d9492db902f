"""A process beside the bridge that composes documents: on a machine of two cores nearly half of a filing's work.

It is started anew, not forked: it inherits no key and no connection of the bridge. What it is given is one document's
material, in memory; it writes nothing.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def helper() -> Iterator[Executor]:
    made = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_quiet)
    try:
        yield made
    finally:
        made.shutdown(wait=False, cancel_futures=True)


def _quiet() -> None:
    """The bridge ends it; a Ctrl+C for both must not print a traceback here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

"""A process beside the bridge that composes documents: on a machine of two cores nearly half of a filing's work.

It is started anew, not forked: it inherits no key and no connection of the bridge. What it is given is one document's
material, in memory; it writes nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def helper() -> Iterator[Executor]:
    made = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield made
    finally:
        made.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """The bridge ends it: a Ctrl+C for both prints no traceback here, and a bridge that was killed leaves nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)

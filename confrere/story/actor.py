"""One person of the story as a process of their own: plays the command lines it is sent, one JSON document a line.

In: {"argv": [...]} on standard input. Out: {"code", "stdout", "stderr", "seconds"} on standard output. The very command
line that people type, without paying a Python start for each verb.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Mapping

from confrere.commands.frame import play


def act(argv: list[str], environment: Mapping[str, str]) -> dict[str, object]:
    """Play one command line and give what it printed."""
    out, err = io.StringIO(), io.StringIO()
    started = time.monotonic()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = play(argv, environment)
    seconds = time.monotonic() - started
    return {"code": code, "stdout": out.getvalue(), "stderr": err.getvalue(), "seconds": seconds}


def main() -> None:
    for line in sys.stdin:
        played = act(json.loads(line)["argv"], dict(os.environ))
        print(json.dumps(played), flush=True)


if __name__ == "__main__":
    main()

"""`confrere notices bounce --data DIR < MESSAGE`: notes a notice that came back, for the pipe of a mail server.

It says whether anything was noted, and no more. Ends with 75 (sysexits.h, EX_TEMPFAIL) when it could not be noted
now: a mail server keeps the report and tries again. What is no report about a notice of ours is taken and forgotten,
since an answer to it would go nowhere.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from confrere.output import DONE, Output
from confrere.words.catalogue import Words
from directory.errors import Refusal

NAME = "bounce"
TRY_AGAIN = 75


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--data", metavar="DIR", required=True, help=words.say("operator-flag-data-help"))
    parser.add_argument("--to", metavar="ADDRESS", default="", help=words.say("notices-flag-to-help"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    from confrere.database import beside
    from messaging.notices.bounce import LARGEST, read_report
    from messaging.store.notices import SqlNotices

    report = read_report(sys.stdin.buffer.read(LARGEST), arguments.to)
    noted = False
    if report is not None:
        try:
            with beside.writing(Path(arguments.data)) as connection:
                now = time.time_ns() // 1_000_000
                noted = bool(SqlNotices().returned(connection, report.token, report.status, now))
        except Refusal as refused:
            output.problem(refused)
            return TRY_AGAIN
    _drain()
    say = output.words.say
    output.result({"noted": noted}, say("notices-bounce-noted") if noted else say("notices-bounce-nothing"))
    return DONE


def _drain() -> None:
    """Whoever writes into the pipe is not cut off, however much it is."""
    while sys.stdin.buffer.read(1 << 16):
        pass

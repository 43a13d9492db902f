"""`confrere notices bounces --data DIR`: mailboxes whose notices do not arrive, for the operator, with SMTP's status.

It names mailboxes and nothing else: neither the ordinary address that was written to nor what any server said.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from confrere.commands import views
from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "bounces"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--data", metavar="DIR", required=True, help=words.say("operator-flag-data-help"))


def run(arguments: argparse.Namespace, output: Output) -> None:
    from confrere.database import beside
    from directory.store.invitations import StoredRegister
    from messaging.store.notices import SqlNotices

    register, words = StoredRegister(), output.words
    with beside.reading(Path(arguments.data)) as connection:
        found = [
            (register.address_of(mailbox, connection), bounce)
            for mailbox, bounce in SqlNotices().bounces(connection).items()
        ]
    rows = [
        {
            "mailbox": address,
            "status": bounce.status,
            "failures": bounce.failures,
            "time": views.iso(bounce.time),
            "suspended": bounce.suspended,
        }
        for address, bounce in found
    ]
    lines = [
        words.say(
            "notices-bounces-suspended" if bounce.suspended else "notices-bounces-line",
            mailbox=address,
            status=bounce.status,
            count=bounce.failures,
            when=views.local(bounce.time, words),
        )
        for address, bounce in found
    ]
    output.result(rows, "\n".join(lines) or words.say("notices-bounces-none"))

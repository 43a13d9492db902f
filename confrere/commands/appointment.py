"""`confrere appointment THREAD`: propose, book or cancel a slot; logistics, which a secretary does for her mailbox."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from confrere.commands import acting, given
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.client.referrals import Step
from messaging.profile.outbox import Outgoing
from messaging.referral.clinical import AppointmentStatus

NAME = "appointment"
MINUTE = 60_000  # milliseconds
LONGEST = 24 * 60  # minutes


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    say = words.say
    parser.add_argument(
        "--start", metavar="YYYY-MM-DDTHH:MM", type=given.moment, help=say("appointment-flag-start-help")
    )
    parser.add_argument("--minutes", metavar="N", type=int, default=30, help=say("appointment-flag-minutes-help"))
    parser.add_argument("--place", metavar="TEXT", default="", help=say("appointment-flag-place-help"))
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--book", action="store_true", help=say("appointment-flag-book-help"))
    group.add_argument("--cancel", action="store_true", help=say("appointment-flag-cancel-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    if not 1 <= arguments.minutes <= LONGEST or not (arguments.start or arguments.book or arguments.cancel):
        raise given.wrong(output, NAME, "appointment-incomplete")
    status = AppointmentStatus.PROPOSED
    if arguments.book or arguments.cancel:
        status = AppointmentStatus.BOOKED if arguments.book else AppointmentStatus.CANCELLED

    async def act(_endpoint: Endpoint, exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        standing = exchange.case.appointment if exchange.case else None
        if arguments.start is not None:
            start = given.milliseconds(arguments.start)
            end, place = start + arguments.minutes * MINUTE, arguments.place
        elif standing is not None:  # the one that was proposed
            start, end, place = standing.start_ms, standing.end_ms, arguments.place or standing.place
        else:
            raise given.wrong(output, NAME, "appointment-incomplete")
        return await step.appointment(status, start, end, place)

    return await acting.play(arguments, output, act, f"appointment-done-{status.value}")

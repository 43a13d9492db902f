"""`confrere cancel THREAD`: the requester withdraws the request; what was read stays read. Whatever still waits on this
device (for an enrolment, for the service, or refused) is taken back, and nothing of it ever leaves."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from confrere.commands import acting, opening
from confrere.output import DONE, Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.client.referrals import Step
from messaging.profile.outbox import Outgoing
from messaging.referral.clinical import Reason

NAME = "cancel"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    reasons = [reason.value for reason in Reason]
    usual = Reason.NO_LONGER_NEEDED.value
    parser.add_argument("--reason", choices=reasons, default=usual, help=words.say("flag-reason-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async def act(_endpoint: Endpoint, _exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        return await step.cancel(Reason(arguments.reason))

    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        unsent = await endpoint.reading.unsent(arguments.thread)
        if not unsent:
            return await acting.play_in(endpoint, arguments.thread, output, act, "cancel-done", online=online)
        await endpoint.withdraw(unsent)
    thread = unsent[0].thread.hex()
    output.result({"thread": thread, "event": None, "state": "withdrawn"}, output.words.say("cancel-withdrawn"))
    return DONE

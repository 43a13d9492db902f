"""`confrere cancel THREAD`: the requester withdraws the request; what was read stays read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from confrere.commands import acting
from confrere.output import Output
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

    return await acting.play(arguments, output, act, "cancel-done")

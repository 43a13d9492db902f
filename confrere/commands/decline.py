"""`confrere decline THREAD --reason CODE`: the reason is a code that logistics may read; details stay clinical."""

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

NAME = "decline"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    reasons = [reason.value for reason in Reason]
    parser.add_argument("--reason", choices=reasons, required=True, help=words.say("flag-reason-help"))
    parser.add_argument("--text", metavar="TEXT", default="", help=words.say("decline-flag-text-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async def act(_endpoint: Endpoint, _exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        return await step.decline(Reason(arguments.reason), arguments.text)

    return await acting.play(arguments, output, act, "decline-done")

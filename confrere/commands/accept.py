"""`confrere accept THREAD`: the request is accepted; an answer is expected from here."""

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

NAME = "accept"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async def act(_endpoint: Endpoint, _exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        return await step.accept()

    return await acting.play(arguments, output, act, "accept-done")

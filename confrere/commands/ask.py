"""`confrere ask THREAD`: one more thing is needed, or after the answer a new question; the turn goes to the other."""

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

NAME = "ask"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    given.add_text_flags(parser, words, required=True)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    text = given.written(arguments)
    if not text.strip():
        raise given.wrong(output, NAME, "text-missing")

    async def act(_endpoint: Endpoint, _exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        return await step.ask(text)

    return await acting.play(arguments, output, act, "ask-done")

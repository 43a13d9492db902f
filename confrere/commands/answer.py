"""`confrere answer THREAD`: free text suffices, and so does an attached letter; the rest is optional. From the
requester it gives what was asked for; from the specialist it ends the question."""

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

NAME = "answer"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    given.add_text_flags(parser, words, required=False)
    for flag in ("conclusion", "what-to-do", "send-back-if"):
        parser.add_argument(f"--{flag}", metavar="TEXT", default="", help=words.say(f"referral-field-{flag}"))
    parser.add_argument("--by-when", metavar="YYYY-MM-DD", type=given.day, help=words.say("referral-field-by-when"))
    given.add_attach_flag(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    fields = {
        "text": given.written(arguments),
        "conclusion": arguments.conclusion,
        "what_to_do": arguments.what_to_do,
        "by_when": arguments.by_when,
        "send_back_if": arguments.send_back_if,
    }
    files = given.files(arguments.attach)
    if not any(fields.values()) and not files:
        raise given.wrong(output, NAME, "text-missing")

    async def act(_endpoint: Endpoint, _exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        return await step.answer(fields, files)

    return await acting.play(arguments, output, act, "answer-done")

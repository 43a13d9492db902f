"""`confrere add THREAD --to ADDRESS`: one more colleague, from now on or with the history; at once durable."""

from __future__ import annotations

import argparse

from confrere.commands import acting, addressing, opening
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.wire.epoch import Role

NAME = "add"
LOGISTICS, CLINICAL = 0, 1


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    parser.add_argument("--to", metavar="ADDRESS", required=True, help=words.say("add-flag-to-help"))
    parser.add_argument("--with-history", action="store_true", help=words.say("add-flag-history-help"))
    parser.add_argument("--read-only", action="store_true", help=words.say("add-flag-read-only-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            exchange = await endpoint.reading.exchange(arguments.thread)
            colleague = await addressing.enrolled(endpoint, arguments.to)
            role = Role.READ if arguments.read_only else Role.SEND
            # The clinical thread first: logistics alone would name someone who cannot read.
            threads = [kept for kept in map(exchange.thread_of_class, (CLINICAL, LOGISTICS)) if kept is not None]
            for kept in threads:
                await endpoint.dispatch.change_members(
                    kept.thread, add={colleague.mailbox: (role, arguments.with_history)}
                )
        since = "history" if arguments.with_history else "now"
        output.result(
            {
                "thread": exchange.id.hex(),
                "added": colleague.address,
                "name": colleague.name,
                "since": since,
                "read_only": arguments.read_only,
            },
            output.words.say(f"add-done-{since}", name=colleague.name),
        )

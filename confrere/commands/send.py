"""`confrere send`: a message to colleagues, or a reply in an exchange; answers once it is durable, or says it waits.

Recipients are resolved before anything is written: a wrong one is refused with nothing left behind.
"""

from __future__ import annotations

import argparse

from confrere.commands import addressing, given, opening, sending
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client import messages

NAME = "send"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--to", metavar="ADDRESS", action="append", default=[], help=words.say("send-flag-to-help"))
    target.add_argument("--thread", metavar="THREAD", default="", help=words.say("send-flag-thread-help"))
    parser.add_argument("--subject", metavar="TEXT", default="", help=words.say("send-flag-subject-help"))
    given.add_text_flags(parser, words, required=True)
    given.add_attach_flag(parser, words)
    parser.add_argument("--mailbox", metavar="ADDRESS", default="", help=words.say("send-flag-mailbox-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    text, files = given.written(arguments), given.files(arguments.attach)
    if arguments.to and not arguments.subject.strip():
        raise given.wrong(output, NAME, "send-subject-missing")
    async with opening.opened(arguments, output) as endpoint:
        if arguments.thread:
            online = await opening.fresh(endpoint, output)
            exchange = await endpoint.reading.exchange(arguments.thread)
            reply = await messages.reply(endpoint, exchange, text, files)
            return await sending.leave(endpoint, [reply], output, online=online, done="send-replied")
        online = await opening.reach(endpoint)
        opening.mailbox_needed(endpoint)
        to = await addressing.address(endpoint, arguments.to, online=online)
        mailbox = addressing.held_mailbox(endpoint, arguments.mailbox).mailbox if arguments.mailbox else None
        message = await messages.compose(
            endpoint, to.to, arguments.subject, text, files, mailbox, waiting_for=to.waiting_for
        )
        if online and to.waiting_for:
            await sending.invite(endpoint, to.waiting_for)
        return await sending.leave(endpoint, [message], output, online=online, done="send-done", to=to)

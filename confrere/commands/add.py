"""`confrere add THREAD --to ADDRESS`: one more colleague, from now on or with the history; at once durable.

`add THREAD --share LIST` shows the colleague of an open referral lines of the patient's record instead; with --to, that
member of it."""

from __future__ import annotations

import argparse

from confrere.commands import acting, addressing, given, in_consent, opening, showing
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.referral.states import OPEN, Side, Status
from messaging.wire.epoch import Role
from record_bridge.errors import RecordError

NAME = "add"
LOGISTICS, CLINICAL = 0, 1


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    parser.add_argument("--to", metavar="ADDRESS", default="", help=words.say("add-flag-to-help"))
    parser.add_argument("--with-history", action="store_true", help=words.say("add-flag-history-help"))
    parser.add_argument("--read-only", action="store_true", help=words.say("add-flag-read-only-help"))
    showing.add_flags(parser, words, "add-flag-share-help")


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if arguments.share:
        await _share(arguments, output)
        return
    if not arguments.to:
        raise given.wrong(output, NAME, "add-whom")
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


async def _share(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            exchange = await endpoint.reading.exchange(arguments.thread)
            patient, case = in_consent.patient_of(exchange), exchange.case
            if patient is None or case is None or not (case.status in OPEN or case.status is Status.COMPLETED):
                raise RecordError("share-needs-a-case")
            if case.status is Status.COMPLETED and case.noted:
                raise RecordError("share-needs-a-case")
            chosen = await showing.choose(endpoint, patient, arguments.share, arguments.share_days)
            to, names = await _members(endpoint, exchange, arguments.to)
            shared, said = await showing.show(endpoint, chosen, exchange.id, case.case, to, names, output)
    output.result({"thread": exchange.id.hex(), "case": case.case.hex(), "shared": shared}, said)


async def _members(endpoint: Endpoint, exchange: Exchange, typed: str) -> tuple[list[bytes], str]:
    """Who was asked, or the member of the exchange that is typed: a record is shown to nobody from outside of it.

    Raises RecordError("share-to-a-member").
    """
    there = {member.account for member in exchange.members}
    if typed:
        colleague = await addressing.enrolled(endpoint, typed)
        if colleague.mailbox not in there:
            raise RecordError("share-to-a-member")
        return [colleague.mailbox], colleague.name
    asked = [mailbox for mailbox, side in exchange.sides.items() if side is Side.PERFORMER and mailbox in there]
    names = [(await endpoint.accounts.professional(mailbox)).name for mailbox in asked]
    return asked, ", ".join(names)

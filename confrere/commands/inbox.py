"""`confrere inbox`: every exchange, the latest first, and what waits here; brings in and sends what it can."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from confrere.commands import opening, printed, returned, sending, views
from confrere.commands.reminding import remind
from confrere.output import DONE, UNREACHABLE, Output
from confrere.words.catalogue import Words
from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import EventType

NAME = "inbox"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        exchanges = await endpoint.reading.exchanges()
        now = endpoint.environment.now()
        waiting = [one for one in await endpoint.reading.waiting() if one.type != EventType.ACK]
        rows = [row(exchange, waiting, output.words, now) for exchange in exchanges]
        begun = {kept.thread for exchange in exchanges for kept in exchange.threads}
        rows = await _unsent(endpoint, [one for one in waiting if one.thread not in begun], output.words, online) + rows
        output.result(rows, printed.inbox(rows, output.words))
        failures = await endpoint.reading.failures()
        if failures:
            output.note(output.words.say("inbox-failures", count=failures))
        if online:
            await returned.tell(endpoint, output)
        await remind(endpoint, exchanges, output)
        return DONE if online else UNREACHABLE


def row(exchange: Exchange, waiting: Sequence[Outgoing], words: Words, now: int) -> dict[str, object]:
    threads = {kept.thread for kept in exchange.threads}
    held = [one for one in waiting if one.thread in threads]
    error = next((one.failure for one in held if one.failure), None)
    return views.inbox_row(exchange, words, now) | {"waiting": len(held), "error": error}


async def _unsent(
    endpoint: Endpoint, waiting: Sequence[Outgoing], words: Words, online: bool
) -> list[dict[str, object]]:
    """One line for each thread that only the outbox has; the clinical part of a referral speaks for its logistics."""
    rows, seen = [], set()
    for one in waiting:
        if one.thread in seen or one.type == EventType.STATE_CHANGE:
            continue
        seen.add(one.thread)
        names, phone, enrolled = await _whom(endpoint, one, online)
        state = "refused" if one.failure else sending.WAITING
        if not one.failure and not enrolled:
            state = sending.WAITING_ENROLMENT
        rows.append(views.waiting_row(one, words, endpoint.identity.name, state, names, phone))
    return rows


async def _whom(endpoint: Endpoint, waiting: Outgoing, online: bool) -> tuple[str, str, bool]:
    """Names of the recipients, the telephone of the one who is not enrolled, and whether all are, as far as the
    directory is there."""
    typed = [*waiting.to, *filter(None, [waiting.waiting_for])]
    if not online:
        return ", ".join(typed), "", not waiting.waiting_for
    names, phones, enrolled = [], [], True
    for one in typed:
        try:
            colleague = await endpoint.addresses.resolve(one)
        except Refusal:
            names.append(one)
            continue
        names.append(colleague.name)
        if not colleague.enrolled:
            enrolled = False
            phones.append(colleague.phone)
    return ", ".join(names), next(iter(filter(None, phones)), ""), enrolled

"""Lines of a patient's record for the colleague of a referral: chosen before anything leaves, shown once it has left.

What is chosen is said in kinds ("synthesis, treatments, results") or by references. Nothing that the patient masked is
ever chosen by its kind, and whoever names such a line is refused.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

from confrere.commands import in_consent, views
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.referral.patient import Patient
from messaging.wire.access import Purpose
from record_bridge.client import index, sharing
from record_bridge.client.feed import RecordFeed
from record_bridge.client.holding import HeldRecord
from record_bridge.errors import RecordError
from record_bridge.record.classes import SHAREABLE
from record_bridge.record.items import Item
from record_bridge.record.kinds import Kind, parse_kind

DAY = 24 * 3600 * 1000  # ms
MOST_DAYS = 365
_OF_A_KIND = 10  # the newest: whoever wants more names them
_REFERENCE = re.compile("[0-9a-f]{4,32}")
# As doctors ask for them, beside the kinds' own names.
_ASKED = {"results": Kind.LABORATORY, "resultats": Kind.LABORATORY, "résultats": Kind.LABORATORY}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Items of a record that will be shown; `left_out` counts what answers to the kinds and is not to be shown."""

    held: HeldRecord
    items: tuple[Item, ...]
    left_out: int
    days: int


def add_flags(parser: argparse.ArgumentParser, words: Words, sentence: str) -> None:
    parser.add_argument("--share", metavar="LIST", default="", help=words.say(sentence))
    parser.add_argument(
        "--share-days",
        metavar="N",
        type=_days,
        default=sharing.DEFAULT_DAYS,
        help=words.say("refer-flag-share-days-help"),
    )


def _days(typed: str) -> int:
    found = int(typed)
    if not 0 < found <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{typed!r} (1 … {MOST_DAYS})")
    return found


async def choose(endpoint: Endpoint, patient: Patient, typed: str, days: int) -> Chosen:
    """Judged before the request leaves, so that nobody asks about lines that cannot be shown.

    Raises RecordError: consent-record-missing, record-kind-unknown, item-ambiguous, share-class-refused, share-nothing.
    """
    held = await in_consent.record_of_patient(endpoint, patient)
    feed = RecordFeed(endpoint, held.record, Purpose.OWN if held.own else Purpose.CARE)
    await feed.refresh()
    kinds, named = [], []
    for word in filter(None, (part.strip().lower() for part in typed.split(","))):
        item = await _item(endpoint, held.record, word)
        if item is None:
            kinds.append(_ASKED.get(word) or parse_kind(word))
        elif item.class_ not in SHAREABLE:
            raise RecordError("share-class-refused")
        else:
            named.append(item)
    of_kinds, left_out = await _newest(endpoint, held.record, feed, kinds)
    items = tuple({item.thread: item for item in (*named, *of_kinds)}.values())
    if not items:
        raise RecordError("share-nothing")
    return Chosen(held, items, left_out, days)


async def _item(endpoint: Endpoint, record: bytes, word: str) -> Item | None:
    if not _REFERENCE.fullmatch(word):
        return None
    try:
        return await index.item(endpoint, record, word)
    except RecordError as refused:
        if refused.id != "item-unknown":
            raise
        return None


async def _newest(
    endpoint: Endpoint, record: bytes, feed: RecordFeed, kinds: Sequence[Kind]
) -> tuple[list[Item], int]:
    """The newest of each kind that still hold, from older pages where the newest page has none."""
    while True:
        there = [item for item in await index.items(endpoint, record) if item.kind in kinds and not item.replaced_by]
        if {item.kind for item in there} >= set(kinds) or not await feed.older():
            break
    there.sort(key=lambda item: item.date_ms, reverse=True)
    fit = [item for item in there if item.class_ in SHAREABLE]
    chosen: list[Item] = []
    for kind in dict.fromkeys(kinds):
        chosen += [item for item in fit if item.kind is kind][: 1 if kind is Kind.SYNTHESIS else _OF_A_KIND]
    return chosen, len(there) - len(fit)


async def show(
    endpoint: Endpoint, chosen: Chosen, exchange: bytes, case: bytes, to: Sequence[bytes], names: str, output: Output
) -> tuple[dict[str, object], str]:
    """Give the access, and say it: as a document, and in words. Raises as `sharing.show`."""
    say = output.words.say
    until = endpoint.environment.now() // 1000 * 1000 + chosen.days * DAY
    made = await sharing.show(endpoint, chosen.held.record, exchange, case, to, chosen.items, until)
    time = views.local(until, output.words)
    lines = [say("share-done", names=names, time=time, count=len(made.items))]
    if chosen.left_out:
        lines.append(say("share-left-out", count=chosen.left_out))
    document: dict[str, object] = {
        "items": [
            {"item": one.thread.hex(), "kind": one.kind.value, "title": one.title, "class": one.class_.slug}
            for one in made.items
        ],
        "until": views.iso(until),
        "left_out": chosen.left_out,
    }
    return document, "\n".join(lines)


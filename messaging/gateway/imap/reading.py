"""FETCH and SEARCH (RFC 3501 sections 6.4.4 and 6.4.5; RFC 4731 ESEARCH, RFC 7162). Ten thousand messages are answered
one after the other, as fast as the client takes them; other clients have their turn in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date

from messaging.gateway.imap import fetch, search, sequence
from messaging.gateway.imap.fetch import Attribute, Fetch, Opened, Shown
from messaging.gateway.imap.flags import SEEN
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.search import Evidence, Verdict
from messaging.gateway.imap.session import Call, No, Session
from messaging.gateway.mail.described import Trait
from messaging.gateway.ports import FlagChange

_TURN = 500  # messages that are looked at before others have their turn
_LONGEST = 0.01  # seconds that a search goes on before that
_RUN = 1_024  # messages that a search looks at in one go,
_LOOKS = 20_000  # fewer where it has many keys: others wait no longer than for so many looks
_MOST_KEPT = 8 * 1024 * 1024  # octets of a message that is kept for the client that takes it in pieces
_CHARSETS = ("US-ASCII", "UTF-8")
_RETURNING = frozenset({"MIN", "MAX", "ALL", "COUNT"})


async def fetch_messages(call: Call) -> bytes:
    session, scanner = call.session, call.scanner
    numbers = sequence.read(scanner)
    scanner.space()
    asked = fetch.read(scanner, call.uid)
    if asked.vanished and not (call.uid and session.qresync):
        raise Malformed("VANISHED goes with UID FETCH, after ENABLE QRESYNC")
    session.condstore = session.condstore or "MODSEQ" in asked.names
    places = call.places(numbers)
    selected = session.folder
    if asked.since is not None:
        if asked.vanished:
            _tell_vanished(session, numbers, asked.since)
        places = [place for place in places if selected.mails[place].modseq > asked.since]
    seen = await _see(session, asked, places)
    if asked.octets:
        told = await _tell_opened(session, asked, places, seen)
    elif asked.traits:
        told = await _tell_described(session, asked, places, seen)
    else:
        await _tell_known(session, asked, places)
        return b"OK fetched"
    if told < len(places) and not call.uid:
        return b"NO [EXPUNGEISSUED] some of these are gone"
    return b"OK fetched"


def _tell_vanished(session: Session, numbers: sequence.SequenceSet, since: int) -> None:
    selected = session.folder
    known = numbers.within(max(session.store.folder(selected.name).uid_next - 1, 1))
    gone = session.store.vanished(selected.name, since)
    named = [uid for uid in sorted(gone) if any(low <= uid <= high for low, high in known)]
    if named:
        session.wire.add(b"* VANISHED (EARLIER) %b\r\n" % sequence.written(named))


async def _see(session: Session, asked: Fetch, places: Sequence[int]) -> frozenset[int]:
    """Set \\Seen where fetching does; gives the UIDs that had it not."""
    selected = session.folder
    if not asked.sees or selected.read_only:
        return frozenset()
    unseen = [mail.uid for mail in (selected.mails[place] for place in places) if SEEN not in mail.flags]
    if not unseen:
        return frozenset()
    await session.store.store(selected.name, unseen, FlagChange.ADD, {SEEN})
    seen = frozenset(unseen)
    session.tell(expunge=False, but=seen)
    return seen


async def _tell_known(session: Session, asked: Fetch, places: Sequence[int]) -> None:
    """What needs no reading."""
    wire, mails = session.wire, session.folder.mails
    writes = [attribute.write for attribute in asked.attributes]
    untold: Mapping[Trait, bytes] = {}
    for count, place in enumerate(places):
        shown = Shown(mails[place], untold)
        wire.add(b"* %d FETCH (%b)\r\n" % (place + 1, b" ".join([write(shown) for write in writes])))
        if not count % _TURN:
            await _take_turns(session)


async def _take_turns(session: Session) -> None:
    if session.wire.full:
        await session.wire.flush()
    await asyncio.sleep(0)


async def _tell_described(session: Session, asked: Fetch, places: Sequence[int], seen: frozenset[int]) -> int:
    """What is in descriptions; gives of how many messages. Where \\Seen was set just now the flags are told too."""
    told = 0
    wire, selected = session.wire, session.folder
    place_of = {selected.mails[place].uid: place for place in places}
    plain = [attribute.write for attribute in asked.attributes]
    with_flags = [attribute.write for attribute in _with_flags(session, asked).attributes]
    traits = asked.traits
    async for uid, described in session.store.described(selected.name, list(place_of), traits):
        place = place_of[uid]
        shown = Shown(selected.mails[place], dict(zip(traits, described, strict=True)))
        written = [write(shown) for write in (with_flags if uid in seen else plain)]
        wire.add(b"* %d FETCH (%b)\r\n" % (place + 1, b" ".join(written)))
        if not told % _TURN or wire.full:
            await _take_turns(session)
        told += 1
    return told


async def _tell_opened(session: Session, asked: Fetch, places: Sequence[int], seen: frozenset[int]) -> int:
    """The same of what takes the octets of messages."""
    told = 0
    mails = session.folder.mails
    place_of = {mails[place].uid: place for place in places}
    with_flags = _with_flags(session, asked)
    async with aclosing(_shown(session, asked, place_of)) as all_shown:
        async for shown in all_shown:
            uid = shown.mail.uid
            await _write_long(session, place_of[uid] + 1, (with_flags if uid in seen else asked).attributes, shown)
            if not told % _TURN or session.wire.full:
                await _take_turns(session)
            told += 1
    return told


def _with_flags(session: Session, asked: Fetch) -> Fetch:
    return asked.also("FLAGS").also("MODSEQ") if session.condstore else asked.also("FLAGS")


async def _write_long(session: Session, number: int, attributes: Sequence[Attribute], shown: Shown) -> None:
    """An answer with a message's octets in it, one after the other: nothing is put together in memory."""
    wire = session.wire
    wire.add(b"* %d FETCH (" % number)
    for count, attribute in enumerate(attributes):
        wire.add(b" " + attribute.write(shown) if count else attribute.write(shown))
        if attribute.octets is None:
            continue
        octets = attribute.octets(shown)
        if octets is None:
            wire.add(b" NIL")
        else:
            wire.add(b" {%d}\r\n" % len(octets))
            await wire.send_octets(octets)
    wire.add(b")\r\n")


async def _shown(session: Session, asked: Fetch, place_of: Mapping[int, int]) -> AsyncGenerator[Shown, None]:
    """The messages of these UIDs opened, in order; without those that have gone."""
    selected, traits = session.folder, asked.traits
    if not traits:
        for uid, place in place_of.items():
            opened = await _opened(session, uid, asked.of_parts)
            if opened is not None:
                yield Shown(selected.mails[place], {}, opened)
        return
    async for uid, described in session.store.described(selected.name, list(place_of), traits):
        opened = await _opened(session, uid, asked.of_parts)
        if opened is not None:
            yield Shown(selected.mails[place_of[uid]], dict(zip(traits, described, strict=True)), opened)


async def _opened(session: Session, uid: int, keep: bool) -> Opened | None:
    """A message's octets; the last one is kept for clients that ask for one piece after the other."""
    selected = session.folder
    if selected.opened is not None and selected.opened[0] == uid:
        return selected.opened[1]
    selected.opened = None
    octets = await session.store.octets(selected.name, uid)
    if octets is None:
        return None
    opened = Opened(octets)
    if keep and len(octets) <= _MOST_KEPT:
        selected.opened = (uid, opened)
    return opened


async def search_messages(call: Call) -> bytes:
    session, scanner = call.session, call.scanner
    returning = _returning(scanner)
    if scanner.skip(b"CHARSET "):
        charset = scanner.astring().decode("ascii", "replace").upper()
        if charset not in _CHARSETS:
            raise No("[BADCHARSET (US-ASCII UTF-8)] strings are in UTF-8")
        scanner.space()
    asked = search.read(scanner)
    mails = session.folder.mails
    asked.number(mails)
    session.condstore = session.condstore or asked.modseq
    places = await _found(session, asked)
    numbers = [mails[place].uid if call.uid else place + 1 for place in places]
    highest = max((mails[place].modseq for place in places), default=0) if asked.modseq else 0
    if returning is None:
        session.wire.add(_plain_answer(numbers, highest))
    else:
        session.wire.add(_extended_answer(call, returning, numbers, highest))
    return b"OK searched"


def _returning(scanner: Scanner) -> frozenset[str] | None:
    if not scanner.skip(b"RETURN "):
        return None
    options = frozenset(scanner.listed(scanner.word))
    if not options <= _RETURNING:
        raise Malformed("there is no such result")
    scanner.space()
    return options or frozenset({"ALL"})


def _plain_answer(numbers: Sequence[int], highest: int) -> bytes:
    said = "".join([f" {number}" for number in numbers]).encode()
    return b"* SEARCH%b%b\r\n" % (said, b" (MODSEQ %d)" % highest if highest else b"")


def _extended_answer(call: Call, returning: frozenset[str], numbers: Sequence[int], highest: int) -> bytes:
    """RFC 4731: without MIN, MAX and ALL where nothing was found."""
    said = b"* ESEARCH (TAG %b)%b" % (b'"%b"' % call.tag, b" UID" if call.uid else b"")
    if numbers:
        if "MIN" in returning:
            said += b" MIN %d" % numbers[0]
        if "MAX" in returning:
            said += b" MAX %d" % numbers[-1]
        if "ALL" in returning:
            said += b" ALL " + sequence.written(numbers)
    if "COUNT" in returning:
        said += b" COUNT %d" % len(numbers)
    return said + (b" MODSEQ %d" % highest if highest else b"") + b"\r\n"


async def _found(session: Session, asked: search.Search) -> list[int]:
    """The places of the messages that are meant, some messages at a time."""
    found: list[int] = []
    mails, patience = session.folder.mails, _Patience()
    run = max(1, min(_RUN, _LOOKS // asked.keys))
    for start in range(0, len(mails), run):
        evidence = Evidence(mails, range(start, min(start + run, len(mails))))
        await _read_what_is_open(session, asked, evidence, patience)
        found += asked.key(evidence).yes
        await patience.take_turns()
    return sorted(found)


async def _read_what_is_open(
    session: Session, asked: search.Search, evidence: Evidence, patience: _Patience
) -> None:  # fmt: skip
    """What flags, sizes and arrival leave open is looked for in headers, and what these leave open in texts. Of a
    message that has gone meanwhile nothing is known."""
    selected, store = session.folder, session.store
    left = evidence.open(asked.key)
    place_of = {selected.mails[place].uid: place for place in sorted(left)}
    if left and asked.headers:
        sifted = await store.sift(selected.name, list(place_of), asked.headers)
        known = left.difference([place_of[uid] for uid in sifted.gone])
        evidence.headers = {one: _verdict(place_of, uids, known) for one, uids in sifted.found.items()}
        left = evidence.open(asked.key)
    if left and asked.dates:
        sent: dict[int, date | None] = {}
        some = [uid for uid in place_of if place_of[uid] in left]
        async for uid, (header,) in store.described(selected.name, some, [Trait.HEADER]):
            sent[place_of[uid]] = search.day_sent(header)
            await patience.take_turns()
        evidence.sent = sent
        left = evidence.open(asked.key)
    if left and asked.texts:
        having: dict[str, set[int]] = {words: set() for words in asked.texts}
        heard: list[int] = []
        async for uid, text in store.texts(selected.name, [uid for uid in place_of if place_of[uid] in left]):
            heard.append(place_of[uid])
            for words, uids in having.items():
                if words in text:
                    uids.add(uid)
            await patience.take_turns()
        known = frozenset(heard)
        evidence.texts = {words: _verdict(place_of, uids, known) for words, uids in having.items()}


def _verdict(place_of: Mapping[int, int], having: Iterable[int], known: frozenset[int]) -> Verdict:
    """The UIDs that have it, of the places of which it is known."""
    yes = frozenset(map(place_of.__getitem__, having))
    return Verdict(yes, known - yes)


class _Patience:
    """A message costs a search microseconds, or much longer: turns are taken by the clock."""

    def __init__(self) -> None:
        self._time = asyncio.get_running_loop().time
        self._until = self._time() + _LONGEST

    async def take_turns(self) -> None:
        if self._time() > self._until:
            await asyncio.sleep(0)
            self._until = self._time() + _LONGEST

"""APPEND, STORE, COPY, MOVE, EXPUNGE and CHECK (RFC 3501 sections 6.3.11 and 6.4; RFC 4315 UIDPLUS, RFC 6851 MOVE,
RFC 7162 for UNCHANGEDSINCE). What is answered OK is durable: the store has said so."""

from __future__ import annotations

import time

from messaging.errors import MessagingError
from messaging.gateway.imap import flags, sequence
from messaging.gateway.imap.flags import DELETED
from messaging.gateway.imap.grammar import Scanner
from messaging.gateway.imap.mailbox_names import decoded
from messaging.gateway.imap.refusals import try_create
from messaging.gateway.imap.selected import Selected
from messaging.gateway.imap.session import Call, No, Session
from messaging.gateway.ports import FlagChange, Placed

_CHANGES = {"+FLAGS": FlagChange.ADD, "-FLAGS": FlagChange.REMOVE, "FLAGS": FlagChange.REPLACE}


async def append(call: Call) -> bytes:
    scanner = call.scanner
    name = decoded(scanner.astring())
    scanner.space()
    given: frozenset[str] = frozenset()
    internal = int(time.time() * 1000)
    if scanner.next_is(b"("):
        given = flags.read_list(scanner)
        scanner.space()
    if scanner.next_is(b'"'):
        internal = scanner.date_time()
        scanner.space()
    octets = scanner.literal()
    scanner.end()
    if not octets:
        raise No("an empty message is none")
    try:
        placed = await call.session.store.append(name, octets, given, internal)
    except MessagingError as refused:
        return try_create(refused)
    return b"OK [APPENDUID %d %b] stored" % (placed.uid_validity, sequence.written(placed.targets))


async def check(call: Call) -> bytes:
    call.scanner.end()
    return b"OK durable as ever"


async def store(call: Call) -> bytes:
    session, scanner = call.session, call.scanner
    numbers = sequence.read(scanner)
    scanner.space()
    unchanged_since = _unchanged_since(scanner)
    name = scanner.take(flags.STORE_ITEM, "what to store")[0].decode("ascii").upper()
    silent = name.endswith(".SILENT")
    change = _CHANGES[name.removesuffix(".SILENT")]
    scanner.space()
    given = flags.read_open(scanner)
    scanner.end()
    selected = session.writable
    session.condstore = session.condstore or unchanged_since is not None
    uids = [selected.mails[place].uid for place in call.places(numbers)]
    expected = _expected(session, uids, change, given) if silent else {}
    stored = await session.store.store(selected.name, uids, change, given, unchanged_since)
    asked = frozenset(uids)
    session.tell(expunge=False, but=asked)
    changed = frozenset(stored.changed)
    for uid in uids:
        place = selected.place(uid)
        if place is None:
            continue
        as_expected = uid in expected and flags.folded(selected.mails[place].flags) == expected[uid]
        if (uid in changed and not silent) or (silent and not as_expected):
            session.tell_flags(place)
        elif uid in changed and session.condstore:
            session.tell_flags(place, with_flags=False)
    if stored.modified:
        return b"OK [MODIFIED %b] others were first" % _named(call, stored.modified)
    if len(stored.changed) < len(uids) and not call.uid:
        return _gone(session, uids) or b"OK stored"
    return b"OK stored"


def _unchanged_since(scanner: Scanner) -> int | None:
    if not scanner.skip(b"("):
        return None
    scanner.expect(b"UNCHANGEDSINCE ")
    found = scanner.number()
    scanner.expect(b") ")
    return found


def _expected(
    session: Session, uids: list[int], change: FlagChange, given: frozenset[str]
) -> dict[int, frozenset[str]]:
    """What a client that asked for silence takes the flags to be afterwards."""
    wanted = flags.folded(given)
    selected = session.folder
    places = {mail.uid: mail for mail in selected.mails}
    found = {}
    for uid in uids:
        before = flags.folded(places[uid].flags)
        match change:
            case FlagChange.ADD:
                found[uid] = before | wanted
            case FlagChange.REMOVE:
                found[uid] = before - wanted
            case FlagChange.REPLACE:
                found[uid] = wanted
    return found


def _named(call: Call, uids: tuple[int, ...]) -> bytes:
    if call.uid:
        return sequence.written(sorted(uids))
    places = (call.session.folder.place(uid) for uid in sorted(uids))
    return sequence.written(place + 1 for place in places if place is not None)


def _gone(session: Session, uids: list[int]) -> bytes | None:
    """RFC 5530: the client works with numbers of messages that somebody removed meanwhile."""
    folder = session.store.folder(session.folder.name)
    if any(folder.find(uid) is None for uid in uids):
        return b"NO [EXPUNGEISSUED] some of these are gone"
    return None


async def copy(call: Call) -> bytes:
    session = call.session
    name, uids, target = _to_another(call, session.folder)
    try:
        placed = await session.store.copy(name, uids, target)
    except MessagingError as refused:
        return try_create(refused)
    return b"OK %bcopied" % _copied(placed)


async def move(call: Call) -> bytes:
    """RFC 6851: COPYUID comes before the messages go."""
    session = call.session
    name, uids, target = _to_another(call, session.writable)
    try:
        placed = await session.store.move(name, uids, target)
    except MessagingError as refused:
        return try_create(refused)
    if placed.targets:
        session.wire.add(b"* OK %bmoved\r\n" % _copied(placed))
    return _with_modseq(session, b"moved")


def _to_another(call: Call, selected: Selected) -> tuple[str, list[int], str]:
    scanner = call.scanner
    numbers = sequence.read(scanner)
    scanner.space()
    target = decoded(scanner.astring())
    scanner.end()
    return selected.name, [selected.mails[place].uid for place in call.places(numbers)], target


def _copied(placed: Placed) -> bytes:
    if not placed.targets:
        return b""
    sources, targets = (sequence.written(numbers) for numbers in (placed.sources, placed.targets))
    return b"[COPYUID %d %b %b] " % (placed.uid_validity, sources, targets)


async def expunge(call: Call) -> bytes:
    """EXPUNGE, and UID EXPUNGE of RFC 4315."""
    session, scanner = call.session, call.scanner
    selected = session.writable
    mails = session.store.folder(selected.name).mails
    if call.uid:
        numbers = sequence.read(scanner)
        mails = [mails[place] for place in numbers.of_uids(mails)]
    scanner.end()
    await session.store.expunge(selected.name, [mail.uid for mail in mails if DELETED in mail.flags])
    return _with_modseq(session, b"expunged")


def _with_modseq(session: Session, words: bytes) -> bytes:
    """RFC 7162 section 3.2.5: the client that resynchronises learns up to where it has heard."""
    if not session.qresync:
        return b"OK " + words
    return b"OK [HIGHESTMODSEQ %d] %b" % (session.store.folder(session.folder.name).highest_modseq, words)

"""SELECT, EXAMINE, CLOSE, UNSELECT, and the verbs that make and change folders (RFC 3501 sections 6.3 and 6.4, RFC
3691, RFC 7162 section 3.2.5 for QRESYNC)."""

from __future__ import annotations

from dataclasses import dataclass

from messaging.gateway.imap import flags, sequence
from messaging.gateway.imap.flags import DELETED, SEEN
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.mailbox_names import SEPARATOR, decoded
from messaging.gateway.imap.selected import Selected
from messaging.gateway.imap.sequence import SequenceSet
from messaging.gateway.imap.session import Call, Session
from messaging.gateway.ports import Folder


@dataclass(frozen=True, slots=True)
class Resync:
    """What a client still has of a folder: its UIDVALIDITY, the highest mod-sequence, and which UIDs."""

    uid_validity: int
    modseq: int
    known: SequenceSet | None


async def select(call: Call) -> bytes:
    return await _open(call, read_only=False)


async def examine(call: Call) -> bytes:
    return await _open(call, read_only=True)


async def _open(call: Call, read_only: bool) -> bytes:
    session, scanner = call.session, call.scanner
    name = decoded(scanner.astring())
    resync = _parameters(session, scanner)
    scanner.end()
    before, session.selected = session.selected, None
    if before is not None:
        session.wire.add(b"* OK [CLOSED] the folder before\r\n")
    folder = session.store.folder(name)
    selected = session.selected = Selected.of(folder, read_only)
    _tell_all(session, selected, folder)
    if resync is not None and resync.uid_validity == folder.uid_validity:
        _tell_since(session, selected, resync)
    return b"OK [READ-ONLY] open" if read_only else b"OK [READ-WRITE] open"


def _tell_all(session: Session, selected: Selected, folder: Folder) -> None:
    mails = selected.mails
    named = flags.written(selected.flags)
    permanent = b"()" if selected.read_only else named[:-1] + b" \\*)"
    unseen = next((place for place, mail in enumerate(mails, 1) if SEEN not in mail.flags), 0)
    add = session.wire.add
    add(b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] kept\r\n" % (named, permanent))
    add(b"* %d EXISTS\r\n* 0 RECENT\r\n" % len(mails))
    if unseen:
        add(b"* OK [UNSEEN %d] the first\r\n" % unseen)
    add(b"* OK [UIDVALIDITY %d] for ever\r\n" % folder.uid_validity)
    add(b"* OK [UIDNEXT %d] will be next\r\n" % folder.uid_next)
    add(b"* OK [HIGHESTMODSEQ %d] the last change\r\n" % folder.highest_modseq)


def _tell_since(session: Session, selected: Selected, resync: Resync) -> None:
    """RFC 7162 section 3.2.5.2: what the client missed, in the answer to SELECT."""
    vanished = session.store.vanished(selected.name, resync.modseq)
    if resync.known is not None:
        known = resync.known.within(sequence.LARGEST)
        vanished = tuple(uid for uid in vanished if any(low <= uid <= high for low, high in known))
    if vanished:
        session.wire.add(b"* VANISHED (EARLIER) %b\r\n" % sequence.written(sorted(vanished)))
    places = resync.known.of_uids(selected.mails) if resync.known else range(len(selected.mails))
    for place in places:
        if selected.mails[place].modseq > resync.modseq:
            session.tell_flags(place)


def _parameters(session: Session, scanner: Scanner) -> Resync | None:
    """`(CONDSTORE)`, `(QRESYNC (67890007 90060115194045000 41:211,214:541))`."""
    found: list[Resync] = []

    def parameter() -> None:
        name = scanner.word()
        if name == "QRESYNC":
            if not session.qresync:
                raise Malformed("ENABLE QRESYNC first")
            scanner.space()
            found.append(_resync(scanner))
        elif name != "CONDSTORE":
            raise Malformed("there is no such parameter")
        session.condstore = True

    if scanner.skip(b" "):
        scanner.listed(parameter)
    return found[0] if found else None


def _resync(scanner: Scanner) -> Resync:
    scanner.expect(b"(")
    uid_validity = scanner.number()
    scanner.space()
    modseq = scanner.number()
    known = None
    if scanner.skip(b" ") and not scanner.next_is(b"("):
        known = sequence.read(scanner)
        scanner.skip(b" ")
    if scanner.skip(b"("):  # numbers and their UIDs, to say less of what vanished: we say it all
        sequence.read(scanner)
        scanner.space()
        sequence.read(scanner)
        scanner.expect(b")")
    scanner.expect(b")")
    return Resync(uid_validity, modseq, known)


async def close(call: Call) -> bytes:
    call.scanner.end()
    session, selected = call.session, call.session.folder
    if not selected.read_only:
        mails = session.store.folder(selected.name).mails
        await session.store.expunge(selected.name, [mail.uid for mail in mails if DELETED in mail.flags])
    session.selected = None
    return b"OK closed"


async def unselect(call: Call) -> bytes:
    call.scanner.end()
    call.session.selected = None
    return b"OK closed"


async def create(call: Call) -> bytes:
    wire = call.scanner.astring()
    call.scanner.end()
    name = decoded(wire.removesuffix(SEPARATOR.encode()))  # RFC 3501 section 6.3.3: there will be folders below it
    await call.session.store.create(name)
    return b"OK created"


async def delete(call: Call) -> bytes:
    name = decoded(call.scanner.astring())
    call.scanner.end()
    await call.session.store.delete(name)
    selected = call.session.selected
    if selected is not None and selected.name == name:
        call.session.selected = None
    return b"OK deleted"


async def rename(call: Call) -> bytes:
    name = decoded(call.scanner.astring())
    call.scanner.space()
    new = decoded(call.scanner.astring())
    call.scanner.end()
    await call.session.store.rename(name, new)
    selected = call.session.selected
    if selected is not None and (selected.name == name or selected.name.startswith(name + SEPARATOR)):
        selected.name = new + selected.name[len(name) :]
    return b"OK renamed"


async def subscribe(call: Call) -> bytes:
    name = _name(call)
    await call.session.store.subscribe(name, True)
    return b"OK noted"


async def unsubscribe(call: Call) -> bytes:
    """Also from a folder that is no more: mail programs delete it first."""
    name = _name(call)
    if name in call.session.store.folders():
        await call.session.store.subscribe(name, False)
    return b"OK noted"


def _name(call: Call) -> str:
    name = decoded(call.scanner.astring())
    call.scanner.end()
    return name

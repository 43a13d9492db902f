"""LIST, LSUB, STATUS, NAMESPACE (RFC 3501 sections 6.3.8 to 6.3.10; RFC 5258 LIST-EXTENDED, RFC 5819, RFC 6154, RFC
2342). Changes no folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from messaging.gateway.imap.flags import DELETED, SEEN
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.mailbox_names import SEPARATOR, Pattern, decoded, written
from messaging.gateway.imap.session import Call
from messaging.gateway.ports import Folder

MOST_PATTERNS = 20

_STATUS = frozenset({"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "SIZE", "DELETED"})
_SELECTING = frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"})
_RETURNING = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE"})


@dataclass(frozen=True, slots=True)
class Asked:
    """LIST as it was asked; `status` are the items of RETURN (STATUS ...)."""

    selecting: frozenset[str]
    patterns: tuple[Pattern, ...]
    returning: frozenset[str]
    status: tuple[str, ...]

    def matches(self, name: str) -> bool:
        return any(pattern.matches(name) for pattern in self.patterns)


async def namespace(call: Call) -> bytes:
    call.scanner.end()
    call.session.wire.add(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
    return b"OK that is all"


async def list_folders(call: Call) -> bytes:
    scanner, wire = call.scanner, call.session.wire
    asked = _read_list(scanner)
    if asked is None:
        wire.add(b'* LIST (\\Noselect) "/" ""\r\n')
        return b"OK that is all"
    folders = call.session.store.folders()
    for name, folder in _with_parents(folders):
        if not asked.matches(name):
            continue
        below = "SUBSCRIBED" in asked.selecting and "RECURSIVEMATCH" in asked.selecting
        inside = below and any(
            other.subscribed and other.name.startswith(name + SEPARATOR) and not asked.matches(other.name)
            for other in folders.values()
        )
        if not _selected(folder, asked.selecting) and not inside:
            continue
        extended = b' (CHILDINFO ("SUBSCRIBED"))' if inside else b""
        attributes = " ".join(_attributes(name, folder, folders, asked)).encode()
        wire.add(b'* LIST (%b) "/" %b%b\r\n' % (attributes, written(name), extended))
        if asked.status and folder is not None:
            wire.add(_status(folder, asked.status))
    return b"OK that is all"


def _selected(folder: Folder | None, selecting: frozenset[str]) -> bool:
    if "SUBSCRIBED" in selecting and not (folder and folder.subscribed):
        return False
    return "SPECIAL-USE" not in selecting or bool(folder and folder.special_use)


def _read_list(scanner: Scanner) -> Asked | None:
    """None for the question which character stands between levels."""
    selecting: frozenset[str] = frozenset()
    extended = scanner.next_is(b"(")
    if extended:
        selecting = _options(scanner, _SELECTING)
        scanner.space()
        if selecting == {"RECURSIVEMATCH"}:
            raise Malformed("RECURSIVEMATCH does not stand alone")
    reference = scanner.astring()
    scanner.space()
    extended = extended or scanner.next_is(b"(")
    wires = scanner.listed(scanner.list_mailbox) if scanner.next_is(b"(") else [scanner.list_mailbox()]
    if len(wires) > MOST_PATTERNS:
        raise Malformed("too many patterns")
    returning: frozenset[str] = frozenset()
    status: list[str] = []
    if scanner.skip(b" "):
        extended = True
        scanner.expect(b"RETURN ")
        returning = _options(scanner, _RETURNING, status)
    scanner.end()
    if not extended and wires == [b""]:
        return None
    return Asked(selecting, tuple(Pattern(reference, wire) for wire in wires), returning, tuple(status))


def _options(scanner: Scanner, known: frozenset[str], status: list[str] | None = None) -> frozenset[str]:
    def option() -> str:
        name = scanner.word()
        if name == "STATUS" and status is not None:
            scanner.space()
            status.extend(_status_items(scanner))
        elif name not in known:
            raise Malformed("there is no such option")
        return name

    return frozenset(scanner.listed(option))


def _with_parents(folders: Mapping[str, Folder]) -> Iterator[tuple[str, Folder | None]]:
    """The folders, each after the levels above it that are no folders themselves."""
    named: set[str] = set()
    for name, folder in folders.items():
        levels = name.split(SEPARATOR)
        for depth in range(1, len(levels)):
            above = SEPARATOR.join(levels[:depth])
            if above not in folders and above not in named:
                named.add(above)
                yield above, None
        yield name, folder


def _attributes(name: str, folder: Folder | None, folders: Mapping[str, Folder], asked: Asked) -> Iterator[str]:
    if folder is None:
        yield "\\NonExistent" if asked.selecting or asked.returning else "\\Noselect"
    yield "\\HasChildren" if any(other.startswith(name + SEPARATOR) for other in folders) else "\\HasNoChildren"
    if folder is None:
        return
    if folder.special_use:
        yield folder.special_use.value
    if folder.subscribed and "SUBSCRIBED" in asked.selecting | asked.returning:
        yield "\\Subscribed"


async def list_subscribed(call: Call) -> bytes:
    """LSUB (RFC 3501 section 6.3.9): with `%`, a level above a subscribed folder is named too."""
    scanner, wire = call.scanner, call.session.wire
    reference = scanner.astring()
    scanner.space()
    wanted = scanner.list_mailbox()
    scanner.end()
    pattern = Pattern(reference, wanted)
    subscribed = [name for name, folder in call.session.store.folders().items() if folder.subscribed]
    told: set[str] = set()
    for name in subscribed:
        for shown in _above(name) if wanted.endswith(b"%") else (name,):
            if shown not in told and pattern.matches(shown):
                told.add(shown)
                attribute = b"" if shown in subscribed else b"\\Noselect"
                wire.add(b'* LSUB (%b) "/" %b\r\n' % (attribute, written(shown)))
    return b"OK that is all"


def _above(name: str) -> Iterator[str]:
    levels = name.split(SEPARATOR)
    return (SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels) + 1))


async def status(call: Call) -> bytes:
    name = decoded(call.scanner.astring())
    call.scanner.space()
    items = _status_items(call.scanner)
    call.scanner.end()
    if "HIGHESTMODSEQ" in items:
        call.session.condstore = True
    call.session.wire.add(_status(call.session.store.folder(name), items))
    return b"OK that is all"


def _status_items(scanner: Scanner) -> list[str]:
    items = list(dict.fromkeys(scanner.listed(scanner.word)))
    if not items or not _STATUS.issuperset(items):
        raise Malformed("there is no such thing to ask of a folder")
    return items


def _status(folder: Folder, items: Iterable[str]) -> bytes:
    values = " ".join(f"{item} {_value(folder, item)}" for item in items)
    return b"* STATUS %b (%b)\r\n" % (written(folder.name), values.encode())


def _value(folder: Folder, item: str) -> int:
    match item:
        case "MESSAGES":
            return len(folder.mails)
        case "UNSEEN":
            return sum(SEEN not in mail.flags for mail in folder.mails)
        case "DELETED":
            return sum(DELETED in mail.flags for mail in folder.mails)
        case "SIZE":
            return sum(mail.size for mail in folder.mails)
        case "UIDNEXT":
            return folder.uid_next
        case "UIDVALIDITY":
            return folder.uid_validity
        case "HIGHESTMODSEQ":
            return folder.highest_modseq
    return 0  # RECENT

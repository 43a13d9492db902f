"""The keys of SEARCH (RFC 3501 section 6.4.4, RFC 7162 section 3.1.5) and whether a message has them. Reads no store: a
key says True or False, or None as long as it has not been shown what it depends on.

So a search reads little: flags, sizes and arrival of all are known; headers of those still open; texts of what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_tz
from functools import cached_property

from messaging.gateway.imap import flags, sequence
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.sequence import SequenceSet
from messaging.gateway.mail import fields
from messaging.gateway.mail.described import Described
from messaging.gateway.ports import Mail

DEEPEST = 50
MOST_KEYS = 1_000
MOST_STRINGS = 50  # keys that look through headers or texts
LONGEST_STRING = 4_096


class Candidate:
    """A message as far as it is known. `number` counts from 1."""

    def __init__(self, number: int, mail: Mail) -> None:
        self.number = number
        self.mail = mail
        self.described: Described | None = None
        self.text: str | None = None

    @cached_property
    def flags(self) -> frozenset[str]:
        return flags.folded(self.mail.flags)

    def values(self, name: bytes) -> Iterator[str]:
        """What people read of the fields of that name, case-folded; once described."""
        header = self.described.header if self.described else b""
        return (fields.readable(value).casefold() for value in fields.values(header, name))

    @cached_property
    def lines(self) -> str:
        """The whole header as people read it, case-folded."""
        header = self.described.header if self.described else b""
        read = (f"{name.decode()}: {fields.readable(fields.unfolded(value))}" for name, value in fields.fields(header))
        return "\n".join(read).casefold()

    @cached_property
    def sent(self) -> date | None:
        """The day in the Date field, whatever its zone."""
        found = next(self.values(b"date"), "")[:200]
        try:
            when = parsedate_tz(found)
            return date(*when[:3]) if when else None
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


Key = Callable[[Candidate], bool | None]


@dataclass(frozen=True, slots=True)
class Search:
    """What SEARCH asks; whether any of its keys looks at mod-sequences, at headers, at texts."""

    key: Key
    modseq: bool
    headers: bool
    texts: bool
    sets: tuple[_Chosen, ...]

    def number(self, mails: Sequence[Mail]) -> None:
        """Fix what `*` and the numbers mean in this folder. Raises Malformed."""
        for chosen in self.sets:
            found = chosen.numbers.of_uids(mails) if chosen.uids else chosen.numbers.of_numbers(mails)
            chosen.indexes.update(found)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A sequence set among the keys; its messages once they are known."""

    numbers: SequenceSet
    uids: bool
    indexes: set[int] = field(default_factory=set)


def read(scanner: Scanner) -> Search:
    """The keys up to the end of the command. Raises Malformed; strings are UTF-8."""
    reading = _Reading(scanner)
    keys = [reading.key(0)]
    while not scanner.ended:
        scanner.space()
        keys.append(reading.key(0))
    return Search(_all(keys), reading.modseq, reading.headers, reading.texts, tuple(reading.sets))


def _all(keys: list[Key]) -> Key:
    if len(keys) == 1:
        return keys[0]

    def every(candidate: Candidate) -> bool | None:
        answer: bool | None = True
        for key in keys:
            said = key(candidate)
            if said is False:
                return False
            if said is None:
                answer = None
        return answer

    return every


def _either(one: Key, other: Key) -> Key:
    def either(candidate: Candidate) -> bool | None:
        first = one(candidate)
        if first:
            return True
        second = other(candidate)
        if second:
            return True
        return None if first is None or second is None else False

    return either


def _not(key: Key) -> Key:
    def negated(candidate: Candidate) -> bool | None:
        said = key(candidate)
        return None if said is None else not said

    return negated


def _flag(name: str, present: bool = True) -> Key:
    folded = name.lower()
    return lambda candidate: (folded in candidate.flags) is present


def _arrived(candidate: Candidate) -> date:
    return datetime.fromtimestamp(candidate.mail.internal // 1000, UTC).date()


def _nothing(candidate: Candidate) -> bool:
    return False


def _everything(candidate: Candidate) -> bool:
    return True


_PLAIN: dict[str, Key] = {
    "ALL": _everything,
    "OLD": _everything,  # nothing is \Recent here
    "NEW": _nothing,
    "RECENT": _nothing,
    **{name: _flag(f"\\{name}") for name in ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")},
    **{f"UN{name}": _flag(f"\\{name}", False) for name in ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")},
}
_FIELDS = ("BCC", "CC", "FROM", "SUBJECT", "TO")
_DAYS: dict[str, Callable[[date, date], bool]] = {
    "BEFORE": lambda day, given: day < given,
    "ON": lambda day, given: day == given,
    "SINCE": lambda day, given: day >= given,
}


class _Reading:
    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._keys = 0
        self._strings = 0
        self.modseq = self.headers = self.texts = False
        self.sets: list[_Chosen] = []

    def key(self, depth: int) -> Key:
        self._keys += 1
        if depth > DEEPEST or self._keys > MOST_KEYS:
            raise Malformed("this search is too complex")
        scanner = self._scanner
        if scanner.next_is(b"("):
            found = scanner.listed(lambda: self.key(depth + 1))
            if not found:
                raise Malformed("an empty search")
            return _all(found)
        if scanner.starts_set:
            return self._chosen(uids=False)
        name = scanner.word()
        if name in _PLAIN:
            return _PLAIN[name]
        scanner.space()
        if name == "NOT":
            return _not(self.key(depth + 1))
        if name == "OR":
            one = self.key(depth + 1)
            scanner.space()
            return _either(one, self.key(depth + 1))
        return self._with_argument(name)

    def _with_argument(self, name: str) -> Key:
        scanner = self._scanner
        if name in _FIELDS:
            return self._field(name.lower().encode(), self._string())
        if name == "HEADER":
            field = scanner.astring().lower()
            scanner.space()
            return self._field(field, self._string())
        if name in ("BODY", "TEXT"):
            self.texts = True
            self.headers = self.headers or name == "TEXT"
            return self._text(self._string(), with_header=name == "TEXT")
        if name in ("KEYWORD", "UNKEYWORD"):
            return _flag(scanner.atom().decode("ascii"), name == "KEYWORD")
        if name in ("LARGER", "SMALLER"):
            return self._size(scanner.number(), larger=name == "LARGER")
        if name == "UID":
            return self._chosen(uids=True)
        if name == "MODSEQ":
            return self._changed()
        return self._day(name)

    def _string(self) -> str:
        self._strings += 1
        octets = self._scanner.astring()
        if self._strings > MOST_STRINGS or len(octets) > LONGEST_STRING:
            raise Malformed("this search is too complex")
        try:
            return octets.decode("utf-8").casefold()
        except UnicodeDecodeError:
            raise Malformed("a search string is not in UTF-8") from None

    def _field(self, field: bytes, wanted: str) -> Key:
        self.headers = True

        def has(candidate: Candidate) -> bool | None:
            if candidate.described is None:
                return None
            return any(wanted in value for value in candidate.values(field))

        return has

    def _text(self, wanted: str, with_header: bool) -> Key:
        def has(candidate: Candidate) -> bool | None:
            if with_header and candidate.described is not None and wanted in candidate.lines:
                return True
            return None if candidate.text is None else wanted in candidate.text

        return has

    def _size(self, size: int, larger: bool) -> Key:
        return lambda candidate: candidate.mail.size > size if larger else candidate.mail.size < size

    def _chosen(self, uids: bool) -> Key:
        chosen = _Chosen(sequence.read(self._scanner), uids)
        self.sets.append(chosen)
        return lambda candidate: candidate.number - 1 in chosen.indexes

    def _changed(self) -> Key:
        """RFC 7162 section 3.1.5: the name of a flag and the kind of it may stand before the number; we keep one
        mod-sequence for all."""
        if self._scanner.next_is(b'"'):
            self._scanner.string()
            self._scanner.space()
            if self._scanner.word() not in ("ALL", "PRIV", "SHARED"):
                raise Malformed("expected priv, shared or all")
            self._scanner.space()
        self.modseq = True
        since = self._scanner.number()
        return lambda candidate: candidate.mail.modseq >= since

    def _day(self, name: str) -> Key:
        sent = name.startswith("SENT")
        self.headers = self.headers or sent
        compare = _DAYS.get(name.removeprefix("SENT"))
        if compare is None:
            raise Malformed("there is no such search key")
        return _on_day(compare, self._scanner.date(), sent)


def _on_day(compare: Callable[[date, date], bool], given: date, sent: bool) -> Key:
    if not sent:
        return lambda candidate: compare(_arrived(candidate), given)

    def was_sent(candidate: Candidate) -> bool | None:
        if candidate.described is None:
            return None
        return candidate.sent is not None and compare(candidate.sent, given)

    return was_sent

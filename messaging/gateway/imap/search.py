"""The keys of SEARCH (RFC 3501 section 6.4.4, RFC 7162 section 3.1.5) and which messages have them. Reads no store: of
some messages a key says who has it and who has not, and is silent of the others as long as it has not been shown what
it depends on.

So a search reads little: flags, sizes and arrival of all are known; headers of those still open; texts of what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_tz

from messaging.gateway.imap import flags, sequence
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.sequence import SequenceSet
from messaging.gateway.mail import legible
from messaging.gateway.ports import Mail, Sought

DEEPEST = 50
MOST_KEYS = 1_000
MOST_STRINGS = 50  # keys that look through headers or texts
LONGEST_STRING = 4_096

Places = frozenset[int]
_NOBODY: Places = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of some messages, by their places in the folder: who has a key and who has not. Who is in neither is open."""

    yes: Places = _NOBODY
    no: Places = _NOBODY


_OPEN = Verdict()


class Evidence:
    """What is known of the messages at some places of a folder. What was read of them is added as it is read."""

    def __init__(self, mails: Sequence[Mail], places: Iterable[int]) -> None:
        self.mails = mails
        self.places = frozenset(places)
        self.headers: Mapping[Sought, Verdict] = {}
        self.texts: Mapping[str, Verdict] = {}
        self.sent: Mapping[int, date | None] = {}

    def among(self, places: Places) -> Evidence:
        """The same of some of the messages."""
        some = Evidence(self.mails, places)
        some.headers, some.texts, some.sent = self.headers, self.texts, self.sent
        return some

    def open(self, key: Key) -> Places:
        """Of whom it is not known whether they have the key."""
        said = key(self)
        return self.places - said.yes - said.no

    def split(self, yes: Iterable[int]) -> Verdict:
        """Of what is known of all."""
        found = frozenset(yes)
        return Verdict(found, self.places - found)

    def where(self, has: Callable[[Mail], bool]) -> Verdict:
        return self.split([place for place in self.places if has(self.mails[place])])


Key = Callable[[Evidence], Verdict]


def day_sent(header: bytes) -> date | None:
    """The day in the Date field, whatever its zone."""
    found = next(legible.values(header, b"date"), "")[:200]
    try:
        when = parsedate_tz(found)
        return date(*when[:3]) if when else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Search:
    """What SEARCH asks, by how many keys; whether any of them looks at mod-sequences or at the Date field, and what
    they look for in headers and in texts."""

    key: Key
    keys: int
    modseq: bool
    dates: bool
    headers: frozenset[Sought]
    texts: frozenset[str]
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
    headers, texts = frozenset(reading.headers), frozenset(reading.texts)
    return Search(_all(keys), reading.count, reading.modseq, reading.dates, headers, texts, tuple(reading.sets))


def _all(listed: list[Key]) -> Key:
    keys = list(dict.fromkeys(listed))
    if len(keys) == 1:
        return keys[0]

    def every(evidence: Evidence) -> Verdict:
        """Whom one key rules out, the next ones are not asked about."""
        yes, left = evidence.places, evidence.places
        for key in keys:
            said = key(evidence if left == evidence.places else evidence.among(left))
            yes, left = yes & said.yes, left - said.no
            if not left:
                break
        return Verdict(yes & left, evidence.places - left)

    return every


def _either(one: Key, other: Key) -> Key:
    def either(evidence: Evidence) -> Verdict:
        first, second = one(evidence), other(evidence)
        return Verdict(first.yes | second.yes, first.no & second.no)

    return either


def _not(key: Key) -> Key:
    def negated(evidence: Evidence) -> Verdict:
        said = key(evidence)
        return Verdict(said.no, said.yes)

    return negated


def _of_mail(has: Callable[[Mail], bool]) -> Key:
    return lambda evidence: evidence.where(has)


def _flag(name: str, present: bool = True) -> Key:
    folded = name.lower()
    return _of_mail(lambda mail: (folded in flags.folded(mail.flags)) is present)


def _arrived(mail: Mail) -> date:
    return datetime.fromtimestamp(mail.internal // 1000, UTC).date()


def _nothing(evidence: Evidence) -> Verdict:
    return Verdict(no=evidence.places)


def _everything(evidence: Evidence) -> Verdict:
    return Verdict(yes=evidence.places)


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
        self.count = 0
        self._strings = 0
        self.modseq = self.dates = False
        self.headers: set[Sought] = set()
        self.texts: set[str] = set()
        self.sets: list[_Chosen] = []

    def key(self, depth: int) -> Key:
        self.count += 1
        if depth > DEEPEST or self.count > MOST_KEYS:
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
        if name == "BODY":
            return self._text(self._string())
        if name == "TEXT":
            words = self._string()
            return _either(self._field(b"", words), self._text(words))
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

    def _field(self, field: bytes, words: str) -> Key:
        sought = Sought(field, words)
        self.headers.add(sought)
        return lambda evidence: evidence.headers.get(sought, _OPEN)

    def _text(self, words: str) -> Key:
        self.texts.add(words)
        return lambda evidence: evidence.texts.get(words, _OPEN)

    def _size(self, size: int, larger: bool) -> Key:
        return _of_mail(lambda mail: mail.size > size if larger else mail.size < size)

    def _chosen(self, uids: bool) -> Key:
        chosen = _Chosen(sequence.read(self._scanner), uids)
        self.sets.append(chosen)
        return lambda evidence: evidence.split(evidence.places & chosen.indexes)

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
        return _of_mail(lambda mail: mail.modseq >= since)

    def _day(self, name: str) -> Key:
        sent = name.startswith("SENT")
        self.dates = self.dates or sent
        compare = _DAYS.get(name.removeprefix("SENT"))
        if compare is None:
            raise Malformed("there is no such search key")
        return _on_day(compare, self._scanner.date(), sent)


def _on_day(compare: Callable[[date, date], bool], given: date, sent: bool) -> Key:
    if not sent:
        return _of_mail(lambda mail: compare(_arrived(mail), given))

    def was_sent(evidence: Evidence) -> Verdict:
        days = evidence.sent
        yes = frozenset([place for place, day in days.items() if day is not None and compare(day, given)])
        return Verdict(yes, frozenset(days.keys() - yes))

    return was_sent

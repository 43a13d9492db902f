"""The tokens of a command (RFC 3501 section 9): atoms, strings, numbers, dates. Knows no command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

MOST_IN_A_LIST = 1_000

_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_LIST_MAILBOX = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*+)"')
_LITERAL = re.compile(rb"\{\d{1,10}\+?\}\Z")
_NUMBER = re.compile(rb"\d{1,19}(?!\d)")
_DATE = re.compile(rb'"?(\d{1,2})-([A-Za-z]{3})-(\d{4})"?')
_DATE_TIME = re.compile(rb'"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
_STARTS_SET = frozenset(b"%c" % octet for octet in b"0123456789*")
_QUOTED_PAIR = re.compile(rb"\\(.)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_YEAR, _LAST_YEAR = 1900, 9998  # so that it can be written in every zone
LARGEST_NUMBER = (1 << 63) - 1  # RFC 7162 section 7: mod-sequences; all others are smaller

T = TypeVar("T")


class Malformed(Exception):
    """This is no command: BAD, with words for whoever wrote the mail program."""


class Scanner:
    """Reads the arguments of one command from left to right. `pieces` are lines and literals in turn; a line before a
    literal ends with its `{n}`. Every method raises Malformed where something else stands."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._index = 0
        self._line = pieces[0]
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._line) and self._index + 1 >= len(self._pieces)

    def end(self) -> None:
        if not self.ended:
            raise Malformed("too many arguments")

    @property
    def starts_set(self) -> bool:
        """Whether a sequence set comes next."""
        return self._line[self._at : self._at + 1] in _STARTS_SET

    def next_is(self, octets: bytes) -> bool:
        """Whether these octets (in upper case) come next, in any case."""
        return self._line[self._at : self._at + len(octets)].upper() == octets

    def skip(self, octets: bytes) -> bool:
        """`next_is`, and past them if so."""
        if not self.next_is(octets):
            return False
        self._at += len(octets)
        return True

    def expect(self, octets: bytes) -> None:
        if not self.skip(octets):
            raise Malformed(f"expected {octets.decode()!r}")

    def space(self) -> None:
        self.expect(b" ")

    def take(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        match = pattern.match(self._line, self._at)
        if match is None:
            raise Malformed(f"expected {what}")
        self._at = match.end()
        return match

    def atom(self) -> bytes:
        return self.take(_ATOM, "an atom")[0]

    def word(self) -> str:
        """An atom that is a keyword, in upper case."""
        return self.atom().decode("ascii").upper()

    def number(self) -> int:
        found = int(self.take(_NUMBER, "a number")[0])
        if found > LARGEST_NUMBER:
            raise Malformed("a number is too large")
        return found

    def string(self) -> bytes:
        if self.next_is(b'"'):
            return _QUOTED_PAIR.sub(rb"\1", self.take(_QUOTED, "a quoted string")[1])
        self.take(_LITERAL, "a string")
        return self._literal()

    def astring(self) -> bytes:
        if self.next_is(b'"') or self.next_is(b"{"):
            return self.string()
        return self.take(_ASTRING, "a string")[0]

    def list_mailbox(self) -> bytes:
        """A pattern of LIST."""
        if self.next_is(b'"') or self.next_is(b"{"):
            return self.string()
        return self.take(_LIST_MAILBOX, "a mailbox pattern")[0]

    def nstring(self) -> bytes | None:
        return None if self.skip(b"NIL") else self.string()

    def literal(self) -> bytes:
        self.take(_LITERAL, "a literal")
        return self._literal()

    def _literal(self) -> bytes:
        if self._index + 2 >= len(self._pieces):
            raise Malformed("a literal is missing")
        octets = self._pieces[self._index + 1]
        self._index += 2
        self._line, self._at = self._pieces[self._index], 0
        return octets

    def rest(self) -> bytes:
        """All that is left of the line."""
        found = self._line[self._at :]
        self._at = len(self._line)
        return found

    def listed(self, one: Callable[[], T]) -> list[T]:
        """`(a b c)`, possibly empty."""
        self.expect(b"(")
        found: list[T] = []
        while not self.skip(b")"):
            if found:
                self.space()
            if len(found) == MOST_IN_A_LIST:
                raise Malformed("a list is too long")
            found.append(one())
        return found

    def date(self) -> date:
        match = self.take(_DATE, "a date")
        try:
            return date(int(match[3]), _month(match[2]), int(match[1]))
        except ValueError:
            raise Malformed("there is no such date") from None

    def date_time(self) -> int:
        """As milliseconds of UTC."""
        match = self.take(_DATE_TIME, "a date and time")
        day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
        try:
            away = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == b"-" else 1)
            clock = (int(hour), int(minute), int(second))
            if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
                raise ValueError
            there = datetime(int(year), _month(month), int(day), *clock, tzinfo=timezone(away))
            return int(there.timestamp()) * 1000
        except (ValueError, OverflowError):
            raise Malformed("there is no such date") from None


def _month(name: bytes) -> int:
    return _MONTHS.index(name.decode("ascii").lower()) + 1


def written_date_time(internal: int) -> bytes:
    """INTERNALDATE of milliseconds UTC, as it goes on the wire."""
    moment = datetime.fromtimestamp(internal // 1000, UTC)
    month = _MONTHS[moment.month - 1].capitalize()
    return f'"{moment.day:2d}-{month}-{moment.year:04d} {moment:%H:%M:%S} +0000"'.encode("ascii")

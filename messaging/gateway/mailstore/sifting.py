"""What SEARCH looks for in headers, looked for: in the columns of pages where that decides, in a header where it does
not. Pure; which pages there are is for `reading`.

For a field that has no column, the column of whole headers says where it is not worth looking.
"""

from __future__ import annotations

from collections.abc import Collection, Set

from messaging.gateway.mail import legible
from messaging.gateway.mailstore.column import Column
from messaging.gateway.mailstore.kinds import FIELDS, Kind, sought
from messaging.gateway.ports import Sought


class Sifting:
    """`found` are the messages that have what is sought, of those that were looked at."""

    def __init__(self, wanted: Collection[Sought]) -> None:
        self.found: dict[Sought, set[int]] = {one: set() for one in wanted}
        self._by_kind: dict[Kind, list[tuple[Sought, bytes]]] = {}
        self._by_field: dict[bytes, list[Sought]] = {}
        for one in wanted:
            self._by_field.setdefault(one.field, []).append(one)
            kind = FIELDS.get(one.field, Kind.LINES)
            self._by_kind.setdefault(kind, []).append((one, sought(one.words)))
        self._held: dict[Kind, set[int]] = {kind: set() for kind in self._by_kind}
        self._doubtful: set[int] = set()
        self._at: set[int] = set()

    @property
    def kinds(self) -> Collection[Kind]:
        """The columns that are of use."""
        return self._by_kind

    def through(self, kind: Kind, first: int, column: Column) -> None:
        """Look through a page's column; `first` is the message of slot 0."""
        self._held[kind].update(map(first.__add__, column.held))
        for one, words in self._by_kind[kind]:
            found = map(first.__add__, column.having(words))
            if one.field and kind is Kind.LINES:
                self._doubtful.update(found)
            else:
                self.found[one].update(found)

    def left(self, messages: Set[int]) -> Set[int]:
        """Those of `messages` whose headers have yet to be looked at."""
        decided = set.intersection(*self._held.values()) - self._doubtful if self._held else set()
        return messages - decided - self._at

    def at(self, message: int, header: bytes) -> None:
        """Look at a message's header."""
        self._at.add(message)
        for field, of_field in self._by_field.items():
            read = legible.values(header, field) if field else [legible.lines(legible.legible(header))]
            values = list(read)
            for one in of_field:
                if any(one.words in value for value in values):
                    self.found[one].add(message)

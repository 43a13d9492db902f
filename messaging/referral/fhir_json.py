"""A strict, bounded reader of FHIR R4 JSON (referral.md RF-2).

Takes bytes, gives `Node`s that refuse by naming the *clause* (the field's path, a literal of ours) and never
the value. Unknown fields are ignored so that a newer client may add some; `modifierExtension` and
`implicitRules` are not, because FHIR lets them change the meaning. It knows no resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from messaging.errors import MessagingError

Refuse = Callable[[str], MessagingError]
Choice = TypeVar("Choice", bound=StrEnum)

LINE = 200  # characters of a label, a name, a code
TEXT = 60_000  # characters of a free text

# No control character or lone surrogate anywhere; a label must not reorder what stands beside it.
_UNFIT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNFIT_LINE = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One JSON object, where it stands, and how its reader refuses."""

    value: dict[str, object]
    clause: str
    refuse: Refuse

    def at(self, field: str) -> str:
        return f"{self.clause}.{field}"

    def line(self, field: str, *, required: bool = True, limit: int = LINE) -> str:
        """A one-line string, trimmed; empty if absent and not required."""
        return self._string(field, limit, _UNFIT_LINE, required)

    def text(self, field: str, *, required: bool = True, limit: int = TEXT) -> str:
        """A free text of several lines, kept as written."""
        return self._string(field, limit, _UNFIT_TEXT, required)

    def choice(self, field: str, choices: type[Choice]) -> Choice:
        """A code from a closed list; an unknown one is refused rather than guessed."""
        return choose(self.line(field), choices, self.at(field), self.refuse)

    def child(self, field: str) -> Node:
        found = self.maybe(field)
        if found is None:
            raise self.refuse(self.at(field))
        return found

    def maybe(self, field: str) -> Node | None:
        value = self.value.get(field)
        if value is None:
            return None
        return self._node(value, field)

    def children(self, field: str, limit: int = 50) -> tuple[Node, ...]:
        value = self.value.get(field, [])
        if not isinstance(value, list) or len(value) > limit:
            raise self.refuse(self.at(field))
        return tuple(self._node(item, field) for item in value)

    def first(self, field: str) -> Node:
        """The first object of a list that must not be empty."""
        found = self.children(field)
        if not found:
            raise self.refuse(self.at(field))
        return found[0]

    def resource(self, name: str) -> Node:
        """This node, once it is known to be that resource and to hold nothing that changes its meaning."""
        if self.value.get("resourceType") != name:
            raise self.refuse(self.at("resourceType"))
        for field in ("modifierExtension", "implicitRules"):
            if field in self.value:
                raise self.refuse(self.at(field))
        return self

    def _node(self, value: object, field: str) -> Node:
        if not isinstance(value, dict):
            raise self.refuse(self.at(field))
        return Node(value, self.at(field), self.refuse)

    def _string(self, field: str, limit: int, unfit: re.Pattern[str], required: bool) -> str:
        value = self.value.get(field)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or len(value) > limit or unfit.search(value):
            raise self.refuse(self.at(field))
        if not value.strip():
            raise self.refuse(self.at(field))
        return value.strip() if unfit is _UNFIT_LINE else value

    def __repr__(self) -> str:
        return f"<Node {self.clause}>"


def parse(data: bytes, root: str, limit: int, refuse: Refuse) -> Node:
    """Read at most `limit` bytes of UTF-8 JSON, one object, no key twice, no NaN."""
    if len(data) > limit:
        raise refuse(f"{root}.size")
    try:
        tree: object = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        tree = None  # refused below: the decoder's own exception holds the text
    if not isinstance(tree, dict):
        raise refuse(f"{root}.json")
    return Node(tree, root, refuse)


def dump(resource: dict[str, object]) -> bytes:
    """Compact UTF-8 JSON in the order given."""
    text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="surrogatepass")  # `parse` refuses what is not UTF-8, by its clause


def choose(value: str, choices: type[Choice], clause: str, refuse: Refuse) -> Choice:
    """The member of `choices` with this value."""
    found = next((choice for choice in choices if choice.value == value), None)
    if found is None:
        raise refuse(clause)
    return found


def extension(nodes: Iterable[Node], url: str) -> Node | None:
    """The first extension with that URL."""
    return next((node for node in nodes if node.value.get("url") == url), None)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_: str) -> object:
    raise ValueError

"""What FETCH asks of a message (RFC 3501 section 6.4.5, RFC 7162 section 3.1.4), and how it is answered. Reads no
store: each attribute says what it needs, and is then shown it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from messaging.gateway.imap import flags, sections
from messaging.gateway.imap.grammar import Malformed, Scanner, written_date_time
from messaging.gateway.imap.sections import Section, Text
from messaging.gateway.mail import parts
from messaging.gateway.mail.described import Trait
from messaging.gateway.mail.nstring import literal
from messaging.gateway.ports import Mail

_NAME = re.compile(rb"[A-Za-z0-9.]+")


class Opened:
    """A message whose octets were read; its parts are looked for once."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._root: parts.Part | None = None

    def find(self, section: Section) -> bytes | None:
        if not section.part and section.text is Text.ALL:  # the whole needs no parts
            return sections.cut(self.octets, section.partial)
        if self._root is None:
            self._root = parts.read(self.octets)
        return sections.find(self.octets, self._root, section)


@dataclass(slots=True)
class Shown:
    """A message as far as it was read."""

    mail: Mail
    traits: Mapping[Trait, bytes]
    opened: Opened | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One item of an answer. `write` gives it as it goes on the wire; where `octets` is set it gives the name alone,
    and what they give follows as a literal, or NIL: a message is not copied to be sent. `trait` is what it takes of a
    description."""

    write: Callable[[Shown], bytes]
    trait: Trait | None = None
    sees: bool = False  # fetching it sets \Seen
    octets: Callable[[Shown], bytes | None] | None = None
    whole: bool = False  # it takes the message at once


@dataclass(frozen=True, slots=True)
class Fetch:
    """`attributes` with the UID first where it is asked. `since` is CHANGEDSINCE, `vanished` that modifier."""

    attributes: tuple[Attribute, ...]
    names: frozenset[str]
    since: int | None
    vanished: bool

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What is read of descriptions."""
        traits = (attribute.trait for attribute in self.attributes)
        return tuple(dict.fromkeys(trait for trait in traits if trait is not None))

    @property
    def octets(self) -> bool:
        """Whether messages have to be opened."""
        return any(attribute.octets is not None for attribute in self.attributes)

    @property
    def sees(self) -> bool:
        return any(attribute.sees for attribute in self.attributes)

    @property
    def of_parts(self) -> bool:
        """Whether the client takes messages piece by piece, and will come back for the next."""
        return any(attribute.octets is not None and not attribute.whole for attribute in self.attributes)

    def also(self, name: str) -> Fetch:
        """The same with FLAGS or MODSEQ too."""
        if name in self.names:
            return self
        return replace(self, attributes=(*self.attributes, _SIMPLE[name]), names=self.names | {name})


def _described(trait: Trait) -> Attribute:
    named = trait.name.encode() + b" "
    return Attribute(lambda shown: named + shown.traits[trait], trait)


_SIMPLE: dict[str, Attribute] = {
    "UID": Attribute(lambda shown: b"UID %d" % shown.mail.uid),
    "FLAGS": Attribute(lambda shown: b"FLAGS " + flags.written(shown.mail.flags)),
    "INTERNALDATE": Attribute(lambda shown: b"INTERNALDATE " + written_date_time(shown.mail.internal)),
    "RFC822.SIZE": Attribute(lambda shown: b"RFC822.SIZE %d" % shown.mail.size),
    "MODSEQ": Attribute(lambda shown: b"MODSEQ (%d)" % shown.mail.modseq),
    **{trait.name: _described(trait) for trait in (Trait.ENVELOPE, Trait.BODYSTRUCTURE, Trait.BODY)},
}
_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_OLD = {
    "RFC822": (Section(), True),
    "RFC822.HEADER": (Section(text=Text.HEADER), False),
    "RFC822.TEXT": (Section(text=Text.TEXT), True),
}


def read(scanner: Scanner, with_uid: bool) -> Fetch:
    """The items and modifiers, up to the end of the command. Raises Malformed."""
    named: list[tuple[str, Attribute]] = []
    if scanner.next_is(b"("):
        named = scanner.listed(lambda: _item(scanner))
    else:
        for macro, names in _MACROS.items():
            if scanner.skip(macro.encode()):
                named = [(name, _SIMPLE[name]) for name in names]
                break
        else:
            named = [_item(scanner)]
    if not named:
        raise Malformed("nothing is asked")
    since, vanished = _modifiers(scanner)
    scanner.end()
    found = dict(named)
    if since is not None:
        found.setdefault("MODSEQ", _SIMPLE["MODSEQ"])
    uid = found.pop("UID", None)
    ordered = {**({"UID": _SIMPLE["UID"]} if with_uid or uid else {}), **found}
    return Fetch(tuple(ordered.values()), frozenset(ordered), since, vanished)


def _modifiers(scanner: Scanner) -> tuple[int | None, bool]:
    if scanner.ended:
        return None, False
    since: list[int] = []

    def modifier() -> str:
        name = scanner.word()
        if name == "CHANGEDSINCE":
            scanner.space()
            since.append(scanner.number())
        elif name != "VANISHED":
            raise Malformed("there is no such modifier")
        return name

    scanner.space()
    names = scanner.listed(modifier)
    if len(names) != len(set(names)) or not since:
        raise Malformed("VANISHED goes with CHANGEDSINCE")
    return since[0], "VANISHED" in names


def _item(scanner: Scanner) -> tuple[str, Attribute]:
    name = scanner.take(_NAME, "what to fetch")[0].decode("ascii").upper()
    if name in ("BODY", "BODY.PEEK") and scanner.next_is(b"["):
        section = sections.read(scanner)
        return f"{name}{section!r}", _section(section.label, section, sees=name == "BODY")
    if name in _SIMPLE:
        return name, _SIMPLE[name]
    if name in _OLD:
        section, sees = _OLD[name]
        return name, _section(name.encode(), section, sees)
    raise Malformed("there is no such thing to fetch")


def _section(label: bytes, section: Section, sees: bool) -> Attribute:
    if section.of_header:
        return Attribute(_of_header(label, section), Trait.HEADER, sees)

    def octets(shown: Shown) -> bytes | None:
        return shown.opened.find(section) if shown.opened else None

    return Attribute(lambda shown: label, None, sees, octets, whole=section == Section())


def _of_header(label: bytes, section: Section) -> Callable[[Shown], bytes]:
    choose = None if section.text is Text.HEADER else sections.chooser(section)
    named = label + b" "

    def write(shown: Shown) -> bytes:
        header = shown.traits[Trait.HEADER]
        return named + literal(sections.cut(choose(header) if choose else header, section.partial))

    return write

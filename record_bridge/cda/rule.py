"""The shapes that a rule of a clinical document can take (CDA-6.1): how often, in which order, with which values.

A rule holds or does not; it is vacuous where its parent is missing, because the parent has a rule of its own. So
one fault breaks one rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from directory.identity.rpps import is_rpps
from record_bridge.cda.values import PROFESSIONALS, STRUCTURES, oid
from record_bridge.errors import RecordError

_HL7 = "{urn:hl7-org:v3}"
_STEP = re.compile(r"(^|[/|])(?=[A-Za-z])")
_NAMESPACES = {"h": "urn:hl7-org:v3"}
_NATIONAL_NUMBER = re.compile(r"[013456]\d{1,30}", re.ASCII)

Holds = Callable[[etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is the path of what is ruled (with `@` an attribute, with `#` a relation), `asks` what must be so."""

    id: str
    asks: str
    holds: Holds = field(repr=False)


def select(path: str) -> Callable[[etree._Element], list[etree._Element]]:
    """The elements of HL7's namespace at a path from the root; "" is the root itself."""
    if not path:
        return lambda root: [root]
    found: Callable[[etree._Element], list[etree._Element]] = etree.XPath(
        _STEP.sub(r"\1h:", path), namespaces=_NAMESPACES, smart_strings=False
    )
    return found


def each(parent: str, child: str, *, most: int = 1, null: bool = False) -> Rule:
    """Every `parent` has `child` at least once and at most `most` times; a nullFlavor only where `null` allows it."""
    parents, children = select(parent), select(child)

    def holds(root: etree._Element) -> bool:
        for node in parents(root):
            found = children(node)
            if not 1 <= len(found) <= most or not (null or all(_valued(one) for one in found)):
                return False
        return True

    times = "once" if most == 1 else f"once to {most} times"
    return Rule(f"{parent}/{child}" if parent else child, f"stands {times}", holds)


def ordered(parent: str, *names: str) -> Rule:
    """The children of every `parent` are among `names` (or of another namespace) and in that order."""
    sequence = names if "templateId" in names else ("templateId", *names)
    parents, places = select(parent), {_HL7 + name: place for place, name in enumerate(sequence)}

    def holds(root: etree._Element) -> bool:
        for node in parents(root):
            found = [places.get(child.tag, -1) for child in node if child.tag.startswith(_HL7)]
            if found != sorted(found) or -1 in found:
                return False
        return True

    return Rule(f"{parent or 'ClinicalDocument'}#order", f"holds, in this order: {', '.join(names)}", holds)


def attribute(path: str, name: str, asks: str, fits: Callable[[str], bool]) -> Rule:
    """The attribute of every element at `path` that has a value; missing counts as empty."""
    nodes = select(path)

    def holds(root: etree._Element) -> bool:
        return all(fits(node.get(name, "")) for node in nodes(root) if _valued(node))

    return Rule(f"{path}/@{name}", asks, holds)


def fixed(path: str, /, **attributes: str) -> Rule:
    """Every element at `path` has exactly these values."""
    nodes = select(path)

    def holds(root: etree._Element) -> bool:
        return all(node.get(name) == value for node in nodes(root) for name, value in attributes.items())

    said_as = " and ".join(f"{name} {value}" for name, value in attributes.items())
    return Rule(f"{path}/@{'+@'.join(attributes)}", f"is {said_as}", holds)


def said(path: str) -> Rule:
    """Every element at `path` has text."""
    nodes = select(path)
    return Rule(
        f"{path}/text()", "says something", lambda root: all("".join(n.itertext()).strip() for n in nodes(root))
    )


def coded(
    path: str, *systems: str, asks: str = "is there", fits: Callable[[str], bool] | None = None
) -> tuple[Rule, ...]:
    """Every code at `path` has a code that `fits`, a label, and a system (one of `systems`, if any are named)."""
    return (
        attribute(path, "code", asks, fits or _filled),
        attribute(path, "displayName", "is there", _filled),
        attribute(path, "codeSystem", "is its code system", systems.__contains__ if systems else is_uid),
    )


def structure_id(path: str) -> tuple[Rule, ...]:
    """Every id at `path` names its authority, and a structure's has a number."""
    nodes = select(path)

    def sound(root: etree._Element) -> bool:
        return all(node.get("extension", "").isalnum() for node in nodes(root) if node.get("root") == STRUCTURES)

    return (
        attribute(path, "root", "is an OID or a UUID", is_uid),
        Rule(f"{path}#structure", "is a structure's number", sound),
    )


def professional_id(path: str) -> tuple[Rule, ...]:
    """Every id at `path` is complete; a professional's has the national shape, and an RPPS number its key."""
    nodes = select(path)

    def sound(root: etree._Element) -> bool:
        return all(
            is_national_number(node.get("extension", "")) for node in nodes(root) if node.get("root") == PROFESSIONALS
        )

    return (
        attribute(path, "root", "is an OID or a UUID", is_uid),
        attribute(path, "extension", "is there", _filled),
        Rule(f"{path}#rpps", "is a national number, and the key of an RPPS holds", sound),
    )


def is_national_number(number: str) -> bool:
    """Whether a professional's number has the national shape; behind an 8, whether it is an RPPS whose key holds."""
    return is_rpps(number[1:]) if number[:1] == "8" else _NATIONAL_NUMBER.fullmatch(number) is not None


def is_uid(value: str) -> bool:
    """An OID or a UUID."""
    try:
        oid(value)
    except RecordError:
        return False
    return not value.startswith("urn:")


def holding(rule_id: str, asks: str, holds: Holds) -> Rule:
    """A rule by itself."""
    return Rule(rule_id, asks, holds)


def _valued(node: etree._Element) -> bool:
    return node.get("nullFlavor") is None


def _filled(value: str) -> bool:
    return bool(value.strip())

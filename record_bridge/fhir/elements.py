"""Small parts of FHIR R4 that the resources of this room share: codes, numbers, what a resource contains (DOC-3.1).

On top of the record's own parts; every reader refuses by naming the clause. It knows no resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from messaging.referral.fhir_json import Node, extension
from record_bridge.record.fhir_parts import Resource

UCUM = "http://unitsofmeasure.org"
STRUCTURES = "urn:oid:1.2.250.1.71.4.2.2"  # national numbers of structures (Struct_IdNat)
PRECISION = "http://hl7.org/fhir/StructureDefinition/quantity-precision"
MAX_CONTAINED = 1_000
_DIGITS = 15  # significant ones that every JSON reader keeps


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a system (a URI), and the words to show for it."""

    system: str
    code: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """An organisation; `identifier` is the national one (the register's digit and the number), or empty."""

    name: str
    identifier: str = ""


def coding(code: Code) -> Resource:
    held: Resource = {"system": code.system, "code": code.code}
    return held | ({"display": code.label} if code.label else {})


def concept(code: Code) -> Resource:
    return {"coding": [coding(code)]}


def read_coding(node: Node) -> Code:
    return Code(node.line("system"), node.line("code"), node.line("display", required=False))


def read_concept(node: Node) -> Code:
    """The one coding of a concept; two would be two meanings."""
    codings = node.children("coding")
    if len(codings) != 1:
        raise node.refuse(node.at("coding"))
    return read_coding(codings[0])


def organisation(structure: Structure, local: str) -> Resource:
    held: Resource = {"resourceType": "Organization", "id": local, "name": structure.name}
    if structure.identifier:
        held["identifier"] = [{"system": STRUCTURES, "value": structure.identifier}]
    return held


def read_organisation(node: Node) -> Structure:
    node.resource("Organization")
    held = [item for item in node.children("identifier") if item.value.get("system") == STRUCTURES]
    return Structure(node.line("name"), held[0].line("value") if held else "")


def reference(local: str) -> Resource:
    """A reference to a contained resource."""
    return {"reference": f"#{local}"}


def contained(node: Node) -> Mapping[str, Node]:
    """The contained resources by their local id; an id that stands twice is refused."""
    held = node.children("contained", MAX_CONTAINED)
    found = {item.line("id"): item for item in held}
    if len(found) != len(held):
        raise node.refuse(node.at("contained.id"))
    return found


def resolve(node: Node, held: Mapping[str, Node]) -> Node:
    """The contained resource that this reference names."""
    target = node.line("reference")
    found = held.get(target[1:]) if target.startswith("#") else None
    if found is None:
        raise node.refuse(node.at("reference"))
    return found


def is_ours(local: str, node: Node) -> bool:
    """Whether this reference names the contained resource with that id."""
    return node.value.get("reference") == f"#{local}"


def quantity(value: Decimal, unit: str) -> Resource:
    """A FHIR Quantity that keeps the decimals its source wrote: "7.10" is not 7.1 to a laboratory."""
    if not value.is_finite() or len(value.as_tuple().digits) > _DIGITS or abs(value.adjusted()) > _DIGITS:
        raise ValueError("quantity")
    held: Resource = {}
    decimals = max(0, -int(value.as_tuple().exponent))
    number = _number(value)
    if decimals != max(0, -int(Decimal(repr(number)).as_tuple().exponent)):
        held["extension"] = [{"url": PRECISION, "valueInteger": decimals}]
    held["value"] = number
    return held | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})


def read_quantity(node: Node) -> tuple[Decimal, str]:
    """Value, with the decimals it was written with, and unit ("" if it has none)."""
    value = number(node, "value")
    stated = extension(node.children("extension"), PRECISION)
    if stated is not None:
        decimals = integer(stated, "valueInteger", _DIGITS)
        value = value.quantize(Decimal(1).scaleb(-decimals))
    if "code" in node.value and node.line("system") != UCUM:
        raise node.refuse(node.at("system"))
    return value, node.line("code", required=False)


def number(node: Node, field: str) -> Decimal:
    """A JSON number, never true or false, as a decimal."""
    value = node.value.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise node.refuse(node.at(field))
    found = Decimal(repr(value)) if abs(value) < 10 ** (_DIGITS + 1) else Decimal("NaN")
    if not found.is_finite():
        raise node.refuse(node.at(field))
    return found


def integer(node: Node, field: str, limit: int) -> int:
    """A whole number from 0 to `limit`."""
    value = node.value.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        raise node.refuse(node.at(field))
    return value


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)

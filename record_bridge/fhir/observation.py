"""A laboratory result as a FHIR R4 Observation, contained in the document that it stands in (DOC-3.4).

One writer and one reader of `record.items.Result`. Nothing is converted, rounded or judged: the decimals, the unit, the
range and the mark are the laboratory's.
"""

from __future__ import annotations

from decimal import Decimal

from messaging.referral.fhir_json import Node, choose
from record_bridge.fhir.elements import (
    Code,
    concept,
    quantity,
    read_concept,
    read_quantity,
    reference,
)
from record_bridge.record.fhir_parts import LOINC, Resource, coded, instant, read_code, read_instant, refuse
from record_bridge.record.items import Flag, Result

CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATIONS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENCES = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
MAX_WORDS = 4_000  # characters of a result in words


def observation(result: Result, local: str, subject: str) -> Resource:
    """The contained resource with that local id; raises what `record.fhir_parts.refuse` makes."""
    held: Resource = {
        "resourceType": "Observation",
        "id": local,
        "status": "final",
        "category": [coded(CATEGORIES, "laboratory")],
        "code": _code(result),
        "subject": reference(subject),
        "effectiveDateTime": instant(result.date_ms, "Observation.effectiveDateTime"),
    }
    if result.value is not None:
        held["valueQuantity"] = _quantity(result.value, result.unit, "Observation.valueQuantity")
        if result.text:
            held["note"] = [{"text": result.text}]
    elif result.text:
        held["valueString"] = result.text
    else:
        held["dataAbsentReason"] = coded(ABSENCES, "unknown")
    if result.flag is not Flag.NONE:
        held["interpretation"] = [coded(INTERPRETATIONS, result.flag.value)]
    limits = {
        name: _quantity(limit, result.unit, f"Observation.referenceRange.{name}")
        for name, limit in (("low", result.low), ("high", result.high))
        if limit is not None
    }
    return held | ({"referenceRange": [limits]} if limits else {})


def read(node: Node) -> Result:
    """The result; the subject is for who holds the resource to compare."""
    node.resource("Observation")
    if node.line("status") != "final" or read_code(node.first("category"), CATEGORIES) != "laboratory":
        raise node.refuse(node.at("status"))
    code, label = _read_code(node.child("code"))
    value, unit = _read_value(node)
    low = high = None
    if ranges := node.children("referenceRange"):
        low, unit = _limit(ranges[0], "low", unit)
        high, unit = _limit(ranges[0], "high", unit)
    mark, notes = node.children("interpretation"), node.children("note")
    words = node.text("valueString", required=False, limit=MAX_WORDS)
    return Result(
        code=code,
        label=label,
        value=value,
        unit=unit,
        low=low,
        high=high,
        flag=choose(read_code(mark[0], INTERPRETATIONS), Flag, node.at("interpretation"), node.refuse)
        if mark
        else Flag.NONE,
        date_ms=read_instant(node, "effectiveDateTime"),
        text=notes[0].text("text", limit=MAX_WORDS) if notes else words,
    )


def _code(result: Result) -> Resource:
    words: Resource = {"text": result.label or result.code}
    return concept(Code(LOINC, result.code)) | words if result.code else words


def _read_code(node: Node) -> tuple[str, str]:
    label = node.line("text")
    if "coding" not in node.value:
        return "", label
    found = read_concept(node)
    if found.system != LOINC:
        raise node.refuse(node.at("coding.system"))
    return found.code, label


def _quantity(value: Decimal, unit: str, clause: str) -> Resource:
    try:
        return quantity(value, unit)
    except ValueError:
        raise refuse(clause) from None


def _read_value(node: Node) -> tuple[Decimal | None, str]:
    held = node.maybe("valueQuantity")
    if held is None:
        return None, ""
    if "valueString" in node.value:
        raise node.refuse(node.at("valueString"))
    return read_quantity(held)


def _limit(node: Node, name: str, unit: str) -> tuple[Decimal | None, str]:
    """A bound of the range and the unit; in another unit than the value it would mislead."""
    held = node.maybe(name)
    if held is None:
        return None, unit
    value, of_range = read_quantity(held)
    if unit and of_range != unit:
        raise held.refuse(held.at("code"))
    return value, of_range

"""The results of a structured laboratory report, as values with units, ranges and dates (CDA-5.1 to CDA-5.5).

What an observation measured is taken from its coded entry, never from the narrative's table. A number that cannot
be read refuses the report: a wrong figure is worse than none. No judgement is made: "high" is what the laboratory says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lxml import etree

from record_bridge.cda import read
from record_bridge.cda.read import line, maybe, moment, open_document, text, unreadable
from record_bridge.cda.value_sets import LABORATORY_REPORT, LOINC
from record_bridge.cda.values import Header
from record_bridge.errors import RecordError

MAX_RESULTS = 5_000
MAX_WORDS = 4_000  # characters of a value or a comment in words

_HL7 = "{urn:hl7-org:v3}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ATTACHED = frozenset({"55107-7", "55108-5"})  # the report's own PDF, carried along
_COMMENT = "48767-8"
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_NUMERIC = frozenset({"PQ", "INT", "REAL"})
_CODED = frozenset({"CD", "CE", "CV", "CO", "CS"})
_STATEMENTS = frozenset(_HL7 + name for name in ("act", "organizer", "observation", "procedure"))


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """One measurement. `value` is a number, or what the laboratory wrote ("" where it gives none).

    `code` is in `system` (LOINC as a rule), `unit` is UCUM; `low` and `high` bound the normal range in that unit,
    and `reference` says the range where it cannot be put so. `interpretation` is HL7's (N, L, H, LL, HH, A).
    """

    code: str
    name: str
    value: Decimal | str
    unit: str
    low: Decimal | None
    high: Decimal | None
    interpretation: str
    time_ms: int
    section: str
    status: str = "completed"
    reference: str = ""
    comment: str = ""
    system: str = LOINC

    def __repr__(self) -> str:
        return f"<Result {self.code}>"


@dataclass(frozen=True, slots=True)
class _Context:
    """What a statement inherits from what holds it."""

    section: str
    time_ms: int
    narrative: dict[str, str | etree._Element] = field(repr=False)

    def refers(self, reference: str) -> str:
        """The line that `#ID` names in the narrative; each is put together once."""
        name = reference.removeprefix("#")
        found = self.narrative.get(name, "")
        if not isinstance(found, str):
            found = self.narrative[name] = line("".join(found.itertext()), MAX_WORDS)
        return found


def results(octets: bytes) -> tuple[Result, ...]:
    """The results of a laboratory report in its order; none for another document, or for one that is a PDF.

    Raises the refusals of `read.open_document`, and cda-unreadable with what cannot be understood.
    """
    return results_of(open_document(octets))


def read_report(octets: bytes) -> tuple[Header, tuple[Result, ...]]:
    """Header and results of a document, opened once. Raises the refusals of both."""
    root = open_document(octets)
    return read.header(root), results_of(root)


def results_of(root: etree._Element) -> tuple[Result, ...]:
    """The results of a document that is open."""
    code, body = maybe(root, "h:code"), maybe(root, "h:component/h:structuredBody")
    if code is None or (code.get("code"), code.get("codeSystem")) != (LABORATORY_REPORT, LOINC) or body is None:
        return ()
    narrative = {node.get("ID"): node for node in body.iterfind(f".//{_HL7}text//*[@ID]")}
    found: list[Result] = []
    for result in _within(body, _Context("", moment(read.one(root, "h:effectiveTime")), narrative)):
        if len(found) >= MAX_RESULTS:
            raise RecordError("cda-unsafe", clause="results")
        found.append(result)
    return tuple(found)


def _within(node: etree._Element, context: _Context) -> Iterator[Result]:
    for child in node:
        if child.tag == _HL7 + "section":
            if not _is_another_s(child):
                title = text(child, "h:title") or context.section or _label(child)
                yield from _within(child, replace(context, section=title))
        elif child.tag in _STATEMENTS:
            if not _is_another_s(child):
                inner = replace(context, time_ms=_time(child, context.time_ms))
                if child.tag == _HL7 + "observation" and maybe(child, "h:value") is not None:
                    yield _result(child, inner)
                yield from _within(child, inner)
        elif child.tag in (_HL7 + "component", _HL7 + "entry", _HL7 + "entryRelationship"):
            yield from _within(child, context)


def _is_another_s(node: etree._Element) -> bool:
    """A copy of the report, something negated or only planned, or about somebody else than the patient."""
    code = maybe(node, "h:code")
    return (
        (code is not None and code.get("code") in _ATTACHED)
        or maybe(node, "h:subject") is not None
        or node.get("negationInd") == "true"
        or node.get("moodCode", "EVN") != "EVN"
    )


def _result(node: etree._Element, context: _Context) -> Result:
    code = maybe(node, "h:code")
    values = [_value(value, context) for value in read.every(node, "h:value")]
    value, unit = values[0] if len(values) == 1 else ("; ".join(f"{v} {u}".strip() for v, u in values), "")
    low, high, reference = _range(node, unit, context)
    interpretation = maybe(node, "h:interpretationCode")
    status = maybe(node, "h:statusCode")
    return Result(
        code="" if code is None else line(code.get("code", "")),
        name=_name(code, context),
        value=value,
        unit=unit,
        low=low,
        high=high,
        interpretation="" if interpretation is None else line(interpretation.get("code", "")),
        time_ms=context.time_ms,
        section=context.section,
        status="" if status is None else line(status.get("code", "")),
        reference=reference,
        comment=_comment(node, context),
        system="" if code is None else line(code.get("codeSystem", "")),
    )


def _name(code: etree._Element | None, context: _Context) -> str:
    """As the laboratory's own table says it; else the code's label; else the code."""
    if code is None:
        return ""
    return _original(code, context) or line(code.get("displayName", "")) or line(code.get("code", ""))


def _original(code: etree._Element, context: _Context) -> str:
    original = maybe(code, "h:originalText")
    return "" if original is None else line(_written(original, context))


def _written(node: etree._Element, context: _Context) -> str:
    reference = maybe(node, "h:reference")
    said = "" if reference is None else context.refers(reference.get("value", ""))
    return said or line("".join(node.itertext()), MAX_WORDS)


def _value(node: etree._Element, context: _Context) -> tuple[Decimal | str, str]:
    """A value and its unit, by its data type."""
    kind = _kind(node)
    if node.get("nullFlavor") is not None:
        return "", ""
    if kind in _NUMERIC:
        return _number(node), _unit(node)
    if kind.startswith("IVL_"):
        low, high, unit = _bounds(node)
        return _interval(low, high), unit
    if kind.startswith("RTO"):
        numerator, denominator = (read.one(node, f"h:{name}") for name in ("numerator", "denominator"))
        return f"{_number(numerator)}/{_number(denominator)}", _unit(numerator)
    if kind in _CODED:
        return line(node.get("displayName", "")) or _original(node, context) or line(node.get("code", "")), ""
    if kind in ("ST", "ED"):
        return _written(node, context), ""
    return line(node.get("value", "")) or _written(node, context), ""


def _kind(node: etree._Element) -> str:
    kind: str = node.get(_XSI_TYPE, "").rpartition(":")[2]
    return kind


def _number(node: etree._Element) -> Decimal:
    written = node.get("value", "").strip()
    if not _NUMBER.fullmatch(written):
        raise unreadable("observation/value")
    return Decimal(written)


def _unit(node: etree._Element) -> str:
    unit = line(node.get("unit", ""))
    return "" if unit == "1" else unit


def _bounds(node: etree._Element) -> tuple[etree._Element | None, etree._Element | None, str]:
    """The two ends of an interval that have a value, and their unit."""
    low, high = (
        end if end is not None and end.get("nullFlavor") is None else None
        for end in (maybe(node, "h:low"), maybe(node, "h:high"))
    )
    units = {_unit(end) for end in (low, high) if end is not None}
    if len(units) > 1:
        raise unreadable("observation/value")
    return low, high, next(iter(units), "")


def _interval(low: etree._Element | None, high: etree._Element | None) -> str:
    """An open interval is how a report says "less than" and "more than"."""
    if low is not None and high is not None:
        return f"{_number(low)} – {_number(high)}"
    if low is not None:
        return f"{'>' if low.get('inclusive') == 'false' else '≥'} {_number(low)}"
    return f"{'<' if high.get('inclusive') == 'false' else '≤'} {_number(high)}" if high is not None else ""


def _range(node: etree._Element, unit: str, context: _Context) -> tuple[Decimal | None, Decimal | None, str]:
    """Low and high of the normal range where they are in the value's unit; else the range in words."""
    ranges = read.every(node, "h:referenceRange/h:observationRange")
    normal = [one for one in ranges if _interprets(one) in ("", "N")]
    if not ranges:
        return None, None, ""
    chosen = (normal or ranges)[0]
    value, written = maybe(chosen, "h:value"), maybe(chosen, "h:text")
    said = "" if written is None else _written(written, context)
    if value is None or not _kind(value).startswith("IVL_"):
        return None, None, said or ("" if value is None else str(_value(value, context)[0]))
    low, high, in_unit = _bounds(value)
    if in_unit != unit or not normal:
        return None, None, said or f"{_interval(low, high)} {in_unit}".strip()
    return None if low is None else _number(low), None if high is None else _number(high), said


def _interprets(node: etree._Element) -> str:
    code = maybe(node, "h:interpretationCode")
    return "" if code is None else str(code.get("code", ""))


def _comment(node: etree._Element, context: _Context) -> str:
    for act in read.every(node, "h:entryRelationship/h:act"):
        code, said = maybe(act, "h:code"), maybe(act, "h:text")
        if code is not None and code.get("code") == _COMMENT and said is not None:
            return _written(said, context)
    return ""


def _label(section: etree._Element) -> str:
    code = maybe(section, "h:code")
    return "" if code is None else line(code.get("displayName", ""))


def _time(node: etree._Element, inherited: int) -> int:
    """When it was measured: its own time, an interval's beginning or end, or that of what holds it."""
    time = maybe(node, "h:effectiveTime")
    if time is None:
        return inherited
    for candidate in (time, maybe(time, "h:low"), maybe(time, "h:high")):
        if candidate is not None and candidate.get("value") is not None:
            return moment(candidate)
    return inherited

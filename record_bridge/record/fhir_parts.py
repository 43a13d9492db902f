"""What our FHIR R4 resources of a record share: ids, instants, codes, professionals (consent.md CO-1, record.md RD-2).

On top of messaging's strict reader; a refusal of that reader becomes this house's, with the same clause. It knows no
resource.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from typing import TypeVar

from messaging.errors import MessagingError
from messaging.referral.clinical import Party
from messaging.referral.fhir_json import Node
from record_bridge.errors import RecordError

OURS = "https://confrere.example/fhir/"  # a name that nobody can own, not a place to fetch from
RPPS = "https://rpps.esante.gouv.fr"
LOINC = "http://loinc.org"
URI = "urn:ietf:rfc:3986"
ID_SIZE = 16

_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

Resource = dict[str, object]
Value = TypeVar("Value")


def refuse(clause: str) -> MessagingError:
    """How a `Node` of ours refuses; `reading` gives it this house's id."""
    return MessagingError("clinical-body-malformed", clause=clause)


def reading(error_id: str, read: Callable[[], Value]) -> Value:
    """What `read` gives; whatever a body breaks is RecordError(error_id) with the clause, never the value."""
    try:
        return read()
    except MessagingError as refused:
        clause = str(refused.facts.get("clause", refused.id))
    raise RecordError(error_id, clause=clause)


def uuid_text(value: bytes, clause: str) -> str:
    """16 octets as `urn:uuid:...`."""
    if len(value) != ID_SIZE:
        raise refuse(clause)
    return f"urn:uuid:{uuid.UUID(bytes=value)}"


def read_uuid(node: Node, field: str) -> bytes:
    value = node.line(field)
    if not _UUID.fullmatch(value):
        raise node.refuse(node.at(field))
    return uuid.UUID(value).bytes


def identifier(value: bytes, clause: str) -> Resource:
    return {"system": URI, "value": uuid_text(value, clause)}


def read_identifier(node: Node) -> bytes:
    if node.line("system") != URI:
        raise node.refuse(node.at("system"))
    return read_uuid(node, "value")


def instant(ms: int, clause: str) -> str:
    """Milliseconds UTC as FHIR writes them, exactly: the fraction stands only where there is one."""
    try:
        moment = _EPOCH + datetime.timedelta(milliseconds=ms)
    except OverflowError:
        moment = None
    if moment is None or moment < _EPOCH:
        raise refuse(clause)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds").replace("+00:00", "Z")


def read_instant(node: Node, field: str) -> int:
    value = node.line(field)
    try:
        moment = datetime.datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None or moment < _EPOCH:
        raise node.refuse(node.at(field))
    return (moment - _EPOCH) // datetime.timedelta(milliseconds=1)


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def read_code(node: Node, system: str) -> str:
    """The code from that system among a concept's codings; empty if there is none."""
    found = (item for item in node.children("coding") if item.value.get("system") == system)
    coding = next(found, None)
    return coding.line("code") if coding else ""


def party(value: Party) -> Resource:
    """A professional as a FHIR Reference. The signature, not this, proves who it was."""
    if not value.rpps:
        return {"display": value.name}
    return {"identifier": {"system": RPPS, "value": value.rpps}, "display": value.name}


def read_party(node: Node) -> Party:
    """A name and the number beside it: its shape is held here, its key where a document is built."""
    held = node.maybe("identifier")
    if held is None or held.value.get("system") != RPPS:
        return Party(node.line("display"))
    number = held.line("value", limit=11)
    if not (number.isascii() and number.isdigit() and len(number) == 11):
        raise held.refuse(held.at("value"))
    return Party(node.line("display"), number)

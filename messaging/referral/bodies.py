"""Clinical bodies as FHIR R4: ServiceRequest, Task, Appointment, Communication (referral.md RF-2).

Each kind has one writer and one reader, side by side. Readers are strict about what they use and ignore
fields they do not know. A plain FHIR reader sees every text of an answer in order, without knowing our
extension.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from types import MappingProxyType

from messaging.errors import MessagingError
from messaging.referral.clinical import (
    MAX_BODY,
    MAX_LISTED,
    Answer,
    Appointment,
    AppointmentStatus,
    Body,
    Kind,
    Party,
    Question,
    Reason,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.fhir_json import LINE, Choice, Node, choose, dump, extension, parse
from messaging.referral.patient import contained_patient, to_fhir
from messaging.referral.states import BusinessStatus, Status
from messaging.referral.urgency import Urgency

_OURS = "https://confrere.example/fhir/"  # a name that nobody can own, not a place to fetch from
CATEGORIES = _OURS + "CodeSystem/communication-category"
BUSINESS_STATUSES = _OURS + "CodeSystem/referral-business-status"
REASONS = _OURS + "CodeSystem/referral-reason"
ANSWER_SECTION = _OURS + "StructureDefinition/answer-section"
RPPS = "https://rpps.esante.gouv.fr"
_URI = "urn:ietf:rfc:3986"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"

PLACE = 120  # characters
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

Resource = dict[str, object]


def read(kind: str, data: bytes) -> Body:
    """Bytes of a verified event as a body of that kind, or `clinical-body-malformed` naming the clause."""
    readers = _READERS.get(kind)
    if readers is None:
        raise _malformed("kind")
    root, reader = readers
    return reader(parse(data, root, MAX_BODY, _malformed).resource(root))


def write(body: Body) -> bytes:
    """A body as FHIR R4 JSON. What `read` would refuse is refused here too, before anybody signs it."""
    if len(body.case) != 16:
        raise _malformed("case")
    match body:
        case ReferralRequest():
            resource = _service_request(body)
        case StateChange():
            resource = _task(body)
        case Appointment():
            resource = _appointment(body)
        case Answer():
            resource = _answer(body)
        case Question() | Remark():
            resource = _communication(body.kind, body.case, [{"contentString": body.text}])
    data = dump(resource)
    read(body.kind.value, data)  # nobody signs what nobody could open
    return data


# ReferralRequest <-> ServiceRequest


def _service_request(body: ReferralRequest) -> Resource:
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "contained": [to_fhir(body.patient)],
        "requisition": _case_identifier(body.case),
        "status": "active",
        "intent": "order",
        "priority": body.urgency.value,
        "subject": {"reference": "#patient"},
        "requester": _party(body.requester),
        "performer": [_party(body.performer)],
        "reasonCode": [{"text": body.question}],
    }
    if body.supporting:
        resource["supportingInfo"] = [{"display": label} for label in body.supporting]
    return resource


def _read_service_request(node: Node) -> ReferralRequest:
    if (node.line("status"), node.line("intent")) != ("active", "order"):
        raise node.refuse(node.at("status"))
    if node.child("subject").line("reference") != "#patient":
        raise node.refuse(node.at("subject.reference"))
    return ReferralRequest(
        case=_case(node.child("requisition")),
        patient=contained_patient(node),
        question=node.first("reasonCode").text("text"),
        urgency=node.choice("priority", Urgency),
        requester=_read_party(node.child("requester")),
        performer=_read_party(node.first("performer")),
        supporting=tuple(item.line("display") for item in node.children("supportingInfo", MAX_LISTED)),
    )


def _party(party: Party) -> Resource:
    if not party.rpps:
        return {"display": party.name}
    return {"identifier": {"system": RPPS, "value": party.rpps}, "display": party.name}


def _read_party(node: Node) -> Party:
    identifier = node.maybe("identifier")
    if identifier is None or identifier.value.get("system") != RPPS:
        return Party(node.line("display"))
    rpps = identifier.line("value", limit=11)
    if not (rpps.isascii() and rpps.isdigit() and len(rpps) == 11):
        raise identifier.refuse(identifier.at("value"))
    return Party(node.line("display"), rpps)


# StateChange <-> Task


def _task(body: StateChange) -> Resource:
    resource: Resource = {
        "resourceType": "Task",
        "groupIdentifier": _case_identifier(body.case),
        "status": body.status.value,
        "intent": "order",
    }
    if body.reason:
        resource["statusReason"] = _coded(REASONS, body.reason.value)
    if body.business:
        resource["businessStatus"] = _coded(BUSINESS_STATUSES, body.business.value)
    if body.urgency:
        resource["priority"] = body.urgency.value
    if body.due_ms is not None:
        resource["restriction"] = {"period": {"end": _instant(body.due_ms)}}
    return resource


def _read_task(node: Node) -> StateChange:
    if node.line("intent") != "order":
        raise node.refuse(node.at("intent"))
    due = node.maybe("restriction")
    return StateChange(
        case=_case(node.child("groupIdentifier")),
        status=node.choice("status", Status),
        urgency=node.choice("priority", Urgency) if "priority" in node.value else None,
        business=_read_coded(node, "businessStatus", BUSINESS_STATUSES, BusinessStatus),
        due_ms=_ms(due.child("period"), "end") if due else None,
        reason=_read_coded(node, "statusReason", REASONS, Reason),
    )


# Appointment <-> Appointment


def _appointment(body: Appointment) -> Resource:
    # FHIR wants a participant; the patient stands here as a role without a name.
    participants: list[Resource] = [{"type": [_coded(_PARTICIPATION, "SBJ")], "status": "needs-action"}]
    if body.place:
        participants.append(
            {
                "type": [_coded(_PARTICIPATION, "LOC")],
                "actor": {"display": body.place},
                "status": "accepted",
            }
        )
    return {
        "resourceType": "Appointment",
        "status": body.status.value,
        "start": _instant(body.start_ms),
        "end": _instant(body.end_ms),
        "basedOn": [{"identifier": _case_identifier(body.case)}],
        "participant": participants,
    }


def _read_appointment(node: Node) -> Appointment:
    place = ""
    for participant in node.children("participant"):
        coded = _read_code(participant.first("type"), _PARTICIPATION) if "type" in participant.value else ""
        if coded == "LOC":
            place = participant.child("actor").line("display", limit=PLACE)
    start, end = _ms(node, "start"), _ms(node, "end")
    if end <= start:
        raise node.refuse(node.at("end"))
    return Appointment(_based_on(node), node.choice("status", AppointmentStatus), start, end, place)


# Question, Answer, Remark <-> Communication


def _communication(kind: Kind, case: bytes, payload: list[Resource]) -> Resource:
    return {
        "resourceType": "Communication",
        "basedOn": [{"identifier": _case_identifier(case)}],
        "status": "completed",
        "category": [_coded(CATEGORIES, kind.value)],
        "payload": payload,
    }


def _answer(body: Answer) -> Resource:
    sections = (
        ("conclusion", body.conclusion),
        ("what-to-do", body.what_to_do),
        ("by-when", body.by_when.isoformat() if body.by_when else ""),
        ("send-back-if", body.send_back_if),
    )
    payload: list[Resource] = [{"contentString": body.text}] if body.text else []
    payload += [
        {"extension": [{"url": ANSWER_SECTION, "valueCode": name}], "contentString": value}
        for name, value in sections
        if value
    ]
    payload += [{"contentAttachment": {"title": name}} for name in body.attached]
    return _communication(body.kind, body.case, payload)


def _read_question(node: Node) -> Question:
    return Question(_categorised(node, Kind.QUESTION), node.first("payload").text("contentString"))


def _read_remark(node: Node) -> Remark:
    return Remark(_categorised(node, Kind.REMARK), node.first("payload").text("contentString"))


def _read_answer(node: Node) -> Answer:
    case = _categorised(node, Kind.ANSWER)
    texts: dict[str, str] = {}
    attached: list[str] = []
    for part in node.children("payload", MAX_LISTED + 8):
        attachment = part.maybe("contentAttachment")
        if attachment:
            attached.append(attachment.line("title"))
            continue
        marked = extension(part.children("extension"), ANSWER_SECTION)
        section = marked.line("valueCode") if marked else ""
        if section in texts:
            raise part.refuse(part.at("extension"))
        texts[section] = part.text("contentString")
    if (not texts and not attached) or len(attached) > MAX_LISTED:
        raise node.refuse(node.at("payload"))
    by_when = texts.get("by-when")
    return Answer(
        case=case,
        text=texts.get("", ""),
        conclusion=texts.get("conclusion", ""),
        what_to_do=texts.get("what-to-do", ""),
        by_when=_day(by_when, node) if by_when else None,
        send_back_if=texts.get("send-back-if", ""),
        attached=tuple(attached),
    )


def _categorised(node: Node, kind: Kind) -> bytes:
    if node.line("status") != "completed":
        raise node.refuse(node.at("status"))
    if _read_code(node.first("category"), CATEGORIES) != kind.value:
        raise node.refuse(node.at("category"))
    return _based_on(node)


# What the resources share


def _case_identifier(case: bytes) -> Resource:
    return {"system": _URI, "value": f"urn:uuid:{uuid.UUID(bytes=case)}"}


def _case(node: Node) -> bytes:
    value = node.line("value")
    if node.line("system") != _URI or not _UUID.fullmatch(value):
        raise node.refuse(node.at("value"))
    return uuid.UUID(value).bytes


def _based_on(node: Node) -> bytes:
    return _case(node.first("basedOn").child("identifier"))


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _read_code(node: Node, system: str) -> str:
    """The code from that system among a concept's codings; empty if there is none."""
    found = (item for item in node.children("coding") if item.value.get("system") == system)
    coding = next(found, None)
    return coding.line("code") if coding else ""


def _read_coded(node: Node, field: str, system: str, choices: type[Choice]) -> Choice | None:
    concept = node.maybe(field)
    return choose(_read_code(concept, system), choices, node.at(field), node.refuse) if concept else None


def _instant(ms: int) -> str:
    try:
        moment = _EPOCH + datetime.timedelta(seconds=ms // 1000)
    except OverflowError:
        moment = None
    if moment is None or moment < _EPOCH:
        raise _malformed("instant")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ms(node: Node, field: str) -> int:
    value = node.line(field, limit=LINE)
    try:
        moment = datetime.datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None or moment < _EPOCH:
        raise node.refuse(node.at(field))
    return int((moment - _EPOCH).total_seconds()) * 1000


def _day(value: str, node: Node) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise node.refuse(node.at("payload.by-when"))
    return day


def _malformed(clause: str) -> MessagingError:
    return MessagingError("clinical-body-malformed", clause=clause)


_READERS: MappingProxyType[str, tuple[str, Callable[[Node], Body]]] = MappingProxyType(
    {
        Kind.REFERRAL_REQUEST.value: ("ServiceRequest", _read_service_request),
        Kind.STATE_CHANGE.value: ("Task", _read_task),
        Kind.APPOINTMENT.value: ("Appointment", _read_appointment),
        Kind.QUESTION.value: ("Communication", _read_question),
        Kind.ANSWER.value: ("Communication", _read_answer),
        Kind.REMARK.value: ("Communication", _read_remark),
    }
)

"""A consent as a FHIR R4 Consent: scope patient-privacy, category LOINC 59284-0 (consent.md CO-1).

A plain FHIR reader sees what matters without knowing us: a permit with its period, whose data, and the denials inside
it. Only what FHIR has no place for is ours: which end an inactive consent met, and the codes of kinds and classes.
`verification` says that the patient was heard; by whom it is signed is proven elsewhere and not believed from here.
"""

from __future__ import annotations

from messaging.referral.fhir_json import LINE, Node, dump, extension, parse
from messaging.referral.patient import contained_patient, to_fhir
from record_bridge.consent.consent import (
    MAX_EXCLUDED,
    MAX_LABEL,
    MAX_THREADS,
    Consent,
    Episode,
    Exchange,
    Limits,
    Purpose,
    Scope,
    Told,
)
from record_bridge.consent.states import State
from record_bridge.record.classes import RecordClass
from record_bridge.record.fhir_parts import (
    LOINC,
    OURS,
    Resource,
    Value,
    coded,
    identifier,
    instant,
    party,
    read_code,
    read_identifier,
    read_instant,
    read_party,
    reading,
    refuse,
)
from record_bridge.record.kinds import Kind

MAX_CONSENT = 8 * 1024  # octets
MEDIA_TYPE = "application/fhir+json"

CATEGORY = "59284-0"  # LOINC: consent document
SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PURPOSES = OURS + "CodeSystem/consent-purpose"
KINDS = OURS + "CodeSystem/record-kind"
CLASSES = OURS + "CodeSystem/record-class"
END = OURS + "StructureDefinition/consent-end"
TOLD = OURS + "policy/consent-"
# What feeds the record is a duty of the law, with information and non-opposition; the choice per exchange is ours.
LAW = "Code de la santé publique, L. 1111-15, R. 1111-46 et R. 1111-47 ; arrêté du 26 avril 2022"

_STATUS = {
    State.PROPOSED: "proposed",
    State.ACTIVE: "active",
    State.LIMITED: "active",
    State.WITHDRAWN: "inactive",
    State.EXPIRED: "inactive",
    State.OPPOSED: "rejected",
}
_ENDS = (State.WITHDRAWN, State.EXPIRED)
_PATIENT = {"reference": "#patient"}
_UNDERSTOOD = {"type", "period", "actor", "purpose", "data", "provision"}


def write(consent: Consent) -> bytes:
    """A consent as FHIR R4 JSON, at most 8 KiB. What `read` would refuse is refused here, `consent-malformed`."""
    data = reading("consent-malformed", lambda: dump(_resource(consent)))
    read(data)  # nobody signs what nobody could open
    return data


def read(data: bytes) -> Consent:
    """Raises RecordError: consent-malformed, naming the clause."""
    return reading("consent-malformed", lambda: _read(parse(data, "Consent", MAX_CONSENT, refuse).resource("Consent")))


def _resource(consent: Consent) -> Resource:
    recorded = instant(consent.recorded_ms, "Consent.dateTime")
    resource: Resource = {"resourceType": "Consent", "contained": [to_fhir(consent.patient)]}
    if consent.state in _ENDS:
        resource["extension"] = [{"url": END, "valueCode": consent.state.value}]
    told = {
        "verified": consent.state is not State.PROPOSED,
        "verifiedWith": _PATIENT,
        "verificationDate": recorded,
    }
    return resource | {
        "identifier": [identifier(consent.series, "Consent.identifier")],
        "status": _STATUS[consent.state],
        "scope": coded(SCOPES, "patient-privacy"),
        "category": [coded(LOINC, CATEGORY)],
        "patient": _PATIENT,
        "dateTime": recorded,
        "performer": [party(consent.recorder) if consent.recorder else _PATIENT],
        "policy": [{"uri": TOLD + consent.told.value}],
        "policyRule": {"text": LAW},
        "verification": [told],
        "provision": _provision(consent),
    }


def _provision(consent: Consent) -> Resource:
    period, data = _scope(consent.scope)
    provision: Resource = {"type": "permit"}
    if period:
        provision["period"] = period
    record = {"identifier": identifier(consent.record, "Consent.provision.actor")}
    provision |= {
        "actor": [{"role": coded(PARTICIPATION, "CST"), "reference": record}],
        "purpose": [{"system": PURPOSES, "code": purpose.value} for purpose in sorted(consent.purposes)],
        "data": data,
    }
    denied = _denied(consent.limits)
    return provision | {"provision": denied} if denied else provision


def _scope(scope: Scope) -> tuple[Resource, list[Resource]]:
    where = "Consent.provision.data"
    if isinstance(scope, Episode):
        period: Resource = {
            "start": instant(scope.start_ms, "Consent.provision.period"),
            "end": instant(scope.end_ms, "Consent.provision.period"),
        }
        episode = {"type": "EpisodeOfCare", "identifier": identifier(scope.id, where), "display": scope.label}
        return period, [{"meaning": "related", "reference": episode}]
    period = {} if scope.end_ms is None else {"end": instant(scope.end_ms, "Consent.provision.period")}
    data: list[Resource] = []
    if scope.case:
        case = {"type": "ServiceRequest", "identifier": identifier(scope.case, where)}
        data.append({"meaning": "related", "reference": case})
    data += [{"meaning": "instance", "reference": {"identifier": identifier(t, where)}} for t in scope.threads]
    return period, data


def _denied(limits: Limits) -> list[Resource]:
    """One denial for each sort of limit: inside one provision FHIR reads several elements as "all of them"."""
    denied: list[Resource] = []
    if limits.kinds:
        denied.append({"type": "deny", "code": [coded(KINDS, kind.value) for kind in sorted(limits.kinds)]})
    if limits.professionals:
        actors = [
            {
                "role": coded(PARTICIPATION, "AUT"),
                "reference": {"identifier": identifier(account, "Consent.provision.provision.actor")},
            }
            for account in sorted(limits.professionals)
        ]
        denied.append({"type": "deny", "actor": actors})
    if limits.classes:
        labels = [{"system": CLASSES, "code": class_.slug} for class_ in sorted(limits.classes)]
        denied.append({"type": "deny", "securityLabel": labels})
    return denied


# Reading


def _read(node: Node) -> Consent:
    _fixed(node)
    provision = node.child("provision")
    if provision.line("type") != "permit":
        raise provision.refuse(provision.at("type"))
    if set(provision.value) - _UNDERSTOOD:
        raise provision.refuse(provision.at("provision"))  # whatever it is, it narrows the permit
    limits = _read_limits(provision)
    performer = node.first("performer")
    return Consent(
        series=read_identifier(node.first("identifier")),
        state=_read_state(node, limits),
        scope=_read_scope(provision),
        patient=contained_patient(node),
        record=_read_record(provision),
        recorder=None if performer.value.get("reference") == "#patient" else read_party(performer),
        recorded_ms=read_instant(node, "dateTime"),
        purposes=frozenset(_read_purposes(provision)),
        limits=limits,
        told=_read_told(node),
    )


def _fixed(node: Node) -> None:
    """What every consent of ours says alike; another scope or subject would be another act."""
    if read_code(node.child("scope"), SCOPES) != "patient-privacy":
        raise node.refuse(node.at("scope"))
    if read_code(node.first("category"), LOINC) != CATEGORY:
        raise node.refuse(node.at("category"))
    if node.child("patient").line("reference") != "#patient":
        raise node.refuse(node.at("patient.reference"))
    if node.child("policyRule").text("text", limit=LINE) != LAW:
        raise node.refuse(node.at("policyRule"))


def _read_state(node: Node, limits: Limits) -> State:
    status = node.line("status")
    ended = extension(node.children("extension"), END)
    if (ended is not None) is not (status == "inactive"):
        raise node.refuse(node.at("extension"))
    if ended is not None:
        state = next((state for state in _ENDS if state.value == ended.line("valueCode")), None)
    elif status == "active":
        state = State.LIMITED if limits else State.ACTIVE
    else:
        state = next((state for state, written in _STATUS.items() if written == status), None)
    if state is None:
        raise node.refuse(node.at("status"))
    return state


def _read_scope(provision: Node) -> Scope:
    case, threads, episode = b"", [], None
    for item in provision.children("data", MAX_THREADS + 1):
        reference = item.child("reference")
        held = read_identifier(reference.child("identifier"))
        meaning, type_ = item.line("meaning"), reference.line("type", required=False)
        if (meaning, type_) == ("related", "EpisodeOfCare") and episode is None:
            episode = (held, reference.line("display", limit=MAX_LABEL))
        elif (meaning, type_) == ("related", "ServiceRequest") and not case:
            case = held
        elif (meaning, type_) == ("instance", ""):
            threads.append(held)
        else:
            raise item.refuse(item.at("meaning"))
    period = provision.maybe("period")
    if episode is None:
        end = read_instant(period, "end") if period else None
        return Exchange(case, tuple(threads), end)
    if case or threads or period is None:
        raise provision.refuse(provision.at("data"))
    return Episode(*episode, read_instant(period, "start"), read_instant(period, "end"))


def _read_record(provision: Node) -> bytes:
    actor = provision.first("actor")
    if read_code(actor.child("role"), PARTICIPATION) != "CST":
        raise actor.refuse(actor.at("role"))
    return read_identifier(actor.child("reference").child("identifier"))


def _read_purposes(provision: Node) -> list[Purpose]:
    found = []
    for coding in provision.children("purpose"):
        if coding.line("system") != PURPOSES:
            raise coding.refuse(coding.at("system"))
        found.append(coding.choice("code", Purpose))
    return found


def _read_limits(provision: Node) -> Limits:
    kinds: set[Kind] = set()
    professionals: set[bytes] = set()
    classes: set[RecordClass] = set()
    for denial in provision.children("provision", 3):
        if denial.line("type") != "deny":
            raise denial.refuse(denial.at("type"))
        dimensions = [field for field in ("code", "actor", "securityLabel") if field in denial.value]
        # A denial that we do not wholly understand would be read as a narrower one.
        if len(dimensions) != 1 or set(denial.value) - {"type", *dimensions} or not denial.children(dimensions[0]):
            raise denial.refuse(denial.at("provision"))
        for concept in denial.children("code"):
            kinds.add(_known(read_code(concept, KINDS), {kind.value: kind for kind in Kind}, concept))
        for actor in denial.children("actor", MAX_EXCLUDED):
            if read_code(actor.child("role"), PARTICIPATION) != "AUT":
                raise actor.refuse(actor.at("role"))
            professionals.add(read_identifier(actor.child("reference").child("identifier")))
        for label in denial.children("securityLabel"):
            if label.line("system") != CLASSES:
                raise label.refuse(label.at("system"))
            classes.add(_known(label.line("code"), {class_.slug: class_ for class_ in RecordClass}, label))
    return Limits(frozenset(kinds), frozenset(professionals), frozenset(classes))


def _read_told(node: Node) -> Told:
    policy = node.first("policy")
    uri = policy.line("uri")
    known = {TOLD + told.value: told for told in Told}
    return _known(uri, known, policy)


def _known(code: str, known: dict[str, Value], node: Node) -> Value:
    if code not in known:
        raise node.refuse(node.at("code"))
    return known[code]

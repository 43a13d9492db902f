"""What was read, as the JSON documents of `inbox` and `show` and as the words of both: values in, values out.

Every text comes from verified events; what failed verification is counted and never shown. The readable text of a
clinical body is made here once, for the terminal, the JSON document and the exported pages.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

from confrere.words.catalogue import Words
from messaging.client.reading import Exchange, ReadEvent
from messaging.errors import MessagingError
from messaging.gateway.mail import quotation
from messaging.profile.outbox import Outgoing
from messaging.protocol import body as bodies
from messaging.protocol import message
from messaging.protocol.acks import AckKind
from messaging.protocol.body import EventType, Manifest
from messaging.protocol.message import Message
from messaging.referral import bodies as clinical_bodies
from messaging.referral.clinical import Answer, Appointment, Kind, Question, ReferralRequest, Remark, StateChange
from messaging.referral.patient import Patient
from messaging.referral.states import act_of
from messaging.referral.turn import turn_words
from messaging.rendering.pages import day, moment

CLASSES = ("logistics", "clinical", "doctor-only")
Say = Callable[..., str]
_UNWRITTEN = {"unknown": "event-newer", "record-share": "event-record-share-text"}
_IN_WORDS = ("message", "answer", "question", "remark")
_PLAIN = ("message", "unknown", "record-share")  # the rest are the referral's


def iso(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC).isoformat(timespec="seconds")


def local(ms: int, words: Words) -> str:
    """A time as people read it, in the zone of this machine."""
    zone = datetime.datetime.fromtimestamp(ms / 1000).astimezone().tzinfo or datetime.UTC
    return moment(ms, words.language, zone)


def person(name: str, address: str, words: Words) -> str:
    """`Name <address>`, or words for a signer whose identity no proof shows."""
    if not name:
        return words.say("author-unproven")
    return f"{name} <{address}>" if address else name


# --- one event ---


def text_of(event: ReadEvent, exchange: Exchange, words: Words) -> str:
    """The event in readable words, its labelled fields included."""
    content = event.content
    labelled = "\n".join(_labelled(fields_of(event, words), words))
    if isinstance(content, StateChange | Appointment):
        return "\n".join(filter(None, [words.say(act_words(event, exchange)), labelled]))
    if isinstance(content, Answer):
        return "\n\n".join(filter(None, [content.text, labelled]))
    return free_text(event, words)


def free_text(event: ReadEvent, words: Words) -> str:
    """What the author wrote; empty where only fields speak."""
    match event.content:
        case Message() | Question() | Remark() | Answer():
            return event.content.text
        case ReferralRequest():
            return event.content.question
        case StateChange() | Appointment():
            return ""
        case None:
            return words.say(_UNWRITTEN.get(event.type, "event-unreadable"))


def act_words(event: ReadEvent, exchange: Exchange) -> str:
    """The id of the words that say what moved."""
    content = event.content
    if isinstance(content, Appointment):
        return f"referral-act-appointment-{content.status.value}"
    side = exchange.sides.get(event.acting_for)
    if isinstance(content, StateChange) and side is not None:
        return f"referral-act-{act_of(side, content.status, content.business).value}"
    return f"event-{event.type}" if event.type in _PLAIN else f"referral-kind-{event.type}"


def fields_of(event: ReadEvent, words: Words) -> dict[str, str]:
    """The labelled parts of an event: the end of their words' id (`referral-field-<name>`) and their value."""
    content = event.content
    found: dict[str, str] = {}
    match content:
        case ReferralRequest():
            urgency = words.say(f"urgency-{content.urgency.value}")
            found = {"patient": patient_line(content.patient, words), "urgency": urgency}
        case StateChange():
            found = {
                "due": local(content.due_ms, words) if content.due_ms else "",
                "reason": words.say(f"referral-reason-{content.reason.value}") if content.reason else "",
            }
        case Appointment():
            found = {"start": local(content.start_ms, words), "place": content.place}
        case Answer():
            found = {
                "conclusion": content.conclusion,
                "what-to-do": content.what_to_do,
                "by-when": day(content.by_when, words.language) if content.by_when else "",
                "send-back-if": content.send_back_if,
            }
        case _:
            pass
    return {name: value for name, value in found.items() if value}


def _labelled(fields: Mapping[str, str], words: Words) -> list[str]:
    return [f"{words.say(f'referral-field-{name}')}{words.say('colon')} {value}" for name, value in fields.items()]


def patient_line(patient: Patient, words: Words) -> str:
    """Name, birth date and INS, to show and to compare."""
    number = f" · INS {patient.ins.matricule}" if patient.ins else ""
    return f"{patient.display_name} · {day(patient.traits.birth_date, words.language)}{number}"


def notices_of(event: ReadEvent, exchange: Exchange) -> list[str]:
    """Ids of the sentences beside an event: what is out of order, and acts without effect."""
    acts = exchange.case.refused if exchange.case else ()
    return [
        *(f"notice-{notice}" for notice in event.notices),
        *(f"error-{refused.reason}" for refused in acts if refused.tick == event.tick),
    ]


def attachment(manifest: Manifest) -> dict[str, object]:
    return {"name": manifest.name, "size": manifest.size, "media_type": manifest.media_type}


def event_document(event: ReadEvent, exchange: Exchange, words: Words) -> dict[str, object]:
    """`quoted` is the end of `body` in which a mail program repeats what was written before, or empty."""
    body = text_of(event, exchange, words)
    return {
        "event": event.id.hex(),
        "thread": event.thread.hex(),
        "class": CLASSES[event.class_],
        "type": event.type,
        "author": person(event.author.name, event.author.address, words),
        "author_name": event.author.name,
        "author_address": event.author.address,
        "profession": event.author.profession,
        "on_behalf_of": event.author.on_behalf_of,
        "own": event.own,
        "time": iso(event.time),
        "time_words": local(event.time, words),
        "kind_words": words.say(act_words(event, exchange)),
        "body": body,
        "quoted": quotation.fold(body).quoted if event.type in _IN_WORDS else "",
        "fields": fields_of(event, words),
        "attachments": [attachment(manifest) for manifest in event.manifests],
        "notices": [words.say(notice) for notice in notices_of(event, exchange)],
    }


# --- one exchange ---


def subject_of(exchange: Exchange, words: Words) -> str:
    if exchange.case is None:
        return exchange.subject
    kind = words.say("referral-kind-referral-request")
    request = exchange.case.request
    return f"{kind}{words.say('colon')} {request.patient.display_name}" if request else kind


def state_of(exchange: Exchange) -> str:
    """A case's phase; of a plain exchange how far the last own message came, or `received`."""
    if exchange.case is not None:
        return exchange.case.phase.value
    if not exchange.events or not exchange.events[-1].own:
        return "received"
    last = exchange.events[-1].seq
    reached = [kind for kind in (AckKind.READ, AckKind.DELIVERED) if exchange.acked.get(kind, 0) >= last]
    return reached[0].name.lower() if reached else "sent"


def state_words(exchange: Exchange, words: Words) -> str:
    return words.say(exchange.case.phase.words if exchange.case else f"exchange-{state_of(exchange)}")


def turn_of(exchange: Exchange) -> str | None:
    """`yours`, `theirs`, `nobody`; None where there is no turn or no side."""
    if exchange.case is None or exchange.own_side is None:
        return None
    return turn_words(exchange.case.turn, exchange.own_side).removeprefix("referral-turn-")


def summary(exchange: Exchange, words: Words, now: int) -> dict[str, object]:
    """What `inbox` and `show` both say of an exchange."""
    case, turn = exchange.case, turn_of(exchange)
    urgency = case.urgency or (case.request.urgency if case.request else None) if case else None
    return {
        "thread": exchange.id.hex(),
        "subject": subject_of(exchange, words),
        "state": state_of(exchange),
        "state_words": state_words(exchange, words),
        "turn": turn,
        "turn_words": words.say(f"referral-turn-{turn}") if turn else "",
        "urgency": urgency.value if urgency else None,
        "due": iso(case.due_ms) if case and case.due_ms else None,
        "overdue": case.overdue(now) if case else False,
        "patient": case.request.patient.display_name if case and case.request else None,
        "refused_count": len(exchange.refused),
    }


def inbox_row(exchange: Exchange, words: Words, now: int) -> dict[str, object]:
    """One line of the inbox. `from` is the latest other author, else oneself."""
    others = [event for event in exchange.events if not event.own] or list(exchange.events)
    last = others[-1] if others else None
    return summary(exchange, words, now) | {
        "from": person(last.author.name, last.author.address, words) if last else "",
        "on_behalf_of": last.author.on_behalf_of if last else "",
        "unread": exchange.unread,
        "time": iso(exchange.events[-1].time) if exchange.events else None,
        "phone": "",
    }


def show_document(exchange: Exchange, readers: list[str], words: Words, now: int) -> dict[str, object]:
    return summary(exchange, words, now) | {
        "readers": readers,
        "publicly_verified": False,
        "events": [event_document(event, exchange, words) for event in exchange.events],
        "refused": [
            {"thread": one.thread.hex(), "place": one.seq, "id": one.failure, "message": said(one.failure, words)}
            for one in exchange.refused
        ],
    }


def said(error_id: str, words: Words) -> str:
    """The words of a refusal whose facts were not kept."""
    facts = dict.fromkeys(("what", "field", "clause", "act", "trait", "candidates"), "")
    return words.say(f"error-{error_id}", limit=0, matches=0, **facts)


# --- what waits on this device ---


def waiting_row(waiting: Outgoing, words: Words, own: str, state: str, names: str, phone: str) -> dict[str, object]:
    """A thread that has not left yet, as a line of the inbox."""
    subject, patient, urgency = "", None, None
    try:
        body = bodies.parse(waiting.body)
        if waiting.type == EventType.MESSAGE:
            subject = message.read(body).subject
        elif waiting.type == EventType.REFERRAL_REQUEST:
            request = clinical_bodies.read(Kind.REFERRAL_REQUEST.value, body.content)
            if isinstance(request, ReferralRequest):
                patient, urgency = request.patient.display_name, request.urgency.value
                subject = f"{words.say('referral-kind-referral-request')}{words.say('colon')} {patient}"
    except MessagingError:
        pass
    return {
        "thread": waiting.thread.hex(),
        "subject": subject,
        "state": state,
        "state_words": words.say("exchange-refused-state" if state == "refused" else f"exchange-{state}"),
        "turn": None,
        "turn_words": "",
        "urgency": urgency,
        "due": None,
        "overdue": False,
        "patient": patient,
        "refused_count": 0,
        "from": own,
        "on_behalf_of": "",
        "to": names,
        "unread": 0,
        "time": None,
        "phone": phone,
        "waiting": 1,
        "error": waiting.failure or None,
    }

"""A referral's events as a mail says them (docs/spec/referral.md RF-2, ML-4): the subject and the text of a request, an
answer, a question, a remark, an appointment, a state. Adds nothing to what the body holds; decides no state.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from directory.identity.ins import Sex
from messaging.gateway.mail.heading import line_of
from messaging.gateway.mail.rendered import Clinical, Rendered, Say, Standing
from messaging.referral.clinical import Answer, Appointment, Question, ReferralRequest, Remark, StateChange
from messaging.referral.patient import Patient
from messaging.referral.states import Side, act_of
from messaging.referral.turn import Phase

_ENDED = (Phase.UNSENT, Phase.ANSWERED, Phase.DECLINED, Phase.CLOSED, Phase.CANCELLED)


def subject(content: Clinical, standing: Standing | None, say: Say) -> str:
    """What it is and, where the reader may know, about whom: it stays in the reader's own mailbox."""
    said = _moved(content, say)
    patient = standing.patient if standing else None
    if isinstance(content.body, ReferralRequest):
        patient = content.body.patient
    return f"{said}{say('colon')} {line_of(patient.display_name)}" if patient else said


def text(content: Clinical, event: Rendered, say: Say, zone: datetime.tzinfo) -> str:
    """The whole event in readable words; lines end in LF."""
    body = content.body
    match body:
        case ReferralRequest():
            said = _request(body, event, say, zone)
        case Answer():
            sections = (
                ("conclusion", body.conclusion),
                ("what-to-do", body.what_to_do),
                ("by-when", day(body.by_when, say) if body.by_when else ""),
                ("send-back-if", body.send_back_if),
            )
            said = [body.text, _labelled(sections, say)]
        case Question():
            said = [body.text, say("mail-how-to-reply-question")]
        case Remark():
            said = [say("mail-doctors-only"), body.text]
        case StateChange():
            due = moment(body.due_ms, say, zone) if body.due_ms is not None else ""
            reason = say(f"referral-reason-{body.reason.value}") if body.reason else ""
            said = [_moved(content, say), _labelled((("due", due), ("reason", reason)), say)]
        case Appointment():
            fields = (("start", moment(body.start_ms, say, zone)), ("place", line_of(body.place)))
            said = [_moved(content, say), _labelled(fields, say)]
    return "\n\n".join(filter(None, said))


def patient_lines(patient: Patient, say: Say) -> str:
    """The identity, one trait a line, to compare with one's own file."""
    traits = patient.traits
    ins = f"{patient.ins.matricule}" if patient.ins else say("mail-patient-without-ins")
    fields = (
        ("birth-name", traits.birth_name),
        ("given-names", traits.birth_given_names),
        ("birth-date", day(traits.birth_date, say)),
        ("sex", "" if traits.sex is Sex.UNKNOWN else say(f"mail-sex-{traits.sex.value}")),
        ("birth-place", traits.birth_place),
        ("ins", ins),
    )
    lines = [f"  {say(f'mail-patient-{name}')}{say('colon')} {line_of(value)}" for name, value in fields if value]
    return "\n".join([f"{say('referral-field-patient')}{say('colon')} {line_of(patient.display_name)}", *lines])


def moment(ms: int, say: Say, zone: datetime.tzinfo) -> str:
    """A time of day in that zone, with the zone's name."""
    local = datetime.datetime.fromtimestamp(ms // 1000, zone)
    return say("mail-moment", day=day(local.date(), say), time=f"{local:%H:%M}", zone=local.tzname() or "")


def day(date: datetime.date, say: Say) -> str:
    return say("mail-day", day=f"{date:%d}", month=f"{date:%m}", year=f"{date.year:04}")


def _request(body: ReferralRequest, event: Rendered, say: Say, zone: datetime.tzinfo) -> list[str]:
    standing = event.standing
    due = moment(standing.due_ms, say, zone) if standing and standing.due_ms is not None else ""
    return [
        standing.advice if standing else "",
        patient_lines(body.patient, say),
        _labelled((("urgency", say(f"urgency-{body.urgency.value}")), ("due", due)), say),
        body.question,
        say("mail-documents", names=", ".join(map(line_of, body.supporting))) if body.supporting else "",
        say("mail-how-to-answer") if _may_answer(standing) else "",
    ]


def _may_answer(standing: Standing | None) -> bool:
    return standing is not None and standing.own is Side.PERFORMER and standing.phase not in _ENDED


def _moved(content: Clinical, say: Say) -> str:
    """What happened, in a few words."""
    body = content.body
    if isinstance(body, Appointment):
        return say(f"referral-act-appointment-{body.status.value}")
    if isinstance(body, StateChange) and content.side is not None:
        return say(f"referral-act-{act_of(content.side, body.status, body.business).value}")
    return say(f"referral-kind-{body.kind.value}")


def _labelled(fields: Iterable[tuple[str, str]], say: Say) -> str:
    return "\n".join(f"{say(f'referral-field-{name}')}{say('colon')} {value}" for name, value in fields if value)

"""`confrere refer`: ask a colleague about a patient. Shows what is doubtful about the identity and how soon an answer
is promised; the highest urgency shows the telephone and the emergency number first."""

from __future__ import annotations

import argparse
import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from confrere.commands import addressing, given, opening, sending, showing, views
from confrere.commands.addressing import Addressed
from confrere.commands.showing import Chosen
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.settings import read_toml
from confrere.words.catalogue import Words
from directory.errors import Refusal
from messaging.client import referrals
from messaging.client.endpoint import Endpoint
from messaging.client.referrals import Referral
from messaging.referral import urgency
from messaging.referral.clinical import Party
from messaging.referral.datamatrix import MAX_DATAMATRIX, from_datamatrix, looks_like_datamatrix
from messaging.referral.patient import Patient, from_fhir
from messaging.referral.urgency import Urgency
from record_bridge.client import exchanges

NAME = "refer"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--to", metavar="ADDRESS", required=True, help=words.say("refer-flag-to-help"))
    parser.add_argument("--patient", metavar="FILE", required=True, help=words.say("refer-flag-patient-help"))
    question = parser.add_mutually_exclusive_group(required=True)
    question.add_argument("--question", metavar="FILE", default="", help=words.say("refer-flag-question-help"))
    question.add_argument("--text", metavar="TEXT", default="", help=words.say("flag-text-help"))
    levels = [level.value for level in Urgency]
    parser.add_argument("--urgency", choices=levels, required=True, help=words.say("refer-flag-urgency-help"))
    given.add_attach_flag(parser, words)
    showing.add_flags(parser, words, "refer-flag-share-help")
    parser.add_argument("--yes", action="store_true", help=words.say("refer-flag-yes-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    words = output.words
    patient = read_patient(arguments.patient)
    question = given.prose(given.text(arguments.question) if arguments.question else arguments.text)
    if not question.strip():
        raise given.wrong(output, NAME, "text-missing")
    files = given.files(arguments.attach)
    level = Urgency(arguments.urgency)
    policy = urgency.read_policy(read_toml(opening.config_of(arguments) / "urgency.toml"))
    for warning in patient.warnings:
        output.note(words.say(warning))
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.reach(endpoint)
        opening.mailbox_needed(endpoint)
        to = await addressing.address(endpoint, [arguments.to], online=online)
        chosen = (
            await showing.choose(endpoint, patient, arguments.share, arguments.share_days)
            if arguments.share and online
            else None
        )
        told = urgency.advice(policy, level, to.phone or await _telephone(endpoint, to, online))
        advice = words.say(told.words, **told.facts)
        output.note(advice)
        if told.blocking and not arguments.yes and not given.agrees(output, "refer-confirm"):
            raise ConfrereError("not-confirmed")
        colleague = to.colleagues[0] if to.colleagues else None
        referral = await referrals.refer(
            endpoint,
            to=to.to,
            waiting_for=to.waiting_for,
            performer=Party(colleague.name, colleague.rpps) if colleague else Party(arguments.to),
            patient=patient,
            question=question,
            level=level,
            policy=policy,
            files=files,
        )
        if to.waiting_for:
            await sending.invite(endpoint, to.waiting_for)
        document = {
            "case": referral.case.hex(),
            "patient": patient.display_name,
            "urgency": level.value,
            "expected_by": views.iso(urgency.due(policy, level, endpoint.environment.now())),
            "advice": advice,
            "warnings": list(patient.warnings),
        }
        follow = _Showing(endpoint, referral, chosen, to, output)
        code = await sending.leave(
            endpoint,
            referral.outgoing,
            output,
            online=online,
            done="refer-done",
            document=document,
            to=to,
            then=follow.show if chosen else None,
        )
        if online and colleague is not None and not to.waiting_for:
            with contextlib.suppress(Refusal):  # the request has left: its line in the patient's log must not undo that
                await exchanges.asked(endpoint, patient, referral.case, Party(colleague.name, colleague.rpps))
        if arguments.share and not follow.done:
            output.note(words.say("share-not-yet", thread=referral.thread.hex()))
        if follow.refused is not None:
            return output.problem(follow.refused)
        return code


@dataclass(slots=True)
class _Showing:
    """Lines of the record, once the request has left: whatever happens to them, it has."""

    endpoint: Endpoint
    referral: Referral
    chosen: Chosen | None
    to: Addressed
    output: Output
    done: bool = False
    refused: Refusal | None = None

    async def show(self) -> tuple[Mapping[str, object], str]:
        self.done = True
        if self.chosen is None:
            return {}, ""
        mailboxes = [colleague.mailbox for colleague in self.to.colleagues if colleague.enrolled]
        try:
            shared, said = await showing.show(
                self.endpoint,
                self.chosen,
                self.referral.thread,
                self.referral.case,
                mailboxes,
                self.to.names,
                self.output,
            )
        except Refusal as refused:
            self.refused = refused
            reason = self.output.words.of(refused)
            failed = {"id": refused.id, "message": reason}
            return {"shared": None, "error": failed}, self.output.words.say("share-refused", reason=reason)
        return {"shared": shared}, said


def read_patient(source: str) -> Patient:
    """A FHIR Patient (file or standard input) or an INS datamatrix: as the argument itself, or in the file."""
    patient = _patient(source)
    if patient.traits.birth_date > datetime.date.today():
        raise ConfrereError("patient-born-later")
    return patient


def _patient(source: str) -> Patient:
    if looks_like_datamatrix(source):
        return from_datamatrix(source)
    raw = given.octets(source).removeprefix(b"\xef\xbb\xbf")
    scanned = raw[: 4 * MAX_DATAMATRIX].decode("utf-8", "replace")
    return from_datamatrix(scanned) if looks_like_datamatrix(scanned) else from_fhir(raw)


async def _telephone(endpoint: Endpoint, to: Addressed, online: bool) -> str:
    """An enrolled colleague's practice, from the directory; nothing when it does not know."""
    if not online or not to.colleagues or not to.colleagues[0].rpps:
        return ""
    try:
        return (await endpoint.addresses.by_rpps(to.colleagues[0].rpps)).phone
    except Refusal:
        return ""

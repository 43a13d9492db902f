"""`confrere record open`: a patient opens his own record; a professional opens one for a patient without a device, and
gets the sheet with which the patient takes it over later. Once the identity is better known, the same command says so
in the record."""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path

from confrere.commands import given, opening, private_file, record_views, refer
from confrere.commands.record_views import Keeper
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.referral.patient import Patient
from record_bridge.client import holding, upkeep
from record_bridge.client.holding import HeldRecord
from record_bridge.record import sheet as sheets
from record_bridge.record.sheet import Sheet
from record_bridge.rendering.claim_sheet import ClaimSheet, claim_page, claim_text

NAME = "open"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--patient", metavar="FILE", default="", help=words.say("record-open-flag-patient-help"))
    parser.add_argument("--sheet", metavar="FILE", default="", help=words.say("record-open-flag-sheet-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    patient = refer.read_patient(arguments.patient) if arguments.patient else None
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            own = await holding.is_patient(endpoint)
            if own and patient is not None:
                raise given.wrong(output, "record open", "record-open-own-alone")
            if patient is None:
                if not own:
                    raise given.wrong(output, "record open", "record-open-patient-missing")
                patient, _ = await holding.attested_patient(endpoint)
            for warning in patient.warnings:
                output.note(output.words.say(warning))
            known = await holding.find(endpoint, patient)
            if known is not None and _better_known(endpoint, known, patient):
                await _identify(endpoint, known, patient, output)
            else:
                await _open(endpoint, patient, arguments.sheet, output, own=own)


def _better_known(endpoint: Endpoint, known: HeldRecord, patient: Patient) -> bool:
    """Whether this identity says more than the record's: only its keeper may say so there."""
    if known.patient is None or endpoint.accounts.lookup(known.record).manager != endpoint.identity.account:
        return False
    return _worth(patient) > _worth(known.patient)


def _worth(patient: Patient) -> tuple[bool, bool, bool]:
    return (patient.qualified, patient.ins is not None, bool(patient.traits.birth_place))


async def _identify(endpoint: Endpoint, known: HeldRecord, patient: Patient, output: Output) -> None:
    await holding.name(endpoint, known.record, patient)
    own = not known.custodial
    document = {
        "record": known.record.hex(),
        "patient": record_views.patient_document(patient),
        "custodial": known.custodial,
        "own": own,
        "state": "identified",
        "sheet": None,
    }
    said = "record-open-qualified" if patient.qualified else "record-open-identified"
    output.result(document, output.words.say(said, name=patient.display_name))


async def _open(endpoint: Endpoint, patient: Patient, file: str, output: Output, *, own: bool) -> None:
    """The sheet's file is there before the record is: its code is nowhere else, and is not made twice."""
    descriptor = private_file.opened(Path(file)) if file and not own else None
    try:
        record, sheet = await holding.open_record(endpoint, patient)
    except BaseException:
        if descriptor is not None:
            os.close(descriptor)
            Path(file).unlink(missing_ok=True)
        raise
    await upkeep.run(endpoint)  # from here on this device knows what it would have to hand over
    words = output.words
    keeper = Keeper(custodial=sheet is not None, own=True, name=endpoint.identity.name)
    document = {
        "record": record.hex(),
        "patient": record_views.patient_document(patient),
        "custodial": sheet is not None,
        "own": own,
        "keeper_words": record_views.keeper_words(keeper, words),
        "state": "opened",
        "sheet": sheets.grouped(sheet.code) if sheet else None,
    }
    text = [words.say("record-open-own" if own else "record-open-custodial", name=patient.display_name)]
    text.append(words.say("record-reference", record=record.hex()[:8]))
    if sheet is not None:
        made = _claim_sheet(sheet, patient, endpoint.identity.name)
        if descriptor is not None:
            private_file.fill(descriptor, Path(file), claim_page(made, _speakers(words)))
            document["sheet_file"] = file
            text.append(words.say("record-sheet-written", file=file))
        else:
            text += ["", claim_text(made, words)]
    output.result(document, "\n".join(text))


def _claim_sheet(sheet: Sheet, patient: Patient, opener: str) -> ClaimSheet:
    today = datetime.datetime.now().astimezone().date()
    return ClaimSheet(patient.display_name, patient.traits.birth_date, opener, today, sheets.grouped(sheet.code))


def _speakers(words: Words) -> tuple[Words, ...]:
    """French first: whoever helps the patient reads it; then the language that was asked for."""
    french = words if words.language == "fr" else Words("fr", strict=words.strict)
    return (french,) if words.language == "fr" else (french, words)

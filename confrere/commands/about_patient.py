"""The patients that a profile knows, from the records that it may open and the referrals that it has: one person each,
whatever the spelling, by traits and INS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confrere.commands import refer
from directory.identity.folding import plain
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.referral.datamatrix import looks_like_datamatrix
from messaging.referral.patient import Patient
from record_bridge.client import holding
from record_bridge.client.holding import HeldRecord
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError

_BEGINNING = 4  # characters of a record's reference


@dataclass(frozen=True, slots=True)
class Person:
    """`patient` is the record's identity where there is one, else that of the newest referral."""

    patient: Patient
    held: HeldRecord | None
    exchanges: tuple[Exchange, ...]


async def people(endpoint: Endpoint) -> list[Person]:
    """Everybody, whoever has a record first, then by the newest exchange."""
    found = [
        Person(held.patient, held, ()) for held in await holding.held_records(endpoint) if held.patient is not None
    ]
    for exchange in await endpoint.reading.exchanges():
        request = exchange.case.request if exchange.case is not None else None
        if request is None:
            continue
        at = next((at for at, one in enumerate(found) if same_patient(one.patient, request.patient)), None)
        if at is None:
            found.append(Person(request.patient, None, (exchange,)))
        else:
            known = found[at]
            found[at] = Person(known.patient, known.held, (*known.exchanges, exchange))
    return found


def choose(known: Sequence[Person], typed: str) -> Person:
    """By a FHIR Patient file or a datamatrix, the beginning of a record's reference, or any beginning of the name.

    Raises RecordError: patient-unknown, patient-ambiguous; what reading the file raises.
    """
    if looks_like_datamatrix(typed) or typed == "-" or Path(typed).is_file():
        wanted = refer.read_patient(typed)
        found = [one for one in known if same_patient(one.patient, wanted)]
    else:
        found = [one for one in known if _is_meant(one, typed)]
    if not found:
        raise RecordError("patient-unknown")
    if len(found) > 1:
        raise RecordError("patient-ambiguous", matches=len(found))
    return found[0]


def _is_meant(one: Person, typed: str) -> bool:
    reference = typed.strip().lower()
    if one.held is not None and len(reference) >= _BEGINNING and one.held.record.hex().startswith(reference):
        return True
    name, wanted = plain(one.patient.display_name).split(), plain(typed).split()
    return bool(wanted) and all(any(part.startswith(word) for part in name) for word in wanted)

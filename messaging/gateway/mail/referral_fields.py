"""What begins a referral in a mail (ML-5.4, ML-5.5): the recipient alias `adressage`, and the X-Confrere- fields that
practice software sets. Nobody types an identity (docs/spec/referral.md RF-1.3): it comes from these fields, or from an
attached FHIR Patient. Says what is missing; completes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from directory.errors import Refusal
from directory.identity.ins import Ins, is_birth_place, parse_ins
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.submitted import Submitted
from messaging.referral.patient import Patient, from_fhir, strict_traits
from messaging.referral.urgency import Urgency

ALIAS = "adressage"
FIELD = "x-confrere-referral"
_PREFIX = "x-confrere-patient-"
_FHIR = ("application/fhir+json", "application/json")
_SEXES = {"f": "female", "m": "male", "female": "female", "male": "male", "unknown": "unknown"}
_URGENCIES = {
    **{urgency.value: urgency for urgency in Urgency},
    "": Urgency.ROUTINE,
    "habituelle": Urgency.ROUTINE,
    "rapide": Urgency.URGENT,
    "très rapide": Urgency.ASAP,
    "immédiate": Urgency.STAT,
}
_YES = ("yes", "oui", "1", "true")
_SPECIALTY = re.compile(r"[\w .'-]{0,80}")


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """What a mail says of the referral that it begins. `missing` holds ends of words' ids (`mail-missing-<one>`)."""

    specialty: str
    urgency: Urgency
    patient: Patient | None
    attachments: tuple[Attached, ...]
    missing: tuple[str, ...]


def alias(address: str, own: Collection[str]) -> str | None:
    """The specialty in `adressage+cardiologie@...`, empty without one; None for any other address. The alias stands
    under the domains of one's own addresses only: elsewhere it is somebody's mailbox."""
    local, _, domain = address.lower().rpartition("@")
    name, _, specialty = local.partition("+")
    mine = domain in {one.lower().rpartition("@")[2] for one in own}
    return specialty if name == ALIAS and mine else None


def read(submitted: Submitted, recipients: Collection[str], own: Collection[str]) -> Asked | None:
    """The referral that this mail begins, or None. `recipients` are those of the envelope."""
    said = submitted.own_fields
    aliases = [found for found in (alias(address, own) for address in recipients) if found is not None]
    if not aliases and FIELD not in said:
        return None
    specialty = next(filter(None, (*aliases, said.get("x-confrere-specialty", ""))), "")
    urgency = _URGENCIES.get(said.get("x-confrere-urgency", "").lower())
    patient, lacking, source = _patient(submitted)
    called = said.get("x-confrere-called", "").lower() in _YES
    missing = [
        *([] if _others(recipients, own) else ["performer"]),
        *lacking,
        *([] if submitted.text.strip() else ["question"]),
        *(["urgency"] if urgency is None else []),
        # The highest level is never left to a message alone (RF-3).
        *(["call"] if urgency is Urgency.STAT and not called else []),
    ]
    return Asked(
        specialty=specialty if _SPECIALTY.fullmatch(specialty) else "",
        urgency=urgency or Urgency.ROUTINE,
        patient=patient,
        attachments=tuple(one for one in submitted.attachments if one is not source),
        missing=tuple(missing),
    )


def _others(recipients: Collection[str], own: Collection[str]) -> bool:
    mine = {one.lower() for one in own}
    return any(alias(address, own) is None and address.lower() not in mine for address in recipients)


def _patient(submitted: Submitted) -> tuple[Patient | None, list[str], Attached | None]:
    """The patient, what lacks of them, and the attachment that they came from."""
    for attached in submitted.attachments:
        if attached.media_type in _FHIR:
            try:
                return from_fhir(attached.octets), [], attached
            except Refusal:  # another resource, or not enough of one: the fields may say it
                continue
    said = {
        name.removeprefix(_PREFIX): value for name, value in submitted.own_fields.items() if name.startswith(_PREFIX)
    }
    if not said:
        return None, ["patient"], None
    ins, lacking = _ins(said)
    place = said.get("birth-place", "").upper()
    try:
        traits = strict_traits(
            birth_name=said.get("birth-name", ""),
            birth_given_names=said.get("given-names", ""),
            birth_date=said.get("birth-date", ""),
            sex=_SEXES.get(said.get("sex", "").lower(), ""),
            birth_place=place if not place or is_birth_place(place) else "?",
        )
    except Refusal as refused:
        return None, [*str(refused.facts.get("traits", "patient")).split(), *lacking], None
    patient = Patient(traits, ins, said.get("usual-name", ""), said.get("usual-given-name", ""))
    return (None if lacking else patient), lacking, None


def _ins(said: Mapping[str, str]) -> tuple[Ins | None, list[str]]:
    if "ins" not in said:
        return None, []
    try:
        return parse_ins(said["ins"], said.get("ins-oid", "")), []
    except Refusal:
        return None, ["ins"]

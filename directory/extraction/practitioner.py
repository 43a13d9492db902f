"""Professionals, activities and structures as the directory answers (FHIR Practitioner, PractitionerRole).

Values only, made from what the extraction publishes. Whether and how somebody can be reached in the exchange
is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.identity.folding import shown
from directory.identity.rpps import Rpps

_TITLES = {"DR": "Dr", "PR": "Pr"}


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of a professional: what, where, for which structure; "" where nothing is said. `sector` is a code
    of the national list (SA07)."""

    profession: str
    specialty: str
    structure: str
    postal_code: str
    town: str
    department: str
    phone: str
    email: str
    finess: str
    siren: str
    sector: str = ""


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A professional of the directory. `rpps` is None for an old ADELI number: found, but never invited. `codes` are of
    the profession and, where there is one, the specialty."""

    rpps: Rpps | None
    civility: str
    family: str
    given: str
    profession: str
    specialty: str
    activities: tuple[Activity, ...]
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as colleagues write it: Dr Claire Fontaine."""
        return display_name(self.civility, self.given, self.family)

    @property
    def email(self) -> str:
        """The first secure-mail or e-mail address that is published for a place of work, or ""."""
        return email_of(self.activities)


@dataclass(frozen=True, slots=True)
class PractitionerHit:
    """A professional found by a search, with the activity that answers it best; one hit per person."""

    rpps: Rpps | None
    family: str
    given: str
    name: str
    profession: str
    specialty: str
    place: str
    structure: str
    phone: str
    activities: tuple[Activity, ...]

    @property
    def email(self) -> str:
        return email_of(self.activities)

    @property
    def invitable(self) -> bool:
        return self.rpps is not None


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure that professionals work in; `identifier` is the FINESS or SIREN number asked for."""

    identifier: str
    name: str
    town: str
    phone: str


def display_name(civility: str, given: str, family: str) -> str:
    """Title (doctors and professors only), given and family name, capitals made readable."""
    return " ".join(filter(None, (_TITLES.get(civility.upper(), ""), shown(given), shown(family))))


def email_of(activities: Iterable[Activity]) -> str:
    return next((activity.email for activity in activities if activity.email), "")


def display_phone(number: str) -> str:
    """Ten French digits in pairs; anything else as published."""
    if len(number) == 10 and number.isascii() and number.isdigit():
        return " ".join(number[at : at + 2] for at in range(0, 10, 2))
    return number


def hit(person: Practitioner, answer: Activity | None) -> PractitionerHit:
    """`person` as a search result, showing the activity `answer`, or none."""
    return PractitionerHit(
        rpps=person.rpps,
        family=person.family,
        given=person.given,
        name=person.name,
        profession=(answer.profession if answer else "") or person.profession,
        specialty=(answer.specialty if answer else "") or person.specialty,
        place=answer.town if answer else "",
        structure=answer.structure if answer else "",
        phone=answer.phone if answer else "",
        activities=person.activities,
    )

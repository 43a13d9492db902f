"""A synthetic Annuaire Santé extraction (Personne_activite, 56 columns) for the demo, the tests and newcomers.

The same seed gives the same bytes. Everybody in it is invented: RPPS numbers start with 997, which is given
to nobody in practice, and telephone numbers are of the ranges that the French regulator keeps for fiction. It
models the format, not the demography.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from confrere.story.synthetic_people import (
    ANNECY,
    CALLINGS,
    CARDIOLOGY,
    CHAMBERY,
    DERMATOLOGY,
    DOCTOR,
    ENDOCRINOLOGY,
    FAMILIES,
    GENERAL_MEDICINE,
    GIVENS,
    GRENOBLE,
    LYON,
    NURSING,
    PHARMACIST,
    PNEUMOLOGY,
    STREETS,
    TOWNS,
    Calling,
    Town,
)
from directory.identity.luhn import check_digit
from directory.identity.rpps import Rpps

ROWS = 3_200
SEED = 2026

_COORD = "(coord. structure)"
HEADER = (
    "Type d'identifiant PP",
    "Identifiant PP",
    "Identification nationale PP",
    "Code civilité d'exercice",
    "Libellé civilité exercice",
    "Code civilité",
    "Libellé civilité",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Libellé profession",
    "Code catégorie professionnelle",
    "Libellé catégorie professionnelle",
    "Code type savoir-faire",
    "Libellé type savoir-faire",
    "Code savoir-faire",
    "Libellé savoir-faire",
    "Code mode exercice",
    "Libellé mode exercice",
    "Numéro SIRET site",
    "Numéro SIREN site",
    "Numéro FINESS site",
    "Numéro FINESS établissement juridique",
    "Identifiant technique de la structure",
    "Raison sociale site",
    "Enseigne commerciale site",
    f"Complément destinataire {_COORD}",
    f"Complément point géographique {_COORD}",
    f"Numéro Voie {_COORD}",
    "Indice répétition voie (coord. Structure)",
    f"Code type de voie {_COORD}",
    f"Libellé type de voie {_COORD}",
    f"Libellé Voie {_COORD}",
    f"Mention distribution {_COORD}",
    f"Bureau cedex {_COORD}",
    f"Code postal {_COORD}",
    f"Code commune {_COORD}",
    f"Libellé commune {_COORD}",
    f"Code pays {_COORD}",
    f"Libellé pays {_COORD}",
    f"Téléphone {_COORD}",
    f"Téléphone 2 {_COORD}",
    f"Télécopie {_COORD}",
    f"Adresse e-mail {_COORD}",
    f"Code département {_COORD}",
    f"Libellé département {_COORD}",
    "Ancien identifiant de la structure",
    "Autorité d'enregistrement",
    "Code secteur d'activité",
    "Libellé secteur d'activité",
    "Code section tableau pharmaciens",
    "Libellé section tableau pharmaciens",
    "Code fonction",
    "Libellé fonction",
    "Code genre d'activité",
    "Libellé genre d'activité",
)

# The first six digits of the numbers kept for fiction, by zone; the zones of departments outside the fourth.
_FICTION = {"1": "019900", "2": "026191", "3": "035301", "4": "046571", "5": "053649"}
_ZONES = {
    **dict.fromkeys(("75", "94"), "1"),
    **dict.fromkeys(("35", "22", "44", "974"), "2"),
    **dict.fromkeys(("59", "62", "67"), "3"),
    **dict.fromkeys(("33", "31"), "5"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where somebody works."""

    name: str
    town: Town
    phone: str
    siren: str
    finess: str = ""
    street: str = "DES LILAS"
    number: str = "12"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of the extraction: who, what, and where (nowhere for a person without an activity)."""

    rpps: Rpps
    family: str
    given: str
    calling: Calling
    woman: bool
    title: str
    sites: tuple[Site, ...]

    @property
    def phone(self) -> str:
        """The practice's telephone, ten digits; "" without a practice."""
        return self.sites[0].phone if self.sites else ""


def _rpps(number: int) -> Rpps:
    body = f"997{number:07d}"
    return Rpps(body + check_digit(body))


def _siren(number: int) -> str:
    body = f"99{number:06d}"
    return body + check_digit(body)


def _finess(department: str, number: int) -> str:
    head = department[:2]
    digits = {"2A": "21", "2B": "22"}.get(head, head) + f"{number:06d}"
    return head + digits[2:] + check_digit(digits)


def _cast(
    number: int, given: str, family: str, calling: Calling, practice: Site, *, woman: bool = True, title: str = "DR"
) -> Character:
    return Character(_rpps(number), family, given, calling, woman, title, (practice,))


def _practice(number: int, name: str, town: Town, finess: str = "") -> Site:
    email = f"cabinet.{number}@courriel.example"
    return Site(name, town, f"04657100{number}{number}", _siren(number), finess, email=email)


CAST: Mapping[str, Character] = MappingProxyType(
    {
        "gp": _cast(1, "Alice", "MOREL", GENERAL_MEDICINE, _practice(1, "CABINET DU DR MOREL", ANNECY)),
        "cardiologist": _cast(
            2,
            "Claire",
            "FONTAINE",
            CARDIOLOGY,
            _practice(2, "CABINET DE CARDIOLOGIE FONTAINE", LYON, _finess("69", 990002)),
        ),
        "nurse": _cast(3, "Nadia", "BENALI", NURSING, _practice(3, "CABINET INFIRMIER BENALI", LYON), title=""),
        "pneumologist": _cast(
            4, "Hugo", "LAMBERT", PNEUMOLOGY, _practice(4, "CABINET DU DR LAMBERT", LYON), woman=False
        ),
        "endocrinologist": _cast(5, "Inès", "GARNIER", ENDOCRINOLOGY, _practice(5, "CABINET DU DR GARNIER", GRENOBLE)),
        "dermatologist": _cast(
            6, "Paul", "RENAUD", DERMATOLOGY, _practice(6, "CABINET DU DR RENAUD", CHAMBERY), woman=False
        ),
    }
)
"""Who plays in the demo, by role; the dermatologist is the colleague who is not enrolled at first."""


def write(path: Path, rows: int = ROWS, seed: int = SEED) -> None:
    """Write an extraction of `rows` lines (at least the cast's) under its header, UTF-8, `|` at each line's end."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines(rows, seed))


def lines(rows: int = ROWS, seed: int = SEED) -> Iterator[str]:
    """The lines of the file, the header first."""
    yield _line(HEADER)
    written = 0
    for character in _everybody(random.Random(seed)):
        for site in character.sites or (None,):
            if written >= max(rows, len(CAST)):
                return
            yield _line(_fields(character, site))
            written += 1


def hospitals(seed: int = SEED) -> Iterator[Site]:
    """The hospitals of the file that `write` makes with this seed."""
    chance = random.Random(seed)
    yield from (site for site in (_site(number, chance) for number in range(100, 900)) if site.email)


def _everybody(chance: random.Random) -> Iterator[Character]:
    """The cast, two homonyms, one professional without an activity, then people without end."""
    yield from CAST.values()
    for number in (7, 8):
        site = _practice(7, "MAISON DE SANTÉ DES LILAS", LYON)
        yield _cast(number, "Marie", "MARTIN", GENERAL_MEDICINE, site)
    yield Character(_rpps(9), "D'ARGENT", "Anne-Laure", CARDIOLOGY, True, "DR", ())
    sites = [_site(number, chance) for number in range(100, 900)]
    number = 10
    while True:
        yield _person(number, sites, chance)
        number += 1


def _person(number: int, sites: list[Site], chance: random.Random) -> Character:
    calling = chance.choices(CALLINGS, [calling.weight for calling in CALLINGS])[0]
    how_many = chance.choices((0, 1, 2, 3), (6, 78, 13, 3))[0]
    title = chance.choices(("DR", "PR"), (98, 2))[0] if calling.profession_code == DOCTOR else ""
    return Character(
        _rpps(number),
        chance.choice(FAMILIES).replace("~", " "),
        chance.choice(GIVENS),
        calling,
        chance.random() < 0.5,
        title,
        tuple(chance.sample(sites, how_many)),
    )


def _site(number: int, chance: random.Random) -> Site:
    town = chance.choice(TOWNS)
    street = chance.choice(STREETS)
    hospital = chance.random() < 0.2
    name = f"CH DE {town.name.upper()}" if hospital else f"MAISON DE SANTÉ {street}"
    phone = f"{_FICTION[_ZONES.get(town.department_code, '4')]}{chance.randrange(100, 10_000):04d}"
    finess = _finess(town.department_code, 990_000 + number) if chance.random() < 0.4 or hospital else ""
    email = f"consultation.{_siren(number)}@hopital.mssante.example" if hospital else ""
    return Site(name, town, phone, _siren(number), finess, street, str(chance.randrange(1, 200)), email)


def _fields(character: Character, site: Site | None) -> list[str]:
    calling = character.calling
    fields = dict.fromkeys(HEADER, "")
    fields |= {
        "Type d'identifiant PP": "8",
        "Identifiant PP": character.rpps,
        "Identification nationale PP": f"8{character.rpps}",
        "Code civilité d'exercice": character.title,
        "Libellé civilité exercice": {"DR": "Docteur", "PR": "Professeur"}.get(character.title, ""),
        "Code civilité": "MME" if character.woman else "M",
        "Libellé civilité": "Madame" if character.woman else "Monsieur",
        "Nom d'exercice": character.family,
        "Prénom d'exercice": character.given,
        "Code profession": calling.profession_code,
        "Libellé profession": calling.profession,
        "Code catégorie professionnelle": "C",
        "Libellé catégorie professionnelle": "Civil",
        "Code type savoir-faire": "S" if calling.specialty_code else "",
        "Libellé type savoir-faire": "Spécialité ordinale" if calling.specialty_code else "",
        "Code savoir-faire": calling.specialty_code,
        "Libellé savoir-faire": calling.specialty,
    }
    if site is not None:
        fields |= _site_fields(site, calling)
    return list(fields.values())


def _site_fields(site: Site, calling: Calling) -> dict[str, str]:
    hospital = site.name.startswith("CH ")
    siret_body = f"{site.siren}0001"
    siret = siret_body + check_digit(siret_body)
    return {
        "Code mode exercice": "S" if hospital else "L",
        "Libellé mode exercice": "Salarié" if hospital else "Libéral",
        "Numéro SIRET site": siret,
        "Numéro SIREN site": site.siren,
        "Numéro FINESS site": site.finess,
        "Identifiant technique de la structure": f"F{site.finess}" if site.finess else f"C{siret}",
        "Raison sociale site": site.name,
        f"Numéro Voie {_COORD}": site.number,
        f"Code type de voie {_COORD}": "R",
        f"Libellé type de voie {_COORD}": "Rue",
        f"Libellé Voie {_COORD}": site.street,
        f"Code postal {_COORD}": site.town.postal_code,
        f"Code commune {_COORD}": site.town.commune_code,
        f"Libellé commune {_COORD}": site.town.name,
        f"Téléphone {_COORD}": site.phone,
        f"Adresse e-mail {_COORD}": site.email,
        f"Code département {_COORD}": site.town.department_code,
        f"Libellé département {_COORD}": site.town.department,
        "Ancien identifiant de la structure": f"1{site.finess}" if site.finess else f"3{siret}",
        "Autorité d'enregistrement": calling.authority,
        "Code secteur d'activité": "SA01" if hospital else "SA52",
        "Libellé secteur d'activité": (
            "Etablissement public de santé" if hospital else "Maison de santé ou Pôle de santé"
        ),
        "Code section tableau pharmaciens": "A" if calling.profession_code == PHARMACIST else "",
        "Code genre d'activité": "GENR01",
        "Libellé genre d'activité": "Activité standard de soin ou de pharmacien",
    }


def _line(fields: tuple[str, ...] | list[str]) -> str:
    return "|".join(fields) + "|\n"

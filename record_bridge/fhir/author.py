"""Who wrote a document, as contained FHIR resources: Practitioner, PractitionerRole, Organization (DOC-3.3).

The names and numbers are what the document says; whose signature it is stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.referral.clinical import Party
from messaging.referral.fhir_json import Node
from record_bridge.fhir.elements import (
    Code,
    Structure,
    concept,
    organisation,
    read_concept,
    read_organisation,
    reference,
    resolve,
)
from record_bridge.record.fhir_parts import RPPS, Resource, refuse

_PERSON, _ROLE, _STRUCTURE = "author", "author-role", "author-structure"


@dataclass(frozen=True, slots=True)
class Author:
    """A professional with the structure he writes from; `person` is None where a laboratory's machine wrote."""

    person: Party | None
    structure: Structure | None = None
    specialty: Code | None = None


def resources(author: Author) -> list[Resource]:
    """What a document contains of its author; the first is what `author` refers to."""
    held: list[Resource] = []
    if author.person is not None:
        role: Resource = {"resourceType": "PractitionerRole", "id": _ROLE, "practitioner": reference(_PERSON)}
        if author.structure is not None:
            role["organization"] = reference(_STRUCTURE)
        if author.specialty is not None:
            role["specialty"] = [concept(author.specialty)]
        person: Resource = {"resourceType": "Practitioner", "id": _PERSON, "name": [{"text": author.person.name}]}
        if author.person.rpps:
            person["identifier"] = [{"system": RPPS, "value": author.person.rpps}]
        held += [role, person]
    if author.structure is not None:
        held.append(organisation(author.structure, _STRUCTURE))
    if not held:
        raise refuse("DocumentReference.author")
    return held


def read(node: Node, held: Mapping[str, Node]) -> Author:
    """The author that this reference names: an organisation, a person, or a person in an organisation."""
    found = resolve(node, held)
    kind = found.value.get("resourceType")
    if kind == "Organization":
        return Author(None, read_organisation(found))
    if kind == "Practitioner":
        return Author(_read_person(found))
    found.resource("PractitionerRole")
    structure = found.maybe("organization")
    specialties = found.children("specialty")
    return Author(
        _read_person(resolve(found.child("practitioner"), held)),
        read_organisation(resolve(structure, held)) if structure else None,
        read_concept(specialties[0]) if specialties else None,
    )


def _read_person(node: Node) -> Party:
    node.resource("Practitioner")
    numbers = [held for held in node.children("identifier") if held.value.get("system") == RPPS]
    rpps = numbers[0].line("value", limit=11) if numbers else ""
    if rpps and not (rpps.isascii() and rpps.isdigit() and len(rpps) == 11):
        raise node.refuse(node.at("identifier.value"))
    return Party(node.first("name").line("text"), rpps)

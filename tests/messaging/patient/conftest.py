"""A fictive patient as practice software exports it: the published test identity of the national agency's examples."""

from __future__ import annotations

import copy
from typing import Any

import pytest

CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"

RESOURCE: dict[str, Any] = {
    "resourceType": "Patient",
    "meta": {"profile": [CORE + "fr-core-patient-ins"]},
    "extension": [
        {"url": CORE + "fr-core-identity-reliability", "extension": []},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {
                "city": "DOMPREMY",
                "extension": [{"url": CORE + "fr-core-address-insee-code", "valueCoding": {"code": "51215"}}],
            },
        },
    ],
    "identifier": [
        {"use": "usual", "system": "urn:oid:1.2.3.4", "value": "IPP-12"},
        {"use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": "279035121518989"},
    ],
    "name": [
        {"use": "usual", "family": "PAT-QUATRE", "given": ["DOMINIQUE"]},
        {
            "use": "official",
            "family": "PAT-TROIS",
            "given": ["DOMINIQUE"],
            "extension": [
                {"url": CORE + "fr-core-patient-birth-list-given-name", "valueString": "DOMINIQUE MARIE-LOUISE"}
            ],
        },
    ],
    "gender": "female",
    "birthDate": "1979-03-28",
}


@pytest.fixture
def resource() -> dict[str, Any]:
    return copy.deepcopy(RESOURCE)

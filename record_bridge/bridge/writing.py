"""What a document of ours needs to be composed: who wrote it, for whom, who keeps it, in which words.

What is said of an author comes from the public directory, by the RPPS that his certificate proves; where that knows no
structure, nothing is made up: the filing is refused with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError
from directory.identity.finess import parse_finess, parse_siren
from directory.identity.folding import name_parts
from messaging.client.endpoint import Endpoint
from messaging.referral.patient import Patient
from record_bridge.bridge import composing
from record_bridge.bridge.composing import Basis, Material, Written
from record_bridge.cda import value_sets
from record_bridge.cda.values import Professional, Structure, StructureKind
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.identifiers import DocumentIds
from record_bridge.filing.units import Unit

_HOSPITALS = frozenset({"SA01", "SA02", "SA03", "SA04", "SA12"})
_SUFFIXES = {"DR": "DR", "PR": "PR"}
Say = Callable[[str], str]
"""French words by their id."""


class Scribe:
    """Writes for one bridge: its structure keeps what it writes. `helper` composes beside it, where there is one."""

    def __init__(self, endpoint: Endpoint, say: Say, helper: Executor | None = None) -> None:
        self._endpoint = endpoint
        self._say = say
        self._helper = helper
        self._known: dict[str, Professional] = {}

    async def write(
        self, request: FilingRequest, patient: Patient, unit: Unit, ids: DocumentIds, basis: Basis
    ) -> Written:
        """Raises RecordError: author-structure-missing, cda-*, pdf-*."""
        addressed = [await self._professional(one) for one in unit.recipients if one.kind is InviteeKind.PROFESSIONAL]
        material = Material(
            request=request,
            patient=patient,
            unit=unit,
            ids=ids,
            basis=basis,
            author=await self._professional(unit.responsible),
            addressed=tuple(addressed),
            custodian=await self._custodian(),
            words={one: self._say(one) for one in composing.sentences(unit, basis)},
        )
        if self._helper is None:
            return composing.compose(material)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._helper, composing.compose, material)
        except BrokenExecutor:
            self._helper = None  # it was ended by somebody: go on alone
            return composing.compose(material)

    # --- who ---

    async def _professional(self, invitation: Invitation) -> Professional:
        """What the public directory says of a proven number."""
        rpps = invitation.identifier
        if rpps not in self._known:
            found = await self._endpoint.service.json("GET", f"/api/directory/practitioners/{rpps}")
            self._known[rpps] = professional_of(invitation, found if isinstance(found, Mapping) else {})
        return self._known[rpps]

    async def _custodian(self) -> Structure:
        own = await self._endpoint.accounts.professional(self._endpoint.identity.account)
        kind = _kind_of(own.identifier)
        return Structure(kind, own.identifier, own.name, "SA01", "ETABLISSEMENT")


def professional_of(invitation: Invitation, found: Mapping[str, object]) -> Professional:
    """What the service's directory says of a proven number, under no other name than the proven one.

    Raises RecordError: filing-author-unproven, author-structure-missing.
    """
    rpps, family, given = invitation.identifier, str(found.get("family") or ""), str(found.get("given") or "")
    said = {*name_parts(family), *name_parts(given)}
    if not name_parts(family) or not said <= set(name_parts(invitation.name)):
        raise RecordError("filing-author-unproven")
    activities = found.get("activities")
    codes = found.get("codes")
    listed = [one for one in activities if isinstance(one, Mapping)] if isinstance(activities, list) else []
    structure = next((made for one in listed if (made := _structure(one)) is not None), None)
    if structure is None:
        raise RecordError("author-structure-missing", rpps=rpps)
    profession, *expertise = [str(code) for code in codes] if isinstance(codes, list) and codes else [""]
    civility = str(found.get("civility") or "").upper()
    return Professional(
        rpps=rpps,
        family=family,
        given=given,
        specialty=value_sets.specialty_code(profession, next(iter(filter(None, expertise)), "")),
        structure=structure,
        suffix=_SUFFIXES.get(civility, ""),
    )


def _structure(activity: Mapping[str, object]) -> Structure | None:
    """A structure with a sound national number, or None."""
    sector = str(activity.get("sector") or "SA07")
    setting = "ETABLISSEMENT" if sector in _HOSPITALS else "AMBULATOIRE"
    name = str(activity.get("structure") or "")
    for key, kind, parse in (
        ("finess", StructureKind.FINESS, parse_finess),
        ("siren", StructureKind.SIREN, parse_siren),
    ):
        number = str(activity.get(key) or "")
        try:
            if number and name and parse(number) == number:
                return Structure(kind, number, name, sector, setting)
        except DirectoryError:
            continue
    return None


def _kind_of(number: str) -> StructureKind:
    try:
        parse_finess(number)
    except DirectoryError:
        return StructureKind.SIREN
    return StructureKind.FINESS



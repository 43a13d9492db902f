"""Clinicians with real profiles against the running service; invitations as the operator issues them."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from confrere.story import synthetic_extraction
from directory.accounts import invitation_code
from directory.accounts.bind import InviteeKind
from directory.identity.rpps import Rpps
from directory.primitives.passphrase import Cost
from directory.primitives.signature import SigningKey
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.store.invitations import InvitationCounter
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.invite import Registrar
from messaging.client import enrolment
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir
from record_bridge.record import attestation
from record_bridge.record.identity import ATTESTATION

PASSPHRASE = "une phrase de passe de test"
ENVIRONMENT = Environment(connect_seconds=2, total_seconds=5)


@dataclass
class Clinician:
    """A profile folder, its address and its recovery code."""

    folder: Path
    address: str
    recovery: str

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Endpoint]:
        async with Endpoint(self.folder, PASSPHRASE, ENVIRONMENT) as endpoint:
            await endpoint.sync()
            yield endpoint


class Practice:
    """Whoever is enrolled on the running service, by the synthetic directory's people."""

    def __init__(self, url: str, data: Path, root: Path) -> None:
        self.url = url
        self._root = root
        self._annuaire = Annuaire(data)
        self._counter = InvitationCounter(data / "service.db")
        key = SigningKey((data / "registrar.key").read_bytes())
        self._registrar = Registrar(key, "confrere.localhost", 30)
        hits = [hit for name in ("ma", "be", "du", "la") for hit in self._annuaire.search(name, limit=200)]
        # Somebody with a place of work: a clinical document names it.
        placed = (hit for hit in hits if hit.rpps and any(one.finess or one.siren for one in hit.activities))
        self._free = list(dict.fromkeys(hit.rpps for hit in placed))

    def invite(self, rpps: Rpps) -> str:
        issued = self._registrar.professional(
            rpps, self._annuaire, self._counter, time.time_ns() // 1_000_000, os.urandom(invitation_code.ENTROPY_SIZE)
        )
        return invitation_code.grouped(issued.code)

    def next_rpps(self) -> Rpps:
        return self._free.pop()

    async def enrol(self, rpps: Rpps | None = None) -> Clinician:
        wanted = rpps or self.next_rpps()
        folder = self._root / str(wanted)
        done = await enrolment.enrol(self.url, folder, PASSPHRASE, self.invite(wanted), Cost(), ENVIRONMENT)
        return Clinician(folder, done.identity.address, done.recovery)


    async def patient(self, who: Patient) -> Clinician:
        """A patient with a device of his own and the registrar's attestation of who he is, as `enroll --invitation`."""
        entropy = os.urandom(invitation_code.ENTROPY_SIZE)
        issued = self._registrar.patient(self._counter, _now(), entropy)
        said = attestation.build(issued.invitation.code_pk, _now(), dump(to_fhir(who)), self._registrar.key)
        folder, code = self._root / entropy.hex(), invitation_code.grouped(issued.code)
        kept = {ATTESTATION: said}
        done = await enrolment.enrol(self.url, folder, PASSPHRASE, code, Cost(), ENVIRONMENT, kept)
        return Clinician(folder, done.identity.address, done.recovery)

    async def machine(self, kind: InviteeKind, number: str = "") -> Clinician:
        """A structure of the directory enrolled as a depositor, a payer or a bridge."""
        wanted = number or self._structure()
        issued = self._registrar.structure(
            wanted, self._annuaire, self._counter, _now(), os.urandom(invitation_code.ENTROPY_SIZE), kind
        )
        folder = self._root / f"{kind.name.lower()}-{os.urandom(3).hex()}"
        code = invitation_code.grouped(issued.code)
        done = await enrolment.enrol(self.url, folder, PASSPHRASE, code, Cost(), ENVIRONMENT)
        return Clinician(folder, done.identity.address, done.recovery)

    def _structure(self) -> str:
        """The FINESS number of some structure of the directory."""
        return next(
            one.finess
            for rpps in self._free
            if (found := self._annuaire.by_rpps(rpps)) is not None
            for one in found.activities
            if one.finess
        )


def _now() -> int:
    return time.time_ns() // 1_000_000


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def practice(live, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    root = tmp_path_factory.mktemp("profiles")
    extraction = root / "extraction.txt"
    synthetic_extraction.write(extraction)
    import_extraction(extraction, AnnuaireFile(live.data))
    return Practice(live.url, live.data, root)

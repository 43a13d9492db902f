"""Laboratory reports into records, and a large record opened: `python -m benchmarks.deposits`.

1. `bare`: the same reports parsed, and their octets sealed and signed by direct calls, in this process.
2. `deposited`: read, checked, uploaded, sealed, kept, sent and acknowledged durable, by several laboratories at once.
3. `ingested`: the same while the doctor who holds the records takes them in, until the last one is a line he can read.
4. Opening a record of 5,000 documents whose profile has seen none of it, alone and among 100,000 documents of others.

The service is a process of its own; laboratories and reader share the other one. Profiles and service are durable
(SQLite WAL, synchronous=FULL), on loopback without TLS.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import os
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.prefill import Shelf, prefill_records
from benchmarks.service import served
from confrere.database import engine, schema
from confrere.story import documents as story
from confrere.story import synthetic_extraction
from confrere.story.synthetic_extraction import CAST
from directory.accounts import invitation_code
from directory.accounts.bind import InviteeKind
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from directory.primitives import aead, kem
from directory.primitives.labels import Label
from directory.primitives.passphrase import Cost
from directory.primitives.signature import SigningKey
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.store.invitations import InvitationCounter
from directory.store.registrar import registrar_key
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.invite import Registrar
from messaging.client import enrolment
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.referral.patient import Patient
from messaging.wire.access import Purpose
from record_bridge.cda import laboratory
from record_bridge.client import cards, depositing, holding, index
from record_bridge.client.feed import RecordFeed
from record_bridge.record import order

WORDS = "une phrase de passe d'essai"
ENVIRONMENT = Environment(total_seconds=120)
LABORATORIES = 4
RECORDS = 4
DOCUMENTS = 5_000
OTHERS = 100_000
REAL = 60  # documents that a reader can open, on top of the record's older ones: more than a page
RUNS = 5


@dataclass(frozen=True, slots=True)
class Practice:
    """The codes of one doctor and some laboratories, on a data folder that was never served."""

    data: Path
    doctor: str
    laboratories: tuple[str, ...]


def prepare(root: Path) -> Practice:
    data = root / "data"
    data.mkdir(mode=0o700)
    synthetic_extraction.write(root / "extraction.txt")
    import_extraction(root / "extraction.txt", AnnuaireFile(data))
    schema.migrate(data / engine.FILE_NAME)
    annuaire, counter = Annuaire(data), InvitationCounter(data / engine.FILE_NAME)
    registrar = Registrar(registrar_key(data), "confrere.localhost", 30)
    now = time.time_ns() // 1_000_000

    def entropy() -> bytes:
        return os.urandom(invitation_code.ENTROPY_SIZE)

    doctor = registrar.professional(str(CAST["gp"].rpps), annuaire, counter, now, entropy())
    structure, kind = CAST["gp"].sites[0].siren, InviteeKind.DEPOSITOR
    found = [registrar.structure(structure, annuaire, counter, now, entropy(), kind) for _ in range(LABORATORIES)]
    annuaire.close()
    return Practice(
        data, invitation_code.grouped(doctor.code), tuple(invitation_code.grouped(issued.code) for issued in found)
    )


def patient(number: int) -> Patient:
    traits = StrictTraits(f"ESSAI{chr(65 + number)}", "JEANNE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215")
    return Patient(traits, parse_ins("279035121518989", OID_TEST))


def reports(number: int, first: int, count: int) -> list[bytes]:
    return [story.laboratory_cda(patient(number), "Essai.", number=first + at) for at in range(count)]


async def enrol(url: str, folder: Path, code: str) -> Path:
    await enrolment.enrol(url, folder, WORDS, code, Cost(), ENVIRONMENT)
    return folder


@asynccontextmanager
async def at_work(folder: Path, url: str) -> AsyncIterator[Endpoint]:
    """A profile in use, wherever the service runs now."""
    async with Endpoint(folder, WORDS, ENVIRONMENT) as endpoint:
        endpoint.service.url = url
        await endpoint.connect()
        yield endpoint


# --- ingesting ---


def bare(octets: Sequence[bytes]) -> float:
    """Documents a second: parsed, sealed and signed, and nothing else."""
    key, pk = SigningKey(os.urandom(32)), kem.public_key(os.urandom(kem.SEED_SIZE))
    begun = time.perf_counter()
    for document in octets:
        laboratory.read_report(document)
        aead.seal_chunk(os.urandom(32), 0, True, document, Label.BLOB)
        kem.seal(pk, os.urandom(34), Label.TES_WRAP, b"")
        aead.seal_once(os.urandom(32), bytes(8192), b"")
        key.sign(Label.EPOCH_COMMIT, document)
        key.sign(Label.EVENT, document)
    return len(octets) / (time.perf_counter() - begun)


async def ingest(doctor: Endpoint, laboratories: Sequence[Endpoint], each: int) -> tuple[float, float, float]:
    """(bare, deposited, ingested) documents a second."""
    held = []
    for number in range(RECORDS):
        record, _ = await holding.open_record(doctor, patient(number))
        held.append((record, await cards.make(doctor, record)))
    feeds = [RecordFeed(doctor, record, Purpose.CARE) for record, _ in held]
    for feed in feeds:
        await feed.refresh()

    async def work(at: int, first: int) -> None:
        endpoint = laboratories[at]
        card = await cards.read(endpoint, held[at % RECORDS][1])
        for octets in reports(at % RECORDS, first + at * each, each):
            await depositing.deposit(endpoint, octets, card)

    async def take(done: asyncio.Event) -> None:
        """What the doctor's device does while reports arrive: one record's news after the other's."""
        while not done.is_set():
            for feed in feeds:
                await feed.refresh()
        for feed in feeds:
            await feed.refresh()

    async def all_work(first: int, done: asyncio.Event) -> None:
        await asyncio.gather(*(work(at, first) for at in range(len(laboratories))))
        done.set()

    done = asyncio.Event()
    await all_work(1_000_000, done)  # nobody's first deposit is on the clock
    begun = time.perf_counter()
    await all_work(2_000_000, done)
    deposited = len(laboratories) * each / (time.perf_counter() - begun)
    await take(done)
    done.clear()
    begun = time.perf_counter()
    await asyncio.gather(take(done), all_work(3_000_000, done))
    ingested = len(laboratories) * each / (time.perf_counter() - begun)
    lines = sum([len(await index.items(doctor, record)) for record, _ in held])
    if lines != 3 * len(laboratories) * each:
        raise RuntimeError(f"{lines} lines of {3 * len(laboratories) * each}")
    return bare(reports(0, 1, 4 * each)), deposited, ingested


# --- opening ---


async def first_pages(folder: Path, url: str, record: bytes) -> list[float]:
    """Seconds from asking for the record to its first page in order, each time by a profile that never saw it."""
    taken = []
    for run in range(RUNS):
        fresh = folder.with_name(f"{folder.name}-{secrets.token_hex(3)}-{run}")
        shutil.copytree(folder, fresh)
        async with at_work(fresh, url) as endpoint:
            begun = time.perf_counter()
            await RecordFeed(endpoint, record, Purpose.CARE).refresh()
            page = order.page(await index.items(endpoint, record), endpoint.environment.now())
            taken.append(time.perf_counter() - begun)
            if len(page.lines) < min(order.PAGE, 50) - 1:
                raise RuntimeError(f"{len(page.lines)} lines")
        shutil.rmtree(fresh)
    return taken


async def opening(root: Path, others: int) -> tuple[list[float], int]:
    """First pages of a record of DOCUMENTS documents, in a store that holds `others` more."""
    practice = prepare(root)
    doctor, lab = root / "doctor", root / "laboratory"
    async with served(practice.data) as (url, _):
        await enrol(url, doctor, practice.doctor)
        await enrol(url, lab, practice.laboratories[0])
        async with at_work(doctor, url) as endpoint:
            record, _ = await holding.open_record(endpoint, patient(0))
            card = await cards.make(endpoint, record)
        account = await _account(lab, url)
    shelves = [Shelf(record, DOCUMENTS - REAL)]
    shelves += [Shelf(secrets.token_bytes(16), DOCUMENTS) for _ in range(others // DOCUMENTS)]
    stored = prefill_records(practice.data, shelves, account)
    async with served(practice.data) as (url, _):
        async with at_work(lab, url) as endpoint:
            known = await cards.read(endpoint, card)
            for octets in reports(0, 1, REAL):
                await depositing.deposit(endpoint, octets, known)
        return await first_pages(doctor, url, record), stored


async def _account(folder: Path, url: str) -> bytes:
    async with at_work(folder, url) as endpoint:
        return endpoint.identity.account


async def measure(quick: bool) -> None:
    each = 25 if quick else 100
    with tempfile.TemporaryDirectory(prefix="confrere-bench-") as name:
        root = Path(name)
        practice = prepare(root)
        async with served(practice.data) as (url, _), AsyncExitStack() as stack:
            folders = [await enrol(url, root / f"l{at}", code) for at, code in enumerate(practice.laboratories)]
            laboratories = [await stack.enter_async_context(at_work(folder, url)) for folder in folders]
            await enrol(url, root / "doctor", practice.doctor)
            doctor = await stack.enter_async_context(at_work(root / "doctor", url))
            alone, deposited, ingested = await ingest(doctor, laboratories, each)
    print(f"{'':12} {'documents/s':>12} {'of bare':>8}")
    for label, rate in (("bare", alone), ("deposited", deposited), ("ingested", ingested)):
        print(f"{label:12} {rate:>12,.0f} {rate / alone:>8.2f}", flush=True)
    print(f"\n{'opening':12} {'stored':>12} {'p50 ms':>8} {'max ms':>8}   a record of {DOCUMENTS:,} documents")
    for others in (0, 20_000 if quick else OTHERS):
        with tempfile.TemporaryDirectory(prefix="confrere-bench-") as name:
            taken, stored = await opening(Path(name), others)
        middle, worst = statistics.median(taken) * 1e3, max(taken) * 1e3
        print(f"{'':12} {stored + REAL:>12,} {middle:>8.0f} {worst:>8.0f}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer documents, and 20,000 of others")
    asyncio.run(measure(parser.parse_args(arguments).quick))


if __name__ == "__main__":
    main()

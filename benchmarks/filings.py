"""Filings into a record, end to end: `python -m benchmarks.filings`.

1. `bare`: the same requests judged and written (signatures, CDA, PDF/A, card) with nothing sent or kept.
2. `filed`: taken, judged, consent asked of the record's log before and after, written, uploaded, deposited, noted for
   the patient, and the signed receipt in the filing's thread acknowledged, by one bridge.

The service is a process of its own, the bridge shares the other one with nobody while it is measured. Both are durable
(SQLite WAL, synchronous=FULL), on loopback without TLS.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.deposits import at_work, enrol, patient
from benchmarks.service import served
from confrere.database import engine, schema
from confrere.settings import find_config, read_toml
from confrere.story import synthetic_extraction
from confrere.story.synthetic_extraction import CAST
from confrere.words.catalogue import Words
from directory.accounts import invitation_code
from directory.accounts.bind import InviteeKind
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.store.invitations import InvitationCounter
from directory.store.registrar import registrar_key
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.invite import Registrar
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.referrals import Step, refer
from messaging.referral.clinical import Party
from messaging.referral.urgency import Urgency, read_policy
from record_bridge.bridge import judging
from record_bridge.bridge.composing import Basis
from record_bridge.bridge.helper import helper
from record_bridge.bridge.worker import Bridge
from record_bridge.bridge.writing import Scribe
from record_bridge.client import consents, filing, holding
from record_bridge.consent.consent import Episode, Told
from record_bridge.consent.states import By
from record_bridge.consent.states import State as Agreed
from record_bridge.filing import bodies
from record_bridge.filing.identifiers import document_ids
from record_bridge.filing.states import State

SAY = Words("fr").say
ANSWER = "Holter de 24 heures conseillé ; poursuivre le bisoprolol. Me réadresser en cas de malaise ou de syncope. " * 3


def prepare(root: Path) -> tuple[Path, list[str]]:
    """A data folder that was never served, and the codes of a GP, a cardiologist and a bridge."""
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

    people = [registrar.professional(CAST[r].rpps, annuaire, counter, now, entropy()) for r in ("gp", "cardiologist")]
    structure = CAST["gp"].sites[0].siren
    machine = registrar.structure(structure, annuaire, counter, now, entropy(), InviteeKind.BRIDGE)
    annuaire.close()
    return data, [invitation_code.grouped(issued.code) for issued in (*people, machine)]


async def exchanges(gp: Endpoint, specialist: Endpoint, bridge: str, count: int) -> None:
    """Questions asked and answered, each asked to be filed, under one consent for the episode."""
    about = replace(patient(0), status="VALI")
    record, _ = await holding.open_record(gp, about)
    now = gp.environment.now()
    scope = Episode(gp.new_id(), "Palpitations", now - 1000, now + 30 * 24 * 3600 * 1000)
    await consents.begin(gp, record, about, scope, Agreed.ACTIVE, Told.EPISODE)
    policy = read_policy(read_toml(find_config("", os.environ) / "urgency.toml"))
    threads = []
    for number in range(count):
        made = await refer(
            gp,
            to=[specialist.identity.address],
            waiting_for="",
            performer=Party("Dr Claire Fontaine"),
            patient=about,
            question=f"Palpitations à l'effort, épisode {number}. Faut-il un Holter ?",
            level=Urgency.ROUTINE,
            policy=policy,
            files=[],
        )
        threads.append(made.thread)
        await leave(gp, made.outgoing)
    await specialist.sync()
    for exchange in await specialist.reading.exchanges():
        await leave(specialist, await Step(specialist, exchange).answer({"text": ANSWER}, []))
    await gp.sync()
    to = await filing.bridge(gp, bridge)
    known = {one.main.thread: one for one in await gp.reading.exchanges()}
    for thread in threads:
        exchange = known[thread]
        prepared = await filing.prepare(gp, exchange, filing.chosen(exchange, ["answer"]), to)
        await filing.ask(gp, exchange, prepared)


async def bare(machine: Endpoint, most: int) -> float:
    """Requests a second: judged and written, nothing sent or kept."""
    scribe = Scribe(machine, SAY)
    await machine.bring_in()
    requests = [one for one in await machine.reading.filings() if one.filing is not None][:most]
    begun = 0.0
    for number, one in enumerate(requests):
        if number == 1:  # the directory and the logs are known from here on
            begun = time.perf_counter()
        asked = one.filing
        if asked is None:
            continue
        request = bodies.read_request(asked.body.content)
        judged = await judging.judge(machine, request, asked)
        ids = document_ids(request.filing, 0)
        basis = Basis(request.consent.series, By.PROFESSIONAL)
        await scribe.write(request, request.patient, judged.units[0], ids, basis)
    return (len(requests) - 1) / (time.perf_counter() - begun)


async def measure(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data, codes = prepare(root)
        async with served(data) as (url, _):
            gp, specialist, machine = [
                await enrol(url, root / name, code)
                for name, code in zip(("gp", "specialist", "machine"), codes, strict=True)
            ]
            async with at_work(gp, url) as asking, at_work(specialist, url) as answering:
                async with at_work(machine, url) as endpoint:
                    address = endpoint.identity.address
                await exchanges(asking, answering, address, count)
            async with at_work(machine, url) as endpoint:
                written = await bare(endpoint, count)
                with helper() as beside:
                    bridge = Bridge(endpoint, SAY, helper=beside)
                    await bridge.open()
                    begun = time.perf_counter()
                    while True:
                        turn = await bridge.turn()
                        if not turn.taken and not turn.filed and not turn.told and not turn.later:
                            break
                    filed = turn.states[State.ACCEPTED] / (time.perf_counter() - begun)
            if turn.states[State.ACCEPTED] != count:
                raise RuntimeError(f"{turn.states[State.ACCEPTED]} filed of {count}")
            print(f"{'':<44}{'a second':>10}{'of bare':>10}")
            print(f"{'bare: judged and written':<44}{written:>10.1f}{1:>10.2f}")
            print(f"{'filed: deposited, noted, receipt acknowledged':<44}{filed:>10.1f}{filed / written:>10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer filings")
    arguments = parser.parse_args()
    asyncio.run(measure(30 if arguments.quick else 120))


if __name__ == "__main__":
    main()


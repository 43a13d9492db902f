"""Tell the patient's log who asked whom, and that an answer came: content-free, where the asking doctor holds the
record (RD-2.2). An exchange about somebody whose record is not held here leaves no line anywhere."""
from __future__ import annotations

import json

from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.referral.clinical import Answer, Party
from messaging.referral.patient import Patient
from messaging.referral.states import OPEN, Side
from record_bridge.client import holding
from record_bridge.client.posting import tell
from record_bridge.record.notice import About, NoticeAct, Reference

_ASKED = "exchanges-asked"


async def asked(endpoint: Endpoint, patient: Patient, case: bytes, whom: Party) -> None:
    """A request has left: a line for the patient, and the answer is waited for."""
    held = await holding.find(endpoint, patient)
    if held is None:
        return
    await tell(endpoint, held.record, NoticeAct.ASKED, whom, [Reference(About.CASE, case)])
    await _keep(endpoint, await _waiting(endpoint) | {case: held.record})


async def tell_answers(endpoint: Endpoint) -> None:
    """For every request that a line was written for: another line when its answer has come."""
    waiting = await _waiting(endpoint)
    if not waiting:
        return
    for exchange in await endpoint.reading.exchanges():
        case = exchange.case
        if case is None or case.case not in waiting:
            continue
        record = waiting[case.case]
        answer = next((e for e in exchange.events if _answers(e, exchange.sides.get(e.acting_for))), None)
        if answer is not None:
            about = [Reference(About.CASE, case.case)]
            own = await _party(endpoint, endpoint.identity.account)
            who = await _party(endpoint, answer.account)
            await tell(endpoint, record, NoticeAct.ANSWERED, own, about, who=who)
        if answer is not None or case.status not in OPEN:
            await _keep(endpoint, {one: of for one, of in (await _waiting(endpoint)).items() if one != case.case})


def _answers(event: ReadEvent, side: Side | None) -> bool:
    return isinstance(event.content, Answer) and side is Side.PERFORMER


async def _party(endpoint: Endpoint, account: bytes) -> Party:
    owner = await endpoint.accounts.professional(account)
    return Party(owner.name, owner.identifier if owner.identifier.isdigit() else "")


async def _waiting(endpoint: Endpoint) -> dict[bytes, bytes]:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _ASKED))
    plain = {} if raw is None else json.loads(raw)
    return {bytes.fromhex(case): bytes.fromhex(record) for case, record in plain.items()}


async def _keep(endpoint: Endpoint, waiting: dict[bytes, bytes]) -> None:
    raw = json.dumps({case.hex(): record.hex() for case, record in waiting.items()}).encode()
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _ASKED, raw))

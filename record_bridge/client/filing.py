"""Ask a bridge to file a part of an exchange, and see what became of it (docs/spec/filing.md FI-2, FI-4, FI-6).

What is asked is judged here first, by the very code of the bridge, so that the preview is what will be written and a
refusal comes before anything leaves. A filing is a thread of its own: the members of the exchange and the bridge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from directory.accounts.bind import InviteeKind
from directory.errors import DirectoryError
from messaging.client import evidence as gathering
from messaging.client.addresses import Recipient
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.reading import Exchange, ReadEvent
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol import evidence
from messaging.protocol.body import Body, EventType
from messaging.referral.patient import Patient
from messaging.referral.states import Side
from messaging.wire.epoch import Role as MemberRole
from record_bridge.client import consents, holding
from record_bridge.client.consents import KnownConsent
from record_bridge.client.holding import HeldRecord
from record_bridge.consent.consent import Episode, told_words
from record_bridge.consent.permits import Target, governing, permits
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.states import PERMITTING
from record_bridge.errors import RecordError
from record_bridge.filing import bodies, evidence_file, preview, selection, states, verify
from record_bridge.filing.bodies import (
    ConsentOpened,
    FilingIdentity,
    FilingReceipt,
    FilingRequest,
    FilingWithdrawal,
    Role,
    Selected,
    Withdrawn,
)
from record_bridge.filing.preview import Preview
from record_bridge.filing.states import State
from record_bridge.filing.units import Unit, UnitKind
from record_bridge.filing.verify import Pinned, Requester
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind

_NO_PREVIEW = bytes(32)
OPEN_FILINGS = "filings-open"
"""Kept while something that this profile asked to be filed is not settled."""
_ROLES = {"answer": Role.ANSWER, "referral-request": Role.REQUEST, "message": Role.MESSAGE, "new-version": Role.ANSWER}
KINDS = {UnitKind.REPORT: Kind.REPORT, UnitKind.LETTER: Kind.LETTER}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A filing that may be asked for: what it says, what proves it, and what will be written."""

    request: FilingRequest
    bundle: evidence.Bundle
    units: tuple[Unit, ...]
    preview: Preview
    bridge: Recipient


@dataclass(frozen=True, slots=True)
class KnownFiling:
    """A filing of an exchange: what was asked, and the newest receipt of each document, signed by the bridge."""

    request: FilingRequest
    asked: ReadEvent
    receipts: tuple[FilingReceipt, ...]
    spoken: bool = False  # an identity or a withdrawal was sent after the last receipt

    @property
    def state(self) -> State:
        return states.overall(one.state for one in self.receipts)


async def bridge(endpoint: Endpoint, typed: str = "") -> Recipient:
    """The bridge that this service names, or the one typed: proven by the registrar, whatever the service says.

    Raises RecordError: bridge-missing, bridge-unproven.
    """
    address = typed or str((await endpoint.service.json("GET", "/api/policy")).get("bridge") or "")
    if not address:
        raise RecordError("bridge-missing")
    found = await endpoint.addresses.resolve(address)
    if found.professional is None or found.professional.kind is not InviteeKind.BRIDGE:
        raise RecordError("bridge-unproven")
    return found


def chosen(exchange: Exchange, typed: Iterable[str]) -> list[ReadEvent]:
    """Events of the clinical thread by the beginnings of their ids, or by kind: "answer", "request"; by default every
    answer of the one who was asked, and not what the asking side added.

    Raises RecordError("filing-item-missing").
    """
    fit = [event for event in exchange.events if event.type in _ROLES and event.thread == exchange.main.thread]
    words = [word.strip().lower() for word in typed if word.strip()]
    if not words:
        words = ["answer"]
    found: list[ReadEvent] = []
    for word in words:
        named = [e for e in fit if _of_kind(e, word, exchange) or e.id.hex().startswith(word)]
        if not named:
            raise RecordError("filing-item-missing")
        found += [event for event in named if event not in found]
    return found


def _of_kind(event: ReadEvent, word: str, exchange: Exchange) -> bool:
    if event.type == "answer" == word:
        return exchange.case is None or exchange.sides.get(event.acting_for) is Side.PERFORMER
    return event.type in (word, f"referral-{word}")


async def prepare(
    endpoint: Endpoint,
    exchange: Exchange,
    events: Sequence[ReadEvent],
    to: Recipient,
    *,
    class_: RecordClass = RecordClass.COMMON,
    patient: Patient | None = None,
) -> Prepared:
    """Everything that the bridge will judge, judged here. Raises RecordError: record-unknown, consent-*, filing-*."""
    held = await _record(endpoint, exchange, patient)
    about = held.patient
    if about is None:
        raise RecordError("record-unknown")
    case = exchange.case.case if exchange.case is not None else b""
    target = Target(exchange.main.thread, case)
    seen = len(await consents.logged(endpoint, held.record))  # before they are read: what comes between is not seen
    found = await deciding(endpoint, held.record, target)
    if found is None:
        raise RecordError("consent-missing")
    current = found.current
    request = FilingRequest(
        filing=endpoint.new_id(),
        thread=exchange.main.thread,
        case=case or None,
        record=held.record,
        class_=int(class_),
        items=tuple(Selected(event.id, _ROLES[event.type]) for event in events),
        patient=about,
        consents=tuple(ConsentOpened(found.series, one.entry, one.blind, one.said) for one in found.opened),
        seen_seq=max(event.seq for event in exchange.events if event.thread == exchange.main.thread),
        seen_consents=seen,
        preview=_NO_PREVIEW,
        requested=endpoint.environment.now(),
    )
    gathered = await gathering.gather(endpoint, exchange)
    bundle = selection.reduce(gathered, request.thread, {event.id for event in events})
    me = endpoint.identity
    await endpoint.accounts.ensure(bundle.logs)
    units = verify.verify(
        request,
        bundle,
        requester=Requester(me.account, exchange.main.mailbox),
        pinned=Pinned(me.service_pk, me.registrar_pk),
        lookup=endpoint.accounts.lookup,
    )
    for unit, event in zip(units, events, strict=True):
        permits(
            current.consent,
            current.by,
            record=held.record,
            patient=about,
            target=target_of(current.consent.scope, target),
            author_account=event.account,
            kind=KINDS[unit.kind],
            now_ms=endpoint.environment.now(),
            class_=class_,
        )
    shown = preview.preview(units, about, (told_words(current.by),), held.record.hex())
    return Prepared(replace(request, preview=shown.digest), bundle, units, shown, to)


async def _record(endpoint: Endpoint, exchange: Exchange, patient: Patient | None) -> HeldRecord:
    asked = exchange.case.request if exchange.case is not None else None
    wanted = patient or (asked.patient if asked is not None else None)
    if wanted is None:
        raise RecordError("filing-patient-unproven")
    held = await holding.find(endpoint, wanted)
    if held is None:
        raise RecordError("record-unknown")
    if held.contested:
        raise RecordError("record-identity-differs")
    return held


def target_of(scope: object, target: Target) -> Target:
    """What a filing aims at, under a consent: an episode is named by the consent that is about it."""
    return replace(target, episode=scope.id) if isinstance(scope, Episode) else target


async def deciding(endpoint: Endpoint, record: bytes, target: Target) -> KnownConsent | None:
    """The consent that decides for an exchange: an opposition first, then what permits it, an own one before an
    episode's."""
    known = await consents.known(endpoint, record)
    now = endpoint.environment.now()
    own = [one for one in known if not isinstance(one.current.consent.scope, Episode)]
    for group in (own, [one for one in known if one not in own]):
        for_group = {id(one.current): one for one in group}
        aims = {target_of(one.current.consent.scope, target) for one in group} | {target}
        for aim in sorted(aims, key=lambda a: a.episode):
            version = governing((one.current for one in group), aim, now)
            if version is not None:
                return for_group[id(version)]
    return None


async def ask(endpoint: Endpoint, exchange: Exchange, prepared: Prepared) -> bytes:
    """Send the request; gives the filing's id. Durable in the outbox first, like every message."""
    request = prepared.request
    packed = evidence_file.pack(evidence.write(prepared.bundle))
    attached = await endpoint.attachments.spool_octets(packed, bodies.EVIDENCE_NAME, bodies.EVIDENCE_TYPE)
    known = await endpoint.intake.thread(exchange.main.thread)
    if known is None:
        raise MessagingError("thread-unknown")
    mine = exchange.main.mailbox
    others = [m.account for m in known.latest.commit.members if m.account != mine and m.role is not MemberRole.DEPOSIT]
    said = Outgoing(
        intent=endpoint.intent(),
        thread=request.filing,
        class_=exchange.main.class_,
        acting_for=mine,
        type=EventType.FILING_REQUEST,
        body=Body(bodies.MEDIA_TYPE, bodies.write_request(request), (attached,)).encode(),
        uploads=(attached.id.hex(),),
        accounts=(*others, prepared.bridge.mailbox),
    )
    await endpoint.put([said])
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, OPEN_FILINGS, b"1"))
    await leave(endpoint, [said])
    return request.filing


# --- what became of it ---


async def of_exchange(endpoint: Endpoint, exchange: Exchange) -> tuple[KnownFiling, ...]:
    """The filings of an exchange, oldest first: what somebody asks who was never in it is none of it."""
    within: set[bytes] = set()
    for kept in exchange.threads:
        known = await endpoint.intake.thread(kept.thread)
        epochs = known.epochs.values() if known is not None else ()
        within |= {member.account for one in epochs for member in one.commit.members}
    mine = {kept.thread for kept in exchange.threads}
    asked = await all_filings(endpoint)
    return tuple(one for one in asked if one.request.thread in mine and one.asked.acting_for in within)


async def all_filings(endpoint: Endpoint) -> tuple[KnownFiling, ...]:
    found = []
    for one in await endpoint.reading.filings():
        asked = one.filing
        if asked is None:
            continue
        try:
            request = bodies.read_request(asked.body.content)
        except (RecordError, MessagingError):
            continue
        if request.filing == asked.thread:
            receipts = await _receipts(endpoint, request.filing, one.events)
            found.append(KnownFiling(request, asked, receipts, _spoken(one.events)))
    return tuple(sorted(found, key=lambda known: known.asked.tick))


def _spoken(events: Sequence[ReadEvent]) -> bool:
    said = [event.type for event in events if event.type in ("filing-receipt", "filing-identity", "filing-withdrawal")]
    return bool(said) and said[-1] != "filing-receipt"


async def _receipts(endpoint: Endpoint, filing: bytes, events: Sequence[ReadEvent]) -> tuple[FilingReceipt, ...]:
    """The newest of each document, as signed by a proven bridge to which the request itself went; anybody else's word
    is none, and so is that of a bridge which a member brought in later."""
    newest: dict[int, FilingReceipt] = {}
    known = await endpoint.intake.thread(filing)
    first = known.epochs.get(0) if known is not None else None
    addressed = {member.account for member in first.commit.members} if first is not None else set[bytes]()
    for event in events:
        if event.type != "filing-receipt" or event.acting_for not in addressed:
            continue
        if not await _is_bridge(endpoint, event.account):
            continue
        try:
            said = bodies.read_receipt(event.body.content)
        except (RecordError, MessagingError):
            continue
        if said.filing == filing:
            newest[said.n] = said
    return tuple(newest[n] for n in sorted(newest))


async def _is_bridge(endpoint: Endpoint, account: bytes) -> bool:
    try:
        return (await endpoint.accounts.professional(account)).kind is InviteeKind.BRIDGE
    except DirectoryError:
        return False


async def already(endpoint: Endpoint, exchange: Exchange, events: Collection[bytes]) -> KnownFiling | None:
    """A filing of one of these events that was not refused or taken back."""
    for known in await of_exchange(endpoint, exchange):
        gone = {State.REJECTED, State.WITHDRAWN}
        if known.state not in gone and any(item.event in events for item in known.request.items):
            return known
    return None


# --- later ---


async def identify(endpoint: Endpoint, patient: Patient) -> int:
    """Give every filing that waits for this patient's identity the one that is qualified now; gives how many. What the
    patient has refused since is taken back instead."""
    if not patient.qualified:
        return 0
    waiting = [
        one
        for one in await all_filings(endpoint)
        if one.state is State.WAITING_IDENTITY
        and one.asked.own
        and not one.spoken
        and same_patient(one.request.patient, patient)
    ]
    for one in waiting:
        request = one.request
        seen = len(await consents.logged(endpoint, request.record))
        decides = await deciding(endpoint, request.record, Target(request.thread, request.case or b""))
        if decides is None or decides.series != request.consent.series or not _permits(endpoint, decides):
            await withdraw(endpoint, one, Withdrawn.CONSENT)
            continue
        said = FilingIdentity(request.filing, patient, seen)
        await _say(endpoint, one, EventType.FILING_IDENTITY, bodies.write_identity(said))
    return len(waiting)


def _permits(endpoint: Endpoint, decides: KnownConsent) -> bool:
    return decides.current.consent.state_at(endpoint.environment.now()) in PERMITTING


async def identify_waiting(endpoint: Endpoint) -> None:
    """What waits for an identity gets the one that its record has now; nothing is looked at where nothing is open."""
    if await endpoint.profile.run(lambda c: endpoint.profile.kept(c, OPEN_FILINGS)) is None:
        return
    filings = [one for one in await all_filings(endpoint) if one.asked.own and one.state in states.OPEN]
    if not filings:
        await endpoint.profile.run(lambda c: endpoint.profile.forget(c, OPEN_FILINGS))
    for record in {one.request.record for one in filings if one.state is State.WAITING_IDENTITY}:
        patient = await holding.patient_of(endpoint, record)
        if patient is not None:
            await identify(endpoint, patient)


async def withdraw(endpoint: Endpoint, known: KnownFiling, reason: Withdrawn, n: int | None = None) -> None:
    """Take a filing back: what has not left is not filed, what is in the record is marked as withdrawn there."""
    said = bodies.write_withdrawal(FilingWithdrawal(known.request.filing, n, reason))
    await _say(endpoint, known, EventType.FILING_WITHDRAWAL, said)


async def _say(endpoint: Endpoint, known: KnownFiling, type_: EventType, content: bytes) -> None:
    kept = await endpoint.intake.thread(known.request.filing)
    if kept is None:
        raise MessagingError("thread-unknown")
    said = Outgoing(
        intent=endpoint.intent(),
        thread=known.request.filing,
        class_=kept.kept.class_,
        acting_for=kept.kept.mailbox,
        type=type_,
        body=Body(bodies.MEDIA_TYPE, content).encode(),
    )
    await endpoint.put([said])
    await leave(endpoint, [said])



"""Whether a filing may be done: signatures, rights, preview, and the consent again before each submission (FI-4, FI-5).

The bridge is a member of no clinical thread: it judges what the request shows, against the logs as it reads them itself
and against the record's log at this moment. It says nothing of the medical content.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.protocol import event as events
from messaging.protocol import evidence
from messaging.protocol.body import Manifest
from messaging.protocol.evidence import Bundle
from messaging.referral.patient import Patient
from messaging.wire import header
from record_bridge.client import consents
from record_bridge.client.filing import KINDS, target_of
from record_bridge.consent.consent import told_words
from record_bridge.consent.permits import Target, permits
from record_bridge.consent.series import Series, fold
from record_bridge.errors import RecordError
from record_bridge.filing import bodies, evidence_file, preview, verify
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.units import Unit
from record_bridge.filing.verify import Pinned, Requester
from record_bridge.record.classes import DEPOSITS, RecordClass

MAX_EVIDENCE = 16 * 1024 * 1024  # octets
MAX_EVENTS = 1024  # more than any exchange that is filed has: each costs a signature, for whoever asks
MAX_LOGS = 2048  # of 256 members, their owners and whoever signed for them


@dataclass(frozen=True, slots=True)
class Judged:
    """What may be written: the units, the account behind each, and the request's evidence as it came."""

    units: tuple[Unit, ...]
    authors: tuple[bytes, ...]
    evidence: Manifest


async def judge(endpoint: Endpoint, request: FilingRequest, asked: ReadEvent) -> Judged:
    """Signatures, rights and preview. Raises RecordError: filing-*; what fetching raises."""
    if request.filing != asked.thread:
        raise RecordError("filing-evidence-foreign")
    if RecordClass(request.class_) not in DEPOSITS:
        raise RecordError("filing-item-unfit")
    attached = [one for one in asked.manifests if one.name == bodies.EVIDENCE_NAME]
    if len(attached) != 1:
        raise RecordError("filing-evidence-malformed", field="attachment")
    packed = await endpoint.attachments.fetch(attached[0], MAX_EVIDENCE)
    bundle = evidence.read(evidence_file.unpack(packed))
    if len(bundle.events) > MAX_EVENTS or len(bundle.logs) > MAX_LOGS:
        raise RecordError("filing-evidence-malformed", field="events" if len(bundle.events) > MAX_EVENTS else "logs")
    me = endpoint.identity
    await endpoint.accounts.ensure(bundle.logs)
    units = verify.verify(
        request,
        bundle,
        requester=Requester(asked.account, asked.acting_for),
        pinned=Pinned(me.service_pk, me.registrar_pk),
        lookup=endpoint.accounts.lookup,
    )
    signed = _signers(bundle)
    return Judged(units, tuple(signed[unit.event] for unit in units), attached[0])


def _signers(bundle: Bundle) -> Mapping[bytes, bytes]:
    """Event id -> who signed it, of a bundle that was verified."""
    found = {}
    for part in bundle.events:
        sealed = header.parse(part.event.raw)
        opened = events.reopen(sealed, part.meta, part.signature, part.blind, part.body)
        found[sealed.id] = opened.meta.signer.account
    return found


async def standing(endpoint: Endpoint, request: FilingRequest) -> Series:
    """The consent as the log has it now (FI-5.9). Raises RecordError: consent-changed, consent-series-broken."""
    return await shown(endpoint, request, await consents.logged(endpoint, request.record))


async def shown(endpoint: Endpoint, request: FilingRequest, logged: Sequence[consents.LoggedConsent]) -> Series:
    """The versions that the request shows, held against every entry of their series. A newer one that it does not show
    may be a withdrawal; one of another series, which only the record's holders read, may be an opposition that the
    requester had not seen: both ask for a new request."""
    series = [one for one in logged if one.series == request.consent.series]
    unseen = any(one.series != request.consent.series for one in logged[request.seen_consents :])
    if unseen or len(series) > len(request.consents):
        raise RecordError("consent-changed")
    if [one.entry for one in series] != [one.entry for one in request.consents]:
        raise RecordError("consent-series-broken")
    found = []
    for entry, one in zip(series, request.consents, strict=True):
        version = consents.opened(entry, one.blind, one.fhir).version
        with contextlib.suppress(RecordError):  # without effect, as its holders show it
            await consents.verify_signer(endpoint, entry, version.consent.state)
            found.append(version)
    return fold(found)


def verify_permitted(
    request: FilingRequest, patient: Patient, judged: Judged, consent: Series, now_ms: int, units: Collection[int]
) -> Series:
    """Every one of these units may be filed now, and is what the requester saw. Raises RecordError: consent-*,
    filing-preview-differs."""
    current = consent.current
    made = preview.preview(judged.units, request.patient, (told_words(current.by),), request.record.hex())
    preview.verify_preview(request, made)
    target = target_of(current.consent.scope, Target(request.thread, request.case or b""))
    for n in units:
        permits(
            current.consent,
            current.by,
            record=request.record,
            patient=patient,
            target=target,
            author_account=judged.authors[n],
            kind=KINDS[judged.units[n].kind],
            now_ms=now_ms,
            class_=RecordClass(request.class_),
        )
    return consent

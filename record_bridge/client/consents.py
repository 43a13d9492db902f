"""Consents over a record, on the endpoint: record, sign, withdraw, read (docs/spec/consent.md; CP1-3.16).

Each version is an entry of the record's own log, signed by the patient or by the professional who attests it; its text
is read by the record's holders, and by a bridge to which a filing request shows it. Which of the two it was follows
from who signed, never from the text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from directory.accounts import entry as entries
from directory.accounts.authoring import open_opening
from directory.accounts.entry import Consent as ConsentEntry
from directory.accounts.entry import Entry
from directory.accounts.grants import Right, blinded
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.transparency.receipt import parse_proof
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.profile import keys
from messaging.referral.patient import Patient
from record_bridge.client.holding import enrolled_as_patient
from record_bridge.client.posting import me, tell
from record_bridge.consent import fhir
from record_bridge.consent.consent import Consent, Limits, Purpose, Scope, Told
from record_bridge.consent.permits import Target, covers
from record_bridge.consent.series import Series, Version, fold, verify_version
from record_bridge.consent.states import By, State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import About, NoticeAct, Reference


@dataclass(frozen=True, slots=True)
class Opened:
    """One version as it stands in the log: its entry, opening and signer."""

    entry: bytes
    blind: bytes
    said: bytes
    signer: bytes
    version: Version


@dataclass(frozen=True, slots=True)
class KnownConsent:
    """A consent of a record: every version in the order of the log, and what they come to."""

    series: bytes
    opened: tuple[Opened, ...]
    folded: Series

    @property
    def current(self) -> Version:
        return self.folded.current


@dataclass(frozen=True, slots=True)
class LoggedConsent:
    """A consent entry as anybody reads it in a record's log. `time` is its receipt's, ms UTC."""

    series: bytes
    entry: bytes
    blinded: bytes
    signer: bytes
    by: By
    time: int


async def logged(endpoint: Endpoint, record: bytes) -> tuple[LoggedConsent, ...]:
    """Every consent entry of a record's log as it stands now, verified, in order; what they say is not known from
    here."""
    endpoint.accounts.outdate([record])
    await endpoint.accounts.ensure([record])
    state = endpoint.accounts.lookup(record)
    log = await endpoint.profile.run(lambda c: keys.log_of(c, record))
    found = []
    for raw, proof_raw in log:
        made = entries.parse(raw)
        if not isinstance(made.payload, ConsentEntry):
            continue
        proof = parse_proof(proof_raw)
        by = await _by(endpoint, state, made, proof.receipt.tick)
        signer = made.signer.account
        found.append(
            LoggedConsent(made.payload.series, made.hash, made.payload.blinded, signer, by, proof.group.time)
        )
    return tuple(found)


async def _by(endpoint: Endpoint, state: AccountState, made: Entry, tick: int) -> By:
    """The patient is whoever managed the record at that place and is enrolled as a patient."""
    manager = next(
        account for entry_hash, account in reversed(state.managers) if state.place_of(entry_hash).tick < tick
    )
    own = made.signer.account == manager and await enrolled_as_patient(endpoint, manager)
    return By.PATIENT if own else By.PROFESSIONAL


def opened(found: LoggedConsent, blind: bytes, said: bytes) -> Opened:
    """A version, held against the entry that carries it. Raises RecordError("consent-series-broken")."""
    if blinded(blind, said) != found.blinded:
        raise RecordError("consent-series-broken")
    consent = fhir.read(said)
    if consent.series != found.series:
        raise RecordError("consent-series-broken")
    return Opened(found.entry, blind, said, found.signer, Version(consent, found.by, found.time))


async def known(endpoint: Endpoint, record: bytes) -> tuple[KnownConsent, ...]:
    """The consents of a record whose notices this endpoint reads, oldest series first.

    What does not fold is left out: it has no effect. Raises MessagingError("openings-wrong") where the service hides
    one.
    """
    entries_ = await logged(endpoint, record)
    sealed = dict(await endpoint.service.consents(record))
    state = endpoint.accounts.lookup(record)
    by_series: dict[bytes, list[Opened]] = {}
    for one in entries_:
        if one.entry not in sealed:
            raise MessagingError("openings-wrong")
        seed = endpoint.keyring.seed(record, 0, state.generation_at(0, state.place_of(one.entry).tick).g)
        if seed is None:
            continue  # from before this endpoint's time
        try:
            blind, said = open_opening(sealed[one.entry], record, one.entry, seed)
            by_series.setdefault(one.series, []).append(opened(one, blind, said))
        except (DirectoryError, RecordError):
            continue
    found = []
    for series, versions in by_series.items():
        try:
            found.append(KnownConsent(series, tuple(versions), fold(v.version for v in versions)))
        except RecordError:
            continue
    return tuple(found)


async def covering(endpoint: Endpoint, record: bytes, target: Target) -> KnownConsent | None:
    """The newest consent about this exchange."""
    about = [one for one in await known(endpoint, record) if covers(one.current.consent, target)]
    return max(about, key=lambda one: one.current.time_ms, default=None)


# --- write ---


async def begin(
    endpoint: Endpoint,
    record: bytes,
    patient: Patient,
    scope: Scope,
    state: State,
    told: Told,
    *,
    purposes: Collection[Purpose] = (Purpose.FILING, Purpose.SHARING),
    limits: Limits = Limits(),
) -> bytes:
    """A new consent, attested by this professional or signed by this patient. Gives its series."""
    own = await enrolled_as_patient(endpoint, endpoint.identity.account)
    consent = Consent(
        series=endpoint.new_id(),
        state=state,
        scope=scope,
        patient=patient,
        record=record,
        recorder=None if own else await me(endpoint),
        recorded_ms=endpoint.environment.now(),
        purposes=frozenset(purposes),
        limits=limits,
        told=told,
    )
    by = By.PATIENT if own else By.PROFESSIONAL
    verify_version(None, Version(consent, by, endpoint.environment.now()))
    await _append(endpoint, record, consent)
    await tell(
        endpoint, record, NoticeAct.CONSENT_RECORDED, references=[Reference(About.SERIES, consent.series)]
    )
    return consent.series


async def move(
    endpoint: Endpoint,
    known_: KnownConsent,
    state: State,
    *,
    limits: Limits | None = None,
    without: Collection[bytes] = (),
) -> None:
    """The next version of a consent. `without` are accounts whose mandates over the record end with it, in the same
    submission, by keys.

    Raises RecordError: consent-final, consent-patient-only, consent-illegal-transition.
    """
    own = await enrolled_as_patient(endpoint, endpoint.identity.account)
    before = known_.current
    after = replace(
        before.consent,
        state=state,
        recorder=None if own else await me(endpoint),
        recorded_ms=endpoint.environment.now(),
        limits=before.consent.limits if limits is None else limits,
        told=Told.OPPOSITION if state is State.OPPOSED else before.consent.told,
    )
    verify_version(before, Version(after, By.PATIENT if own else By.PROFESSIONAL, endpoint.environment.now()))
    record = after.record
    await _append(endpoint, record, after, without)
    if state in (State.WITHDRAWN, State.OPPOSED):
        await tell(
            endpoint, record, NoticeAct.CONSENT_WITHDRAWN, references=[Reference(About.SERIES, after.series)]
        )


async def _append(endpoint: Endpoint, record: bytes, consent: Consent, without: Collection[bytes] = ()) -> None:
    if not endpoint.keyring.may(record, Right.SEND_AS, RecordClass.COMMON):
        raise MessagingError("mailbox-not-held")
    await endpoint.accounts.ensure([endpoint.identity.account, record])
    author = endpoint.delegation.author()
    authority = endpoint.keyring.authority(record)
    said = fhir.write(consent)
    made = []
    if without:
        made = await endpoint.delegation.revoke_within(author, record, without)
    author.consent(record, consent.series, endpoint.environment.entropy(32), said, authority)
    await endpoint.delegation.publish(author)
    await endpoint.keyring.adopt(record, made)


async def mandated(endpoint: Endpoint, known_: KnownConsent) -> Mapping[bytes, str]:
    """Who attested this consent and holds a mandate over the record now: account -> name. A withdrawal ends these."""
    if not endpoint.keyring.may(known_.current.consent.record, Right.MANAGE, RecordClass.COMMON):
        return {}
    attesting = {one.signer for one in known_.opened if one.version.by is By.PROFESSIONAL}
    found = {}
    for grant in await endpoint.keyring.open_grants(known_.current.consent.record):
        if grant.payload.principal in attesting:
            owner = await endpoint.accounts.professional(grant.payload.principal)
            found[grant.payload.principal] = owner.name
    return found

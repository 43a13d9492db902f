"""Consents over a record, on the endpoint: record, sign, withdraw, read (docs/spec/consent.md; CP1-3.16).

Each version is an entry of the record's own log, signed by the patient or by the professional who attests it; its text
is read by the record's holders, and by a bridge to which a filing request shows it. Which of the two it was follows
from who signed, never from the text.

What cannot be read is never taken for what is not there: a consent of which one version is missing decides nothing,
because the missing one may be the opposition that makes the others without effect.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from directory.accounts import entry as entries
from directory.accounts.authoring import open_opening
from directory.accounts.bind import InviteeKind
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
from record_bridge.client.holding import patient_of
from record_bridge.client.posting import me, tell
from record_bridge.consent import fhir
from record_bridge.consent.consent import Consent, Exchange, Limits, Purpose, Scope, Told
from record_bridge.consent.permits import Target, governing
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.series import Series, Version, fold, verify_version
from record_bridge.consent.states import PERMITTING, By, State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import About, NoticeAct, Reference

_CLOSING = (State.WITHDRAWN, State.OPPOSED)


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
class Survey:
    """All consents of a record. `unreadable` are versions that say nothing to this endpoint, spoiled or from before its
    time; their series never stands in `known`. `void` are versions that were read and are no consent of this record,
    with the id of the words that say why."""

    known: tuple[KnownConsent, ...]
    unreadable: tuple[LoggedConsent, ...] = ()
    void: tuple[tuple[LoggedConsent, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedConsent:
    """A consent entry as anybody reads it in a record's log. `time` (ms UTC) and `tick` are its receipt's."""

    series: bytes
    entry: bytes
    blinded: bytes
    signer: bytes
    by: By
    time: int
    tick: int


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
            LoggedConsent(
                made.payload.series, made.hash, made.payload.blinded, signer, by, proof.group.time, proof.receipt.tick
            )
        )
    return tuple(found)


async def _by(endpoint: Endpoint, state: AccountState, made: Entry, tick: int) -> By:
    """The patient is whoever managed the record at that place and is enrolled as a patient.

    Raises DirectoryError("bind-unknown"): a service that hides who the manager is would turn the patient's own
    withdrawal into somebody else's.
    """
    manager = next(
        account for entry_hash, account in reversed(state.managers) if state.place_of(entry_hash).tick < tick
    )
    if made.signer.account != manager:
        return By.PROFESSIONAL
    kind = (await endpoint.accounts.professional(manager)).kind
    return By.PATIENT if kind is InviteeKind.PATIENT else By.PROFESSIONAL


def opened(found: LoggedConsent, blind: bytes, said: bytes) -> Opened:
    """A version, held against the entry that carries it. Raises RecordError("consent-series-broken")."""
    if blinded(blind, said) != found.blinded:
        raise RecordError("consent-series-broken")
    consent = fhir.read(said)
    if consent.series != found.series:
        raise RecordError("consent-series-broken")
    return Opened(found.entry, blind, said, found.signer, Version(consent, found.by, found.time))


async def survey(endpoint: Endpoint, record: bytes) -> Survey:
    """The consents of a record whose notices this endpoint reads, oldest series first: to show, and for the log.

    Raises MessagingError("openings-wrong") where the service leaves one out, DirectoryError("bind-unknown").
    """
    listed = await logged(endpoint, record)
    sealed = dict(await endpoint.service.consents(record))
    owner = await patient_of(endpoint, record)
    by_series: dict[bytes, list[Opened]] = {}
    unreadable: list[LoggedConsent] = []
    void: list[tuple[LoggedConsent, str]] = []
    for one in listed:
        if one.entry not in sealed:
            raise MessagingError("openings-wrong")
        said = _unsealed(endpoint, record, one, sealed[one.entry])
        if said is None:
            unreadable.append(one)
            continue
        try:
            found = opened(one, *said)
            _verify_owner(found.version.consent, record, owner)
            await verify_signer(endpoint, one, found.version.consent.state)
        except RecordError as refused:
            void.append((one, refused.id))
        else:
            by_series.setdefault(one.series, []).append(found)
    spoiled = {one.series for one in unreadable}
    known_: list[KnownConsent] = []
    for series, versions in by_series.items():
        if series in spoiled:
            continue
        try:
            known_.append(KnownConsent(series, tuple(versions), fold(one.version for one in versions)))
        except RecordError as refused:
            void += [(one, refused.id) for one in listed if one.series == series]
    return Survey(tuple(known_), tuple(unreadable), tuple(void))


async def verify_signer(endpoint: Endpoint, one: LoggedConsent, state: State) -> None:
    """That whoever signed may say so. Another patient may nothing, whatever mandate he was given; who is no proven
    professional attests nothing, and only what closes counts from him: nobody undoes a refusal by hiding who took it
    down. Raises RecordError("consent-signer-wrong")."""
    if one.by is By.PATIENT:
        return
    try:
        kind = (await endpoint.accounts.professional(one.signer)).kind
    except DirectoryError:
        kind = None
    if kind is InviteeKind.PATIENT or (kind is not InviteeKind.PROFESSIONAL and state not in _CLOSING):
        raise RecordError("consent-signer-wrong")


def _unsealed(
    endpoint: Endpoint, record: bytes, one: LoggedConsent, sealed: bytes
) -> tuple[bytes, bytes] | None:
    """Blind and text of a version, if they are what its entry committed to."""
    state = endpoint.accounts.lookup(record)
    seed = endpoint.keyring.seed(record, 0, state.generation_at(0, state.place_of(one.entry).tick).g)
    if seed is None:
        return None
    try:
        blind, said = open_opening(sealed, record, one.entry, seed)
    except DirectoryError:
        return None
    # Anybody can seal something to the record's key: only the entry says what its signer meant.
    return (blind, said) if blinded(blind, said) == one.blinded else None


def _verify_owner(consent: Consent, record: bytes, owner: Patient | None) -> None:
    if consent.record != record:
        raise RecordError("consent-other-record")
    if owner is not None and not same_patient(consent.patient, owner):
        raise RecordError("consent-other-patient")


async def known(endpoint: Endpoint, record: bytes) -> tuple[KnownConsent, ...]:
    """The same where something is decided by them: then nothing may be missing.

    Raises as `survey`, and RecordError("consent-unreadable").
    """
    found = await survey(endpoint, record)
    if found.unreadable:
        raise RecordError("consent-unreadable")
    return found.known


async def covering(endpoint: Endpoint, record: bytes, target: Target) -> KnownConsent | None:
    """The consent that decides for this exchange (CO-4.3). Raises as `known`."""
    found = await known(endpoint, record)
    decides = governing((one.current for one in found), target, endpoint.environment.now())
    return next((one for one in found if one.current is decides), None)


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
    own = await _speaks_as_patient(endpoint, record, state)
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
    before = known_.current
    own = await _speaks_as_patient(endpoint, before.consent.record, state)
    kept = Limits() if state is State.ACTIVE else before.consent.limits
    after = replace(
        before.consent,
        state=state,
        recorder=None if own else await me(endpoint),
        recorded_ms=endpoint.environment.now(),
        limits=kept if limits is None else limits,
        told=_told(state, before.consent),
    )
    verify_version(before, Version(after, By.PATIENT if own else By.PROFESSIONAL, endpoint.environment.now()))
    record = after.record
    await _append(endpoint, record, after, without)
    if state in (State.WITHDRAWN, State.OPPOSED):
        await tell(
            endpoint, record, NoticeAct.CONSENT_WITHDRAWN, references=[Reference(About.SERIES, after.series)]
        )


def _told(state: State, before: Consent) -> Told:
    """The sentence that goes with a state: whoever lifts an opposition was told again what he agrees to."""
    if state is State.OPPOSED:
        return Told.OPPOSITION
    if before.told is not Told.OPPOSITION or state not in PERMITTING:
        return before.told
    return Told.EXCHANGE if isinstance(before.scope, Exchange) else Told.EPISODE


async def _speaks_as_patient(endpoint: Endpoint, record: bytes, state: State) -> bool:
    """Whether this endpoint signs as the patient, or attests as a professional; a secretary takes a refusal down.

    Raises MessagingError("mailbox-not-held") for a patient whose record this is not,
    RecordError("consent-professional-only").
    """
    me_ = endpoint.identity.account
    kind = (await endpoint.accounts.professional(me_)).kind
    if kind is not InviteeKind.PATIENT:
        if kind is not InviteeKind.PROFESSIONAL and state not in _CLOSING:
            raise RecordError("consent-professional-only")
        return False
    await endpoint.accounts.ensure([record])
    if endpoint.accounts.lookup(record).manager != me_:
        raise MessagingError("mailbox-not-held")
    return True


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
    """Who attested this consent and holds a mandate over the record now: account -> name. A withdrawal ends these.

    Never this endpoint's own: whoever makes the new keys cannot be shut out by them.
    """
    record = known_.current.consent.record
    if not endpoint.keyring.may(record, Right.MANAGE, RecordClass.COMMON):
        return {}
    attesting = {one.signer for one in known_.opened if one.version.by is By.PROFESSIONAL}
    attesting.discard(endpoint.identity.account)
    found = {}
    grants, _ = await endpoint.keyring.grants(record)
    for grant in grants:
        if grant.payload.principal in attesting:
            owner = await endpoint.accounts.professional(grant.payload.principal)
            found[grant.payload.principal] = owner.name
    return found

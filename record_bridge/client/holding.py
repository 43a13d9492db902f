"""Open a patient's record, claim one, and know whose each is (docs/spec/record.md; CP1-3.15, CP1-3.17).

A record is opened by the patient, or by a professional for a patient without a device: then it is custodial, and the
printed sheet may claim it later. Whose record it is stands inside it, where only its holders read.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.accounts.authoring import Authoring, Seed
from directory.accounts.bind import InviteeKind
from directory.accounts.entry import NO_SHEET, AccountKind
from directory.accounts.grants import RECORD_CLASSES
from directory.errors import DirectoryError, Refusal
from directory.identity.folding import plain
from directory.primitives import kem
from directory.primitives.codec import Reader, u8, u64
from messaging.client.endpoint import Endpoint
from messaging.protocol.body import Body, EventType
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, from_fhir, to_fhir
from record_bridge.client.posting import post, tell
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError
from record_bridge.record import attestation as attestations
from record_bridge.record import identity, sheet
from record_bridge.record.classes import RecordClass
from record_bridge.record.identity import Identity
from record_bridge.record.notice import NoticeAct
from record_bridge.record.sheet import Sheet

ATTESTATION = "identity-attestation"
"""The name under which a patient's profile keeps the registrar's attestation, from its invitation."""


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record that this endpoint may read, and whose it is as far as that was read. `custodial` while a professional
    manages it for the patient; `own` where this endpoint is the patient's; `contested` where whoever took it over is
    not proven to be the patient that this endpoint knew: nothing is filed or shown then."""

    record: bytes
    patient: Patient | None
    custodial: bool
    own: bool
    contested: bool = False


async def is_patient(endpoint: Endpoint) -> bool:
    """Whether this profile is a patient's."""
    return await enrolled_as_patient(endpoint, endpoint.identity.account)


async def enrolled_as_patient(endpoint: Endpoint, account: bytes) -> bool:
    try:
        return (await endpoint.accounts.professional(account)).kind is InviteeKind.PATIENT
    except DirectoryError:
        return False


async def attested_patient(endpoint: Endpoint) -> tuple[Patient, bytes]:
    """Who the registrar says the owner of this profile is, with the attestation.

    Raises RecordError("patient-not-attested").
    """
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, ATTESTATION))
    if raw is None:
        raise RecordError("patient-not-attested")
    _, patient = attestations.verify(raw, endpoint.identity.registrar_pk)
    return patient, raw


# --- open ---


async def open_record(endpoint: Endpoint, patient: Patient) -> tuple[bytes, Sheet | None]:
    """A new record for this patient, with its sheet where it is custodial.

    Raises RecordError("record-open-already"), ServiceRefusal("record-opener-refused").
    """
    known = await find(endpoint, patient)
    if known is not None:
        raise RecordError("record-open-already", record=known.record.hex()[:8])
    own = await is_patient(endpoint)
    entropy = endpoint.environment.entropy
    random = "" if own else sheet.secret(entropy(sheet.SECRET_SIZE))
    sheet_pk = sheet.signing_key(random, patient).public if random else NO_SHEET
    await endpoint.accounts.ensure([endpoint.identity.account])
    author = endpoint.delegation.author()
    record = author.open_mailbox(AccountKind.RECORD, entropy(16), sheet_pk)
    await _publish(endpoint, author, record)
    await name(endpoint, record, patient)
    return record, Sheet(record, random) if random else None


async def _publish(endpoint: Endpoint, author: Authoring, record: bytes) -> None:
    """Every class anew, for this account alone, without a way to what was before; then all of it or nothing."""
    seeds = []
    for class_ in RECORD_CLASSES:
        g = len(author.lookup(record).generations.get(class_, ())) + 1
        held = Seed(class_, g, endpoint.environment.entropy(kem.SEED_SIZE))
        author.rotate_class(record, class_, held.seed, None, [endpoint.identity.account])
        seeds.append(held)
    await endpoint.delegation.publish(author)
    await endpoint.keyring.adopt(record, seeds)
    await endpoint.keyring.refresh()


async def name(endpoint: Endpoint, record: bytes, patient: Patient) -> None:
    """Say inside the record whose it is: at its opening, and again when the identity became better known."""
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, ATTESTATION))
    said = identity.write(dump(to_fhir(patient)), raw or b"")
    body = Body(identity.MEDIA_TYPE, said)
    await post(endpoint, record, RecordClass.COMMON, EventType.RECORD_IDENTITY, body)
    await remember(endpoint, record, patient)
    before = await _said(endpoint, record)
    await _keep_said(endpoint, record, _Said(before.tick if before else 0, endpoint.identity.account, False))


async def remember(endpoint: Endpoint, record: bytes, patient: Patient) -> None:
    """Keep whose record this is, as it was read in it."""
    said = dump(to_fhir(patient))
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _place(record), said))


async def take_identity(endpoint: Endpoint, record: bytes, said: Identity, manager: bytes, tick: int) -> None:
    """What the record's manager says of its patient, if it is newer than what is known.

    A patient is believed on the registrar's attestation for that very account. Somebody who took the record over (the
    thief of a sheet) and names another person changes nothing: it is kept as contested. Raises RecordError:
    attestation-*, DirectoryError("bind-unknown").
    """
    before = await _said(endpoint, record)
    if before is not None and tick <= before.tick:
        return  # an older page, or one that a service gives again
    owner = await endpoint.accounts.professional(manager)
    if owner.kind is InviteeKind.PATIENT:
        _, attested = attestations.verify(said.attestation, endpoint.identity.registrar_pk)
        attestations.verify_holder(said.attestation, owner)
        if not same_patient(attested, said.patient):
            raise RecordError("attestation-foreign")
    known = await patient_of(endpoint, record)
    taken_over = before is not None and before.manager != manager
    other = known is not None and taken_over and not same_patient(known, said.patient)
    believed = before.manager if other and before is not None else manager
    await _keep_said(endpoint, record, _Said(tick, believed, other))
    if not other:
        await remember(endpoint, record, said.patient)


async def contested(endpoint: Endpoint, record: bytes) -> bool:
    """Whether somebody took the record over and is not proven to be the patient that this endpoint knew: says another
    one, or nothing that the registrar attests."""
    said = await _said(endpoint, record)
    return said is not None and (said.contested or said.manager != endpoint.accounts.lookup(record).manager)


@dataclass(frozen=True, slots=True)
class _Said:
    """Who said last whose record it is and was believed, and how far it was read."""

    tick: int
    manager: bytes
    contested: bool


async def _said(endpoint: Endpoint, record: bytes) -> _Said | None:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _said_place(record)))
    if raw is None:
        return None
    reader = Reader(raw, "kept identity")
    return _Said(reader.u64("tick"), reader.take(16, "manager"), bool(reader.u8("contested")))


async def _keep_said(endpoint: Endpoint, record: bytes, said: _Said) -> None:
    raw = u64(said.tick) + said.manager + u8(said.contested)
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _said_place(record), raw))


def _said_place(record: bytes) -> str:
    return f"record-patient-said/{record.hex()}"


def _place(record: bytes) -> str:
    return f"record-patient/{record.hex()}"


# --- claim ---


async def claim(endpoint: Endpoint, typed: str) -> bytes:
    """Take over the record of a printed sheet, for the patient whose profile this is.

    Raises RecordError: sheet-code-malformed, patient-not-attested, claim-refused; DirectoryError("claim-used").
    """
    found = sheet.parse(typed)
    patient, _ = await attested_patient(endpoint)
    try:
        await endpoint.accounts.ensure([endpoint.identity.account, found.record])
    except Refusal as refused:
        if refused.id == "account-unknown":
            raise RecordError("claim-refused") from None
        raise
    author = endpoint.delegation.author()
    try:
        author.claim(found.record, sheet.signing_key(found.secret, patient))
    except DirectoryError as refused:
        if refused.id in ("signature-wrong", "entry-not-for-this-account"):
            raise RecordError("claim-refused") from None
        raise
    await _publish(endpoint, author, found.record)
    await name(endpoint, found.record, patient)
    await tell(endpoint, found.record, NoticeAct.CLAIMED)
    return found.record


# --- which ---


async def held_records(endpoint: Endpoint) -> list[HeldRecord]:
    """Every record that this endpoint may read."""
    own = await is_patient(endpoint)
    found = []
    for record in endpoint.keyring.records():
        raw = await endpoint.profile.run(lambda c, r=record: endpoint.profile.kept(c, _place(r)))  # type: ignore[misc]
        manager = endpoint.accounts.lookup(record).manager
        custodial = not await enrolled_as_patient(endpoint, manager)
        patient = None if raw is None else from_fhir(raw)
        mine = own and manager == endpoint.identity.account
        found.append(HeldRecord(record, patient, custodial, mine, await contested(endpoint, record)))
    return found


async def find(endpoint: Endpoint, patient: Patient) -> HeldRecord | None:
    """The record of this very patient among those held, by strict traits and INS."""
    for held in await held_records(endpoint):
        if held.patient is not None and same_patient(held.patient, patient):
            return held
    return None


async def choose(endpoint: Endpoint, typed: str) -> HeldRecord:
    """By the beginning of a record's id, by the patient's name, or the only one where nothing was typed.

    Raises RecordError: record-unknown, record-ambiguous.
    """
    held = await held_records(endpoint)
    wanted = typed.strip().lower()
    if not wanted:
        mine = [one for one in held if one.own] or held
    else:
        mine = [one for one in held if one.record.hex().startswith(wanted) or _called(one, wanted)]
    if not mine:
        raise RecordError("record-unknown")
    if len(mine) > 1:
        raise RecordError("record-ambiguous", matches=len(mine))
    return mine[0]


def _called(held: HeldRecord, wanted: str) -> bool:
    """As people type: in any case, with or without accents, the birth name as well as the name used."""
    if held.patient is None:
        return False
    names = (held.patient.display_name, held.patient.traits.birth_name)
    return bool(plain(wanted)) and any(plain(name).startswith(plain(wanted)) for name in names)



async def patient_of(endpoint: Endpoint, record: bytes) -> Patient | None:
    """Whose record it is, as far as that was read."""
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _place(record)))
    return None if raw is None else from_fhir(raw)

"""CP1-3.11 for patients and depositors, CP1-3.15 to 3.17: who opens a record, who agrees, who takes it over."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace

import pytest

from directory.accounts import bind, fold
from directory.accounts import change as changes
from directory.accounts import entry as entries
from directory.accounts.authoring import Authoring
from directory.accounts.bind import InviteeKind
from directory.accounts.change import Change
from directory.accounts.entry import AccountKind, Claim, DeviceKind
from directory.accounts.grants import FOREVER, RECORD_CLASSES, GrantPayload, Right
from directory.ports import Session
from directory.primitives import kem
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.store.accounts import StoredAccounts
from directory.use_cases import look_up
from directory.use_cases.enrol import look_up_invitation

from .conftest import ALL, REGISTRAR  # type: ignore[import-not-found]

pytestmark = pytest.mark.asyncio
SHEET = SigningKey(bytes([3]) * 32)


async def invited_as(office, who):
    return await office.reader.read(lambda c: office.book.invited_as(who.account, c))


# --- enrolment (CP1-3.11) ---


async def test_a_patient_enrols_with_no_mailbox_and_no_address(office) -> None:
    made = await office.patient()
    assert await office.holdings(made) == {}
    assert await invited_as(office, made) is InviteeKind.PATIENT
    assert await office.reader.read(lambda c: office.register.by_address("", c)) is None


async def test_a_patient_s_certificate_names_nobody(office) -> None:
    issued = office.invite_patient()
    code_pk = issued.invitation.code_pk
    raw = await look_up_invitation(code_pk, office.now, office.reader, office.register)
    said = bind.verify_certificate(raw, REGISTRAR.public).invitation
    assert (said.identifier, said.name, said.profession, said.address) == ("", "", "", "")


async def test_patients_are_invited_side_by_side(office) -> None:
    first, second = office.invite_patient(), office.invite_patient()
    await office.enrol(office.prepare(second).submission)
    await office.enrol(office.prepare(first).submission)


@pytest.mark.parametrize("kind", [InviteeKind.DEPOSITOR, InviteeKind.PAYER])
async def test_who_only_deposits_has_no_mailbox_and_takes_no_address(office, kind) -> None:
    made = await office.structure(kind)
    again = await office.structure(kind)
    assert await invited_as(office, made) is kind
    assert (await office.state(made.account)).kind is AccountKind.SERVICE
    assert await office.holdings(made) == await office.holdings(again) == {}


async def test_a_bridge_is_a_structure_with_a_mailbox(office) -> None:
    made = await office.structure(InviteeKind.BRIDGE)
    assert await office.holdings(made) == {made.mailbox: (0, 1, 2)}
    assert await invited_as(office, made) is InviteeKind.BRIDGE


def _as(issued, kind: InviteeKind):
    """The same code, authored as if the invitation were for another kind."""
    return replace(issued, invitation=replace(issued.invitation, kind=kind))


@pytest.mark.parametrize(
    ("invited", "authored"),
    [
        (InviteeKind.PATIENT, InviteeKind.PROFESSIONAL),
        (InviteeKind.PATIENT, InviteeKind.DEPOSITOR),
        (InviteeKind.DEPOSITOR, InviteeKind.STRUCTURE),
        (InviteeKind.PAYER, InviteeKind.PATIENT),
        (InviteeKind.BRIDGE, InviteeKind.DEPOSITOR),
        (InviteeKind.STRUCTURE, InviteeKind.PAYER),
    ],
)
async def test_an_enrolment_of_another_shape_than_invited_is_refused(office, invited, authored) -> None:
    patient = invited is InviteeKind.PATIENT
    issued = office.invite_patient() if patient else office.invite_structure(invited)
    # The certificate is the true one, in an enrolment with the accounts of another kind.
    true = bind.issue(issued.invitation, REGISTRAR)
    made = office.prepare(_as(issued, authored), certificate=true.raw)
    with pytest.raises(Exception) as caught:
        await office.enrol(made.submission)
    assert caught.value.id in ("enrolment-shape-wrong", "bind-unknown")


async def test_an_enrolment_does_not_open_a_record(office, refused) -> None:
    made = office.prepare(office.invite_patient())
    first = changes.parse(made.submission[32:])
    states = {}
    for tick, one in enumerate(first, 1):
        account = one.entry.account
        states[account] = fold.append(states.get(account), one.entry, tick, states.__getitem__)
    author = Authoring(states, made.account, made.device, made.key, office.now)
    author.open_mailbox(AccountKind.RECORD, bytes(16))
    with refused("enrolment-shape-wrong"):
        await office.enrol(made.submission[:32] + changes.encode((*first, *author.changes)))


# --- who opens a record (CP1-3.15) ---


async def test_cp1_3_15_a_patient_opens_a_record_and_holds_every_class(office) -> None:
    patient = await office.patient()
    record = await office.record(patient)
    assert await office.holdings(patient) == {record: RECORD_CLASSES}


async def test_cp1_3_15_a_professional_opens_one_with_a_sheet(office) -> None:
    doctor = await office.enrolled(1)
    personal = doctor.mailbox
    record = await office.record(doctor, SHEET.public)
    assert await office.holdings(doctor) == {personal: (0, 1, 2), record: RECORD_CLASSES}
    assert (await office.state(record)).sheet_pk == SHEET.public


@pytest.mark.parametrize("kind", [InviteeKind.STRUCTURE, InviteeKind.DEPOSITOR, InviteeKind.PAYER, InviteeKind.BRIDGE])
async def test_cp1_3_15_a_structure_opens_no_record(office, refused, kind) -> None:
    structure = await office.structure(kind)
    author = await office.opening(structure)
    with refused("record-opener-refused"):
        await office.append(structure, author.octets)


async def test_cp1_3_15_staff_open_no_record(office, refused) -> None:
    doctor = await office.enrolled(1)
    issued = office.registrar.staff(
        doctor.address, "Sophie Durand", office.counter, office.now, secrets.token_bytes(13)
    )
    secretary = office.prepare(issued)
    await office.enrol(secretary.submission)
    author = await office.opening(secretary)
    with refused("record-opener-refused"):
        await office.append(secretary, author.octets)


async def test_an_ordinary_mailbox_still_needs_an_invitation(office, refused) -> None:
    patient = await office.patient()
    author = await office.author(patient)
    author.open_mailbox(AccountKind.PERSONAL_MAILBOX, bytes(16))
    with refused("invitation-needed"):
        await office.append(patient, author.octets)


async def test_a_sheet_s_key_serves_one_record(office, refused) -> None:
    doctor, other = await office.enrolled(1), await office.enrolled(2, "Marc", "Petit")
    await office.record(doctor, SHEET.public)
    author = await office.opening(other, SHEET.public)
    with refused("key-reused"):
        await office.append(other, author.octets)


# --- consents (CP1-3.16) ---


async def test_cp1_3_16_consents_are_given_to_holders_of_class_0_alone(office, refused) -> None:
    patient, doctor, clinical, stranger = (
        await office.patient(), await office.enrolled(1), await office.enrolled(2, "Marc", "Petit"),
        await office.enrolled(3, "Anne", "Roux"),
    )  # fmt: skip
    record = await office.record(patient)
    await office.grant(patient, doctor.account, (0, 1))
    await office.grant(patient, clinical.account, (1,))
    author = await office.author(patient)
    series, blind = secrets.token_bytes(16), secrets.token_bytes(32)
    said = b"what was agreed"
    entry_hash = author.consent(record, series, blind, said)
    await office.append(patient, author.octets)

    async def consents(who):
        return await office.reader.read(
            lambda c: look_up.consents(who.account, record, office.library, office.book, c, office.now)
        )

    found = await consents(doctor)
    assert found == await consents(patient)
    assert found[0] == entry_hash
    assert said not in found[1]
    seed = patient.newest(record, 0).seed
    assert kem.open_sealed(seed, found[1], Label.OPENING, record + entry_hash) == blind + said
    for who in (clinical, stranger):
        with refused("access-refused"):
            await consents(who)


async def test_cp1_3_16_a_consent_that_nobody_could_read_is_refused(office, refused) -> None:
    patient = await office.patient()
    record = await office.record(patient)
    author = await office.author(patient)
    author.consent(record, bytes(16), bytes(32), b"what was agreed")
    (one,) = author.changes
    with refused("opening-wrong"):
        await office.append(patient, (Change(one.entry),))
    with refused("octets-malformed"):
        await office.append(patient, (replace(one, opening=b"in clear"),))


async def test_cp1_3_16_the_newest_of_a_series_stands(office) -> None:
    patient = await office.patient()
    record = await office.record(patient)
    series = secrets.token_bytes(16)
    for said in (b"first", b"second"):
        author = await office.author(patient)
        newest = author.consent(record, series, secrets.token_bytes(32), said)
        await office.append(patient, author.octets)
    state = await office.state(record)
    assert state.consents[series].entry_hash == newest
    assert state.consents[series].signer == patient.account


# --- claims (CP1-3.17) ---


async def custodial(office):
    """A doctor's record for a patient, a colleague with a grant on it, and the patient, enrolled meanwhile."""
    doctor, colleague = await office.enrolled(1), await office.enrolled(2, "Marc", "Petit")
    record = await office.record(doctor, SHEET.public)
    await office.grant(doctor, colleague.account, (0, 1))
    return record, doctor, colleague, await office.patient()


async def claiming(office, record, patient, leave_out: int = -1):
    author = await office.author(patient, record)
    author.claim(record, SHEET)
    for class_ in RECORD_CLASSES:
        if class_ != leave_out:
            author.rotate_class(record, class_, patient.fresh(record, class_), None, [patient.account])
    return author.octets


async def test_cp1_3_17_after_a_claim_nobody_else_holds_anything(office, refused) -> None:
    record, doctor, colleague, patient = await custodial(office)
    before = await office.author(doctor, record, colleague.account)
    await office.append(patient, await claiming(office, record, patient))
    assert record not in await office.holdings(doctor)
    assert await office.holdings(colleague) == {colleague.mailbox: (0, 1, 2)}
    assert await office.holdings(patient) == {record: RECORD_CLASSES}
    state = await office.state(record)
    assert state.manager == patient.account
    before.rotate_class(record, 1, secrets.token_bytes(32), None, [doctor.account, colleague.account])
    with refused("entry-out-of-chain"):
        await office.append(doctor, before.octets)
    with pytest.raises(Exception, match="authority-missing"):
        (await office.author(doctor, record)).rotate_class(record, 1, bytes(32), None, [doctor.account])


async def test_cp1_3_17_the_claim_survives_a_restart(office) -> None:
    record, doctor, _, patient = await custodial(office)
    await office.append(patient, await claiming(office, record, patient))
    folded = StoredAccounts()
    held = await office.reader.read(lambda c: folded.holdings(patient.account, c, office.now))
    assert [one.mailbox for one in held] == [record]
    lost = await office.reader.read(lambda c: folded.holdings(doctor.account, c, office.now))
    assert record not in [one.mailbox for one in lost]


@pytest.mark.parametrize("class_", RECORD_CLASSES)
async def test_cp1_3_17_a_claim_that_forgets_a_class_is_refused(office, refused, class_) -> None:
    record, doctor, _, patient = await custodial(office)
    with refused("removal-incomplete"):
        await office.append(patient, await claiming(office, record, patient, leave_out=class_))
    assert (await office.state(record)).manager == doctor.account


async def test_cp1_3_17_a_former_reader_gets_no_new_wrap(office, refused) -> None:
    record, _, colleague, patient = await custodial(office)
    author = await office.author(patient, record, colleague.account)
    author.claim(record, SHEET)
    for class_ in RECORD_CLASSES:
        author.rotate_class(record, class_, secrets.token_bytes(32), None, [patient.account, colleague.account])
    with refused("wraps-recipients-wrong"):
        await office.append(patient, author.octets)


async def test_cp1_3_17_a_professional_with_the_sheet_claims_nothing(office, refused) -> None:
    record, _, colleague, _ = await custodial(office)
    with refused("record-opener-refused"):
        await office.append(colleague, await claiming(office, record, colleague))


async def test_cp1_3_17_two_racing_for_one_sheet_claim_once(office) -> None:
    record, _, _, patient = await custodial(office)
    other = await office.patient()
    both = [(who, await claiming(office, record, who)) for who in (patient, other)]
    outcomes = await asyncio.gather(*(office.append(who, raw) for who, raw in both), return_exceptions=True)
    assert [getattr(outcome, "id", "done") for outcome in outcomes] == ["done", "entry-out-of-chain"]
    with pytest.raises(Exception, match="claim-used"):
        await claiming(office, record, other)


async def test_cp1_3_17_no_claim_in_a_log_that_is_no_record_s(office, refused) -> None:
    """Signed as it may be, an account that is no record changes no hands."""
    patient = await office.patient()
    entry = await _forged_claim(office, patient)
    with refused("entry-not-for-this-account"):
        await office.append(patient, (Change(entry),))
    assert await office.holdings(patient) == {}


async def _forged_claim(office, patient):
    state = await office.state(patient.account)
    return entries.build(
        account=patient.account,
        seq=state.seq + 1,
        prev=state.head,
        time=office.now,
        payload=Claim(SHEET.sign(Label.CLAIM, patient.account, patient.account)),
        signer=entries.Signer(patient.account, patient.device, state.head),
        authority=(),
        key=patient.key,
    )


async def test_a_paper_device_neither_opens_nor_claims(office, refused) -> None:
    record, _, _, patient = await custodial(office)
    paper, key = patient.paper
    assert paper.kind is DeviceKind.PAPER
    author = await office.author(patient, record, device=paper.id, key=key)
    author.claim(record, SHEET)
    with refused("session-recovery-only"):
        await office.append(Session(patient.account, paper.id), author.octets)


async def test_who_deposits_is_never_given_a_grant(office, refused) -> None:
    patient = await office.patient()
    record = await office.record(patient)
    for kind in (InviteeKind.DEPOSITOR, InviteeKind.PAYER):
        depositor = await office.structure(kind)
        with refused("grant-principal-refused"):
            await office.grant(patient, depositor.account, (0, 1))
    assert list(await office.holdings(patient)) == [record]


async def test_an_organisation_holds_a_record_by_its_reading_classes(office) -> None:
    patient, doctor, organisation = await office.patient(), await office.enrolled(1), await office.structure()
    record = await office.record(patient)
    author = await office.author(organisation, doctor.account)
    payload = GrantPayload(doctor.account, (0, 1), Right.READ | Right.SEND_AS, FOREVER)
    seeds = [organisation.newest(organisation.mailbox, class_) for class_ in (0, 1)]
    author.grant(organisation.mailbox, payload, secrets.token_bytes(32), seeds)
    await office.append(organisation, author.octets)
    await office.grant(patient, organisation.mailbox, (0, 1, 2, 3, 6), ALL)
    held = await office.holdings(doctor)
    assert held[record] == (0, 1, 3, 6)  # class 2 is not the doctor's there

"""Deposits into a record: a laboratory, a payer, and all they try beyond it (docs/spec/record.md RD-7, CP1-4.14)."""

from __future__ import annotations

import dataclasses
import errno
import os
from decimal import Decimal

import pytest

from confrere.story import documents as story
from directory.accounts.bind import InviteeKind
from directory.accounts.grants import FOREVER, GrantPayload, Right
from directory.errors import Refusal
from messaging.client import messages
from messaging.errors import MessagingError
from messaging.protocol.body import Body, EventType
from messaging.store.blobs import BlobFolder
from messaging.wire.access import Purpose
from messaging.wire.epoch import Role
from record_bridge.client import cards, deposit, depositing, documents, holding
from record_bridge.client.feed import RecordFeed
from record_bridge.record import card as card_octets
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Flag
from record_bridge.record.kinds import Kind
from record_bridge.record.results import series_over_time
from tests.scenarios.depositing_story import MARK, NARRATIVE, a_patient, a_report, a_statement, lines, opened, put

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def refused(endpoint, octets: bytes, text: str, class_: RecordClass | None = None) -> str:
    """The id of the refusal; nothing may have been asked of the service once the card was read."""
    card = await cards.read(endpoint, text)
    asked = []
    honest = endpoint.service.request

    async def request(method: str, path: str, **sent):
        asked.append((method, path))
        return await honest(method, path, **sent)

    endpoint.service.request = request
    try:
        with pytest.raises(Refusal) as raised:
            await depositing.deposit(endpoint, octets, card, class_)
    finally:
        endpoint.service.request = honest
    assert [one for one in asked if one[0] != "GET"] == []
    assert not list((endpoint.profile.folder / "spool").glob("*"))
    return raised.value.id


# --- what deposits are for ---


async def test_a_laboratory_deposits_and_the_gp_reads_values_units_ranges_and_their_course(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, laboratory.at_work() as depositor:
        record, card = await opened(endpoint, "BIOLOGIE")
        for octets in story.laboratory_history(a_patient("BIOLOGIE"), MARK):
            done = await put(depositor, octets, card)
            assert not done.already
        newest, *_ = found = await lines(endpoint, record)
        assert len(found) == 3
        assert {one.kind for one in found} == {Kind.LABORATORY}
        assert {one.class_ for one in found} == {RecordClass.COMMON}
        values = {one.label: one for one in newest.results}
        creatinine = values["Créatinine"]
        assert (creatinine.value, creatinine.unit) == (Decimal("88"), "umol/L")
        assert (creatinine.low, creatinine.high, creatinine.flag) == (Decimal("45"), Decimal("84"), Flag.HIGH)
        assert values["Hémoglobine"].value == Decimal("11.7")
        assert "NT-proBNP 1240 ng/L (≤ 450) ↑" in newest.summary.splitlines()
        assert newest.author.structure == story.LABORATORY
        course = {one.label: one for one in series_over_time(found)}
        assert [str(point.value) for point in course["NT-proBNP"].points] == ["310", "620", "1240"]
        assert [point.abnormal for point in course["NT-proBNP"].points] == [False, True, True]
        events, _ = await endpoint.reading.item(newest.thread)
        assert await documents.document(endpoint, events[0]) in story.laboratory_history(a_patient("BIOLOGIE"), MARK)


async def test_a_payer_deposits_reimbursements_into_their_own_class(practice) -> None:
    gp, payer = await practice.enrol(), await practice.machine(InviteeKind.PAYER)
    async with gp.at_work() as endpoint, payer.at_work() as depositor:
        record, card = await opened(endpoint, "PAYEUR")
        assert (await put(depositor, a_statement("PAYEUR"), card)).class_ is RecordClass.REIMBURSEMENT
        (line,) = await lines(endpoint, record)
        assert (line.kind, line.class_) == (Kind.REIMBURSEMENT, RecordClass.REIMBURSEMENT)
        assert line.summary == f"2026-11-20 · {MARK} · 46,00 € → 32,20 €"
        events, _ = await endpoint.reading.item(line.thread)
        assert await documents.document(endpoint, events[0]) == a_statement("PAYEUR")


async def test_the_same_document_twice_is_one_line_and_says_so(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint:
        record, card = await opened(endpoint, "DEUXFOIS")
        async with laboratory.at_work() as depositor:
            first = await put(depositor, a_report("DEUXFOIS"), card)
        async with laboratory.at_work() as depositor:
            again = await put(depositor, a_report("DEUXFOIS"), card)
            assert (again.thread, again.event, again.already) == (first.thread, first.event, True)
            altered = a_report("DEUXFOIS", marker="autre texte")
            assert await refused(depositor, altered, card) == "deposit-changed"
            assert await refused(depositor, a_report("DEUXFOIS"), card, RecordClass.ANNOUNCEMENT) == "deposit-changed"
        assert len(await lines(endpoint, record)) == 1


@pytest.mark.parametrize("arrived", [False, True])
async def test_killed_between_keeping_and_the_receipt_it_is_sent_again_once(practice, arrived: bool) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    name = f"TUE-{'APRES' if arrived else 'AVANT'}".replace("-", " ")
    async with gp.at_work() as endpoint:
        record, card = await opened(endpoint, name)
        async with laboratory.at_work() as depositor:
            honest = depositor.service.submit

            async def killed(octets: bytes):
                if arrived:
                    await honest(octets)
                raise KeyboardInterrupt

            depositor.service.submit = killed
            with pytest.raises(KeyboardInterrupt):
                await put(depositor, a_report(name), card)
        async with laboratory.at_work() as depositor:
            assert not (await put(depositor, a_report(name), card)).already
            assert (await put(depositor, a_report(name), card)).already
        (line,) = await lines(endpoint, record)
        events, _ = await endpoint.reading.item(line.thread)
        assert await documents.document(endpoint, events[0]) == a_report(name)


async def test_killed_while_the_file_was_sent_leaves_nothing_and_begins_again(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint:
        record, card = await opened(endpoint, "FICHIER")
        async with laboratory.at_work() as depositor:

            async def killed(*_: object, **__: object):
                raise KeyboardInterrupt

            depositor.attachments.send_octets = killed
            with pytest.raises(KeyboardInterrupt):
                await put(depositor, a_report("FICHIER"), card)
        async with laboratory.at_work() as depositor:
            assert not list((depositor.profile.folder / "spool").glob("*"))
            await put(depositor, a_report("FICHIER"), card)
        assert len(await lines(endpoint, record)) == 1


async def test_keys_that_moved_before_it_left_are_taken_and_the_deposit_sealed_anew(practice) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    laboratory = await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, laboratory.at_work() as depositor, colleague.at_work() as other:
        record, card = await opened(endpoint, "ROTATION")
        honest = depositor.service.submit

        async def away(_octets: bytes):
            raise MessagingError("service-unreachable")

        depositor.service.submit = away
        with pytest.raises(MessagingError):
            await put(depositor, a_report("ROTATION"), card)
        depositor.service.submit = honest
        mailbox = other.identity.mailbox
        await endpoint.delegation.grant(record, mailbox, (0, 1), Right.READ, history=True)
        await endpoint.delegation.revoke(record, mailbox)
        await put(depositor, a_report("ROTATION"), card)
        assert len(await lines(endpoint, record)) == 1


# --- what a payer and a depositor try ---


async def test_a_payer_asks_to_read_and_gets_nothing(practice) -> None:
    gp, payer = await practice.enrol(), await practice.machine(InviteeKind.PAYER)
    laboratory = await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, payer.at_work() as insurer, laboratory.at_work() as depositor:
        record, card = await opened(endpoint, "ASSUREUR")
        done = await put(depositor, a_report("ASSUREUR"), card)
        await put(insurer, a_statement("ASSUREUR"), card)
        assert await insurer.service.holdings() == []
        for ask in (
            RecordFeed(insurer, record, Purpose.CARE).refresh(),
            insurer.service.items(record, 0),
            insurer.service.recent(record, 2**53, range(7)),
            insurer.service.thread_items(done.thread, record, 0),
            insurer.service.thread_items(done.thread, insurer.identity.account, 0),
            insurer.service.accesses(record, 0),
            insurer.service.consents(record),
            insurer.service.openings(record),
        ):
            with pytest.raises(Refusal):
                await ask
        assert await insurer.service.wraps(record) == []
        await lines(endpoint, record)
        # The depositor of this very thread may not come back to it as a reader either.
        refusals = {insurer: "depositor-reads-nothing", depositor: "epoch-role-refused"}
        for who, reason in refusals.items():
            nobody = who.identity.account
            await endpoint.accounts.ensure([nobody])
            author = endpoint.delegation.author()
            seeds = endpoint.keyring.seeds_with_history(record, 5)
            author.grant(record, GrantPayload(nobody, (5,), Right.READ, FOREVER), os.urandom(32), seeds)
            with pytest.raises(Refusal) as refusal:
                await endpoint.delegation.publish(author)
            assert refusal.value.id == "grant-principal-refused"
            with pytest.raises(Refusal) as refusal:
                await endpoint.dispatch.change_members(done.thread, add={nobody: (Role.READ, True)})
            assert refusal.value.id == reason


async def test_a_depositor_posts_into_another_s_thread_and_is_refused(practice) -> None:
    gp = await practice.enrol()
    one, two = [await practice.machine(InviteeKind.DEPOSITOR) for _ in range(2)]
    async with gp.at_work() as endpoint, one.at_work() as owner, two.at_work() as stranger:
        record, card = await opened(endpoint, "AUTRUI")
        done = await put(owner, a_report("AUTRUI"), card)
        message = await messages.compose(endpoint, [endpoint.identity.address], "Question", MARK, [])
        await messages.leave(endpoint, [message])
        body = Body("text/plain", b"ajout")
        for who, thread in ((stranger, done.thread), (owner, done.thread), (stranger, message.thread)):
            made = await deposit.prepare(
                who, record, RecordClass.COMMON, EventType.RECORD_DOCUMENT, body, thread=thread, intent=who.intent()
            )
            with pytest.raises(Refusal) as refusal:
                await deposit.submit(who, made.octets)
            assert refusal.value.id == "epoch-conflict"
        assert len(await lines(endpoint, record)) == 1


async def test_a_class_that_is_not_the_depositor_s_is_refused_here_and_by_the_service(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    payer = await practice.machine(InviteeKind.PAYER)
    async with gp.at_work() as endpoint, laboratory.at_work() as depositor, payer.at_work() as insurer:
        record, card = await opened(endpoint, "CLASSES")
        for who, octets, class_ in (
            (depositor, a_report("CLASSES"), RecordClass.REIMBURSEMENT),
            (depositor, a_report("CLASSES"), RecordClass.MASKED),
            (insurer, a_statement("CLASSES"), RecordClass.COMMON),
        ):
            assert await refused(who, octets, card, class_) == "deposit-class-refused"
            body = Body("application/fhir+json", b"{}")
            made = await deposit.prepare(
                who, record, class_, EventType.RECORD_DOCUMENT, body, thread=who.new_id(), intent=who.intent()
            )
            with pytest.raises(Refusal) as refusal:
                await deposit.submit(who, made.octets)
            assert refusal.value.id == "deposit-class-refused"
        assert await refused(insurer, a_report("CLASSES"), card) == "reimbursement-malformed"
        assert await refused(depositor, a_statement("CLASSES"), card) == "cda-not-a-document"
        assert await refused(insurer, a_statement("CLASSES", "3" + "1" * 14), card) == "deposit-insurer-other"
        assert await lines(endpoint, record) == []


async def test_a_clinician_does_not_deposit(practice) -> None:
    gp = await practice.enrol()
    async with gp.at_work() as endpoint:
        _, card = await opened(endpoint, "CLINICIEN")
        assert await refused(endpoint, a_report("CLINICIEN"), card) == "deposit-not-yours"


# --- what a document tries ---


async def test_a_hostile_document_is_refused_with_its_reason_and_nothing_half_written(practice) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, laboratory.at_work() as depositor:
        record, card = await opened(endpoint, "HOSTILE")
        sound = a_report("HOSTILE")
        head, root = sound.split(b"<ClinicalDocument", 1)
        entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><ClinicalDocument'
        laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><ClinicalDocument'
        target = sound[sound.index(b"<recordTarget>") : sound.index(b"</recordTarget>") + len(b"</recordTarget>")]
        for octets, reason in (
            (a_report("QUELQU'UN D'AUTRE"), "document-of-another"),
            (sound.replace(target, target + target), "cda-two-patients"),
            (sound.replace(target, b""), "cda-patient-missing"),
            (head + entity + root, "cda-unsafe"),
            (head + laughs + root, "cda-unsafe"),
            (sound.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "cda-unsafe"),
            (sound.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"), "cda-unsafe"),
            (sound.replace(NARRATIVE.encode(), b"x" * 3_000_000), "cda-unsafe"),
            (sound.replace(b"11502-2", b"00000-0"), "deposit-type-unknown"),
            (sound[:-40], "cda-not-a-document"),
            (b"%PDF-1.4", "cda-not-a-document"),
        ):
            assert await refused(depositor, octets, card) == reason
        assert await lines(endpoint, record) == []


# --- what a card tries ---


async def test_a_card_by_a_stranger_or_out_of_date_is_refused_before_anything_leaves(practice) -> None:
    gp, other = await practice.enrol(), await practice.enrol()
    laboratory = await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, other.at_work() as stranger, laboratory.at_work() as depositor:
        record, text = await opened(endpoint, "CARTE")
        sound = card_octets.from_text(text).claimed
        me = stranger.identity
        head = stranger.accounts.lookup(me.account).head
        foreign = dataclasses.replace(sound, account=me.account, device=me.device, head=head)
        late = dataclasses.replace(sound, issued=sound.issued - 10**9, not_after=sound.issued - 10**8)
        early = dataclasses.replace(sound, issued=sound.issued + 10**8)
        mailbox = dataclasses.replace(sound, record=endpoint.identity.mailbox)
        nowhere = dataclasses.replace(sound, record=bytes(16))
        for made, signer, reason in (
            (foreign, stranger, "record-card-forged"),
            (sound, stranger, "record-card-forged"),
            (mailbox, endpoint, "record-card-forged"),
            (nowhere, endpoint, "record-card-forged"),
            (late, endpoint, "record-card-expired"),
            (early, endpoint, "record-card-early"),
        ):
            written = card_octets.to_text(card_octets.build(made, signer.identity.signing))
            with pytest.raises(Refusal) as refusal:
                await cards.read(depositor, written)
            assert refusal.value.id == reason
        with pytest.raises(Refusal) as refusal:
            await cards.read(depositor, text[:-8])
        assert refusal.value.id == "record-card-malformed"
        mandate = stranger.identity.mailbox
        await endpoint.delegation.grant(record, mandate, (0, 1), Right.READ | Right.MANAGE, history=True)
        await stranger.sync()
        await holding.remember(stranger, record, a_patient("CARTE"))
        with pytest.raises(Refusal) as refusal:
            await cards.make(stranger, record)
        assert refusal.value.id == "record-card-not-yours"


# --- the ground ---


async def test_a_full_disk_of_the_service_refuses_aloud_and_the_same_deposit_goes_through_later(
    practice, live, monkeypatch: pytest.MonkeyPatch
) -> None:
    gp, laboratory = await practice.enrol(), await practice.machine(InviteeKind.DEPOSITOR)
    async with gp.at_work() as endpoint, laboratory.at_work() as depositor:
        record, card = await opened(endpoint, "DISQUE")

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "full")

        with monkeypatch.context() as patched:
            patched.setattr(BlobFolder, "_keep", full)
            with pytest.raises(Refusal) as refusal:
                await put(depositor, a_report("DISQUE"), card)
            assert refusal.value.kind.temporary
        pages = await _limit_pages(live, None)
        try:
            # Too large for what is free in the last pages.
            with pytest.raises(Refusal) as refusal:
                await put(depositor, story.laboratory_cda(a_patient("DISQUE"), "x" * 400_000), card)
            assert refusal.value.kind.temporary
        finally:
            await _limit_pages(live, 2**31)
        assert pages
        assert await lines(endpoint, record) == []
        await put(depositor, story.laboratory_cda(a_patient("DISQUE"), "x" * 400_000), card)
        assert len(await lines(endpoint, record)) == 1


async def _limit_pages(live, most: int | None) -> int:
    """Let the service's database grow no further, or again."""
    found = []

    def command(group) -> None:
        pages = most or group.connection.exec_driver_sql("PRAGMA page_count").scalar()
        found.append(group.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())

    await live.running.writer.write(command)
    return found[0]

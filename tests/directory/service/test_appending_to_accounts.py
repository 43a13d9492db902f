"""CP1-3.4 to CP1-3.13 as the service holds them: nobody withheld, nobody smuggled in, all of it or nothing."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace

import pytest
import pytest_asyncio

from directory.accounts import wraps
from directory.accounts.authoring import Authoring
from directory.accounts.entry import AccountKind, OpenedGrant
from directory.accounts.grants import GrantPayload, Right
from directory.errors import DirectoryError
from directory.ports import Session
from directory.store.accounts import StoredAccounts

from .conftest import DAY, Endpoint, Office, new_device

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def claire(office: Office) -> Endpoint:
    return await office.enrolled(1)


@pytest_asyncio.fixture
async def denis(office: Office) -> Endpoint:
    return await office.enrolled(2, "Denis", "Aubry")


def rotation(author: Authoring, who: Endpoint, class_: int, holders: list[bytes], removed: tuple[bytes, ...] = ()):
    previous = who.newest(who.mailbox, class_).seed
    seed = who.fresh(who.mailbox, class_)
    author.rotate_class(who.mailbox, class_, seed, previous, holders, removed=removed)


def person_rotation(author: Authoring, who: Endpoint, removed: tuple[bytes, ...] = ()):
    previous = who.newest(who.account, 0).seed
    author.rotate_person(who.fresh(who.account, 0), previous, removed)


# --- who gets the wraps ---


async def test_wrap_to_a_ghost(office, claire, denis, refused):
    author = await office.author(claire, denis.account)
    rotation(author, claire, 1, [claire.account, denis.account])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)


async def test_holder_withheld(office, claire, denis, refused):
    await office.grant(claire, denis.account, (0, 1))
    author = await office.author(claire, denis.account)
    rotation(author, claire, 1, [claire.account])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)
    author = await office.author(claire, denis.account)
    claire.seeds[claire.mailbox, 1].pop()
    rotation(author, claire, 1, [claire.account, denis.account])
    assert len(await office.append(claire, author.octets)) == 1


async def test_holder_of_another_class_gets_nothing(office, claire, denis, refused):
    await office.grant(claire, denis.account, (0,))
    author = await office.author(claire, denis.account)
    rotation(author, claire, 1, [claire.account, denis.account])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)


async def test_wrap_to_an_old_generation_of_the_holder(office, claire, denis, refused):
    await office.grant(claire, denis.account, (0,))
    outdated = await office.author(claire, denis.account)
    theirs = await office.author(denis)
    person_rotation(theirs, denis)
    await office.append(denis, theirs.octets)
    rotation(outdated, claire, 0, [claire.account, denis.account])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, outdated.octets)


async def test_person_rotation_reaches_every_live_device(office, claire, refused):
    author = await office.author(claire)
    person_rotation(author, claire)
    one = author.changes[0]
    fewer = one.wraps[:-1]
    payload = replace(one.entry.payload, wraps_root=wraps.root(fewer))
    forged = Authoring(author.states, claire.account, claire.device, claire.key, office.now)
    forged.states[claire.account] = await office.state(claire.account)
    forged._add(claire.account, payload, wraps_=fewer)
    with refused("wraps-recipients-wrong"):
        await office.append(claire, forged.octets)


async def test_wraps_that_the_entry_did_not_commit_to(office, claire, refused):
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    one = author.changes[0]
    spoiled = tuple(replace(wrap, sealed=bytes(len(wrap.sealed))) for wrap in one.wraps)
    with refused("wraps-root-wrong"):
        await office.append(claire, (replace(one, wraps=spoiled),))


async def test_new_device_gets_the_history_or_the_present(office, claire, refused):
    device, key = new_device()
    author = await office.author(claire)
    author.add_device(device, key, [])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)
    author = await office.author(claire)
    author.add_device(device, key, [claire.newest(claire.account, 0)])
    assert len(await office.append(claire, author.octets)) == 1


async def test_grant_with_half_of_its_classes_wrapped(office, claire, denis, refused):
    author = await office.author(claire, denis.account)
    payload = GrantPayload(denis.account, (0, 1), Right.READ)
    author.grant(claire.mailbox, payload, secrets.token_bytes(32), [claire.newest(claire.mailbox, 0)])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)


async def test_grant_from_now_on_after_an_empty_chain(office, claire, denis):
    author = await office.author(claire, denis.account)
    author.rotate_class(claire.mailbox, 0, claire.fresh(claire.mailbox, 0), None, [claire.account])
    payload = GrantPayload(denis.account, (0,), Right.READ)
    author.grant(claire.mailbox, payload, secrets.token_bytes(32), [claire.newest(claire.mailbox, 0)])
    await office.append(claire, author.octets)
    assert (await office.holdings(denis))[claire.mailbox] == (0,)


# --- grants ---


async def test_grant_opened_as_something_else(office, claire, denis, refused):
    author = await office.author(claire, denis.account)
    payload = GrantPayload(denis.account, (0,), Right.READ)
    author.grant(claire.mailbox, payload, secrets.token_bytes(32), [claire.newest(claire.mailbox, 0)])
    one = author.changes[0]
    more = GrantPayload(denis.account, (0,), Right.READ | Right.MANAGE).encode()
    with refused("opening-wrong"):
        await office.append(claire, (replace(one, opening=one.opening[:32] + more),))
    with refused("opening-wrong"):
        await office.append(claire, (replace(one, sealed_opening=one.sealed_opening[:-1]),))


async def test_grant_to_a_service_or_a_personal_mailbox(office, claire, denis, refused):
    laboratory = await office.structure()
    with refused("grant-principal-refused"):
        await office.grant(claire, laboratory.account)
    with refused("grant-principal-refused"):
        await office.grant(claire, denis.mailbox)


async def test_grant_to_somebody_unknown(office, claire, denis, refused):
    author = await office.author(claire, denis.account)
    author.states[bytes(16)] = author.states[denis.account]
    payload = GrantPayload(bytes(16), (0,), Right.READ)
    author.grant(claire.mailbox, payload, secrets.token_bytes(32), [claire.newest(claire.mailbox, 0)])
    with refused("account-unknown"):
        await office.append(claire, author.octets)


async def test_grant_that_has_lapsed_already(office, claire, denis, refused):
    with refused("grant-not-live"):
        await office.grant(claire, denis.account, not_after=office.now - 1)


async def test_holder_without_manage_grants_nothing(office, claire, denis, refused):
    entry_hash = await office.grant(claire, denis.account, (0,))
    state = await office.state(claire.mailbox)
    held = (await office.reader.read(lambda c: office.book.holdings(denis.account, c, office.now)))[-1]
    assert held.grant_entry == entry_hash
    authority = (OpenedGrant(claire.mailbox, state.head, entry_hash, held.blind, held.payload),)
    author = await office.author(denis, claire.mailbox, claire.account)
    with pytest.raises(DirectoryError, match="authority-insufficient"):
        author.grant(
            claire.mailbox,
            GrantPayload(denis.account, (0,), Right.READ | Right.MANAGE),
            bytes(32),
            [claire.newest(claire.mailbox, 0)],
            authority,
        )


async def test_through_an_organisation_and_no_deeper(office, claire, denis, refused):
    laboratory = await office.structure()
    await office.grant(claire, laboratory.mailbox, (0, 1))
    await office.grant(laboratory, denis.account, (0,))
    assert (await office.holdings(denis))[claire.mailbox] == (0,)
    assert (await office.holdings(laboratory))[claire.mailbox] == (0, 1)
    with refused("grant-principal-refused"):
        await office.grant(laboratory, laboratory.mailbox)


async def test_organisation_that_holds_is_held_by_none(office, claire, refused):
    first, second, third = [await office.structure() for _ in range(3)]
    await office.grant(claire, first.mailbox)
    with refused("grant-too-deep"):
        await office.grant(first, second.mailbox)
    await office.grant(second, third.mailbox)
    with refused("grant-too-deep"):
        await office.grant(third, second.mailbox)  # a circle
    with refused("grant-too-deep"):
        await office.grant(claire, second.mailbox)


# --- removal ---


async def test_removal_reaches_every_class_of_the_grant(office, claire, denis, refused):
    entry_hash = await office.grant(claire, denis.account, (0, 1))
    author = await office.author(claire, denis.account)
    rotation(author, claire, 0, [claire.account], (entry_hash,))
    with refused("removal-incomplete"):
        await office.append(claire, author.octets)
    assert claire.mailbox in await office.holdings(denis)
    rotation(author, claire, 1, [claire.account])
    assert len(await office.append(claire, author.octets)) == 2
    assert claire.mailbox not in await office.holdings(denis)


async def test_holdings_end_with_not_after(office, claire, denis):
    await office.grant(claire, denis.account, not_after=office.now + DAY)
    assert claire.mailbox in await office.holdings(denis, office.now + DAY)
    assert claire.mailbox not in await office.holdings(denis, office.now + DAY + 1)


async def _authority_of(office: Office, who: Endpoint, mailbox: bytes):
    state = await office.state(mailbox)
    held = await office.reader.read(lambda c: office.book.holdings(who.account, c, office.now))
    one = next(h for h in held if h.mailbox == mailbox)
    return (OpenedGrant(mailbox, state.head, one.grant_entry, one.blind, one.payload),)


async def _holders_rotation(office: Office, claire: Endpoint, denis: Endpoint, removed=(), holders=None) -> bytes:
    authority = await _authority_of(office, denis, claire.mailbox)
    author = await office.author(denis, claire.mailbox, claire.account)
    previous = claire.newest(claire.mailbox, 0).seed
    author.rotate_class(
        claire.mailbox,
        0,
        secrets.token_bytes(32),
        previous,
        holders or [claire.account, denis.account],
        authority,
        removed,
    )
    return author.octets


async def test_holder_without_manage_rotates_nothing_fresh(office, claire, denis, refused):
    await office.grant(claire, denis.account)
    with refused("rotation-not-due"):
        await office.append(denis, await _holders_rotation(office, claire, denis))


async def test_holder_without_manage_removes_nobody_live(office, claire, denis, refused):
    eva = await office.enrolled(3, "Eva", "Roux")
    await office.grant(claire, denis.account)
    hers = await office.grant(claire, eva.account)
    with refused("rotation-not-due"):
        await office.append(denis, await _holders_rotation(office, claire, denis, (hers,)))


async def test_holder_without_manage_removes_what_lapsed_and_all_of_it(office, claire, denis, refused):
    eva = await office.enrolled(3, "Eva", "Roux")
    await office.grant(claire, denis.account)
    hers = await office.grant(claire, eva.account, not_after=office.now + DAY)
    office.clock[0] += 2 * DAY
    with refused("rotation-not-due"):
        await office.append(denis, await _holders_rotation(office, claire, denis))
    assert len(await office.append(denis, await _holders_rotation(office, claire, denis, (hers,)))) == 1


async def test_holder_without_manage_rotates_after_a_lost_device(office, claire, denis):
    await office.grant(claire, denis.account)
    author = await office.author(denis)
    spare, key = new_device()
    author.add_device(spare, key, [denis.newest(denis.account, 0)])
    await office.append(denis, author.octets)
    author = await office.author(denis)
    person_rotation(author, denis, (spare.id,))
    await office.append(denis, author.octets)
    assert len(await office.append(denis, await _holders_rotation(office, claire, denis))) == 1


# --- who submits what, when ---


async def test_only_the_signer_submits(office, claire, denis, refused):
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    with refused("signer-not-caller"):
        await office.append(denis, author.octets)
    with refused("signer-not-caller"):
        await office.append(Session(claire.account, secrets.token_bytes(16)), author.octets)


async def test_genesis_and_bind_need_an_invitation(office, claire, refused):
    author = await office.author(claire)
    author.open_mailbox(AccountKind.ORGANISATION_MAILBOX, secrets.token_bytes(16))
    with refused("invitation-needed"):
        await office.append(claire, author.octets)


async def test_time_more_than_five_minutes_off(office, claire, refused):
    for offset in (-301_000, 301_000):
        author = await office.author(claire)
        author._now = office.now + offset
        if offset < 0:
            office.clock[0] += 301_000
            author._now = office.now - 301_000
        rotation(author, claire, 1, [claire.account])
        with refused("entry-time-wrong"):
            await office.append(claire, author.octets)
        claire.seeds[claire.mailbox, 1].pop()


async def test_key_that_another_account_showed(office, claire, denis, refused):
    author = await office.author(claire)
    author.rotate_class(claire.mailbox, 1, denis.newest(denis.mailbox, 1).seed, None, [claire.account])
    with refused("key-reused"):
        await office.append(claire, author.octets)


async def test_device_id_of_another_account(office, claire, denis, refused):
    device, key = new_device()
    taken = replace(device, id=denis.device)
    author = await office.author(claire)
    author.add_device(taken, key, [claire.newest(claire.account, 0)])
    with refused("device-repeated"):
        await office.append(claire, author.octets)


async def test_octets_that_no_entry_commits_to(office, claire, refused):
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    with refused("octets-malformed"):
        await office.append(claire, (replace(author.changes[0], evidence=b"x"),))
    with refused("octets-malformed"):
        await office.append(claire, ())


async def test_refused_submission_leaves_nothing(office, claire, denis, refused):
    before = await office.state(claire.mailbox)
    version, tick = office.book.version, office.writer.tick
    author = await office.author(claire, denis.account)
    rotation(author, claire, 0, [claire.account])
    rotation(author, claire, 1, [claire.account, denis.account])
    with refused("wraps-recipients-wrong"):
        await office.append(claire, author.octets)
    assert await office.state(claire.mailbox) is before
    assert (office.book.version, office.writer.tick) == (version, tick)


async def test_the_same_submission_again_gives_the_same_proofs(office, claire):
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    first = await office.append(claire, author.octets)
    assert await office.append(claire, author.octets) == first


async def test_later_in_the_group_sees_earlier_in_the_group(office, claire, denis):
    author = await office.author(claire)
    rotation(author, claire, 0, [claire.account])
    first = author.octets
    author.changes.clear()
    rotation(author, claire, 1, [claire.account])
    second = author.octets
    outcomes = await asyncio.gather(office.append(claire, first), office.append(claire, second))
    groups = {proof[-118:] for proofs in outcomes for proof in proofs}
    assert len(groups) == 1
    assert len((await office.state(claire.mailbox)).entries) == 6


async def test_two_branches_in_one_group_keep_the_first(office, claire):
    first, second = await office.author(claire), await office.author(claire)
    rotation(first, claire, 0, [claire.account])
    rotation(second, claire, 1, [claire.account])
    outcomes = await asyncio.gather(
        office.append(claire, first.octets), office.append(claire, second.octets), return_exceptions=True
    )
    assert [getattr(outcome, "id", "done") for outcome in outcomes] == ["done", "entry-out-of-chain"]


async def test_failed_group_is_forgotten(office, claire):
    """A batch that the disk refuses is rolled back: its changes were never seen, and its members are tried again."""
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    seen = []

    def spoil(group):
        raise RuntimeError("disk")

    def look(group):
        seen.append(len(office.book.state(claire.mailbox, group.connection).entries))

    outcomes = await asyncio.gather(
        office.append(claire, author.octets),
        office.writer.write(spoil),
        office.writer.write(look),
        return_exceptions=True,
    )
    assert len(outcomes[0]) == 1
    assert isinstance(outcomes[1], Exception)
    assert seen == [5]
    assert office.book.version == 3 - 1  # one enrolment, one change


async def test_states_fold_again_after_a_restart(office, claire, denis):
    await office.grant(claire, denis.account, (0, 1))
    warm = await office.state(claire.mailbox)
    cold = StoredAccounts(capacity=2)
    assert await office.reader.read(lambda c: cold.state(claire.mailbox, c)) == warm
    held = await office.reader.read(lambda c: cold.holdings(denis.account, c, office.now))
    assert {one.mailbox for one in held} == {denis.mailbox, claire.mailbox}


async def test_reader_with_an_old_snapshot_spoils_no_cache(office, claire):
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    office.book._states.clear()
    async with office.reader._engine.connect() as old:
        await old.run_sync(lambda c: c.exec_driver_sql("SELECT count(*) FROM account").scalar())
        await office.append(claire, author.octets)
        office.book._states.clear()
        stale = await old.run_sync(lambda c: office.book.state(claire.mailbox, c))
    assert len(stale.entries) == 4
    assert len((await office.state(claire.mailbox)).entries) == 5


async def test_changes_are_told_once_they_are_durable(office, claire):
    told = []
    office.book.on_change(lambda account, seq: told.append((account, seq)))
    author = await office.author(claire)
    rotation(author, claire, 1, [claire.account])
    await office.append(claire, author.octets)
    assert told == [(claire.mailbox, 4)]


async def test_paper_device_mends_its_own_log_only(office, claire, refused):
    paper, key = claire.paper
    session = Session(claire.account, paper.id)
    author = await office.author(claire, device=paper.id, key=key)
    device, device_key = new_device()
    author.add_device(device, device_key, [claire.newest(claire.account, 0)])
    assert len(await office.append(session, author.octets)) == 1
    author = await office.author(claire, device=paper.id, key=key)
    rotation(author, claire, 1, [claire.account])
    with refused("session-recovery-only"):
        await office.append(session, author.octets)

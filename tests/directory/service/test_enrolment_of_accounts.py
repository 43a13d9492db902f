"""CP1-3.11: enrolment consumes a code once, for the one it was issued to, all or nothing."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from directory.accounts import bind, fold, invitation_code
from directory.accounts import change as changes
from directory.accounts.authoring import Authoring
from directory.accounts.bind import InviteeKind
from directory.primitives.signature import SigningKey
from directory.store import tables
from directory.transparency.receipt import parse_proof, verify_proof
from directory.use_cases.enrol import look_up_invitation

from .conftest import DAY, REGISTRAR, SERVICE, new_device, rpps_number  # type: ignore[import-not-found]

pytestmark = pytest.mark.asyncio


async def test_enrolment_registers_address_rpps_and_mailbox(office):
    made = await office.enrolled(1)
    found = await office.reader.read(lambda c: office.register.by_address("claire.fontaine@confrere.localhost", c))
    assert (found.mailbox, found.person, found.identifier) == (made.mailbox, made.account, rpps_number(1))
    assert await office.holdings(made) == {made.mailbox: (0, 1, 2)}


async def test_the_same_octets_again_give_the_same_proofs(office):
    made = office.prepare(office.invite(rpps_number(1)))
    first = await office.enrol(made.submission)
    assert await office.enrol(made.submission) == first
    submitted = changes.parse(made.submission[32:])
    placed = [verify_proof(parse_proof(proof), SERVICE.public) for proof in first]
    assert [one.id for one in placed] == [one.entry.hash for one in submitted]
    assert [one.seq for one in placed if one.scope == made.mailbox] == [1, 2, 3, 4]


async def test_two_of_the_same_octets_in_one_group_enrol_once(office):
    made = office.prepare(office.invite(rpps_number(1)))
    first, second = await asyncio.gather(office.enrol(made.submission), office.enrol(made.submission))
    assert first == second


async def test_replayed_enrolment_of_another_account_is_refused(office, refused):
    issued = office.invite(rpps_number(1))
    await office.enrol(office.prepare(issued).submission)
    with refused("invitation-used"):
        await office.enrol(office.prepare(issued).submission)


async def test_two_racing_for_one_code_enrol_one(office):
    issued = office.invite(rpps_number(1))
    both = [office.prepare(issued), office.prepare(issued)]
    outcomes = await asyncio.gather(*(office.enrol(one.submission) for one in both), return_exceptions=True)
    assert [getattr(outcome, "id", "done") for outcome in outcomes] == ["done", "invitation-used"]
    people = await office.reader.read(lambda c: c.execute(select(func.count()).select_from(tables.account)).scalar())
    assert people == 2  # one person, one mailbox: the loser left nothing


async def test_two_racing_for_one_rpps_enrol_one(office):
    first = office.invite(rpps_number(1))
    prepared = office.prepare(first)
    await office.enrol(prepared.submission)
    # A second certificate for the same number, as a careless registrar's other desk might issue it.
    code = invitation_code.make(secrets.token_bytes(13))
    code_pk = invitation_code.signing_key(code).public
    other = replace(first.invitation, code_pk=code_pk, address="other@confrere.localhost")
    twice = replace(first, code=code, invitation=other)
    made = office.prepare(twice)
    with office.counter.transaction() as desk:
        desk.add(bind.issue(other, REGISTRAR).raw, other)
    with pytest.raises(Exception, match="rpps-enrolled"):
        await office.enrol(made.submission)


async def test_expired_code(office, refused):
    issued = office.invite(rpps_number(1))
    office.clock[0] += 31 * DAY
    made = office.prepare(issued)
    with refused("invitation-expired"):
        await office.enrol(made.submission)
    with refused("invitation-expired"):
        await look_up_invitation(issued.invitation.code_pk, office.now, office.reader, office.register)


async def test_unknown_code(office, refused):
    made = office.prepare(office.invite(rpps_number(1)))
    with refused("invitation-unknown"):
        await office.enrol(secrets.token_bytes(32) + made.submission[32:])
    with refused("invitation-unknown"):
        await look_up_invitation(bytes(32), office.now, office.reader, office.register)


async def test_certificate_signed_by_the_service_instead_of_the_registrar(office, refused):
    made = office.prepare(office.invite(rpps_number(1)), signed_by=SERVICE)
    with refused("signature-wrong"):
        await office.enrol(made.submission)


async def test_code_of_one_with_the_bind_of_another(office, refused):
    mine, hers = office.invite(rpps_number(1)), office.invite(rpps_number(2), "Marc", "Petit")
    made = office.prepare(hers)
    with refused("invitation-unknown"):
        await office.enrol(mine.invitation.code_pk + made.submission[32:])


async def test_certificate_altered_after_it_was_signed(office, refused):
    issued = office.invite(rpps_number(1))
    raised = replace(issued.invitation, identifier=rpps_number(2))
    made = office.prepare(replace(issued, invitation=raised), signed_by=SigningKey(bytes(32)))
    with refused("signature-wrong"):
        await office.enrol(made.submission)


@pytest.mark.parametrize("left_out", range(8))
async def test_enrolment_with_an_entry_missing(office, left_out):
    made = office.prepare(office.invite(rpps_number(1)))
    submitted = list(changes.parse(made.submission[32:]))
    del submitted[left_out]
    with pytest.raises(Exception) as caught:
        await office.enrol(made.submission[:32] + changes.encode(tuple(submitted)))
    # Without its paper device the log no longer links; everything else is not an enrolment.
    assert caught.value.id == ("entry-out-of-chain" if left_out == 1 else "enrolment-shape-wrong")


async def test_enrolment_without_paper_device(office):
    made = office.prepare(office.invite(rpps_number(1)), paper=False)
    assert len(await office.enrol(made.submission)) == 7


async def test_enrolment_with_a_stowaway_device(office, refused):
    made = office.prepare(office.invite(rpps_number(1)))
    states = {}
    for tick, one in enumerate(changes.parse(made.submission[32:]), 1):
        entry = one.entry
        states[entry.account] = fold.append(states.get(entry.account), entry, tick, states.__getitem__)
    author = Authoring(states, made.account, made.device, made.key, office.now)
    author.add_device(*new_device(), [made.newest(made.account, 0)])
    submitted = (*changes.parse(made.submission[32:]), *author.changes)
    with refused("enrolment-shape-wrong"):
        await office.enrol(made.submission[:32] + changes.encode(submitted))


async def test_structure_is_a_service_with_an_organisation_mailbox(office):
    made = await office.structure()
    assert made.address == "laboratoire-des-tilleuls@confrere.localhost"
    assert (await office.state(made.account)).kind.name == "SERVICE"
    assert (await office.state(made.mailbox)).kind.name == "ORGANISATION_MAILBOX"


async def test_person_may_not_enrol_as_a_service(office, refused):
    issued = office.invite(rpps_number(1))
    disguised = replace(issued, invitation=replace(issued.invitation, kind=InviteeKind.STRUCTURE))
    made = office.prepare(disguised)
    with refused("invitation-unknown"):  # the certificate is not the one on file
        await office.enrol(made.submission)

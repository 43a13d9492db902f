"""Submissions on a live service: idempotence, races, stale epochs, membership, deposits, limits, wrong tokens."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from benchmarks.world import START, Conversation, Person
from directory.transparency.receipt import ReceiptKind, parse_proof, verify_proof
from messaging.wire import submission
from messaging.wire.epoch import NO_KEY, Member, Role
from messaging.wire.frames import Ack, Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def post(live, person: Person, octets: bytes) -> tuple[int, object]:
    headers = await live.bearer(person)
    async with live.http.post(f"{live.url}/api/submissions", data=octets, headers=headers) as answer:
        body = await answer.read()
        if answer.status == 200:
            return 200, body
        return answer.status, (await answer.json(content_type="application/problem+json"))["id"]


async def pair(live) -> tuple[Person, Person, Conversation]:
    one, other = await live.person(), await live.person()
    return one, other, Conversation.start(one, other)


async def test_commit_and_events_are_acknowledged_with_proofs_in_order(live) -> None:
    one, _, talk = await pair(live)
    async with await live.wire(one) as wire:
        answer = await wire.send(talk.opening(talk.event(), talk.event()))
    assert isinstance(answer, Ack)
    receipts = [verify_proof(parse_proof(proof), live.key) for proof in answer.proofs]
    assert [receipt.kind for receipt in receipts] == [ReceiptKind.EPOCH, ReceiptKind.EVENT, ReceiptKind.EVENT]
    assert [receipt.seq for receipt in receipts] == [1, 2, 3]
    assert {receipt.scope for receipt in receipts} == {talk.thread}


async def test_the_same_submission_again_is_acknowledged_with_its_first_receipts(live) -> None:
    one, _, talk = await pair(live)
    whole = talk.opening(talk.event())
    async with await live.wire(one) as wire:
        first = await wire.send(whole)
        again = await asyncio.gather(*[await wire.post(whole) for _ in range(5)])
        assert (await wire.send(whole)).proofs == first.proofs
    assert len({answer[5:] for answer in again}) == 1
    status, body = await post(live, one, whole)
    assert status == 200
    assert all(proof in body for proof in first.proofs)


async def test_the_same_submission_twice_at_once_is_stored_once(live) -> None:
    one, _, talk = await pair(live)
    whole = talk.opening(talk.event())
    async with await live.wire(one) as wire:
        answers = await asyncio.gather(*[await wire.post(whole) for _ in range(8)])
    assert len({answer[5:] for answer in answers}) == 1


async def test_an_intent_used_for_another_event_is_refused(live) -> None:
    one, other, talk = await pair(live)
    intent = secrets.token_bytes(16)
    assert (await post(live, one, talk.opening(talk.event(intent=intent))))[0] == 200
    assert await post(live, one, talk.sending(talk.event(intent=intent))) == (409, "event-intent-used")
    assert await post(live, other, talk.sending(talk.event(intent=intent))) == (409, "event-intent-used")


async def test_one_intent_twice_in_a_submission_is_refused_whole(live) -> None:
    one, _, talk = await pair(live)
    intent = secrets.token_bytes(16)
    both = talk.opening(talk.event(intent=intent), talk.event(intent=intent))
    assert await post(live, one, both) == (409, "event-intent-used")
    assert await post(live, one, talk.sending(talk.event())) == (404, "thread-unknown")


async def test_two_clients_sending_at_once_both_arrive(live) -> None:
    one, other, talk = await pair(live)
    await post(live, one, talk.opening())
    async with await live.wire(one) as left, await live.wire(other) as right:
        answers = await asyncio.gather(
            *[await wire.post(talk.sending(talk.event())) for _ in range(50) for wire in (left, right)]
        )
    assert len({parse_proof(answer[11:]).receipt.seq for answer in answers}) == 100


async def test_of_two_commits_on_one_parent_the_first_stays(live) -> None:
    one, other, talk = await pair(live)
    third, fourth = await live.person(), await live.person()
    await post(live, one, talk.opening())
    members = [one.member(role=Role.ADMIN), other.member()]
    left = talk.next(one, [*members, third.member(from_epoch=1)])
    right = talk.next(other, [*members, fourth.member(from_epoch=1)])
    async with await live.wire(one) as a, await live.wire(other) as b:
        answers = await asyncio.gather(a.send(left.opening(left.event())), b.send(right.opening(right.event())))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [answer.error_id for answer in refused] == ["epoch-conflict"]
    assert sum(isinstance(answer, Ack) for answer in answers) == 1


async def test_an_event_under_an_epoch_with_a_child_is_refused_stale(live) -> None:
    one, other, talk = await pair(live)
    await post(live, one, talk.opening())
    child = talk.next(one, [one.member(role=Role.ADMIN), other.member()])
    assert (await post(live, one, child.opening()))[0] == 200
    assert await post(live, other, talk.sending(talk.event())) == (409, "epoch-stale")
    assert (await post(live, other, child.sending(child.event())))[0] == 200


async def test_an_event_under_rotated_keys_is_refused_stale(live) -> None:
    one, other, talk = await pair(live)
    await post(live, one, talk.opening(talk.event()))
    rotation = other.rotation(1)
    await live.accept(rotation)
    assert await post(live, one, talk.sending(talk.event())) == (409, "epoch-stale")
    stale = talk.next(one, [one.member(role=Role.ADMIN), other.member()])
    assert await post(live, one, stale.opening()) == (409, "epoch-member-stale")
    other.mailbox_log.append(rotation)
    fresh = talk.next(one, [one.member(role=Role.ADMIN), other.member()])
    assert (await post(live, one, fresh.opening(fresh.event())))[0] == 200


async def test_who_is_not_a_member_cannot_send(live) -> None:
    one, _, talk = await pair(live)
    stranger = await live.person()
    await post(live, one, talk.opening())
    assert await post(live, stranger, talk.sending(talk.event())) == (403, "thread-not-member")


async def test_a_read_only_member_cannot_send(live) -> None:
    one, other = await live.person(), await live.person()
    members = [one.member(role=Role.ADMIN), other.member(role=Role.READ)]
    talk = Conversation._make(one, secrets.token_bytes(16), 0, bytes(32), 1, members, START)
    await post(live, one, talk.opening())
    assert await post(live, other, talk.sending(talk.event())) == (403, "thread-not-member")


async def test_a_removed_member_can_neither_send_nor_read_on(live) -> None:
    one, other, talk = await pair(live)
    await post(live, one, talk.opening())
    alone = talk.next(one, [one.member(role=Role.ADMIN)])
    await post(live, one, alone.opening())
    assert await post(live, other, alone.sending(alone.event())) == (403, "thread-not-member")
    path = f"{live.url}/api/threads/{talk.thread.hex()}/items?mailbox={other.mailbox.hex()}&after=0"
    async with live.http.get(path, headers=await live.bearer(other)) as answer:
        assert answer.status == 403


async def test_somebody_else_s_commit_is_refused(live) -> None:
    _, other, talk = await pair(live)
    assert await post(live, other, talk.opening()) == (403, "committer-not-caller")


async def test_a_commit_from_the_future_is_refused(live) -> None:
    one, other = await live.person(), await live.person()
    ahead = Conversation.start(one, other, time=2**52)
    assert await post(live, one, ahead.opening()) == (422, "time-ahead")


async def test_a_flipped_commit_signature_is_refused_and_nothing_is_kept(live) -> None:
    one, _, talk = await pair(live)
    flipped = talk.commit.raw[:-1] + bytes([talk.commit.raw[-1] ^ 1])
    octets = submission.encode(talk.thread, (), flipped, talk.wraps)
    assert await post(live, one, octets) == (422, "signature-wrong")
    assert await post(live, one, talk.sending(talk.event())) == (404, "thread-unknown")


async def deposited(live) -> tuple[Person, Person, Conversation]:
    lab, doctor = await live.person(), await live.person()
    depositor = Member(lab.mailbox, 1, lab.mailbox_log[-1].hash, 0, NO_KEY, Role.DEPOSIT, 0)
    members = [depositor, doctor.member(role=Role.ADMIN)]
    return lab, doctor, Conversation._make(lab, secrets.token_bytes(16), 0, bytes(32), 1, members, START)


async def test_a_deposit_is_one_event_and_nothing_later_in_its_epoch(live) -> None:
    lab, doctor, talk = await deposited(live)
    assert await post(live, lab, talk.opening()) == (403, "deposit-closed")
    assert await post(live, lab, talk.opening(talk.event(), talk.event())) == (403, "deposit-closed")
    whole = talk.opening(talk.event())
    assert (await post(live, lab, whole))[0] == 200
    assert (await post(live, lab, whole))[0] == 200
    assert await post(live, lab, talk.sending(talk.event())) == (403, "deposit-closed")
    assert await post(live, doctor, talk.sending(talk.event())) == (403, "deposit-closed")
    opened = talk.next(doctor, [doctor.member(role=Role.ADMIN)])
    assert (await post(live, doctor, opened.opening(opened.event())))[0] == 200


async def test_octets_that_do_not_parse_and_octets_too_many_are_refused(live) -> None:
    one, _, talk = await pair(live)
    assert await post(live, one, b"CP1t") == (400, "octets-malformed")
    assert await post(live, one, b"CP2t" + talk.opening()[4:]) == (422, "protocol-newer")
    assert await post(live, one, bytes(5 * 1024 * 1024)) == (413, "request-too-large")


async def test_without_a_token_or_with_a_wrong_one_nothing_is_said(live) -> None:
    _, _, talk = await pair(live)
    for headers in ({}, {"Authorization": "Bearer AAAA"}, {"Authorization": "Basic AAAA"}):
        async with live.http.post(f"{live.url}/api/submissions", data=talk.opening(), headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert (await answer.json(content_type=None))["id"] in ("token-missing", "token-expired")

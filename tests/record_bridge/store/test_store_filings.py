"""The bridge's durable queue in a real profile (docs/spec/filing.md FI-7)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import pytest_asyncio

from directory.primitives.passphrase import Cost
from messaging.profile.store import Profile
from record_bridge.errors import RecordError
from record_bridge.filing.identifiers import record_thread
from record_bridge.filing.states import Act, State
from record_bridge.store import documents, filings

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = "une phrase de passe de test"
F, THREAD = b"\1" * 16, b"\2" * 16
REQUEST = b"MARQUEUR-PATIENT une demande"
NO_INS = "filing-waits-for-ins"
PREPARED = b"MARQUEUR-PATIENT un document"


@pytest_asyncio.fixture(loop_scope="session")
async def profile(tmp_path: Path):
    made = await Profile.create(tmp_path / "bridge", WORDS, Cost(), os.urandom)
    await made.run(filings.open_tables)
    yield made
    await made.close()


def put(profile: Profile, c, request: bytes = REQUEST, filing: bytes = F, thread: bytes = THREAD, now: int = 10):
    return filings.put(profile, c, filing=filing, thread=thread, seq=1, request=request, now=now)


def prepare(profile: Profile, c, prepared: bytes = PREPARED, n: int = 0, filing: bytes = F):
    return documents.put(
        profile, c, filing=filing, n=n, prepared=prepared, record_thread=record_thread(filing, n), now=11
    )


async def test_fi_7_1_the_same_request_again_is_the_same_filing(profile) -> None:
    first = await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: filings.advance(c, F, State.QUEUED, Act.SUBMIT, 12))
    again = await profile.run(lambda c: put(profile, c, now=99))
    assert (first.state, again.state, again.updated, again.request) == (State.QUEUED, State.SUBMITTED, 12, REQUEST)


@pytest.mark.parametrize("changed", [{"request": b"une autre"}, {"thread": b"\3" * 16}])
async def test_fi_7_1_another_request_under_the_same_id_is_refused(profile, changed) -> None:
    await profile.run(lambda c: put(profile, c))
    with pytest.raises(RecordError, match="filing-id-used"):
        await profile.run(lambda c: put(profile, c, **changed))
    assert (await profile.run(lambda c: filings.get(profile, c, F))).request == REQUEST


async def test_fi_7_2_a_state_moves_once(profile) -> None:
    await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: prepare(profile, c))
    assert await profile.run(lambda c: documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 12)) is State.SUBMITTED
    for function, given in ((filings.advance, (F,)), (documents.advance, (F, 0))):
        with pytest.raises(RecordError, match="filing-illegal-transition"):
            await profile.run(lambda c, f=function, g=given: f(c, *g, State.SUBMITTED, Act.TAKE, 13))
    with pytest.raises(RecordError, match="filing-illegal-transition") as caught:  # a second worker, too late
        await profile.run(lambda c: documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 13))
    assert caught.value.facts["state"] == "submitted"
    with pytest.raises(RecordError, match="filing-illegal-transition"):
        await profile.run(lambda c: filings.advance(c, F, State.SUBMITTED, Act.ACCEPT, 13))


async def test_fi_7_2_what_is_not_there_is_unknown(profile) -> None:
    for act in (
        lambda c: filings.get(profile, c, F),
        lambda c: filings.advance(c, F, State.QUEUED, Act.SUBMIT, 1),
        lambda c: filings.keep_identity(profile, c, F, b"x", 1),
        lambda c: documents.get(profile, c, F, 0),
        lambda c: documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 1),
    ):
        with pytest.raises(RecordError, match="filing-unknown"):
            await profile.run(act)


async def test_fi_7_3_killed_after_submit_the_same_octets_go_again(tmp_path: Path) -> None:
    """The process dies between the state and the act: nothing but the disk is left."""
    folder = tmp_path / "bridge"
    first = await Profile.create(folder, WORDS, Cost(), os.urandom)
    await first.run(filings.open_tables)
    await first.run(lambda c: put(first, c))
    await first.run(lambda c: prepare(first, c))
    await first.run(lambda c: documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 12))
    await first.close()
    second = await Profile.open(folder, WORDS, os.urandom)
    try:
        await second.run(filings.open_tables)
        (found,) = await second.run(lambda c: documents.due(second, c, {State.SUBMITTED}))
        assert (found.prepared, found.record_thread) == (PREPARED, record_thread(F, 0))
        again = await second.run(lambda c: prepare(second, c, b"ce qui serait autre"))
        assert again.prepared == PREPARED
        await second.run(lambda c: documents.advance(c, F, 0, State.SUBMITTED, Act.LOSE_ANSWER, 13))
        assert (await second.run(lambda c: prepare(second, c, b"autre"))).prepared == PREPARED
        await second.run(lambda c: documents.advance(c, F, 0, State.UNKNOWN, Act.SUBMIT, 14))
    finally:
        await second.close()


async def test_fi_7_3_a_crash_within_the_transaction_moves_nothing(profile) -> None:
    await profile.run(lambda c: put(profile, c))

    def half(c) -> None:
        prepare(profile, c)
        documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 12)
        filings.advance(c, F, State.QUEUED, Act.SUBMIT, 12)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await profile.run(half)
    assert (await profile.run(lambda c: filings.get(profile, c, F))).state is State.QUEUED
    assert await profile.run(lambda c: documents.of_filing(profile, c, F)) == []


async def test_fi_7_3_what_has_not_left_may_be_prepared_anew(profile) -> None:
    await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: prepare(profile, c))
    await profile.run(lambda c: documents.advance(c, F, 0, State.QUEUED, Act.WAIT_IDENTITY, 12, reason=NO_INS))
    assert (await profile.run(lambda c: prepare(profile, c, b"neuf"))).prepared == b"neuf"


async def test_fi_7_4_receipts_are_told_once_for_each_state(profile) -> None:
    await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: prepare(profile, c))
    await profile.run(lambda c: documents.advance(c, F, 0, State.QUEUED, Act.SUBMIT, 12))
    event, proof = b"\5" * 32, b"proof"
    await profile.run(
        lambda c: documents.advance(c, F, 0, State.SUBMITTED, Act.ACCEPT, 13, event=event, proof=proof)
    )
    wanted = {State.ACCEPTED, State.REJECTED, State.WITHDRAWN}
    (found,) = await profile.run(lambda c: documents.untold(profile, c, wanted))
    assert (found.event, found.proof, found.told) == (event, proof, False)
    assert not await profile.run(lambda c: documents.tell(c, F, 0, State.REJECTED))
    assert await profile.run(lambda c: documents.tell(c, F, 0, State.ACCEPTED))
    assert await profile.run(lambda c: documents.untold(profile, c, wanted)) == []
    await profile.run(
        lambda c: documents.advance(c, F, 0, State.ACCEPTED, Act.WITHDRAW, 14, reason="filing-item-retracted")
    )
    (again,) = await profile.run(lambda c: documents.untold(profile, c, wanted))
    assert (again.state, again.reason) == (State.WITHDRAWN, "filing-item-retracted")
    assert (again.event, again.proof) == (event, proof)


async def test_fi_7_5_due_longest_untouched_first_and_counted(profile) -> None:
    ids = [bytes([n]) * 16 for n in range(1, 6)]
    for place, filing in enumerate(ids):
        await profile.run(lambda c, f=filing, p=place: put(profile, c, filing=f, now=100 - p))
    await profile.run(lambda c: filings.advance(c, ids[0], State.QUEUED, Act.WAIT_IDENTITY, 200, NO_INS))
    await profile.run(lambda c: prepare(profile, c, filing=ids[1]))
    await profile.run(lambda c: prepare(profile, c, n=1, filing=ids[1]))
    found = await profile.run(lambda c: filings.due(profile, c, {State.QUEUED}))
    assert [one.filing for one in found] == ids[:0:-1]
    assert len(await profile.run(lambda c: filings.due(profile, c, {State.QUEUED}, limit=2))) == 2
    assert len(await profile.run(lambda c: filings.of_thread(profile, c, THREAD))) == 5
    counted = await profile.run(filings.counts)
    assert counted[State.QUEUED] == 3 + 2
    assert counted[State.WAITING_IDENTITY] == 1


async def test_fi_7_5_an_identity_that_came_later_is_kept(profile) -> None:
    await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: filings.keep_identity(profile, c, F, b"MARQUEUR-PATIENT identite", 20))
    assert (await profile.run(lambda c: filings.get(profile, c, F))).identity == b"MARQUEUR-PATIENT identite"


async def test_fi_7_6_nothing_of_a_patient_lies_open_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "bridge"
    profile = await Profile.create(folder, WORDS, Cost(), os.urandom)
    await profile.run(filings.open_tables)
    await profile.run(filings.open_tables)  # idempotent
    await profile.run(lambda c: put(profile, c))
    await profile.run(lambda c: prepare(profile, c))
    await profile.run(lambda c: filings.keep_identity(profile, c, F, b"MARQUEUR-PATIENT identite", 20))
    await profile.close()
    files = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
    assert any(F in raw for raw in files)
    assert not any(b"MARQUEUR" in raw or hashlib.sha256(REQUEST).digest() in raw for raw in files)

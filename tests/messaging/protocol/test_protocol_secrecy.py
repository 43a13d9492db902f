"""Who can open what, and who no longer can (CP1-2.1, CP1-2.4, CP1-3.5, CP1-4.10): properties of keys."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import pytest

from directory.accounts import generation
from directory.accounts.authoring import Seed
from directory.accounts.change import Change
from directory.accounts.entry import Device, DeviceKind, RotateAek
from directory.accounts.grants import GrantPayload, Right
from directory.errors import DirectoryError, Refusal
from directory.primitives import kem
from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError
from messaging.protocol import epoch_secret, event
from messaging.wire import epoch_rules, header
from messaging.wire.epoch import Role


def octets(purpose: str, size: int = 32) -> bytes:
    return hashlib.shake_256(purpose.encode()).digest(size)


def opens_none_of(change: Change, owner: bytes, pk: bytes, seeds: list[bytes]) -> bool:
    for wrap in change.wraps:
        for seed in seeds:
            try:
                generation.open_wrap(wrap, owner, seed, pk)
            except Refusal:
                continue
            return False
    return True


# --- threads ---


@pytest.mark.parametrize("from_epoch", [0, 1, 2, 3])
def test_cp1_4_10_a_newcomer_opens_from_epoch_onwards_and_nothing_before(
    world: Any, thread: Any, from_epoch: int
) -> None:
    anne, late = world.doctor("anne"), world.doctor("late")
    admin = world.member(anne, Role.ADMIN)
    for _ in range(3):
        thread.commit(anne, [admin])
    joined = [admin, world.member(late, Role.SEND, from_epoch)]
    thread.commit(anne, joined)
    thread.commit(late, joined)
    for parent, commit in pairwise([None, *thread.commits]):
        epoch_rules.verify_commit(commit, parent, lambda account: world.states[account], world.tick + 1)
    first = thread.open(3, late)
    assert {*first.earlier, 3} == set(range(from_epoch, 4))
    assert all(secret == thread.tes(number) for number, secret in first.earlier.items())
    assert thread.open(4, late).earlier == {}
    # Neither the newcomer's seed nor the secrets that it was given open another wrap of an earlier epoch.
    for number in range(3):
        for wrap in thread.wraps[number]:
            with pytest.raises(DirectoryError, match="wrap-wrong"):
                epoch_secret.open_wrap(wrap, thread.commits[number], late.class_seed, {})


def test_cp1_2_4_from_now_on_opens_no_event_of_an_earlier_epoch(world: Any, thread: Any) -> None:
    anne, late = world.doctor("anne"), world.doctor("late")
    admin = world.member(anne, Role.ADMIN)
    zero = thread.commit(anne, [admin])
    one = thread.commit(anne, [admin, world.member(late, Role.READ, 1)])
    head, acting_head = world.states[anne.account].head, world.states[anne.mailbox].head
    meta = event.Meta(
        1, anne.mailbox, event.Signer(anne.account, anne.device.id, head), acting_head, (),
        1, bytes(32), 1, bytes(32), 6000,
    )  # fmt: skip

    def sealed(commit: Any, number: int) -> header.SealedEvent:
        raw = event.seal(
            thread=thread.id,
            epoch_id=commit.id,
            tes=thread.tes(number),
            salt=octets("salt"),
            intent=octets("intent", 16),
            meta=meta,
            body=b"avis",
            key=anne.key,
        )
        return header.parse(raw)

    held = thread.open(1, late)
    assert event.decrypt(sealed(one, 1), held.tes).body == b"avis"
    with pytest.raises(DirectoryError, match="tag-wrong"):
        event.decrypt(sealed(zero, 0), held.tes)
    # Evidence: the opened parts are held to the header by the seal, and a body cannot lend octets to its blind.
    opened = event.decrypt(sealed(one, 1), held.tes)
    reopened = event.reopen(opened.event, opened.meta_raw, opened.signature, opened.blind, opened.body)
    assert reopened == opened
    for blind, body in (
        (opened.blind + opened.body[:1], opened.body[1:]),
        (opened.blind[:-1], opened.blind[-1:] + opened.body),
    ):
        with pytest.raises(DirectoryError, match="octets-malformed"):
            event.reopen(opened.event, opened.meta_raw, opened.signature, blind, body)
    with pytest.raises(MessagingError, match="seal-wrong"):
        event.reopen(opened.event, opened.meta_raw, opened.signature, opened.blind, b"autre avis")
    # The same intent sealed again is another event with other octets, and says the same.
    first, again = sealed(zero, 0), sealed(one, 1)
    assert (first.header.intent, first.id == again.id) == (again.header.intent, False)


def test_cp1_4_8_a_removed_member_gets_no_wrap_and_opens_no_later_epoch(world: Any, thread: Any) -> None:
    anne, gone = world.doctor("anne"), world.doctor("gone")
    admin = world.member(anne, Role.ADMIN)
    thread.commit(anne, [admin, world.member(gone, Role.SEND)])
    thread.commit(anne, [admin])
    assert gone.mailbox not in {wrap.account for wrap in thread.wraps[1]}
    for wrap in thread.wraps[1]:
        with pytest.raises(DirectoryError, match="wrap-wrong"):
            epoch_secret.open_wrap(wrap, thread.commits[1], gone.class_seed, {})


def test_cp1_4_10_nobody_gives_an_epoch_that_it_does_not_hold(world: Any, thread: Any) -> None:
    anne, late = world.doctor("anne"), world.doctor("late")
    parent = thread.commit(anne, [world.member(anne, Role.ADMIN)])
    members = [world.member(late, Role.SEND, 0)]
    keys = {late.mailbox: kem.public_key(late.class_seed)}
    with pytest.raises(MessagingError, match="epoch-history-refused"):
        epoch_secret.wraps_for(
            thread=thread.id, parent=parent, tes=octets("tes"), members=members, keys=keys, held={}, epoch=1
        )


# --- account logs ---


def test_cp1_3_5_the_newest_seed_opens_its_segment_and_nothing_else(world: Any) -> None:
    anne = world.doctor("anne")
    seeds = [anne.class_seed, *(octets(f"generation {g}") for g in range(2, 7))]
    for g, seed in enumerate(seeds[1:], start=2):
        author = world.authoring(anne)
        author.rotate_class(anne.mailbox, 1, seed, None if g == 4 else seeds[g - 2], [anne.account])
        world.take(author)
    chain = world.states[anne.mailbox].generations[1]
    assert [made.segment for made in chain] == [1, 1, 1, 4, 4, 4]

    def walk(g: int) -> list[int]:
        seed, opened = seeds[g - 1], [g]
        while chain[g - 1].chain_ct:
            seed = generation.open_chain(seed, anne.mailbox, 1, g, chain[g - 1].chain_ct, chain[g - 2].pk)
            g -= 1
            opened.append(g)
            assert seed == seeds[g - 1]
        return opened

    assert walk(6) == [6, 5, 4]
    assert walk(3) == [3, 2, 1]
    for older in range(1, 6):
        for newer in range(older + 1, 7):
            made = chain[newer - 1]
            if made.chain_ct:
                with pytest.raises(DirectoryError, match="tag-wrong"):
                    generation.open_chain(seeds[older - 1], anne.mailbox, 1, newer, made.chain_ct, chain[newer - 2].pk)


@pytest.mark.parametrize("with_history", [True, False])
def test_cp1_2_4_a_removed_grantee_opens_no_later_generation(world: Any, with_history: bool) -> None:
    anne, sara = world.doctor("anne"), world.doctor("sara")
    author = world.authoring(anne)
    author.rotate_class(anne.mailbox, 0, octets("class 0"), None, [anne.account])
    granted = GrantPayload(sara.account, (1,), Right.READ)
    entry = author.grant(anne.mailbox, granted, octets("blind"), [Seed(1, 1, anne.class_seed)])
    next_seed = octets("next")
    previous = anne.class_seed if with_history else None
    author.rotate_class(anne.mailbox, 1, next_seed, previous, [anne.account], removed=[entry])
    world.take(author)
    grant, rotation = author.changes[-2], author.changes[-1]
    assert isinstance(rotation.entry.payload, RotateAek)
    held = generation.open_wrap(grant.wraps[0], anne.mailbox, sara.aek, kem.public_key(anne.class_seed))
    assert held == anne.class_seed
    pk = rotation.entry.payload.pk
    assert opens_none_of(rotation, anne.mailbox, pk, [sara.aek, sara.kem_seed, sara.class_seed, held])
    assert generation.open_wrap(rotation.wraps[0], anne.mailbox, anne.aek, pk) == next_seed
    if with_history:  # the chain runs backwards only
        with pytest.raises(DirectoryError, match="tag-wrong"):
            generation.open_chain(held, anne.mailbox, 1, 2, rotation.entry.payload.chain_ct, pk)


def test_cp1_2_1_a_removed_device_opens_no_later_generation_of_its_person(world: Any) -> None:
    anne = world.doctor("anne")
    key, kem_seed = SigningKey(octets("lost sign")), octets("lost kem")
    lost = Device(octets("lost id", 16), DeviceKind.BROWSER, key.public, kem.public_key(kem_seed))
    author = world.authoring(anne)
    author.add_device(lost, key, [Seed(0, 1, anne.aek)])
    author.rotate_person(octets("next aek"), anne.aek, removed=[lost.id])
    world.take(author)
    added, rotation = author.changes
    assert isinstance(rotation.entry.payload, RotateAek)
    assert generation.open_wrap(added.wraps[0], anne.account, kem_seed, kem.public_key(anne.aek)) == anne.aek
    assert opens_none_of(rotation, anne.account, rotation.entry.payload.pk, [kem_seed, anne.aek])
    with pytest.raises(DirectoryError, match="device-not-live"):
        world.states[anne.account].device_at(lost.id, world.tick + 1)


def test_cp1_3_10_every_rotation_of_a_withdrawal_counts_as_removing(world: Any) -> None:
    anne, sara = world.doctor("anne"), world.doctor("sara")
    author = world.authoring(anne)
    for class_ in (0, 2):
        author.rotate_class(anne.mailbox, class_, octets(f"class {class_}"), None, [anne.account])
    seeds = [Seed(0, 1, octets("class 0")), Seed(1, 1, anne.class_seed), Seed(2, 1, octets("class 2"))]
    entry = author.grant(anne.mailbox, GrantPayload(sara.account, (0, 1, 2), Right.READ), octets("blind"), seeds)
    for class_ in (0, 1, 2):
        author.rotate_class(
            anne.mailbox, class_, octets(f"next {class_}"), None, [anne.account], removed=[entry] if not class_ else []
        )
    author.rotate_class(anne.mailbox, 1, octets("a plain rotation"), None, [anne.account])
    world.take(author)
    generations = world.states[anne.mailbox].generations
    assert [[made.removing for made in generations[class_]] for class_ in (0, 1, 2)] == [
        [False, True],
        [False, True, False],
        [False, True],
    ]

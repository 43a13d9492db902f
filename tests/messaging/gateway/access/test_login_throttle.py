"""Who tries passwords is slowed down, and nobody else is; the table and the waits are bounded."""

from __future__ import annotations

import pytest

from messaging.errors import MessagingError
from messaging.gateway.access import throttle as room
from messaging.gateway.access.throttle import FORGOTTEN_S, FREE, LONGEST_S, Throttle

ATTACKER, PRACTICE, USER = "203.0.113.9", "192.0.2.7", "durand@example.test"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock, bytes(32))


def wait(throttle: Throttle, peer: str = ATTACKER, user: str = USER) -> int:
    try:
        throttle.admit(peer, user)
    except MessagingError as refused:
        return int(refused.facts["seconds"])
    return 0


def fail(throttle: Throttle, count: int, peer: str = ATTACKER, user: str = USER) -> None:
    for number in range(count):
        throttle.failed(peer, user, f"wrong {number} {len(throttle)} {peer}")


def test_the_first_are_free_then_each_doubles_the_wait_up_to_a_limit(throttle: Throttle, clock: Clock) -> None:
    waits = []
    for number in range(20):
        throttle.failed(ATTACKER, USER, f"wrong {number}")
        waits.append(wait(throttle))
        clock.now += waits[-1]
        assert wait(throttle) == 0
    assert waits[:8] == [0, 0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == LONGEST_S == max(waits)


def test_asking_while_it_waits_makes_it_no_longer(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, FREE + 5)
    before = wait(throttle)
    for _ in range(100):
        wait(throttle)
    clock.now += before - 1
    assert wait(throttle) == 1
    clock.now += 1
    assert wait(throttle) == 0


def test_the_refusal_says_how_long(throttle: Throttle) -> None:
    fail(throttle, FREE + 2)
    with pytest.raises(MessagingError) as refused:
        throttle.admit(ATTACKER, USER)
    assert (refused.value.id, refused.value.facts) == ("mail-login-throttled", {"seconds": 4})


def test_an_hour_later_all_is_forgotten(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, FREE + 5)
    clock.now += FORGOTTEN_S + 1
    fail(throttle, 1)
    assert wait(throttle) == 0


def test_an_attacker_elsewhere_shuts_nobody_out(throttle: Throttle) -> None:
    fail(throttle, 50)
    assert wait(throttle) > 0
    assert wait(throttle, PRACTICE) == 0


def test_many_attackers_are_slowed_down_together_and_not_who_is_known_there(throttle: Throttle) -> None:
    throttle.succeeded(PRACTICE, USER)
    for number in range(50):
        fail(throttle, 1, f"203.0.113.{number}")
    assert wait(throttle, "203.0.113.1") > 0
    throttle.failed(PRACTICE, USER, "a slip")
    assert wait(throttle, PRACTICE) == 0
    assert wait(throttle, "203.0.113.1", "martin@example.test") == 0


def test_an_old_password_again_and_again_shuts_out_no_other_program_of_that_machine(throttle: Throttle) -> None:
    for _ in range(1_000):
        throttle.failed(PRACTICE, USER, "the old one")
        throttle.failed(PRACTICE, USER, "that of the telephone")
    assert wait(throttle, PRACTICE) == 0
    fail(throttle, FREE, PRACTICE)
    assert wait(throttle, PRACTICE) > 0


def test_the_right_password_begins_anew(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, FREE)
    clock.now += 1
    throttle.succeeded(ATTACKER, USER)
    fail(throttle, FREE - 1)
    assert wait(throttle) == 0


def test_ten_thousand_wrong_logins_under_other_names_grow_nothing(throttle: Throttle) -> None:
    for number in range(10_000):
        throttle.failed(ATTACKER, f"nobody{number}" + "x" * 10_000, "a")
        throttle.succeeded(f"198.51.100.{number % 250}", f"user{number}")
    assert len(throttle) <= 3 * room.MOST
    assert wait(throttle, ATTACKER, "nobody at all") == LONGEST_S
    longest = max(len(name) for name in throttle._users)
    assert longest <= 320


def test_the_longest_ago_is_forgotten_first(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 10)
    fail(throttle, FREE)
    for number in range(10):
        fail(throttle, 1, f"198.51.100.{number}", f"user{number}")
        fail(throttle, 1)
    assert wait(throttle) > 0


@pytest.mark.parametrize("back", [1.0, 500.0, 1e9])
def test_a_clock_that_jumps_back_locks_nobody_out(throttle: Throttle, clock: Clock, back: float) -> None:
    fail(throttle, FREE + 2)
    clock.now -= back
    longest = wait(throttle)
    assert 0 < longest <= 4
    clock.now += longest
    assert wait(throttle) == 0


def test_a_network_of_ipv6_addresses_is_one_place(throttle: Throttle) -> None:
    for number in range(FREE):
        fail(throttle, 1, f"2001:db8:1:2::{number:x}")
    assert wait(throttle, "2001:db8:1:2:ffff::1") > 0
    assert wait(throttle, "2001:db8:1:3::1") == 0
    fail(throttle, FREE, "::ffff:198.51.100.1")
    assert wait(throttle, "198.51.100.1") > 0
    fail(throttle, FREE, "fe80::1%eth0")
    assert wait(throttle, "fe80::2") > 0


def test_a_peer_without_an_address_is_a_place_too(throttle: Throttle) -> None:
    fail(throttle, FREE, "")
    assert wait(throttle, "") > 0
    assert wait(throttle, "unix") == 0


def test_no_password_is_held(throttle: Throttle) -> None:
    throttle.failed(ATTACKER, USER, "correct horse")
    assert "correct horse" not in repr([throttle._peers, throttle._users])

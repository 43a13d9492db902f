"""CP1-5.5: what waits in the outbox leaves in its order, as much together as may be written in one transaction."""

from messaging.client.dispatch import _TOGETHER, _rounds
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import EventType
from messaging.wire import limits


def _waiting(*threads: int) -> list[Outgoing]:
    return [
        Outgoing(number.to_bytes(16, "big"), thread.to_bytes(16, "big"), 1, bytes(16), EventType.MESSAGE, b"")
        for number, thread in enumerate(threads)
    ]


def _flat(rounds: list[list[list[Outgoing]]]) -> list[Outgoing]:
    return [outgoing for parts in rounds for part in parts for outgoing in part]


def test_threads_leave_together_in_their_order() -> None:
    waiting = _waiting(*range(2 * _TOGETHER + 1))
    rounds = list(_rounds(waiting))
    assert [len(parts) for parts in rounds] == [_TOGETHER, _TOGETHER, 1]
    assert _flat(rounds) == waiting


def test_a_thread_that_comes_again_waits_for_its_first_events_to_be_kept() -> None:
    waiting = _waiting(1, 2, 1)
    rounds = list(_rounds(waiting))
    assert [len(parts) for parts in rounds] == [2, 1]
    assert _flat(rounds) == waiting


def test_a_submission_holds_no_more_events_than_the_service_takes() -> None:
    waiting = _waiting(*[1] * (limits.MAX_EVENTS_IN_SUBMISSION + 1))
    rounds = list(_rounds(waiting))
    assert [[len(part) for part in parts] for parts in rounds] == [[limits.MAX_EVENTS_IN_SUBMISSION], [1]]
    assert _flat(rounds) == waiting


def test_nothing_waits() -> None:
    assert list(_rounds([])) == []

"""A reader's place: an item is in a page, or waits live, or both, and is handed over exactly once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.mailbox import cursor as cursor_room
from messaging.mailbox.cursor import FeedCursor

PAGE = 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["commit", "page"]), max_size=60), st.integers(0, 5), st.integers(1, 4))
def test_any_order_of_commits_and_pages_hands_over_each_item_once(steps: list[str], start: int, waiting: int) -> None:
    before, cursor_room.WAITING = cursor_room.WAITING, waiting
    try:
        stored = list(range(1, 8))
        reader = FeedCursor(start)
        handed: list[int] = []
        for step in [*steps, *["page"] * 40]:
            if step == "commit":
                stored.append(stored[-1] + 1)
                if reader.offer(stored[-1], bytes([stored[-1]])):
                    handed.append(stored[-1])
            elif not reader.live:
                found = [tick for tick in stored if tick > reader.position]
                page = found[:PAGE]
                handed += page
                reader.paged(page[-1] if page else reader.position)
                if len(found) <= PAGE:
                    handed += [frame[0] for frame in reader.caught_up() or ()]
        assert reader.live
        assert handed == [tick for tick in stored if tick > start]
    finally:
        cursor_room.WAITING = before

"""CONDSTORE and QRESYNC (RFC 7162)."""

from __future__ import annotations

import pytest

from tests.messaging.gateway.imap.imap_world import MAIL, Raw, World

pytestmark = pytest.mark.asyncio


async def resyncing(imap: World, mails: int = 5) -> Raw:
    for _ in range(mails):
        imap.store.put("INBOX", MAIL)  # UID n has MODSEQ n + 1
    raw = await imap.client()
    assert await raw.ok("ENABLE QRESYNC X-OTHER") == [b"* ENABLED QRESYNC"]
    return raw


async def test_3_1_3_store_unchangedsince(imap: World) -> None:
    raw = await resyncing(imap, 3)
    await raw.ok("SELECT INBOX")
    *told, last = await raw.ask("UID STORE 1:3 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Seen)")
    assert told == [
        *(b"* 1 FETCH (UID 1 MODSEQ (5))", b"* 2 FETCH (UID 2 MODSEQ (5))"),
        b"* 3 FETCH (UID 3 FLAGS () MODSEQ (4))",  # what it is instead of what was asked
    ]
    assert last.startswith(b"OK [MODIFIED 3]")
    *_, last = await raw.ask("STORE 2:3 (UNCHANGEDSINCE 4) -FLAGS (\\Seen)")
    assert last.startswith(b"OK [MODIFIED 2]")


async def test_3_1_4_fetch_changedsince_and_3_2_6_vanished(imap: World) -> None:
    raw = await resyncing(imap)
    imap.store.remove("INBOX", 2, 3)
    await raw.ok("SELECT INBOX")
    assert await raw.ok("FETCH 1:* (FLAGS) (CHANGEDSINCE 5)") == [b"* 3 FETCH (FLAGS () MODSEQ (6))"]
    assert await raw.ok("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)") == [
        b"* VANISHED (EARLIER) 2:3",
        b"* 3 FETCH (UID 5 FLAGS () MODSEQ (6))",
    ]
    assert (await raw.refused("FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)")).startswith(b"BAD")
    imap.store.remove("INBOX", 5)  # the last one: `*` must still reach it
    await raw.ok("NOOP")
    assert await raw.ok("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 7 VANISHED)") == [b"* VANISHED (EARLIER) 5"]


async def test_3_2_5_select_tells_what_was_missed(imap: World) -> None:
    raw = await resyncing(imap)
    imap.store.remove("INBOX", 2)
    imap.store.put("INBOX", MAIL)
    told = await raw.ok("SELECT INBOX (QRESYNC (101 6 1:5))")
    assert told[-1] == b"* VANISHED (EARLIER) 2"
    told = await raw.ok("SELECT INBOX (QRESYNC (101 6))")
    assert told[0].startswith(b"* OK [CLOSED]")
    assert told[-2:] == [b"* VANISHED (EARLIER) 2", b"* 5 FETCH (UID 6 FLAGS () MODSEQ (8))"]
    told = await raw.ok("SELECT INBOX (QRESYNC (101 6 1,3:6 (1,2 1,3)))")
    assert told[-1] == b"* 5 FETCH (UID 6 FLAGS () MODSEQ (8))"
    assert b"HIGHESTMODSEQ" in (await raw.ok("SELECT INBOX (QRESYNC (99 6))"))[-1]
    for wrong in ("(QRESYNC)", "(QRESYNC (1))", "(QRESYNC (1 x))", "(NOTHING)", "(QRESYNC (1 2 3 (4)))"):
        assert (await raw.refused(f"SELECT INBOX {wrong}")).startswith(b"BAD")


async def test_3_2_10_vanished_instead_of_expunge(imap: World) -> None:
    raw = await resyncing(imap)
    await raw.ok("SELECT INBOX")
    imap.store.remove("INBOX", 1, 4)
    assert await raw.ok("NOOP") == [b"* VANISHED 1,4"]
    await raw.ok("STORE 1:2 +FLAGS.SILENT (\\Deleted)")
    *told, last = await raw.ask("EXPUNGE")
    assert told == [b"* VANISHED 2:3"]
    assert last.startswith(b"OK [HIGHESTMODSEQ 9]")


async def test_3_2_5_qresync_is_enabled_first(imap: World) -> None:
    raw = await imap.client()
    assert (await raw.refused("SELECT INBOX (QRESYNC (101 6))")).startswith(b"BAD")


async def test_3_1_changes_are_told_with_their_mod_sequence(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw, other = await imap.client(), await imap.client("INBOX")
    await raw.ok("SELECT INBOX (CONDSTORE)")
    await other.ok("STORE 1 +FLAGS (\\Seen)")
    assert await raw.ok("NOOP") == [b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (3))"]
    assert await other.ok("NOOP") == []

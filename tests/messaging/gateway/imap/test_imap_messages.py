"""APPEND, STORE, COPY, MOVE, EXPUNGE (RFC 3501, UIDPLUS, MOVE), and what other sessions are told and when."""

from __future__ import annotations

import asyncio

import pytest

from messaging.gateway.imap.limits import Limits
from tests.messaging.gateway.imap.imap_world import MAIL, World, world

pytestmark = pytest.mark.asyncio


def flags_of(imap: World, folder: str = "INBOX") -> list[set[str]]:
    return [set(mail.flags) for mail in imap.store.all[folder].mails]


async def test_rfc_3501_6_3_11_append_with_both_kinds_of_literals(imap: World) -> None:
    raw = await imap.client("INBOX")
    await raw.send(b'a APPEND INBOX (\\Seen $Label1) "01-Feb-2026 10:00:00 +0100" {%d}\r\n' % len(MAIL))
    assert (await raw.line()).startswith(b"+ ")
    await raw.send(MAIL + b"\r\n")
    assert await raw.until(b"a") == [
        b"* 1 EXISTS",
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label1)",
        b"a OK [APPENDUID 101 1] stored",
    ]
    await raw.ok(b"APPEND Sent {%d+}\r\n" % len(MAIL) + MAIL)
    assert await raw.ok("FETCH 1 (INTERNALDATE FLAGS)") == [
        b'* 1 FETCH (INTERNALDATE " 1-Feb-2026 09:00:00 +0000" FLAGS (\\Seen $Label1))'
    ]
    assert (await raw.refused(b"APPEND nowhere {1+}\r\nx")).startswith(b"NO [TRYCREATE]")
    assert (await raw.refused(b"APPEND INBOX {0+}\r\n")).startswith(b"NO")
    assert (await raw.refused(b"APPEND INBOX {3+}\r\na\0b")).startswith(b"BAD")
    assert (await raw.refused(b"APPEND INBOX (\\Recent) {1+}\r\nx")).startswith(b"BAD")
    for date in (b"31-Feb-2026 10:00:00 +0100", b" 1-Jan-0001 00:00:00 +1400", b" 1-Jan-2026 25:00:00 +0000"):
        assert (await raw.refused(b'APPEND INBOX "' + date + b'" {1+}\r\nx')).startswith(b"BAD")


async def test_rfc_7889_a_message_that_is_too_large(imap: World) -> None:
    async with world(Limits(message=100)) as small:
        raw = await small.client()
        assert b"APPENDLIMIT=100" in (await raw.ok("CAPABILITY"))[0]
        assert (await raw.refused(b"APPEND INBOX {101}")).startswith(b"NO [TOOBIG]")
        await raw.ok(b"APPEND INBOX {100+}\r\n" + b"x" * 100)
        await raw.send(b"a APPEND INBOX {101+}\r\n" + b"x" * 101 + b"\r\n")
        assert (await raw.line()).startswith(b"a NO [TOOBIG]")
        assert (await raw.line()).startswith(b"* BYE")


async def test_rfc_3501_6_4_6_store(imap: World) -> None:
    for _ in range(3):
        imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    assert await raw.ok("STORE 1:2 +FLAGS (\\seen $Work)") == [
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)",
        b"* 1 FETCH (UID 1 FLAGS (\\Seen $Work))",
        b"* 2 FETCH (UID 2 FLAGS (\\Seen $Work))",
    ]
    assert await raw.ok("STORE 2 -FLAGS.SILENT \\Seen") == []
    assert await raw.ok("UID STORE 3,99 FLAGS \\Draft \\Flagged") == [b"* 3 FETCH (UID 3 FLAGS (\\Flagged \\Draft))"]
    assert flags_of(imap) == [{"\\Seen", "$Work"}, {"$Work"}, {"\\Draft", "\\Flagged"}]
    assert await raw.ok("STORE 1 FLAGS ()") == [b"* 1 FETCH (UID 1 FLAGS ())"]
    for command in (
        "STORE 9 +FLAGS (\\Seen)",
        "STORE 1 +FLAGS (\\Odd)",
        "STORE 1 FLAG x",
        "STORE 0 FLAGS ()",
        "STORE 1",
    ):
        assert (await raw.refused(command)).startswith(b"BAD")


async def test_silence_is_broken_where_somebody_else_changed_flags_too(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw, other = await imap.client("INBOX"), await imap.client("INBOX")
    await other.ok("STORE 1 +FLAGS.SILENT ($Other)")
    assert b"* 1 FETCH (UID 1 FLAGS (\\Seen $Other))" in await raw.ok("STORE 1 +FLAGS.SILENT (\\Seen)")


async def test_rfc_4315_copyuid_and_rfc_6851_move(imap: World) -> None:
    for _ in range(4):
        imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    assert (await raw.ask("COPY 1:2,4 Sent"))[-1] == b"OK [COPYUID 103 1:2,4 1:3] copied"
    assert (await raw.ask("UID COPY 99 Sent"))[-1] == b"OK copied"
    assert await raw.ask("UID MOVE 2:3 Trash") == [
        *(b"* OK [COPYUID 104 2:3 1:2] moved", b"* 3 EXPUNGE", b"* 2 EXPUNGE", b"OK moved"),
    ]
    assert (await raw.refused("COPY 1 nowhere")).startswith(b"NO [TRYCREATE]")
    assert (await raw.refused("MOVE 1 nowhere")).startswith(b"NO [TRYCREATE]")
    assert [mail.uid for mail in imap.store.all["INBOX"].mails] == [1, 4]


async def test_rfc_3501_6_4_3_expunge_and_rfc_4315_uid_expunge(imap: World) -> None:
    for _ in range(5):
        imap.store.put("INBOX", MAIL, ["\\Deleted"])
    raw = await imap.client("INBOX")
    await raw.ok("STORE 1 -FLAGS.SILENT (\\Deleted)")
    assert await raw.ok("UID EXPUNGE 1:2,5") == [b"* 5 EXPUNGE", b"* 2 EXPUNGE"]
    assert await raw.ok("EXPUNGE") == [b"* 3 EXPUNGE", b"* 2 EXPUNGE"]
    await raw.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
    await raw.ok("UNSELECT")
    assert len(imap.store.all["INBOX"].mails) == 1
    await raw.ok("SELECT INBOX")
    assert await raw.ok("CLOSE") == []
    assert not imap.store.all["INBOX"].mails


async def test_rfc_3501_7_4_1_numbers_stay_while_they_are_used(imap: World) -> None:
    for _ in range(3):
        imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    imap.store.remove("INBOX", 2)
    assert await raw.ok("SEARCH ALL") == [b"* SEARCH 1 2 3"]
    assert await raw.ok("FETCH 3 UID") == [b"* 3 FETCH (UID 3)"]
    assert await raw.ok("STORE 3 +FLAGS.SILENT (\\Seen)") == []
    assert (await raw.ask("FETCH 1:3 BODY.PEEK[TEXT]"))[-1].startswith(b"NO [EXPUNGEISSUED]")
    assert (await raw.ask("STORE 2 +FLAGS (\\Seen)"))[-1].startswith(b"NO [EXPUNGEISSUED]")
    assert await raw.ok("NOOP") == [b"* 2 EXPUNGE"]
    assert await raw.ok("FETCH 2 UID") == [b"* 2 FETCH (UID 3)"]


async def test_rfc_3501_5_2_others_learn_of_arrivals_flags_and_keywords(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw, other = await imap.client("INBOX"), await imap.client("INBOX")
    await other.ok("STORE 1 +FLAGS (\\Flagged $New)")
    imap.store.put("INBOX", MAIL)
    assert await raw.ok("NOOP") == [
        b"* 2 EXISTS",
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $New)",
        b"* 1 FETCH (UID 1 FLAGS (\\Flagged $New))",
    ]
    assert await raw.ok("NOOP") == []


async def test_a_message_that_comes_while_another_has_gone_unsaid_keeps_its_place(imap: World) -> None:
    for _ in range(2):
        imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    imap.store.remove("INBOX", 1)
    imap.store.put("INBOX", MAIL)
    assert await raw.ok("FETCH 2 UID") == [b"* 2 FETCH (UID 2)", b"* 3 EXISTS"]
    assert await raw.ok("FETCH 3 UID") == [b"* 3 FETCH (UID 3)"]
    assert await raw.ok("NOOP") == [b"* 1 EXPUNGE"]
    assert await raw.ok("FETCH 1:* UID") == [b"* 1 FETCH (UID 2)", b"* 2 FETCH (UID 3)"]


async def test_a_folder_that_is_deleted_or_replaced_ends_the_session(imap: World) -> None:
    await imap.store.create("Dossier")
    raw, other = await imap.client("Dossier"), await imap.client("Dossier")
    await other.ok("DELETE Dossier")
    assert (await raw.ask("NOOP"))[0].startswith(b"* BYE")
    await other.ok("CREATE Dossier")
    raw = await imap.client("Dossier")
    await other.ok("DELETE Dossier")
    await other.ok("CREATE Dossier")
    assert (await raw.ask("NOOP"))[0].startswith(b"* BYE")


async def test_rfc_2177_idle_pushes_at_once(imap: World) -> None:
    raw = await imap.client("INBOX")
    await raw.send(b"a IDLE\r\n")
    assert (await raw.line()).startswith(b"+ ")
    imap.store.put("Sent", MAIL)
    imap.store.put("INBOX", MAIL)
    assert await raw.line() == b"* 1 EXISTS"
    other = await imap.client("INBOX")
    await other.ok("STORE 1 +FLAGS (\\Deleted)")
    assert await raw.line() == b"* 1 FETCH (UID 1 FLAGS (\\Deleted))"
    await other.ok("EXPUNGE")
    assert await raw.line() == b"* 1 EXPUNGE"
    await raw.send(b"done\r\n")
    assert await raw.line() == b"a OK done"
    await raw.send(b"b IDLE\r\n")
    await raw.line()
    await raw.send(b"c NOOP\r\n")
    assert (await raw.line()).startswith(b"b BAD")
    assert imap.store.listeners == []


async def test_a_client_that_leaves_while_idling_is_forgotten(imap: World) -> None:
    raw = await imap.client("INBOX")
    await raw.send(b"a IDLE\r\n")
    await raw.line()
    assert len(imap.store.listeners) == 1
    raw.writer.transport.abort()
    async with asyncio.timeout(5):
        while imap.store.listeners:
            await asyncio.sleep(0)

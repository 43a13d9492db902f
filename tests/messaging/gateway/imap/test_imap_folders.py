"""Folders over IMAP: RFC 3501 section 6.3, LIST-EXTENDED, SPECIAL-USE, LIST-STATUS, and names on the wire."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.gateway.imap.grammar import Malformed
from messaging.gateway.imap.mailbox_names import Pattern, decoded, encoded
from tests.messaging.gateway.imap.imap_world import MAIL, World

RECUS = "Adressages/Re&AOc-us"


@pytest.mark.asyncio
async def test_rfc_6154_list_with_special_use_and_the_level_above(imap: World) -> None:
    raw = await imap.client()
    assert await raw.ok('LIST "" *') == [
        b'* LIST (\\HasNoChildren) "/" "INBOX"',
        b'* LIST (\\HasNoChildren \\Drafts) "/" "Drafts"',
        b'* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
        b'* LIST (\\HasNoChildren \\Trash) "/" "Trash"',
        b'* LIST (\\Noselect \\HasChildren) "/" "Adressages"',
        b'* LIST (\\HasNoChildren) "/" "Adressages/Re&AOc-us"',
    ]
    assert await raw.ok('LIST "" ""') == [b'* LIST (\\Noselect) "/" ""']
    assert await raw.ok('LIST "" inbox') == [b'* LIST (\\HasNoChildren) "/" "INBOX"']
    assert len(await raw.ok("LIST Adressages/ %")) == 1
    assert await raw.ok("LIST nowhere/ *") == []


@pytest.mark.asyncio
async def test_rfc_5258_options_and_rfc_5819_status(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client()
    await raw.ok("UNSUBSCRIBE Trash")
    listed = await raw.ok('LIST "" (INBOX Trash) RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))')
    assert listed == [
        b'* LIST (\\HasNoChildren \\Subscribed) "/" "INBOX"',
        b'* STATUS "INBOX" (MESSAGES 1 UNSEEN 1)',
        b'* LIST (\\HasNoChildren \\Trash) "/" "Trash"',
        b'* STATUS "Trash" (MESSAGES 0 UNSEEN 0)',
    ]
    assert b"Trash" not in b"".join(await raw.ok('LIST (SUBSCRIBED) "" *'))
    assert len(await raw.ok('LIST (SPECIAL-USE) "" *')) == 3
    below = await raw.ok('LIST (SUBSCRIBED RECURSIVEMATCH) "" %')
    assert b'* LIST (\\NonExistent \\HasChildren) "/" "Adressages" (CHILDINFO ("SUBSCRIBED"))' in below
    assert (await raw.refused('LIST (RECURSIVEMATCH) "" *')).startswith(b"BAD")


@pytest.mark.asyncio
async def test_rfc_3501_6_3_9_lsub(imap: World) -> None:
    raw = await imap.client()
    await raw.ok("UNSUBSCRIBE Drafts")
    assert b"Drafts" not in b"".join(await raw.ok('LSUB "" *'))
    assert b'* LSUB (\\Noselect) "/" "Adressages"' in await raw.ok('LSUB "" %')


@pytest.mark.asyncio
async def test_rfc_3501_6_3_7_unsubscribe_after_delete(imap: World) -> None:
    """Mail programs do it in this order."""
    raw = await imap.client()
    for command in ("CREATE Tri", "DELETE Tri", "UNSUBSCRIBE Tri", "UNSUBSCRIBE inbox"):
        await raw.ok(command)
    assert b"INBOX" not in b"".join(await raw.ok('LSUB "" *'))
    assert (await raw.refused("SUBSCRIBE Tri")).startswith(b"NO [NONEXISTENT]")


@pytest.mark.asyncio
async def test_folders_are_made_renamed_and_deleted(imap: World) -> None:
    raw = await imap.client()
    await raw.ok("CREATE Dossiers/")
    await raw.ok("CREATE {12+}\r\nDossiers/x y")
    await raw.ok('RENAME "Dossiers/x y" Dossiers/z')
    await raw.ok("SELECT Dossiers/z")
    await raw.ok("DELETE Dossiers/z")
    assert (await raw.refused("FETCH 1 FLAGS")).startswith(b"BAD open a folder")
    assert set(imap.store.all) >= {"Dossiers"}
    for command, code in (
        ("CREATE Dossiers", b"ALREADYEXISTS"),
        ("DELETE INBOX", b"CANNOT"),
        ("RENAME INBOX x", b"CANNOT"),
        ("SELECT nothing", b"NONEXISTENT"),
        ("STATUS nothing (MESSAGES)", b"NONEXISTENT"),
        ("SUBSCRIBE nothing", b"NONEXISTENT"),
    ):
        assert (await raw.refused(command)).startswith(b"NO [" + code)


@pytest.mark.asyncio
async def test_rfc_3501_6_3_10_status(imap: World) -> None:
    imap.store.put("INBOX", MAIL, ["\\Seen"])
    raw = await imap.client()
    (said,) = await raw.ok("STATUS InBoX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)")
    assert said == (
        b'* STATUS "INBOX" (MESSAGES 1 RECENT 0 UIDNEXT 2 UIDVALIDITY 101 UNSEEN 0 HIGHESTMODSEQ 2 SIZE %d)' % len(MAIL)
    )


@pytest.mark.asyncio
async def test_rfc_3501_6_3_1_select_and_6_3_2_examine(imap: World) -> None:
    imap.store.put("INBOX", MAIL, ["\\Seen", "$Label1"])
    imap.store.put("INBOX", MAIL)
    raw = await imap.client()
    said = await raw.ok("SELECT INBOX")
    assert [line.split(b"] ")[0] for line in said] == [
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label1)",
        b"* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label1 \\*)",
        *(b"* 2 EXISTS", b"* 0 RECENT", b"* OK [UNSEEN 2", b"* OK [UIDVALIDITY 101", b"* OK [UIDNEXT 3"),
        b"* OK [HIGHESTMODSEQ 3",
    ]
    await raw.ok("EXAMINE INBOX")
    for command in ("STORE 1 +FLAGS (\\Deleted)", "EXPUNGE", "MOVE 1 Trash"):
        assert (await raw.refused(command)).startswith(b"NO [READ-ONLY]")
    await raw.ok("FETCH 2 BODY[]")
    assert imap.store.all["INBOX"].mails[1].flags == frozenset()
    await raw.refused("SELECT nothing")
    assert (await raw.refused("CHECK")).startswith(b"BAD")  # the folder before is closed all the same


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Re&AOc", "&AGE-", "&", "&&-", "a\xe9", "&2AA-", "Re&AOc-&AOc-us", "&!-", "&AOcA-"])
async def test_rfc_3501_5_1_3_invalid_utf_7_is_refused(imap: World, name: str) -> None:
    raw = await imap.client()
    assert (await raw.refused(b'CREATE "' + name.encode("latin-1") + b'"')).startswith(b"BAD")
    assert (await raw.refused(b'LIST "" "' + name.encode("latin-1") + b'"')).startswith(b"BAD")


@given(st.text())
def test_every_name_goes_over_the_wire_and_back(name: str) -> None:
    try:
        wire = encoded(name)
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    if all((character >= " " and character != "\x7f") or ord(character) > 127 for character in name):
        assert decoded(wire) == ("INBOX" if name.upper() == "INBOX" else name)


@given(st.binary())
def test_any_octets_are_a_name_or_refused(wire: bytes) -> None:
    try:
        name = decoded(wire)
    except Malformed:
        return
    assert name == "INBOX" or encoded(name) == wire


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        *(("*", "a/b/c", True), ("%", "a", True), ("%", "a/b", False), ("a/%", "a/b", True), ("a*c", "a/b/c", True)),
        *(("%/%", "a/b", True), ("", "a", False), ("a%", "a", True), ("*b*", "abc", True), ("%%b", "a/b", False)),
        *(("inbox", "INBOX", True), ("&AOk-*", "été", True), ("a", "ab", False), ("*%", "", True)),
    ],
)
def test_rfc_3501_6_3_8_wildcards(pattern: str, name: str, expected: bool) -> None:
    assert Pattern(b"", pattern.encode()).matches(name) is expected


def test_attack_wildcards_cost_time_in_proportion() -> None:
    began = time.process_time()
    assert not Pattern(b"", b"*a%" * 80 + b"b").matches("a" * 500)
    assert time.process_time() - began < 2
    with pytest.raises(Malformed):
        Pattern(b"", b"*" * 10_000)

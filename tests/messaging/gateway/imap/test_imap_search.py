"""SEARCH (RFC 3501 section 6.4.4), ESEARCH (RFC 4731): every key, and searches that are too much."""

from __future__ import annotations

import pytest

from tests.messaging.gateway.imap.imap_world import MAIL, Raw, World

pytestmark = pytest.mark.asyncio

PLAIN = (
    b"From: B <b@hopital.example>\r\nTo: c@cabinet.example\r\nCc: d@labo.test\r\nSubject: Contr\xf4le\r\n"
    b"Date: Mon, 2 Mar 2026 23:30:00 -0800\r\n\r\nGlyc\xe9mie normale\r\n"
)
MARCH_4 = 1_772_582_400_000


async def opened(imap: World) -> Raw:
    imap.store.put("INBOX", MAIL, ["\\Seen", "$Label1"])
    imap.store.put("INBOX", PLAIN, ["\\Flagged"], MARCH_4)
    imap.store.put("INBOX", b"no header", ["\\Deleted", "\\Draft", "\\Answered"], MARCH_4 + 86_400_000)
    imap.store.remove("INBOX", 3)
    imap.store.put("INBOX", b"", ["\\Deleted", "\\Draft", "\\Answered"], MARCH_4 + 86_400_000)
    return await imap.client("INBOX")  # UIDs 1, 2 and 4


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        *(("ALL", "1 2 3"), ("SEEN", "1"), ("UNSEEN", "2 3"), ("FLAGGED", "2"), ("UNFLAGGED", "1 3"), ("DELETED", "3")),
        *(("UNDELETED", "1 2"), ("DRAFT", "3"), ("UNDRAFT", "1 2"), ("ANSWERED", "3"), ("UNANSWERED", "1 2")),
        *(("KEYWORD $label1", "1"), ("UNKEYWORD $Label1", "2 3"), ("NEW", ""), ("OLD", "1 2 3"), ("RECENT", "")),
        *(("2:*", "2 3"), ("*", "3"), ("UID 4", "3"), ("UID 2:3", "2"), ("UID 900:*", "3"), ("1,3 UNSEEN", "3")),
        *(("FROM labo", "1"), ("TO CABINET", "1 2"), ("CC labo", "2"), ("BCC x", ""), ("SUBJECT contr", "2")),
        *(("HEADER Message-ID <1@labo.test>", "1"), ('HEADER References ""', "1"), ('HEADER X-None ""', "")),
        *(
            ("BODY normale", "2"),
            ("TEXT labo", "1 2"),
            ("BODY labo", ""),
            ("TEXT glyc", "1 2"),
            ("BODY {3+}\r\n7,2", "1"),
        ),
        *(("LARGER 0", "1 2"), ("SMALLER 1", "3"), ("LARGER 300", "1"), ("MODSEQ 4", "3")),
        *(("BEFORE 4-Mar-2026", "1"), ("ON 4-Mar-2026", "2"), ('SINCE "04-mar-2026"', "2 3")),
        *(("SENTON 2-Mar-2026", "2"), ("SENTBEFORE 2-Mar-2026", "1"), ("SENTSINCE 1-Jan-2026", "1 2")),
        *(("NOT SEEN", "2 3"), ("OR SEEN FLAGGED", "1 2"), ("(UNSEEN FLAGGED)", "2"), ("NOT (SEEN)", "2 3")),
        *(("OR FROM labo BODY normale", "1 2"), ("NOT BODY normale", "1 3"), ("FROM labo BODY normale", "")),
        *(("FROM hopital TEXT normale", "2"), ("OR NOT SEEN (FROM labo BODY 7,2)", "1 2 3"), ("NOT NOT ALL", "1 2 3")),
    ],
)
async def test_rfc_3501_6_4_4_keys(imap: World, keys: str, found: str) -> None:
    raw = await opened(imap)
    (line,) = await raw.ok(f"SEARCH {keys}")
    said = line.removeprefix(b"* SEARCH").partition(b" (MODSEQ")[0].decode().split()
    assert said == found.split()


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("SUBJECT {8+}\r\n" + "Contrôl", "2"),
        ('SUBJECT "RÉSULTATS"', "1"),
        ('BODY "GLYCÉMIE"', "1 2"),
        ('TEXT "é"', "1 2"),
    ],
)
async def test_charset_utf_8_without_case(imap: World, keys: str, found: str) -> None:
    raw = await opened(imap)
    (line,) = await raw.ok(f"SEARCH CHARSET UTF-8 {keys}".encode())
    assert line.decode().split()[2:] == found.split()


async def test_rfc_3501_6_4_4_other_charsets(imap: World) -> None:
    raw = await opened(imap)
    assert (await raw.refused("SEARCH CHARSET KOI8-R ALL")).startswith(b"NO [BADCHARSET (US-ASCII UTF-8)]")
    assert (await raw.refused(b'SEARCH CHARSET UTF-8 BODY "\xe9"')).startswith(b"BAD")


async def test_rfc_4731_esearch(imap: World) -> None:
    raw = await opened(imap)
    assert await raw.ok("SEARCH RETURN (MIN MAX COUNT ALL) ALL") == [
        b'* ESEARCH (TAG "T2") MIN 1 MAX 3 ALL 1:3 COUNT 3'.replace(b"T2", b"T%d" % raw.tags)
    ]
    assert (await raw.ok("UID SEARCH RETURN () 1,3"))[0].endswith(b" UID ALL 1,4")
    assert (await raw.ok("UID SEARCH RETURN (COUNT MIN) BCC x"))[0].endswith(b" UID COUNT 0")
    assert (await raw.ok("SEARCH RETURN (COUNT) MODSEQ 1"))[0].endswith(b" COUNT 3 MODSEQ 6")
    assert (await raw.refused("SEARCH RETURN (FIRST) ALL")).startswith(b"BAD")


async def test_a_search_reads_no_more_than_it_needs(imap: World) -> None:
    raw = await opened(imap)
    await raw.ok("SEARCH UNSEEN SINCE 1-Jan-2026 LARGER 2")
    assert imap.store.described_reads == 0
    await raw.ok("SEARCH SEEN SUBJECT x")
    assert imap.store.described_reads == 1


@pytest.mark.parametrize(
    "keys",
    [
        *(
            "",
            "()",
            "NOTHING",
            "OR SEEN",
            "NOT",
            "FROM",
            "BEFORE yesterday",
            "ON 31-Feb-2026",
            "LARGER x",
            "UID x",
            "9",
        ),
        *(
            "(SEEN",
            "SEEN)",
            "HEADER a",
            "KEYWORD (",
            "MODSEQ",
            "SENTON",
            "UID 0",
            "1:0",
            "SEEN  SEEN",
            "RETURN ALL ALL",
        ),
        *("NOT " * 60 + "ALL", "(" * 60 + "ALL" + ")" * 60, "OR " * 60 + "ALL " * 61, " ".join(["SEEN"] * 1_001)),
        *(" ".join(["BODY x"] * 51), "BODY " + "x" * 5_000, "99999999999999999999", "LARGER 99999999999999999999"),
    ],
)
async def test_what_is_no_search_or_too_much_of_one(imap: World, keys: str) -> None:
    raw = await opened(imap)
    assert (await raw.refused(f"SEARCH {keys}")).startswith(b"BAD")
    await raw.ok("NOOP")

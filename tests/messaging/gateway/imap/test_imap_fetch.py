"""FETCH (RFC 3501 section 6.4.5): every item and section, in the octets that came, and what it costs."""

from __future__ import annotations

import re

import pytest

from messaging.gateway.imap.fetch import Opened
from messaging.gateway.imap.grammar import Scanner
from messaging.gateway.imap.sections import read as read_section
from messaging.gateway.mail import parts
from tests.messaging.gateway.corpus import messages
from tests.messaging.gateway.imap.imap_world import MAIL, World
from tests.messaging.gateway.imap.wire_values import Value, check_body, check_envelope, first

_NAME = re.compile(rb"([A-Z0-9.]+(?:\[[^\]]*\])?(?:<\d+>)?) ")

FORWARDED = (
    b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
    b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + MAIL + b"\r\n"
    b"--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: plain\r\n\r\nhello\r\n--o--\r\n"
)


def fetched(line: bytes) -> dict[bytes, Value]:
    """`* 1 FETCH (...)` as its items; what is in brackets after BODY is a part of the name."""
    found: dict[bytes, Value] = {}
    at = line.index(b"(") + 1
    while line[at - 1 : at] != b")":
        name = _NAME.match(line, at)
        assert name, line[at : at + 80]
        found[name[1]], at = first(line, name.end())
        at += 1
    assert at == len(line)
    return found


def section(asked: str, octets: bytes) -> bytes | None:
    return Opened(octets).find(read_section(Scanner([asked.encode()])))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("[]", FORWARDED),
        ("[]<0.10>", FORWARDED[:10]),
        ("[]<10.1000000000>", FORWARDED[10:]),
        ("[]<4000000000.5>", b""),
        ("[HEADER]", FORWARDED[: FORWARDED.index(b"\r\n\r\n") + 4]),
        ("[TEXT]", FORWARDED[FORWARDED.index(b"\r\n\r\n") + 4 :]),
        ("[1]", b"<p>"),
        ("[1.1]", None),
        ("[1.MIME]", b"Content-Type: text/html\r\n\r\n"),
        ("[1.HEADER]", None),
        ("[2]", MAIL),
        ("[2.HEADER.FIELDS (message-id X-None)]", b"Message-ID: <1@labo.test>\r\n\r\n"),
        ("[2.TEXT]", MAIL[MAIL.index(b"\r\n\r\n") + 4 :]),
        ("[2.1]", "Glycémie 7,2".encode()),
        ("[2.2]", b"JVBERg=="),
        ("[2.2]<2.3>", b"BER"),
        ("[2.2.MIME]", b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
        ("[2.3]", None),
        ("[3.1]", b"hello"),
        ("[3.1.MIME]", b"Subject: plain\r\n\r\n"),
        ("[3.HEADER.FIELDS.NOT (subject)]", b"\r\n"),
        ("[3.1.1]", None),
        ("[4]", None),
    ],
)
def test_rfc_3501_6_4_5_sections_are_the_octets_that_came(asked: str, expected: bytes | None) -> None:
    assert section(asked, FORWARDED) == expected


def test_part_1_of_what_is_no_multipart_is_its_text() -> None:
    assert section("[1]", b"Subject: x\r\n\r\nbody") == b"body"
    assert section("[1.MIME]", b"Subject: x\r\n\r\nbody") == b"Subject: x\r\n\r\n"
    assert section("[1.1]", b"Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbody") == b"body"


def test_header_fields_keep_their_folds_order_and_spelling() -> None:
    octets = b"To: a\r\n\t b\r\nSUBJECT : x\r\nno field\r\nFrom: y\nTo: second\r\n\r\n"
    assert section("[HEADER.FIELDS (subject to)]", octets) == b"To: a\r\n\t b\r\nSUBJECT : x\r\nTo: second\r\n\r\n"
    assert section("[HEADER.FIELDS.NOT (to from)]", octets) == b"SUBJECT : x\r\n\r\n"


@pytest.mark.asyncio
async def test_all_items_of_an_ordinary_message(imap: World) -> None:
    imap.store.put("INBOX", MAIL, ["\\Seen"])
    raw = await imap.client("INBOX")
    (line,) = await raw.ok(
        "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE "
        "RFC822.HEADER RFC822.TEXT RFC822 MODSEQ UID)"
    )
    assert line.startswith(b"* 1 FETCH (UID 1 FLAGS ")
    found = fetched(line)
    assert found[b"RFC822"] == MAIL == found[b"RFC822.HEADER"] + found[b"RFC822.TEXT"]
    assert found[b"RFC822.SIZE"] == len(MAIL)
    assert found[b"INTERNALDATE"] == b" 1-Jan-2026 00:00:00 +0000"
    assert found[b"ENVELOPE"][1] == b"=?utf-8?Q?R=C3=A9sultats?="
    assert found[b"MODSEQ"] == [2]
    check_envelope(found[b"ENVELOPE"])
    check_body(found[b"BODY"], extended=False)
    check_body(found[b"BODYSTRUCTURE"], extended=True)
    for macro in ("ALL", "FAST", "FULL"):
        assert fetched((await raw.ok(f"FETCH 1 {macro}"))[0])[b"FLAGS"] == [b"\\Seen"]


@pytest.mark.asyncio
async def test_thunderbirds_header_fetch_reads_no_message(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    wanted = "From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type"
    (line,) = await raw.ok(f"UID FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ({wanted})])")
    header = fetched(line)[f"BODY[HEADER.FIELDS ({wanted})]".encode()]
    assert header == MAIL[: MAIL.index(b"\r\n\r\n") + 4]
    assert imap.store.reads == 0
    await raw.ok("UID FETCH 1:* (FLAGS)")
    assert imap.store.described_reads == 1


@pytest.mark.asyncio
async def test_rfc_3501_6_4_5_reading_sets_seen_and_peeking_does_not(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    await raw.ok("FETCH 1 (BODY.PEEK[] BODY.PEEK[1] RFC822.HEADER)")
    assert imap.store.all["INBOX"].mails[0].flags == frozenset()
    (line,) = await raw.ok("FETCH 1 BODY[1]")
    assert line.endswith(b" FLAGS (\\Seen))")
    (line,) = await raw.ok("FETCH 1 BODY[1]")
    assert b"FLAGS" not in line


@pytest.mark.asyncio
async def test_a_message_taken_in_pieces_is_read_once(imap: World) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    taken = b""
    for start in range(0, len(MAIL), 100):
        found = fetched((await raw.ok(f"UID FETCH 1 BODY.PEEK[]<{start}.100>"))[0])
        taken += found[b"BODY[]<%d>" % start]
    assert taken == MAIL
    assert imap.store.reads == 1


@pytest.mark.asyncio
async def test_large_messages_and_nul(imap: World) -> None:
    large = b"Subject: x\r\n\r\n" + b"line of text\r\n" * 100_000
    imap.store.put("INBOX", large)
    imap.store.put("INBOX", b"Subject: a\0b\r\n\r\nc\0d" + b"\0" * 100_000)
    raw = await imap.client("INBOX")
    (line,) = await raw.ok("FETCH 1 (BODY.PEEK[] UID)")
    assert fetched(line)[b"BODY[]"] == large
    (line,) = await raw.ok("FETCH 2 (BODY.PEEK[] BODY.PEEK[HEADER])")
    assert b"\0" not in line
    assert b"c\x80d" in line


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "items",
    [
        *(
            "",
            "()",
            "NOTHING",
            "(FLAGS",
            "(FLAGS  UID)",
            "BODY[",
            "BODY[]x",
            "BODY[0]",
            "BODY[1.]",
            "BODY[MIME]",
            "(ALL)",
        ),
        *("BODY[HEADER.FIELDS]", "BODY[HEADER.FIELDS ()]", "BODY[]<1>", "BODY[]<1.0>", "BODY[1..2]", "FLAGS (X 1)"),
        *("FLAGS (VANISHED)", f"BODY[{'1.' * 200}1]", f"({' FLAGS' * 2000})", "BODY.PEEK", "(UID FLAGS) x"),
    ],
)
async def test_what_is_no_fetch_is_bad_and_costs_nothing(imap: World, items: str) -> None:
    imap.store.put("INBOX", MAIL)
    raw = await imap.client("INBOX")
    assert (await raw.refused(f"FETCH 1 {items}")).startswith(b"BAD")
    await raw.ok("NOOP")


@pytest.mark.asyncio
async def test_every_odd_message_is_fetched_whole_and_in_valid_form(imap: World) -> None:
    odd = messages(11, 200)
    for octets in odd:
        imap.store.put("INBOX", octets)
    raw = await imap.client("INBOX")
    lines = await raw.ok("FETCH 1:* (ENVELOPE BODY BODYSTRUCTURE)")
    for line in lines:
        found = fetched(line)
        check_envelope(found[b"ENVELOPE"])
        check_body(found[b"BODY"], extended=False)
        check_body(found[b"BODYSTRUCTURE"], extended=True)
    for octets, line in zip(odd, await raw.ok("FETCH 1:* BODY.PEEK[]"), strict=True):
        whole = octets.replace(b"\0", b"\x80")
        assert line.endswith(b"BODY[] {%d}\r\n" % len(whole) + whole + b")")
    for part in ("1", "1.1", "2.HEADER", "1.MIME", "TEXT", "HEADER.FIELDS (SUBJECT)"):
        assert len(await raw.ok(f"FETCH 1:* BODY.PEEK[{part}]")) == len(odd)


def test_sections_agree_with_the_structure() -> None:
    """Every part that BODYSTRUCTURE names can be fetched under its number."""
    for octets in messages(3, 100):
        root = parts.read(octets)
        for number, child in enumerate(root.children, 1):
            assert section(f"[{number}]", octets) == octets[child.body : child.end]
            assert section(f"[{number}.MIME]", octets) == octets[child.start : child.body]
        if root.children:
            assert section(f"[{len(root.children) + 1}]", octets) is None

"""MIME parts as offsets: RFC 2045, RFC 2046, RFC 2231, RFC 2047, and what hostile senders make of them."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messaging.gateway.mail import parts
from messaging.gateway.mail.parts import OPAQUE, Part

MIXED = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n"
    b"--a\r\n\r\none\r\n"
    b'--a\r\nContent-Type: Text/HTML; charset="iso-8859-1"\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n'
    b"<p>=E9t=E9</p>\r\n\r\n"
    b"--a-- \r\nepilogue\r\n--a\r\nno part\r\n"
)


def body(octets: bytes, part: Part) -> bytes:
    return octets[part.body : part.end]


def kinds(part: Part) -> list[str]:
    return [inner.media_type for inner in parts.walk(part)]


def test_rfc_2046_5_1_1_the_line_break_before_a_delimiter_is_not_the_parts() -> None:
    root = parts.read(MIXED)
    assert kinds(root) == ["multipart/mixed", "text/plain", "text/html"]
    one, two = root.children
    assert body(MIXED, one) == b"one"
    assert body(MIXED, two) == b"<p>=E9t=E9</p>\r\n"
    assert MIXED[two.start : two.body].endswith(b"Quoted-Printable\r\n\r\n")
    assert root.end == len(MIXED)
    assert parts.text_of(MIXED, two) == "<p>été</p>\r\n"


def test_bare_line_feeds_are_line_ends_too() -> None:
    octets = MIXED.replace(b"\r\n", b"\n")
    one, two = parts.read(octets).children
    assert (body(octets, one), body(octets, two)) == (b"one", b"<p>=E9t=E9</p>\n")


def test_a_delimiter_is_compared_whole() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\n--ab\n--abc--\n--a--"
    (only,) = parts.read(octets).children
    assert body(octets, only) == b"--ab\n--abc--"


def test_an_outer_delimiter_ends_what_is_open_inside() -> None:
    octets = (
        b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\nContent-Type: multipart/alternative; boundary=in"
        b"\r\n\r\n--in\r\n\r\nleft open\r\n--out\r\n\r\nlast\r\n--in\r\n--out--\r\n"
    )
    inner, last = parts.read(octets).children
    assert body(octets, inner.children[0]) == b"left open"
    assert body(octets, last) == b"last\r\n--in"


def test_rfc_2046_5_1_5_digest_holds_messages() -> None:
    octets = b"Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: inner\r\n\r\nhi\r\n--d--\r\n"
    (child,) = parts.read(octets).children
    assert child.media_type == "message/rfc822"
    assert child.message is not None
    assert parts.header(octets, child.message, "SUBJECT") == "inner"
    assert body(octets, child.message) == b"hi"


def test_rfc_2046_5_2_1_an_encoded_message_is_a_file() -> None:
    octets = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogaQ0KDQo=\r\n"
    root = parts.read(octets)
    assert root.message is None
    assert parts.decoded(octets, root) == b"Subject: i\r\n\r\n"


@pytest.mark.parametrize(
    ("octets", "start_body_end"),
    [
        (b"", (0, 0, 0)),
        (b"\r\n", (0, 2, 2)),
        (b"\nbody", (0, 1, 5)),
        (b"no blank line", (0, 13, 13)),
        (b"A: b\r\n", (0, 6, 6)),
        (b"A: b\r\n\r\n", (0, 8, 8)),
        (b"\x00\r\n\r\n\x00", (0, 5, 6)),
    ],
)
def test_messages_without_header_body_or_blank_line(octets: bytes, start_body_end: tuple[int, int, int]) -> None:
    root = parts.read(octets)
    assert (root.start, root.body, root.end) == start_body_end
    assert root.media_type == "text/plain"


@pytest.mark.parametrize(
    "kind", [b"multipart/mixed", b"multipart/mixed; boundary=", b'multipart/x; boundary="  "', b"/"]
)
def test_rfc_2045_5_2_a_broken_type_is_plain_text(kind: bytes) -> None:
    assert parts.read(b"Content-Type: " + kind + b"\r\n\r\n--\r\n\r\n----\r\n").media_type == "text/plain"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b"Content-Disposition: attachment; filename=a.pdf", "a.pdf"),
        (b'Content-Disposition: ATTACHMENT;\r\n\tfilename="a \\"b\\".pdf"; x', 'a "b".pdf'),
        (b"Content-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9", "résumé"),
        (b"Content-Disposition: attachment; filename*0*=iso-8859-1'fr'%E9t; filename*1=e.txt", "éte.txt"),
        (b'Content-Type: text/x; name="=?utf-8?Q?=C3=A9?="', "é"),
        (b"Content-Disposition: attachment; filename*" + b"9" * 5000 + b"=x; filename=y", "y"),
        (b"Content-Disposition: attachment; filename*=nix'%zz", "nix'%zz"),
        (b"Content-Disposition: attachment; filename=\xe9.txt", "é.txt"),
    ],
)
def test_rfc_2231_file_names(field: bytes, name: str) -> None:
    assert parts.read(field + b"\r\n\r\n").filename == name


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"=?utf-8?B?w6k=?= =?utf-8?Q?=C3=A9?= x", "éé x"),
        (b"=?utf-8?B?w6nD?=\r\n =?utf-8?B?qQ==?=", "éé"),  # a character split over two words
        (b"a =?iso-8859-15?q?=A4_1?= b", "a € 1 b"),
        (b"=?nowhere?Q?=E9?=", "é"),
        (b"=?utf-8?B?!?=", ""),
        (b"=?utf-8?X?a?=", "=?utf-8?X?a?="),
        (b"caf\xe9", "café"),
        ("café".encode(), "café"),
        (b"=?punycode?Q?abc?=", "abc"),
    ],
)
def test_rfc_2047_headers_as_people_read_them(value: bytes, said: str) -> None:
    octets = b"Subject: " + value + b"\r\nSubject: second\r\n\r\n"
    root = parts.read(octets)
    assert parts.header(octets, root, "subject") == said
    assert parts.headers(octets, root, "Subject") == (said, "second")
    assert parts.header(octets, root, "To") == ""


def test_base64_with_rubbish_is_decoded_as_far_as_it_goes() -> None:
    octets = b"Content-Transfer-Encoding: base64\r\n\r\nw6l0\r\n!!w6k\r\nx"
    assert parts.decoded(octets, parts.read(octets)).startswith("été"[:2].encode())


@pytest.mark.parametrize("charset", [b"x-unknown", b"hex", b"zip", b"idna", b"punycode", b"\x00", b"a" * 9000, b""])
def test_charsets_that_are_none(charset: bytes) -> None:
    octets = b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\ncaf\xe9"
    assert parts.text_of(octets, parts.read(octets)) == "café"


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (i, i) for i in range(10_000))
MESSAGES = b"Content-Type: message/rfc822\r\n\r\n" * 10_000
MANY = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/html\n\n" * 200_000
SEMICOLONS = b"Content-Type: multipart/mixed; boundary=b\n\n" + (
    (b"--b\nContent-Type: text/plain" + b';"' * 4_000 + b"; x" * 2000 + b"\n\n") * 1_000
)


@pytest.mark.parametrize(
    "octets",
    [
        NESTED,
        MESSAGES,
        MANY,
        SEMICOLONS,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--c\n" * 500_000,
        b"Content-Type: multipart/mixed; boundary=b" + b" " * 2_000_000 + b"\n\n--b\n",
        b"Subject: " + b"=?a?q?" * 300_000,
        b"\n" * 1_000_000,
        b"A:" * 1_000_000,
        b"A: b\r\n" * 300_000,
        b"A:\r\n " + b"\r\n " * 500_000,
    ],
    ids=["nested", "messages", "many", "semicolons", "dashes", "spaces", "words", "lf", "colons", "fields", "folds"],
)
def test_attack_shapes_cost_time_in_proportion(octets: bytes) -> None:
    began = time.process_time()
    root = parts.read(octets)
    parts.header(octets, root, "subject")
    assert sum(1 for _ in parts.walk(root)) <= parts.MOST_PARTS + 1
    assert time.process_time() - began < 2


def test_what_lies_beyond_the_limits_is_one_opaque_leaf() -> None:
    assert kinds(parts.read(NESTED))[-1] == OPAQUE
    assert len(kinds(parts.read(NESTED))) == parts.DEEPEST + 1
    assert len(kinds(parts.read(MESSAGES))) == parts.DEEPEST + 1
    root = parts.read(MANY)
    assert len(root.children) == parts.MOST_PARTS
    assert root.children[-1].media_type == OPAQUE
    assert root.children[-1].end == len(MANY)


def mail_like() -> st.SearchStrategy[bytes]:
    lines = st.sampled_from(
        [
            *(b"", b" ", b"--a", b"--a--", b"--b", b"--b--", b"--", b"text", b"Subject: =?utf-8?B?w6k=?=", b"\x00\xff"),
            *(b"Content-Type: multipart/mixed; boundary=a", b'Content-Type: multipart/digest;\r\n boundary="b"'),
            *(
                b"Content-Type: message/rfc822",
                b"Content-Transfer-Encoding: base64",
                b"Content-Disposition: x; filename*=a",
            ),
        ]
    )
    return st.lists(st.tuples(lines, st.sampled_from([b"\r\n", b"\n", b"\r"])).map(b"".join)).map(b"".join)


@given(st.one_of(st.binary(), mail_like()))
@example(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\n--b")
def test_any_octets_have_a_tree_of_nested_ordered_parts(octets: bytes) -> None:
    root = parts.read(octets)
    assert (root.start, root.end) == (0, len(octets))
    for part in parts.walk(root):
        assert 0 <= part.start <= part.body <= part.end <= len(octets)
        parts.text_of(octets, part)
        parts.headers(octets, part, "subject")
        inside = [*part.children, *([part.message] if part.message else [])]
        assert all(part.body <= inner.start for inner in inside)
        assert all(inner.end <= part.end for inner in inside)
        assert all(before.end <= after.start for before, after in itertools.pairwise(inside))

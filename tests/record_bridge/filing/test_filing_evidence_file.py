"""A bundle's files as one octet string (docs/spec/filing.md FI-3), and the names that follow from a filing (FI-4)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import DirectoryError, Refusal
from directory.primitives.codec import text, u16, u32, var
from record_bridge.errors import RecordError
from record_bridge.filing import evidence_file, identifiers
from record_bridge.filing.evidence_file import pack, unpack

PATHS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}(/[a-z0-9][a-z0-9.]{0,8}){0,3}", fullmatch=True)


def packed(*files: tuple[str, bytes], count: int | None = None) -> bytes:
    listed = b"".join(text(path) + var(content) for path, content in files)
    return b"CP1b" + u16(1) + u32(len(files) if count is None else count) + listed


@given(st.dictionaries(PATHS, st.binary(max_size=40), max_size=12))
def test_fi_3_1_what_is_packed_comes_back(files: dict[str, bytes]) -> None:
    assert unpack(pack(files)) == files
    assert pack(dict(reversed(files.items()))) == pack(files)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a\\b", "a b", "é", "a\nb", "C:x"),
        *("x" * 201, "/".join("abcdefghi")),
    ],
)
def test_fi_3_1_a_path_that_leaves_its_folder_or_looks_odd(path: str) -> None:
    for act in (lambda: pack({path: b""}), lambda: unpack(packed((path, b"")))):
        with pytest.raises(RecordError, match="filing-evidence-malformed"):
            act()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        packed(("b", b""), ("a", b"")),
        packed(("a", b""), ("a", b"")),
        packed(("a", b""), count=2),
        packed(("a", b""), count=2**32 - 1),
        packed(("a", b"")) + b"\0",
        packed(("a", b""))[:-1],
        b"CP1b" + u16(2) + u32(0),
        b"CP1b" + u16(1) + u32(1) + text("a") + u32(2**32 - 1),
    ],
)
def test_fi_3_1_what_is_not_exactly_one_packing(raw: bytes) -> None:
    with pytest.raises((RecordError, DirectoryError)):
        unpack(raw)


def test_fi_3_1_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_file, "MAX_SIZE", 64)
    with pytest.raises(RecordError, match="filing-evidence-malformed"):
        pack({"a": bytes(64)})
    monkeypatch.setattr(evidence_file, "MAX_FILE", 8)
    with pytest.raises(RecordError, match="filing-evidence-malformed"):
        pack({"a": bytes(9)})


@given(st.binary(max_size=200))
def test_fi_3_1_noise_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal):
        unpack(raw)


def test_fi_4_1_the_same_filing_gives_the_same_names_and_no_other_does() -> None:
    one, two = b"\1" * 16, b"\2" * 16
    assert identifiers.document_ids(one, 0) == identifiers.document_ids(one, 0)
    made = [identifiers.document_ids(filing, n) for filing in (one, two) for n in range(50)]
    names = [name for ids in made for name in (ids.thread, ids.intent, ids.document.bytes, ids.set.bytes)]
    assert len(set(names)) == len(names) == 400
    assert all(len(name) == 16 for name in names)
    assert identifiers.record_thread(one, 3) == made[3].thread


def test_fi_4_1_a_known_answer() -> None:
    """SHA-256(label || F || n), made here by hand."""
    expected = hashlib.sha256(b"CP1 filing\0" + b"\1" * 16 + b"\0\7").digest()[:16]
    assert identifiers.record_thread(b"\1" * 16, 7) == expected


def test_fi_4_2_a_documents_id_is_a_uuid_and_its_oid() -> None:
    ids = identifiers.document_ids(b"\1" * 16, 0)
    assert (ids.document.version, ids.document.variant) == (8, "specified in RFC 4122")
    assert ids.document_oid == f"2.25.{ids.document.int}"
    assert ids.document_oid != ids.set_oid

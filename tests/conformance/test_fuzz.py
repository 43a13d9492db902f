"""Parsers raise nothing but a Refusal, whatever the octets; one flipped bit of what was accepted is always refused."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.accounts import bind, change, grants, wraps
from directory.accounts import entry as entries
from directory.errors import Refusal
from directory.transparency import receipt
from messaging.protocol import acks, body, padding, paper
from messaging.wire import access, epoch, frames, header, submission

VECTORS = Path(__file__).parents[1] / "vectors"
# Tests do not import one another by name here, so the runner's `judge` is loaded from its file.
_spec = importlib.util.spec_from_file_location("vector_judge", Path(__file__).with_name("test_vectors.py"))
assert _spec is not None
assert _spec.loader is not None
_runner = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_runner)
judge: Callable[[dict[str, Any]], dict[str, Any]] = _runner.judge

PARSERS: dict[str, Callable[[bytes], object]] = {
    "entry": entries.parse,
    "authority": entries.parse_authority,
    "account submission": change.parse,
    "wrap": wraps.parse,
    "wraps": wraps.parse_list,
    "grant": grants.parse,
    "evidence": bind.parse_evidence,
    "certificate": lambda raw: bind.verify_certificate(raw, bytes(32)),
    "receipt": receipt.parse_proof,
    "epoch": epoch.parse,
    "epoch wrap": epoch.parse_wrap,
    "event": header.parse,
    "submission": submission.parse,
    "frame": frames.parse,
    "page": frames.parse_page,
    "body": body.parse,
    "ack": acks.parse,
    "access statement": access.parse,
    "padding": padding.unpad,
}
MAGICS = [
    b"",
    *(b"CP1" + letter for letter in (b"a", b"c", b"e", b"g", b"i", b"r", b"s", b"t", b"x")),
    *map(bytes, ([1], [3], [6])),
]


def accepted(operation: str) -> Iterator[dict[str, Any]]:
    for path in sorted(VECTORS.rglob("*.json")):
        vector = json.loads(path.read_text())
        if vector.get("operation") == operation and "accept" in vector["expected"]:
            yield vector


def examples() -> dict[str, list[bytes]]:
    """Octets that parse, for mutations to start from."""
    return {
        "entry": [bytes.fromhex(v["given"]["entries"][-1]["entry"]) for v in accepted("log")],
        "account submission": [bytes.fromhex(v["given"]["octets"]) for v in accepted("account-submission")],
        "authority": [bytes.fromhex(v["given"]["authority"]) for v in accepted("authority")],
        "wrap": [bytes.fromhex(v["given"]["wrap"]) for v in accepted("aek-wrap")],
        "evidence": [bytes.fromhex(v["given"]["evidence"]) for v in accepted("bind")],
        "receipt": [bytes.fromhex(v["given"]["proof"]) for v in accepted("receipt")],
        "epoch": [bytes.fromhex(v["given"]["commit"]) for v in accepted("epoch")],
        "epoch wrap": [bytes.fromhex(v["given"]["wrap"]) for v in accepted("epoch-secret")],
        "event": [bytes.fromhex(v["given"]["event"]) for v in accepted("event")],
        "submission": [bytes.fromhex(v["given"]["octets"]) for v in accepted("thread-submission")],
        "body": [bytes.fromhex(v["given"]["body"]) for v in accepted("body")],
        "access statement": [bytes.fromhex(v["given"]["statement"]) for v in accepted("access")],
    }


EXAMPLES = examples()


def only_refuses(parse: Callable[[bytes], object], raw: bytes) -> None:
    with suppress(Refusal):
        parse(raw)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(magic=st.sampled_from(MAGICS), noise=st.binary(max_size=400))
def test_cp1_1_3_noise_is_refused_and_nothing_else(name: str, magic: bytes, noise: bytes) -> None:
    only_refuses(PARSERS[name], magic + noise)


@pytest.mark.parametrize("name", EXAMPLES)
def test_cp1_1_3_cut_spliced_and_swollen_octets_are_refused_and_nothing_else(name: str) -> None:
    draw = random.Random(name)
    for raw in EXAMPLES[name][:8]:
        parse = PARSERS[name]
        parse(raw)
        for _ in range(40):
            at, other = draw.randrange(len(raw)), draw.choice(EXAMPLES[name])
            only_refuses(parse, raw[:at] + other[draw.randrange(len(other)) :])
            only_refuses(parse, raw[:at] + b"\xff" * 4 + raw[at + 4 :])
            only_refuses(parse, raw[:at] + bytes(4) + raw[at:])
        for cut in {0, 1, 4, len(raw) // 2, len(raw) - 1} & set(range(len(raw))):
            if name != "body":  # whatever follows its media type is a body's content
                with pytest.raises(Refusal):
                    parse(raw[:cut])
        if name != "body":
            with pytest.raises(Refusal):
                parse(raw + b"\0")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_cp1_8_2_a_typed_code_is_read_or_refused(typed: str) -> None:
    only_refuses(
        lambda raw: paper.read_code(raw.decode("utf-8", "surrogatepass")), typed.encode("utf-8", "surrogatepass")
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(min_size=20, max_size=20))
def test_cp1_8_2_a_written_code_is_read_again(code: bytes) -> None:
    assert paper.read_code(paper.write_code(code)) == code
    assert paper.read_code(paper.write_code(code).lower().replace("-", " ").replace("0", "o")) == code


FLIPPED = {
    "log": ("entries", "entry"),
    "epoch": ("commit", ""),
    "event": ("event", ""),
    "receipt": ("proof", ""),
    "access": ("statement", ""),
}


@pytest.mark.parametrize("operation", FLIPPED)
def test_every_flipped_bit_of_what_was_accepted_is_refused(operation: str) -> None:
    draw = random.Random(operation)
    field, inner = FLIPPED[operation]
    for vector in list(accepted(operation))[:20]:
        if operation == "log" and len(vector["given"]["entries"]) > 3:
            continue
        whole = bytes.fromhex(vector["given"]["entries"][-1][inner] if inner else vector["given"][field])
        for _ in range(25):
            at, bit = draw.randrange(len(whole)), 1 << draw.randrange(8)
            flipped = (whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]).hex()
            mutated = deepcopy(vector)
            if inner:
                mutated["given"]["entries"][-1][inner] = flipped
            else:
                mutated["given"][field] = flipped
            with pytest.raises(Refusal):
                judge(mutated)


# --- what is written is what was read ---


def test_cp1_1_3_reading_and_writing_are_inverse() -> None:
    for raw in EXAMPLES["entry"]:
        parsed = entries.parse(raw)
        assert entries.encode_payload(parsed.payload) == parsed.payload_raw
        assert entries.encode_authority(parsed.authority) in raw
    for raw in EXAMPLES["authority"]:
        assert entries.encode_authority(entries.parse_authority(raw)) == raw
    for raw in EXAMPLES["receipt"]:
        assert receipt.parse_proof(raw).encode() == raw
    for raw in EXAMPLES["wrap"]:
        assert wraps.parse(raw).encode() == raw
    for raw in EXAMPLES["epoch wrap"]:
        assert epoch.parse_wrap(raw).encode() == raw
    for raw in EXAMPLES["evidence"]:
        assert bind.parse_evidence(raw).encode() == raw
    for raw in EXAMPLES["submission"]:
        parsed_submission = submission.parse(raw)
        commit = parsed_submission.commit.raw if parsed_submission.commit else b""
        events = tuple(event.raw for event in parsed_submission.events)
        assert submission.encode(parsed_submission.thread, events, commit, parsed_submission.wraps) == raw


u64s = st.integers(0, 2**64 - 1)
ids = st.binary(min_size=16, max_size=16)
nodes = st.binary(min_size=32, max_size=32)
FRAMES = st.one_of(
    st.builds(frames.Hello, st.text(max_size=50), st.lists(st.tuples(ids, u64s), max_size=4).map(tuple)),
    st.builds(frames.Send, st.integers(0, 2**32 - 1), st.binary(max_size=80)),
    st.builds(frames.Ack, st.integers(0, 2**32 - 1), st.lists(st.binary(max_size=80), max_size=5).map(tuple)),
    st.builds(frames.Refused, st.integers(0, 2**32 - 1), st.text(max_size=20), st.text(max_size=20)),
    st.builds(
        frames.Item,
        *(ids, u64s, st.sampled_from(frames.ItemKind), st.binary(max_size=80), st.binary(max_size=80)),
        *(st.binary(max_size=80), st.lists(nodes, max_size=4).map(tuple)),
    ),
    st.builds(frames.Changed, ids, u64s),
    st.sampled_from([frames.Mark(frames.FrameType.WELCOME), frames.Mark(frames.FrameType.CAUGHT_UP)]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(FRAMES)
def test_a_frame_is_read_as_it_was_written(frame: frames.Frame) -> None:
    assert frames.parse(frames.encode(frame)) == frame


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=3000))
def test_cp1_5_4_padding_is_taken_off_exactly(content: bytes) -> None:
    padded = padding.pad(content)
    assert len(padded) == padding.plaintext_size(len(content))
    assert padding.unpad(padded) == content
    for wrong in (padded + b"\0", padded[:-1], padded[:-1] + b"\1"):
        if wrong != padded:
            with pytest.raises(Refusal, match="padding-wrong"):
                padding.unpad(wrong)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 2**40))
def test_cp1_5_4_padme_is_near_and_stays_where_it_is(length: int) -> None:
    padded = padding.padme(length)
    assert length <= padded <= length * 1.12 + 1
    assert padding.padme(padded) == padded
    if length > 2:  # the published definition, in floats for small numbers only
        exponent = length.bit_length() - 1
        low = exponent - exponent.bit_length()
        assert padded % (1 << max(0, low)) == 0
        assert padded - length < 1 << max(0, low)

"""No refusing rule without a refusing vector: error ids are read from the syntax tree of the protocol's rooms."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests/vectors"
ROOMS = (
    "directory/primitives",
    "directory/accounts",
    "directory/transparency",
    "messaging/wire",
    "messaging/protocol",
)
# Modules whose refusals need more than octets and logs; with the reason and where their tests are.
OUTSIDE = {
    "directory/primitives/selftest.py": "a broken library (tests/directory/primitives)",
    "directory/primitives/selftest_sealing.py": "a broken library (tests/directory/primitives)",
    "directory/primitives/passphrase.py": "local only, never on the wire (tests/directory/primitives)",
    "directory/accounts/readers.py": "the opened grants of an access list (tests/directory)",
    "directory/accounts/invitation_code.py": "typed by a person (tests/directory)",
    "messaging/protocol/message.py": "the MIME entity in a body, which CP1 only carries (tests/messaging)",
    "messaging/protocol/evidence.py": "a bundle of files, each part of which has its vectors (tests/messaging)",
}
EXCEPTIONS = {"sealing-unsupported": "an OpenSSL without ML-KEM (tests/directory/primitives)"}


def raised(path: Path) -> Iterator[str]:
    """The error ids that a module raises, a constant of both arms of a condition included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id.endswith("Error")
            and node.args
        ):
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def in_rooms() -> set[str]:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return {found for path in paths if path.relative_to(ROOT).as_posix() not in OUTSIDE for found in raised(path)}


def in_vectors() -> set[str]:
    files = [
        path
        for path in VECTORS.rglob("*.json")
        if path.parent != VECTORS and path.parent.name not in ("published", "worlds")
    ]
    expected = [json.loads(path.read_text())["expected"] for path in files]
    return {verdict["refuse"]["id"] for verdict in expected if "refuse" in verdict}


def test_every_error_id_of_the_protocol_has_a_refusing_vector() -> None:
    missing = in_rooms() - in_vectors() - set(EXCEPTIONS)
    assert not missing, sorted(missing)


def test_no_exception_is_stale() -> None:
    assert set(EXCEPTIONS) <= in_rooms()
    assert not set(EXCEPTIONS) & in_vectors()

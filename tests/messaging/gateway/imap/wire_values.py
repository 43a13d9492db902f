"""The values of an IMAP response, read strictly (RFC 3501 section 9): what is no grammar is an error, not a guess."""

from __future__ import annotations

import re
from typing import Any

_ATOM = re.compile(rb'[^\s(){"%*\\\x00-\x1f\x7f-\xff]+|\\[A-Za-z*]+')
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00\x80-\xff]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")

Value = Any  # None, int, bytes, or a list of these


def value(octets: bytes) -> Value:
    """The one value that the octets are."""
    found, end = first(octets, 0)
    assert end == len(octets), octets[end : end + 40]
    return found


def values(octets: bytes) -> list[Value]:
    """Values with single spaces between them."""
    found = value(b"(" + octets + b")")
    assert isinstance(found, list)
    return found


def first(octets: bytes, at: int) -> tuple[Value, int]:
    """The value that begins at `at`, and where it ends."""
    stack: list[list[Value]] = []
    while True:
        if octets[at : at + 1] == b"(":
            stack.append([])
            at += 1
            continue
        if octets[at : at + 1] == b")":
            found: Value = stack.pop()
            at += 1
        elif match := _QUOTED.match(octets, at):
            found, at = re.sub(rb"\\(.)", rb"\1", match[1]), match.end()
        elif match := _LITERAL.match(octets, at):
            at = match.end() + int(match[1])
            found = octets[match.end() : at]
            assert len(found) == int(match[1])
            assert 0 not in found
        else:
            match = _ATOM.match(octets, at)
            assert match, octets[at : at + 40]
            at = match.end()
            found = None if match[0] == b"NIL" else int(match[0]) if match[0].isdigit() else match[0]
        if not stack:
            return found, at
        stack[-1].append(found)
        if octets[at : at + 1] == b" ":
            at += 1
            assert octets[at : at + 1] not in (b")", b" "), octets[at - 10 : at + 40]


def check_envelope(envelope: Value) -> None:
    """Shape of RFC 3501 `envelope`."""
    assert isinstance(envelope, list)
    assert len(envelope) == 10
    for text in (*envelope[:2], *envelope[8:]):
        assert text is None or isinstance(text, bytes)
    for addresses in envelope[2:8]:
        assert addresses is None or addresses
        depth = 0
        for address in addresses or ():
            assert len(address) == 4
            assert all(member is None or isinstance(member, bytes) for member in address)
            if address[3] is None:
                depth += 1 if address[2] is not None else -1
            else:
                assert address[2] is not None
            assert depth in (0, 1)
        assert depth == 0


def check_body(body: Value, extended: bool) -> None:
    """Shape of RFC 3501 `body`."""
    assert isinstance(body, list)
    if isinstance(body[0], list):
        children = [child for child in body if isinstance(child, list)] if not extended else None
        count = next(index for index, item in enumerate(body) if not isinstance(item, list))
        for child in children if children is not None else body[:count]:
            check_body(child, extended)
        assert isinstance(body[count], bytes)
        assert len(body) == count + (5 if extended else 1)
        if extended:
            _check_parameters(body[count + 1])
            _check_disposition(body[count + 2])
        return
    main, sub, parameters, ident, description, encoding, size, *rest = body
    assert main
    assert sub
    _check_parameters(parameters)
    assert all(text is None or isinstance(text, bytes) for text in (ident, description))
    assert isinstance(encoding, bytes)
    assert isinstance(size, int)
    if main == b"text":
        assert isinstance(rest.pop(0), int)
    elif (main, sub) == (b"message", b"rfc822"):
        check_envelope(rest.pop(0))
        check_body(rest.pop(0), extended)
        assert isinstance(rest.pop(0), int)
    assert len(rest) == (4 if extended else 0)
    if extended:
        _check_disposition(rest[1])


def _check_parameters(parameters: Value) -> None:
    assert parameters is None or (parameters and len(parameters) % 2 == 0)
    assert all(isinstance(text, bytes) for text in parameters or ())


def _check_disposition(disposition: Value) -> None:
    assert disposition is None or isinstance(disposition[0], bytes)
    _check_parameters(disposition[1] if disposition else None)

"""IMAP as it is spoken: commands as octets out, answers as values in, to whatever serves it. Has no opinion."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from tests.clients.gateway_process import PATIENCE, Program
from tests.messaging.gateway.imap.wire_values import Value, first, values

_LABEL = re.compile(rb"(BODY\[[^\]]*\](?:<\d+>)?|[A-Z0-9.]+) ")
_FETCH = re.compile(rb"\* (\d+) FETCH \(")
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


@dataclass(frozen=True)
class Answer:
    """The untagged lines, with their literals, and what stood behind the tag."""

    lines: tuple[bytes, ...]
    said: bytes

    @property
    def kind(self) -> bytes:
        return self.said.partition(b" ")[0]

    def fetched(self) -> dict[int, dict[bytes, Value]]:
        """By message number, what FETCH gave of it; FLAGS that nobody asked for too."""
        found: dict[int, dict[bytes, Value]] = {}
        for line in self.lines:
            if match := _FETCH.match(line):
                found.setdefault(int(match[1]), {}).update(_items(line, match.end()))
        return found

    def numbers(self) -> list[int]:
        """What SEARCH found, in any order."""
        (line,) = (one for one in self.lines if one.startswith(b"* SEARCH"))
        return sorted(int(number) for number in line.split(b"(")[0].split()[2:])

    def beginning(self, octets: bytes) -> list[bytes]:
        return [line for line in self.lines if line.startswith(octets)]

    def code(self) -> bytes:
        """The response code of the tagged line, without brackets; b"" if none."""
        match = re.match(rb"\w+ \[([^\]]*)\]", self.said)
        return match[1] if match else b""


def _items(line: bytes, at: int) -> Iterator[tuple[bytes, Value]]:
    while True:
        match = _LABEL.match(line, at)
        assert match, line[at : at + 60]
        value, at = first(line, match.end())
        yield match[1], value
        if line[at:] == b")":
            return
        assert line[at : at + 1] == b" ", line[at : at + 60]
        at += 1


class Speaker:
    """One connection, greeted."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._in, self._out = incoming, outgoing
        self._tags = 0
        self.greeting = self._line()

    def ask(self, command: bytes, *literals: bytes) -> Answer:
        """A command; each literal goes in place of a `{}`, without waiting (RFC 7888)."""
        self._tags += 1
        tag = b"T%d" % self._tags
        pieces = command.split(b"{}")
        sent = [tag, b" ", pieces[0]]
        for literal, piece in zip(literals, pieces[1:], strict=True):
            sent += [b"{%d+}\r\n" % len(literal), literal, piece]
        self._out.write(b"".join([*sent, b"\r\n"]))
        self._out.flush()
        lines: list[bytes] = []
        while not (line := self._line()).startswith(tag + b" "):
            assert line, lines
            lines.append(line)
        return Answer(tuple(lines), line.removeprefix(tag + b" "))

    def ok(self, command: bytes, *literals: bytes) -> Answer:
        answer = self.ask(command, *literals)
        assert answer.kind == b"OK", (command, answer.said)
        return answer

    def _line(self) -> bytes:
        whole = b""
        while True:
            line = self._in.readline()
            whole += line
            match = _LITERAL.search(line)
            if match is None:
                return whole.removesuffix(b"\r\n")
            whole += self._in.read(int(match[1]))


@contextlib.contextmanager
def speaking(program: Program) -> Iterator[Speaker]:
    """Logged in to the gateway."""
    raw = socket.create_connection(("127.0.0.1", program.gateway.imap), timeout=PATIENCE)
    with program.gateway.trust().wrap_socket(raw, server_hostname="127.0.0.1") as line:
        speaker = Speaker(line.makefile("rb"), line.makefile("wb"))
        speaker.ok(b'LOGIN "%b" "%b"' % (program.address.encode(), program.password.encode()))
        yield speaker
        speaker.ok(b"LOGOUT")


def status(line: bytes) -> dict[bytes, int]:
    """The items of an untagged STATUS."""
    items = values(line[line.index(b"(") + 1 : -1])
    return dict(zip(items[::2], items[1::2], strict=True))

"""Mail programs as load: SMTP submission and IMAP over TLS on blocking sockets, the same for every server.

They send and count; what an answer says is looked at only as far as the measurement needs.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PATIENCE = 120.0
_CHUNK = 1 << 18
_TAIL = 512


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens, TLS from the first octet; `user` is empty where nobody logs in."""

    port: int
    ca: str
    user: str = ""
    password: str = ""


class _Line:
    """A TLS connection to `localhost`, by lines."""

    def __init__(self, door: Door) -> None:
        context = ssl.create_default_context(cafile=door.ca)
        plain = socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.file.close()
        self.socket.close()

    def read(self) -> bytes:
        line = self.file.readline()
        if not line:
            raise ConnectionResetError
        return line


class Submission(_Line):
    """A kept connection for submission, greeted and logged in."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._expect(b"220")
        self._say(b"EHLO localhost", b"250")
        if door.user:
            secret = base64.b64encode(f"\0{door.user}\0{door.password}".encode())
            self._say(b"AUTH PLAIN " + secret, b"235")

    def send(self, author: str, to: str, octets: bytes) -> None:
        """Returns with the 250. `octets` have no line that begins with a dot."""
        self._say(b"MAIL FROM:<%b>" % author.encode(), b"250")
        self._say(b"RCPT TO:<%b>" % to.encode(), b"250")
        self._say(b"DATA", b"354")
        self._say(octets + b".", b"250")

    def _say(self, line: bytes, code: bytes) -> None:
        self.socket.sendall(line + b"\r\n")
        self._expect(code)

    def _expect(self, code: bytes) -> None:
        line = self.read()
        while line[3:4] == b"-":
            line = self.read()
        if not line.startswith(code):
            raise RuntimeError(line.decode("ascii", "replace"))


class Imap(_Line):
    """A connection that is logged in."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._count = 0
        self.read()
        self.ask(f'LOGIN "{door.user}" "{door.password}"')

    def ask(self, command: str) -> bytes:
        """All untagged lines of a short answer. Raises RuntimeError for NO and BAD."""
        tag = self._begin(command)
        said = b""
        while not (line := self.read()).startswith(tag):
            said += line
        if not line.startswith(tag + b"OK"):
            raise RuntimeError(line.decode("ascii", "replace"))
        return said

    def timed(self, command: str) -> tuple[float, int]:
        """(seconds, octets) of an answer of any length, which is thrown away."""
        begun = time.perf_counter()
        tag = b"\r\n" + self._begin(command)
        tail, size = b"\r\n", 0
        while True:
            # One read of what is there; the line's buffer is empty between two commands.
            chunk = self.socket.recv(_CHUNK)
            if not chunk:
                raise ConnectionResetError
            size += len(chunk)
            tail = (tail + chunk)[-_TAIL:]
            if tail.endswith(b"\r\n") and (at := tail.rfind(tag)) >= 0:
                if not tail.startswith(tag + b"OK", at):
                    raise RuntimeError(tail[at:].decode("ascii", "replace"))
                return time.perf_counter() - begun, size

    def messages(self, folder: str = "INBOX") -> int:
        found = re.search(rb"MESSAGES (\d+)", self.ask(f'STATUS "{folder}" (MESSAGES)'))
        return int(found[1]) if found else 0

    def message_ids(self) -> dict[int, bytes]:
        """The Message-ID of each UID of the selected folder."""
        said = self.ask("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (Message-ID)])")
        found = re.findall(rb"UID (\d+) BODY\[[^{]*\{\d+\}\r\nMessage-ID:\s*(<[^>]+>)", said, re.IGNORECASE)
        return {int(uid): one for uid, one in found}

    def octets(self, uid: int) -> bytes:
        said = self.ask(f"UID FETCH {uid} (BODY.PEEK[])")
        found = re.search(rb"\{(\d+)\}\r\n", said)
        if found is None:
            raise RuntimeError("no literal")
        return said[found.end() : found.end() + int(found[1])]

    def idle(self) -> None:
        """From here on `arrival` may be waited for."""
        self._begin("IDLE")
        self.read()

    def arrival(self) -> None:
        """Returns with the next untagged EXISTS."""
        while b" EXISTS" not in self.read():
            pass

    def _begin(self, command: str) -> bytes:
        self._count += 1
        tag = b"a%d " % self._count
        self.socket.sendall(tag + command.encode() + b"\r\n")
        return tag


def accepted(door: Door, author: str, to: str, letters: Sequence[Sequence[bytes]]) -> float:
    """Mails a second that were answered with 250, over as many kept connections as there are lists of letters. The
    clock runs while all are logged in."""
    lines = [Submission(door) for _ in letters]
    failed: list[BaseException] = []

    def work(line: Submission, some: Sequence[bytes]) -> None:
        try:
            for octets in some:
                line.send(author, to, octets)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(lines, letters, strict=True)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    for line in lines:
        line.__exit__(None, None, None)
    if failed:
        raise failed[0]
    return sum(map(len, letters)) / took


def pushed(sender: Door, recipient: Door, letters: Iterator[bytes], count: int) -> list[float]:
    """Seconds from the sender's 250 to the recipient's untagged EXISTS, one mail after the other."""
    taken = []
    with Imap(recipient) as waiting, Submission(sender) as line:
        waiting.ask("SELECT INBOX")
        waiting.idle()
        for octets in letters:
            line.send(sender.user, recipient.user, octets)
            begun = time.perf_counter()
            waiting.arrival()
            taken.append(time.perf_counter() - begun)
            if len(taken) == count:
                return taken
    return taken

"""A service as its own process and clinicians who use the command line, in this process for speed; loopback only."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confrere.commands.frame import play
from confrere.story.synthetic_extraction import CAST

PASSPHRASE = "une phrase de passe de test"
ENVIRONMENT = {"CONFRERE_LANG": "en", "CONFRERE_WORDS": "strict", "CONFRERE_PASSPHRASE": PASSPHRASE}


@dataclass(frozen=True)
class Played:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document: anything else on standard output fails here."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        return str(self.document["error"]["id"])


def confrere(*argv: str, **environment: str) -> Played:
    """One command line, as a process would play it."""
    out, err = io.StringIO(), io.StringIO()
    settings = {**ENVIRONMENT, **environment}
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = play(argv, os.environ)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Played(code, out.getvalue(), err.getvalue())


@dataclass
class Server:
    """`confrere serve` on a data folder; may be stopped and started again on the same port."""

    data: Path
    port: int = 0
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        argv = [sys.executable, "-m", "confrere", "serve", "--data", str(self.data), "--port", str(self.port), "--json"]
        log = (self.data.parent / "serve.log").open("a")
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


@dataclass
class User:
    """A clinician at a command line, with a profile folder."""

    profile: Path
    address: str = ""
    recovery: str = ""
    name: str = ""

    def run(self, *argv: str, **environment: str) -> Played:
        """With --json; whatever the exit code."""
        return confrere(*argv, "--json", "--profile", str(self.profile), **environment)

    def do(self, *argv: str) -> Any:
        """The document of a verb that succeeds."""
        played = self.run(*argv)
        assert played.code == 0, played.err
        return played.document

    def says(self, *argv: str, **environment: str) -> Played:
        """As on a terminal."""
        return confrere(*argv, "--profile", str(self.profile), **environment)

    def row(self, thread: str) -> Mapping[str, Any]:
        (found,) = [row for row in self.do("inbox") if row["thread"] == thread]
        return dict(found)


@dataclass
class Clinic:
    root: Path
    server: Server
    users: dict[str, User] = field(default_factory=dict)

    def invite(self, *whom: str) -> str:
        played = confrere("invite", "--data", str(self.server.data), *whom, "--json")
        assert played.code == 0, played.err
        return str(played.document["code"])

    def enrol(self, role: str, *whom: str) -> User:
        code = self.invite(*(whom or ("--rpps", str(CAST[role].rpps))))
        user = User(self.root / role)
        enrolled = user.do("enroll", "--server", self.server.url, "--code", code)
        user.address, user.recovery, user.name = enrolled["address"], enrolled["recovery"], enrolled["name"]
        self.users[role] = user
        return user

    def written(self, name: str, content: str | bytes) -> str:
        path = self.root / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

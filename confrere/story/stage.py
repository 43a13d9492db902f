"""The stage of the story: a folder, a service process, a test mailbox on loopback, and one process per actor."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from confrere.settings import find_config

_QUIET = {"PYTHONUNBUFFERED": "1"}


class StoryFailed(Exception):
    """A scene did not go as it must; the text says which, and holds no content."""


@dataclass(slots=True)
class TestMailbox:
    """Where the notices arrive: everything a mail provider would see of them."""

    received: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.received.append(envelope.original_content or b"")
        return "250 2.0.0 OK"

    def subjects(self) -> list[tuple[str, str]]:
        """(recipient, subject) of each notice, in order of arrival."""
        found = [message_from_bytes(raw, policy=policy.default) for raw in self.received]
        return [(str(message["To"]), str(message["Subject"])) for message in found]


class Actor:
    """A person with a profile folder and a process."""

    def __init__(self, role: str, folder: Path, language: str) -> None:
        self.role = role
        self.profile = folder / role
        self._environment = os.environ | _QUIET | {
            "CONFRERE_PROFILE": str(self.profile),
            "CONFRERE_PASSPHRASE": f"une phrase de passe pour {role}",
            "CONFRERE_LANG": language,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.spent: list[tuple[str, float]] = []
        self.screen: list[bytes] = []

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "confrere.story.actor",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
            limit=64 * 1024 * 1024,
        )

    async def stop(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def run(self, *argv: str) -> dict[str, Any]:
        """Play a command line; its code, output and seconds."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise StoryFailed(f"{self.role}: not on stage")
        async with self._turn:
            process.stdin.write(json.dumps({"argv": argv}).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        if not line:
            raise StoryFailed(f"{self.role}: process ended in {argv[0]}")
        played: dict[str, Any] = json.loads(line)
        self.spent.append((argv[0], played["seconds"]))
        self.screen.append(played["stdout"].encode())
        return played

    async def json(self, *argv: str) -> Any:
        """The verb's JSON document. Raises StoryFailed when it was refused."""
        played = await self.run(*argv, "--json")
        if played["code"] != 0:
            raise StoryFailed(f"{self.role}: {argv[0]} ended with {played['code']}: {played['stderr'][-500:]}")
        return json.loads(played["stdout"])

    async def says(self, *argv: str) -> str:
        """What a person would read on the terminal."""
        played = await self.run(*argv)
        if played["code"] != 0:
            raise StoryFailed(f"{self.role}: {argv[0]} ended with {played['code']}: {played['stderr'][-500:]}")
        return str(played["stdout"] + played["stderr"])


class Stage:
    """Use as an async context manager. `root` is made anew."""

    def __init__(self, root: Path, language: str) -> None:
        self.root = root
        self.data = root / "data"
        self.logs = root / "logs"
        self.language = language
        self.mailbox = TestMailbox()
        self.actors: dict[str, Actor] = {}
        self.url = ""
        self.service: asyncio.subprocess.Process | None = None
        self.started = time.monotonic()
        self._smtp: asyncio.Server | None = None
        self._port = 0
        self._bridge = ""

    async def __aenter__(self) -> Self:
        if self.root.exists():
            shutil.rmtree(self.root)
        self.logs.mkdir(parents=True)
        self.data.mkdir()
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(lambda: SMTP(self.mailbox, loop=loop), "127.0.0.1", 0)
        self._port = int(self._smtp.sockets[0].getsockname()[1])
        self._configure()
        return self

    def name_bridge(self, address: str) -> None:
        """The service, not yet started, will say where filings go."""
        self._bridge = address
        shutil.rmtree(self.config)
        self._configure()

    async def __aexit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for actor in self.actors.values():
            await actor.stop()
        if self.service is not None and self.service.returncode is None:
            self.service.terminate()
            await self.service.wait()
        if self._smtp is not None:
            self._smtp.close()

    @property
    def config(self) -> Path:
        return self.root / "config"

    def _configure(self) -> None:
        """The project's own configuration files, with the notices turned on and sent to the test mailbox."""
        shutil.copytree(find_config("", os.environ), self.config)
        file = self.config / "service.toml"
        text = file.read_text(encoding="utf-8")
        for key, value in (
            ("enabled", "true"),
            ("smtp_host", '"127.0.0.1"'),
            ("smtp_port", str(self._port)),
            ("security", '"none"'),
            ("gather_seconds", "0"),
            ("bridge", f'"{self._bridge}"'),
        ):
            text, number = re.subn(rf"(?m)^#? ?{key} = .*$", f"{key} = {value}", text)
            if number != 1:
                raise StoryFailed(f"config/service.toml: {key}")
        file.write_text(text, encoding="utf-8")

    async def operator(self, *argv: str) -> Any:
        """A command of the operator's, as a process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "confrere",
            *argv,
            "--config",
            str(self.config),
            "--json",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | _QUIET,
        )
        out, err = await process.communicate()
        (self.logs / "operator.log").open("ab").write(err)
        if process.returncode != 0:
            raise StoryFailed(f"operator: {argv[0]} ended with {process.returncode}: {err.decode()[-500:]}")
        return json.loads(out)

    async def open_service(self) -> None:
        """Start `confrere serve` and wait until it accepts connections."""
        with (self.logs / "service.log").open("wb") as log:
            self.service = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "confrere",
                "serve",
                "--data",
                str(self.data),
                "--port",
                "0",
                "--config",
                str(self.config),
                "--json",
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=os.environ | _QUIET,
            )
        if self.service.stdout is None:
            raise StoryFailed("service: no output")
        line = await self.service.stdout.readline()
        if not line:
            raise StoryFailed("service: did not start; see logs/service.log")
        self.url = json.loads(line)["url"]

    async def enter(self, roles: Sequence[str]) -> None:
        """Put actors on stage, all at once."""
        for role in roles:
            self.actors[role] = Actor(role, self.root / "profiles", self.language)
        await asyncio.gather(*(self.actors[role].start() for role in roles))

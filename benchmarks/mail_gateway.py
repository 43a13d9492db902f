"""`confrere gateway` as a process of its own for benchmarks: started, asked for its figures, stopped or killed.

With CONFRERE_BENCH_PROFILE set to a folder, cProfile writes there what each of them did.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.deposits import WORDS
from benchmarks.mail_programs import Door

_ENVIRONMENT = {"CONFRERE_PASSPHRASE": WORDS, "CONFRERE_LANG": "fr"}
_PROFILED = "CONFRERE_BENCH_PROFILE"
_AT_REST = 0.1  # seconds of work in two


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway of one profile; `password` is an app password of its mailbox."""

    process: asyncio.subprocess.Process
    smtp: Door
    imap: Door
    setup: int

    def resident(self) -> float:
        return _status(self.process.pid, "VmRSS")

    def most_resident(self) -> float:
        return _status(self.process.pid, "VmHWM")

    async def figure(self, name: str) -> int:
        """One of /metrics."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{self.setup}/metrics") as answer,
        ):
            found = re.search(rf"^confrere_gateway_{name} (\d+)$", await answer.text(), re.MULTILINE)
            return int(found[1]) if found else 0

    async def rested(self) -> None:
        """Returns once its process does next to nothing: after a first synchronisation it acknowledges for a while."""
        before, now = -math.inf, self._worked()
        while now - before > _AT_REST:
            await asyncio.sleep(2)
            before, now = now, self._worked()

    def _worked(self) -> float:
        """Seconds of its processor time."""
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    async def handed_over(self) -> None:
        """Returns once nothing that was accepted waits."""
        while await self.figure("mails_waiting"):
            await asyncio.sleep(0.2)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


def _status(pid: int, name: str) -> float:
    """MiB."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split(f"{name}:")[1].split()[0]) / 1024


async def password(profile: Path) -> tuple[str, str]:
    """(user, app password) of a profile, whether its gateway runs or not."""
    command = ("-m", "confrere", "gateway", "password", "--profile", str(profile), "--name", "bench", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, env=os.environ | _ENVIRONMENT
    )
    said, _ = await process.communicate()
    issued = json.loads(said)
    return issued["user"], issued["password"]


@asynccontextmanager
async def running(profile: Path, issued: tuple[str, str]) -> AsyncIterator[Running]:
    """Until the context ends, or it was killed."""
    profiled = os.environ.get(_PROFILED)
    before = ("-m", "cProfile", "-o", f"{profiled}/{profile.name}-{time.monotonic_ns()}.prof") if profiled else ()
    ports = ("--smtp-port", "0", "--imap-port", "0", "--pop3-port", "0", "--setup-port", "0")
    command = (*before, "-m", "confrere", "gateway", "--profile", str(profile), *ports, "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, env=os.environ | _ENVIRONMENT
    )
    if process.stdout is None:
        raise RuntimeError("no output")
    try:
        said = json.loads(await process.stdout.readline())
        smtp, imap = (Door(said[name], said["ca"], *issued) for name in ("smtp", "imap"))
        yield Running(process, smtp, imap, said["setup"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()

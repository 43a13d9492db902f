"""A program on a terminal of tmux: keys in, what stands on the screen out. Waits for output, not for time."""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.clients.debian.program import Home

WIDTH, HEIGHT = 120, 40
PATIENCE = 20.0


@dataclass
class Screen:
    home: Home
    output: int  # what tmux copies of all that the program writes

    def keys(self, *keys: str) -> None:
        """Names of keys, as tmux has them."""
        self._tmux("send-keys", "-t", "screen", *keys)

    def typed(self, text: str) -> None:
        self._tmux("send-keys", "-t", "screen", "-l", text)
        self.keys("Enter")

    def text(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "screen")

    def until(self, *wanted: str) -> str:
        """The screen, once all of these stand on it."""
        end = time.monotonic() + PATIENCE
        while True:
            shown = self.text()
            if all(one in shown for one in wanted):
                return shown
            ready, _, _ = select.select([self.output], [], [], end - time.monotonic())
            assert ready, f"no {wanted} on:\n{shown}"
            os.read(self.output, 65536)

    def _tmux(self, *words: str) -> str:
        return self.home.run("tmux", "-S", self.home.folder / "tmux", *words)


@contextlib.contextmanager
def shown(home: Home, *argv: str) -> Iterator[Screen]:
    """The program runs until the context ends."""
    pipe = home.folder / "output"
    os.mkfifo(pipe)
    output = os.open(pipe, os.O_RDWR)
    screen = Screen(home, output)
    size = ("-x", str(WIDTH), "-y", str(HEIGHT))
    # It waits until what it writes is read.
    begun = f"read go; exec {shlex.join(argv)}"
    try:
        screen._tmux("-u", "-f", "/dev/null", "new-session", "-d", "-s", "screen", *size, "sh", "-c", begun)
        screen._tmux("pipe-pane", "-t", "screen", f"cat > {shlex.quote(str(pipe))}")
        screen.keys("Enter")
        yield screen
    finally:
        with contextlib.suppress(AssertionError, subprocess.SubprocessError):
            screen._tmux("kill-server")
        os.close(output)

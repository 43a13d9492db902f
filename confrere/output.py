"""What a verb says and how it ends: results on standard output, the rest on standard error, exit codes.

With `--json` standard output carries exactly one JSON document and nothing else, also after a refusal.
What others wrote cannot steer the reader's terminal: control characters are shown as a sign.
The exit code is derived from the category of the error, here and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from confrere.words.catalogue import Words
from directory.errors import Category, Refusal

DONE = 0
OUR_FAULT = 1
WRONG_USAGE = 2
REFUSED = 3
UNREACHABLE = 4
INTERRUPTED = 130

# Everything that moves the cursor, colours, deletes or reorders on a terminal; line ends and tabs are layout.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SIGN = "\N{REPLACEMENT CHARACTER}"

# Whose fault decides; every other category is a refusal with its stable id.
EXIT_CODES: Mapping[Category, int] = {
    Category.INTERNAL: OUR_FAULT,
    Category.USAGE: WRONG_USAGE,
    Category.UNREACHABLE: UNREACHABLE,
}


def exit_code(refusal: Refusal) -> int:
    """The process's exit code for a refusal."""
    return INTERRUPTED if refusal.id == "interrupted" else EXIT_CODES.get(refusal.category, REFUSED)


def _encodable(stream: TextIO, text: str) -> str:
    """`text`, with a sign for what the stream's encoding cannot carry: saying it must not end the verb."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


class Progress:
    """A bar on standard error for long work. Does nothing when `stream` is None."""

    WIDTH = 30

    __slots__ = ("_done", "_label", "_shown", "_stream", "_total")

    def __init__(self, stream: TextIO | None, label: str, total: int) -> None:
        self._stream = stream
        self._label = _encodable(stream, _STEERING.sub(_SIGN, label)) if stream is not None else label
        self._total = total
        self._done = 0
        self._shown = -1

    def advance(self, by: int = 1) -> None:
        self._done += by
        percent = 100 if self._total <= 0 else min(100, self._done * 100 // self._total)
        if self._stream is None or percent == self._shown:
            return
        self._shown = percent
        filled = percent * self.WIDTH // 100
        bar = "#" * filled + "." * (self.WIDTH - filled)
        self._stream.write(f"\r{self._label} [{bar}] {percent:3d} %")
        self._stream.flush()

    def close(self) -> None:
        if self._stream is not None and self._shown >= 0:
            self._stream.write("\n")
            self._stream.flush()


class Output:
    """Where a verb puts its result. One per process; `words` are in the caller's language."""

    def __init__(
        self,
        words: Words,
        *,
        as_json: bool = False,
        verbose: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.words = words
        self.as_json = as_json
        self.verbose = verbose
        self._stdout = stdout if stdout is not None else sys.stdout
        self._stderr = stderr if stderr is not None else sys.stderr
        self._answered = False

    def result(self, document: object, text: str = "") -> None:
        """The verb's one answer: `document` with --json, else `text`. A second call is a mistake of ours."""
        if self._answered:
            raise RuntimeError("a verb answers once")
        self._answered = True
        if self.as_json:
            line = json.dumps(document, ensure_ascii=False)
            if _encodable(self._stdout, line) != line:
                line = json.dumps(document)  # escaped, whatever the locale's encoding
            self._write(self._stdout, line + "\n")
        elif text:
            self.line(text)

    def line(self, text: str) -> None:
        """A line for a person on standard output; nothing with --json."""
        if not self.as_json:
            self._write(self._stdout, _STEERING.sub(_SIGN, text) + "\n")

    def say(self, message_id: str, **facts: str | int | float) -> None:
        """`line` in the caller's language."""
        if not self.as_json:
            self.line(self.words.say(message_id, **facts))

    def note(self, text: str) -> None:
        """A line on standard error, with or without --json: a warning, a state of the work."""
        self._write(self._stderr, _STEERING.sub(_SIGN, text) + "\n")

    def problem(self, refusal: Refusal) -> int:
        """Says why the verb was refused and gives the exit code."""
        sentence = self.words.of(refusal)
        if self.as_json and not self._answered:
            error: dict[str, str | int] = {"id": refusal.id, "message": sentence}
            facts = {name: fact for name, fact in refusal.facts.items() if name not in error}
            self.result({"error": error | facts})
        self.note(sentence)
        return exit_code(refusal)

    def close(self) -> None:
        """Ends the run: with --json a verb that had nothing to say still answers with one document."""
        if self.as_json and not self._answered:
            self.result({})

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Progress]:
        """A bar while the block runs, only on a terminal and never with --json."""
        seen = not self.as_json and self._stderr.isatty()
        bar = Progress(self._stderr if seen else None, label, total)
        try:
            yield bar
        finally:
            bar.close()

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(_encodable(stream, text))
            stream.flush()
        except BrokenPipeError:
            # The reader went away (`| head`): what the verb does must not stop half-way, it goes on unheard.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""What a person gives to a verb: texts, files, codes, dates. Read and checked before anything else happens."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words

STANDARD_INPUT = "-"
LARGEST_TEXT = 1024 * 1024
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def wrong(output: Output, verb: str, message_id: str) -> ConfrereError:
    """A wrong command line that argparse cannot see."""
    return ConfrereError("usage", reason=output.words.say(message_id), command=f"confrere {verb}")


def octets(source: str, most: int = LARGEST_TEXT) -> bytes:
    """A file, or standard input for "-"; one octet more than `most` where it is too long. ConfrereError
    file-unreadable."""
    try:
        if source == STANDARD_INPUT:
            return sys.stdin.buffer.read(most + 1)
        with Path(source).open("rb") as file:
            return file.read(most + 1)
    except (OSError, AttributeError):
        raise ConfrereError("file-unreadable", file=source) from None


def text(source: str) -> str:
    """The same as UTF-8 text, without the line end of its last line."""
    raw = octets(source)
    try:
        found = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfrereError("file-not-text", file=source) from None
    if len(raw) > LARGEST_TEXT:
        raise ConfrereError("file-too-long", file=source, limit=LARGEST_TEXT)
    return found.rstrip("\n")


def prose(typed: str) -> str:
    """A text for others to read, without what steers a terminal: documents refuse it. ConfrereError
    text-unprintable."""
    if _UNPRINTABLE.search(typed):
        raise ConfrereError("text-unprintable")
    return typed


def files(names: Sequence[str]) -> list[Path]:
    """Attachments, each of which is there. ConfrereError file-unreadable."""
    for name in names:
        if not Path(name).is_file():
            raise ConfrereError("file-unreadable", file=name)
    return [Path(name) for name in names]


def add_text_flags(parser: argparse.ArgumentParser, words: Words, *, required: bool) -> None:
    """`--text TEXT` or `--body FILE|-`."""
    group = parser.add_mutually_exclusive_group(required=required)
    group.add_argument("--text", metavar="TEXT", default="", help=words.say("flag-text-help"))
    group.add_argument("--body", metavar="FILE", default="", help=words.say("flag-body-help"))


def written(arguments: argparse.Namespace) -> str:
    """What `add_text_flags` was given, or nothing."""
    return prose(text(arguments.body) if arguments.body else str(arguments.text))


def add_attach_flag(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--attach", metavar="FILE", action="append", default=[], help=words.say("flag-attach-help"))


def add_code_flags(parser: argparse.ArgumentParser, words: Words) -> argparse._MutuallyExclusiveGroup:
    """A code on the command line can be read by others of the machine: a file, "-" or the prompt hide it."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--code", metavar="CODE", default="", help=words.say("flag-code-help"))
    group.add_argument("--code-file", metavar="FILE", default="", help=words.say("flag-code-file-help"))
    return group


def code(value: str, file: str, output: Output, verb: str) -> str:
    """A code from the command line, standard input ("-"), a file, or asked for on a terminal."""
    if file or value == STANDARD_INPUT:
        return text(file or value).strip()
    if value:
        return value
    if not sys.stdin.isatty():
        raise wrong(output, verb, "code-missing")
    sys.stderr.write(output.words.say("code-prompt") + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def agrees(output: Output, question: str) -> bool:
    """A yes typed on a terminal; True where nobody can be asked (a script has said what it wants)."""
    if output.as_json or not sys.stdin.isatty():
        return True
    sys.stderr.write(output.words.say(question) + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("o", "oui", "y", "yes")


def day(typed: str) -> datetime.date:
    """YYYY-MM-DD, for argparse."""
    return datetime.date.fromisoformat(typed)


def coming(until: datetime.date | None) -> datetime.date | None:
    """The last day of something that begins now. ConfrereError day-past."""
    if until is not None and until < datetime.date.today():
        raise ConfrereError("day-past", day=until.isoformat())
    return until


def moment(typed: str) -> datetime.datetime:
    """ISO 8601; without an offset, the time of this machine. For argparse."""
    found = datetime.datetime.fromisoformat(typed)
    return found if found.tzinfo else found.astimezone()


def milliseconds(when: datetime.datetime) -> int:
    return int(when.timestamp()) * 1000

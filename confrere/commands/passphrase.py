"""The passphrase of a profile: from a file, the environment or a terminal, in this order; nowhere else, and never kept.

It is read and checked for its length here; whether it opens the profile is the vault's to say.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words

VARIABLE = "CONFRERE_PASSPHRASE"


def add_passphrase_flag(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--passphrase-file", metavar="FILE", default="", help=words.say("flag-passphrase-file-help"))


def read(arguments: argparse.Namespace, output: Output) -> str:
    """The passphrase of a profile that exists. ConfrereError passphrase-missing, file-unreadable."""
    return _unattended(arguments) or _asked(output, "passphrase-prompt")


def choose(arguments: argparse.Namespace, output: Output, shortest: int) -> str:
    """One for a new profile, typed twice on a terminal. Also passphrase-too-short, passphrase-differs."""
    chosen = _unattended(arguments)
    repeated = chosen
    if not chosen:
        chosen = _asked(output, "passphrase-prompt-new")
        repeated = _asked(output, "passphrase-prompt-again")
    if len(chosen) < shortest:
        raise ConfrereError("passphrase-too-short", minimum=shortest)
    if chosen != repeated:
        raise ConfrereError("passphrase-differs")
    return chosen


def _unattended(arguments: argparse.Namespace) -> str:
    if not arguments.passphrase_file:
        return os.environ.get(VARIABLE, "")
    try:
        text = Path(arguments.passphrase_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfrereError("file-unreadable", file=arguments.passphrase_file) from None
    line = text.partition("\n")[0].rstrip("\r")
    if not line:
        raise ConfrereError("passphrase-missing")
    return line


def _asked(output: Output, prompt: str) -> str:
    if not sys.stdin.isatty():
        raise ConfrereError("passphrase-missing")
    try:
        typed = getpass.getpass(output.words.say(prompt) + " ", stream=sys.stderr)
    except EOFError:
        typed = ""
    if not typed:
        raise ConfrereError("passphrase-missing")
    return typed

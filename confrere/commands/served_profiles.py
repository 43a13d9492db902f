"""The profiles that a gateway serves: one or several, all under one passphrase, as flags of its verbs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from confrere.commands import opening, passphrase
from confrere.words.catalogue import Words
from messaging.errors import MessagingError
from messaging.profile.store import Profile


def add_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    default = os.environ.get(opening.VARIABLE, "")
    sentence = words.say("gateway-flag-profile-help")
    parser.add_argument("--profile", metavar="DIR", action="append", default=[], required=not default, help=sentence)
    passphrase.add_passphrase_flag(parser, words)


def folders(arguments: argparse.Namespace) -> list[Path]:
    """Raises MessagingError("profile-missing")."""
    found = [Path(one) for one in arguments.profile or [os.environ[opening.VARIABLE]]]
    if not all(map(Profile.exists, found)):
        raise MessagingError("profile-missing")
    return found

"""`confrere gateway setup`: all that a first mail program needs: the gateway's identity, an app password, the values to
type, what starts the gateway with the machine. It starts nothing; the gateway may run meanwhile.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path

from confrere.commands import app_passwords, autostart, opening, passphrase, private_file, served_profiles
from confrere.output import Output
from confrere.settings import Gateway
from confrere.words.catalogue import Words
from messaging.gateway.certificates import identity as identities
from messaging.gateway.setup import posted
from messaging.gateway.setup.posted import FOLDER, Posted

NAME = "setup"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    served_profiles.add_flags(parser, words)
    parser.add_argument("--name", metavar="NAME", default="", help=words.say("gateway-flag-name-help"))
    parser.add_argument("--install", action="store_true", help=words.say("gateway-flag-install-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    words, gateway = output.words, opening.settings_of(arguments).gateway
    folders = served_profiles.folders(arguments)
    secret = passphrase.read(arguments, output)
    name = arguments.name or _asked(words)
    users = [await _user(arguments, folder, secret, name) for folder in folders]
    authority = _identity(folders[0], gateway)
    kept = Path(arguments.passphrase_file) if arguments.passphrase_file else autostart.passphrase_file(os.environ)
    config = arguments.config or os.environ.get("CONFRERE_CONFIG", "")
    unit = autostart.unit(folders, kept, config, words.language)
    installed = ""
    if arguments.install:
        installed = str(autostart.install(unit, os.environ))
        if not arguments.passphrase_file:
            private_file.write(kept, f"{secret}\n")
        elif os.name != "nt" and kept.stat().st_mode & 0o077:
            output.note(words.say("gateway-setup-open", file=str(kept)))
    there = posted.read(folders[0]) or _expected(gateway)
    host = _names(gateway)[0] if gateway.names else "localhost"
    page = f"http://localhost:{there.setup}/" if there.setup else ""
    document = {
        "page": page,
        "host": host,
        "smtp": there.smtp,
        "imap": there.imap,
        "pop3": there.pop3,
        "ca": authority,
        "mailboxes": [{"user": user, "password": password} for user, password in users],
        "unit": unit,
        "installed": installed,
        "passphrase_file": str(kept) if arguments.install else "",
    }
    lines = [words.say("gateway-password", user=user, password=password) for user, password in users]
    numbers = {"smtp": str(there.smtp), "imap": str(there.imap), "pop3": str(there.pop3)}  # as they are typed
    lines.append(words.say("gateway-setup-servers", host=host, **numbers))
    lines.append(words.say("gateway-setup-page", page=page) if page else words.say("gateway-setup-page-later"))
    if installed:
        lines.append(words.say("gateway-setup-installed", unit=installed, kept=str(kept)))
    else:
        lines += [words.say("gateway-setup-unit"), unit]
    output.result(document, "\n\n".join(lines))


async def _user(arguments: argparse.Namespace, folder: Path, secret: str, name: str) -> tuple[str, str]:
    """User name and a new app password; one of the same name that no program ever used is withdrawn."""
    async with app_passwords.opened_in(folder, secret, arguments) as (address, passwords):
        if any(one.name == " ".join(name.split()) and one.last_used is None for one in await passwords.names()):
            await passwords.remove(name)
        return address, await passwords.add(name)


def _asked(words: Words) -> str:
    """The program's name; off a terminal, and where nothing is typed, a name that says no more than that it is one."""
    usual = words.say("gateway-setup-program")
    if not sys.stdin.isatty():
        return usual
    sys.stderr.write(words.say("gateway-setup-ask-program", usual=usual) + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or usual


def _identity(profile: Path, gateway: Gateway) -> str:
    """The file that mail programs are to trust, made if it is not there; empty with a real certificate."""
    now = datetime.datetime.now(datetime.UTC)
    if gateway.certificate:
        identities.given(Path(gateway.certificate), Path(gateway.key or gateway.certificate), now)
        return ""
    trusted = identities.ensure(profile / FOLDER, _names(gateway), now).trusted
    return str(trusted.resolve()) if trusted else ""


def _names(gateway: Gateway) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in gateway.names.split(","))))


def _expected(gateway: Gateway) -> Posted:
    """Where it will listen by the settings."""
    return Posted(0, gateway.host, gateway.smtp_port, gateway.imap_port, gateway.pop3_port, gateway.setup_port)

"""What starts the gateway with the machine: a systemd user unit, for this user alone. Nothing is started from here.

How the profile opens without a person is the unit's business too: a passphrase file that its user alone can read.
Windows and macOS are described in docs/guide/mail.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from confrere.commands import private_file
from confrere.errors import ConfrereError

UNIT: Final = "confrere-gateway.service"
_TEXT: Final = """\
# Written by `confrere gateway setup`: the mail gateway, for as long as this user may run it.
[Unit]
Description=Confrère mail gateway
StartLimitIntervalSec=0

[Service]
ExecStart={command}
Restart=always
RestartSec=30
NoNewPrivileges=yes
UMask=0077
LimitCORE=0

[Install]
WantedBy=default.target
"""


def unit(profiles: Sequence[Path], passphrase: Path, config: str, language: str) -> str:
    """The unit file. It tries again for ever: a service that is away, or a profile that is in use, is no reason to stay
    down. No memory of the process is ever written to a core file. `language` is that of the mails that it writes: a
    unit has no locale."""
    command = [sys.executable, "-m", "confrere", "gateway", "--lang", language]
    for profile in profiles:
        command += ["--profile", str(profile.resolve())]
    command += ["--passphrase-file", str(passphrase.resolve())]
    if config:
        command += ["--config", str(Path(config).resolve())]
    return _TEXT.format(command=" ".join(map(_quoted, command)))


def install(text: str, environment: Mapping[str, str]) -> Path:
    """Write the unit into this user's own folder of units. ConfrereError autostart-unknown where there is no systemd,
    file-unwritable."""
    if not sys.platform.startswith("linux"):
        raise ConfrereError("autostart-unknown")
    file = _settings(environment) / "systemd" / "user" / UNIT
    return Path(private_file.write(file, text))


def passphrase_file(environment: Mapping[str, str]) -> Path:
    """Where the passphrase is kept for the unit, unless the caller has a file of his own."""
    return _settings(environment) / "confrere" / "gateway-passphrase"


def _settings(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))


def _quoted(word: str) -> str:
    """As systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers", read it back."""
    if any(not character.isprintable() for character in word):
        raise ConfrereError("file-unwritable", file=word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'

"""Dovecot's IMAP process over pipes, logged in as it starts: no daemon, no port, no root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.clients.debian.spoken import Speaker

IMAP = Path("/usr/lib/dovecot/imap")
CONFIGURATION = """
mail_location = maildir:{folder}/mail
mail_save_crlf = yes
stats_writer_socket_path =
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@contextlib.contextmanager
def serving() -> Iterator[Speaker]:
    """It refuses to be root: as root it is started as somebody who owns nothing but its folder."""
    with tempfile.TemporaryDirectory(prefix="dovecot-") as made:
        yield from _running(Path(made))


def _running(folder: Path) -> Iterator[Speaker]:
    configuration = folder / "dovecot.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    nobody = os.geteuid() == 0
    user = "nobody" if nobody else pwd.getpwuid(os.geteuid()).pw_name
    if nobody:
        shutil.chown(folder, user)
    process = subprocess.Popen(
        [IMAP, "-c", configuration],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"HOME": str(folder), "USER": user, "PATH": os.environ["PATH"]},
        **({"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if nobody else {}),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Speaker(process.stdout, process.stdin)
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()

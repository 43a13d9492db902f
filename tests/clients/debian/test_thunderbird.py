"""Thunderbird on a virtual screen: logs in by itself, shows INBOX, takes bodies, sends, keeps one copy in Sent.

What it did is read in its own log of commands, which goes to its standard error."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import IO

import pytest

from tests.clients.debian import logins
from tests.clients.debian.program import Home, installed
from tests.clients.gateway_process import Program

pytestmark = installed("thunderbird", "Xvfb", "xdotool", "certutil")
PATIENCE = 60.0
# Nothing is asked, looked up, updated or told to anybody.
QUIET: dict[str, str | int | bool] = {
    **{"mail.provider.enabled": False, "mail.rights.version": 1, "mail.spotlight.firstRunDone": True},
    **{"mail.shell.checkDefaultClient": False, "mailnews.start_page.enabled": False, "app.update.enabled": False},
    **{"datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.enabled": False},
    **{"network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False},
    **{"extensions.update.enabled": False, "app.normandy.enabled": False, "mail.inappnotifications.enabled": False},
    **{"network.proxy.type": 0, "app.donation.eoy.version.viewed": 999, "intl.locale.requested": "en-US"},
    **{"mail.warn_on_send_accel_key": False, "mailnews.database.global.indexer.enabled": False},
}
TLS, PASSWORD = 3, 3  # its numbers for TLS from the first octet, and for a password as it is


@dataclass
class Thunderbird:
    display: str
    home: Home
    _lines: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    def until(self, pattern: str) -> re.Match[str]:
        """What its log says next that matches."""
        end = time.monotonic() + PATIENCE
        while True:
            line = self._lines.get(timeout=max(end - time.monotonic(), 0.01))
            if match := re.search(pattern, line):
                return match

    def watch(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)

    def xdotool(self, *words: str) -> None:
        done = subprocess.run(
            ("xdotool", *words), env=self.home.environment(DISPLAY=self.display), timeout=PATIENCE, check=False
        )
        assert done.returncode == 0


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    read, write = os.pipe()
    size = ("-screen", "0", "1280x900x24", "-nolisten", "tcp")
    argv = ("Xvfb", "-displayfd", str(write), *size)
    process = subprocess.Popen(argv, pass_fds=[write], stderr=subprocess.DEVNULL)
    try:
        yield f":{os.read(read, 20).decode().strip()}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        os.close(read)
        os.close(write)


@contextlib.contextmanager
def _running(home: Home, profile: Path, *more: str) -> Iterator[Thunderbird]:
    with _screen() as display:
        environment = home.environment(DISPLAY=display, MOZ_LOG="IMAP:4,SMTP:4", MOZ_CRASHREPORTER_DISABLE="1")
        argv = ("thunderbird", "--profile", str(profile), "--no-remote", *more)
        process = subprocess.Popen(
            argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        assert process.stderr is not None
        running = Thunderbird(display, home)
        watching = threading.Thread(target=running.watch, args=(process.stderr,))
        watching.start()
        try:
            yield running
        finally:
            process.terminate()
            process.wait(timeout=30)
            watching.join(timeout=30)
            process.stderr.close()


@pytest.fixture
def profile(home: Home, gp: Program) -> Path:
    """Set up as a user would, with the gateway's authority imported and the password remembered."""
    folder = home.folder / "profile"
    folder.mkdir()
    logins.trust(home, folder, gp.gateway.ca)
    logins.keep(folder, gp.address, {f"{scheme}://localhost": gp.password for scheme in ("imap", "smtp")})
    sent = gp.folder_of("Sent").strip('"')
    server, identity, smtp = "mail.server.server1.", "mail.identity.id1.", "mail.smtpserver.smtp1."
    settings: dict[str, str | int | bool] = {
        **QUIET,
        **{"mail.accountmanager.accounts": "account1", "mail.account.account1.server": "server1"},
        **{"mail.account.account1.identities": "id1", "mail.smtpservers": "smtp1", "mail.smtp.defaultserver": "smtp1"},
        **{f"{server}type": "imap", f"{server}hostname": "localhost", f"{server}port": gp.gateway.imap},
        **{f"{server}userName": gp.address, f"{server}socketType": TLS, f"{server}authMethod": PASSWORD},
        **{f"{server}login_at_startup": True, f"{server}name": gp.address},
        **{f"{identity}useremail": gp.address, f"{identity}valid": True, f"{identity}smtpServer": "smtp1"},
        **{f"{identity}doFcc": True, f"{identity}fullName": "Dr Morel", f"{identity}fcc_folder_picker_mode": "1"},
        f"{identity}fcc_folder": f"imap://{gp.address.replace('@', '%40')}@localhost/{sent}",
        **{f"{smtp}hostname": "localhost", f"{smtp}port": gp.gateway.smtp, f"{smtp}username": gp.address},
        **{f"{smtp}try_ssl": TLS, f"{smtp}authMethod": PASSWORD},
    }
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items())
    home.write("profile/user.js", "".join(lines))
    return folder


def test_thunderbird_opens_inbox_takes_bodies_and_waits(
    profile: Path, home: Home, gp: Program, cardiologist: Program
) -> None:
    before = len(gp.when(0))
    for number in range(5):
        with cardiologist.smtp() as smtp:
            smtp.send_message(cardiologist.mail(gp, f"Avis {number}", "La glycémie est à 7,2.\n"))
    uids = gp.when(before + 5)
    with _running(home, profile, "-mail") as thunderbird:
        thunderbird.until(r'SendData: \d+ select "INBOX"')
        assert int(thunderbird.until(r"\* (\d+) EXISTS")[1]) == len(uids)
        thunderbird.until(rf"SendData: \d+ UID fetch .*\b{uids[-1]}.*BODY\.PEEK\[\]")
        thunderbird.until("La glycémie est à 7,2.")
        thunderbird.until(r"SendData: \d+ IDLE")
        with cardiologist.smtp() as smtp:
            smtp.send_message(cardiologist.mail(gp, "Pendant ce temps", "Encore un.\n"))
        thunderbird.until(rf"\* {len(uids) + 1} EXISTS")
        thunderbird.until("Encore un.")


def test_thunderbird_sends_and_keeps_one_copy(profile: Path, home: Home, gp: Program, cardiologist: Program) -> None:
    """Its APPEND to Sent is the mail that the gateway put there: RFC 4315 APPENDUID says so."""
    before, sent = len(cardiologist.when(0)), gp.folder_of("Sent")
    kept = len(gp.when(0, sent))
    written = f"to='{cardiologist.address}',subject='De Thunderbird',body='Tension 12/8.'"
    with _running(home, profile, "-compose", written) as thunderbird:
        thunderbird.until(r"SendData: \d+ IDLE")
        thunderbird.xdotool("search", "--sync", "--onlyvisible", "--name", "De Thunderbird")
        # Without a window manager, keys go where the pointer is.
        thunderbird.xdotool("mousemove", "400", "500", "key", "ctrl+Return")
        thunderbird.until(r"SendData: \d+ append ")
        uid = int(thunderbird.until(r"OK \[APPENDUID \d+ (\d+)\]")[1])
    arrived = message_from_bytes(cardiologist.octets(cardiologist.when(before + 1)[-1]), policy=policy.default)
    text = arrived.get_body()
    assert text is not None
    assert (arrived["Subject"], text.get_content().strip()) == ("De Thunderbird", "Tension 12/8.")
    uids = gp.when(0, sent)
    assert (len(uids), uids[-1]) == (kept + 1, uid)

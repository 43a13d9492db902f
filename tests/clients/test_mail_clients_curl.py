"""curl against a gateway process: SMTP, IMAP and POP3, TLS from the first octet and by command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.gateway_process import Gateway, Program

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
LOGIN_DENIED = 67


def _curl(program: Program, url: str, *more: str, password: str = "") -> subprocess.CompletedProcess[bytes]:
    login = f"{program.address}:{password or program.password}"
    known = ("curl", "-s", "--max-time", "20", "--ssl-reqd", "--cacert", str(program.gateway.ca), "-u", login)
    return subprocess.run([*known, url, *more], capture_output=True, check=False)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_curl_submits_and_reads_back(
    scheme: str, gateway: Gateway, gp: Program, cardiologist: Program, tmp_path: Path
) -> None:
    before = len(cardiologist.when(0))
    mail = tmp_path / "mail.eml"
    mail.write_bytes(gp.mail(cardiologist, f"Par {scheme}").as_bytes())
    envelope = ("--mail-from", gp.address, "--mail-rcpt", cardiologist.address, "-T", str(mail))
    sent = _curl(gp, f"{scheme}://127.0.0.1:{gateway.smtp}", *envelope)
    assert sent.returncode == 0
    uid = cardiologist.when(before + 1)[-1]
    octets = cardiologist.octets(uid)
    read = scheme.replace("smtp", "imap"), scheme.replace("smtp", "pop3")
    assert _curl(cardiologist, f"{read[0]}://127.0.0.1:{gateway.imap}/INBOX;UID={uid}").stdout == octets
    assert _curl(cardiologist, f"{read[1]}://127.0.0.1:{gateway.pop3}/{before + 1}").stdout == octets
    found = _curl(cardiologist, f"imaps://127.0.0.1:{gateway.imap}/INBOX", "-X", f"UID SEARCH SUBJECT {scheme}")
    assert str(uid) in found.stdout.decode().split()


@pytest.mark.parametrize("door", ["smtp", "imap", "pop3"])
def test_curl_with_a_wrong_password(door: str, gateway: Gateway, gp: Program) -> None:
    answer = _curl(gp, f"{door}s://127.0.0.1:{getattr(gateway, door)}", password="rien-de-tel")
    assert answer.returncode == LOGIN_DENIED

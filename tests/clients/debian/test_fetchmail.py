"""fetchmail takes mail over IMAP and POP3 into a script: kept and taken once, or taken away."""

from __future__ import annotations

import pytest

from tests.clients.debian.program import Home, installed
from tests.clients.gateway_process import Program

pytestmark = installed("fetchmail")
NOTHING_NEW = 1
DELIVERY = '#!/bin/sh\nexec cat > "$(mktemp "$HOME/taken/XXXXXX")"\n'


def _fetch(home: Home, program: Program, protocol: str, *, keep: bool, code: int = 0) -> list[bytes]:
    """What has been taken so far."""
    gateway = program.gateway
    script = home.write("deliver", DELIVERY, 0o700)
    (home.folder / "taken").mkdir(exist_ok=True)
    port, uidl = (gateway.imap, "") if protocol == "IMAP" else (gateway.pop3, "uidl")
    home.write(
        ".fetchmailrc",  # it knows names of certificates, not addresses
        f"poll localhost protocol {protocol} port {port} {uidl}\n"
        f'  user "{program.address}" password "{program.password}"\n'
        f'  ssl sslcertck sslcertfile "{gateway.ca}" no rewrite\n'
        f'  {"keep" if keep else "nokeep fetchall"} mda "{script}"\n',
    )
    home.run("fetchmail", "--nodetach", "--nosyslog", "-v", code=code)
    return [path.read_bytes() for path in (home.folder / "taken").iterdir()]


def _send(gp: Program, cardiologist: Program, *subjects: str) -> list[int]:
    before = len(cardiologist.when(0))
    for subject in subjects:
        with gp.smtp() as smtp:
            smtp.send_message(gp.mail(cardiologist, subject, f"Texte de {subject}\n.\nfin\n"))
    return cardiologist.when(before + len(subjects))


@pytest.mark.parametrize("protocol", ["IMAP", "POP3"])
def test_what_is_kept_is_taken_once(protocol: str, home: Home, gp: Program, cardiologist: Program) -> None:
    subjects = [f"{protocol} gardé {number}" for number in range(3)]
    uids = _send(gp, cardiologist, *subjects)
    taken = _fetch(home, cardiologist, protocol, keep=True)
    for subject in subjects:
        assert sum(f"Texte de {subject}\n.\nfin".encode() in octets for octets in taken) == 1
    assert _fetch(home, cardiologist, protocol, keep=True, code=NOTHING_NEW) == taken
    assert cardiologist.when(0) == uids


@pytest.mark.parametrize("protocol", ["IMAP", "POP3"])
def test_what_is_taken_away_is_gone(protocol: str, home: Home, gp: Program, cardiologist: Program) -> None:
    uids = _send(gp, cardiologist, f"{protocol} emporté")
    taken = _fetch(home, cardiologist, protocol, keep=False)
    assert len(taken) == len(uids)
    assert sum(f"Texte de {protocol} emporté".encode() in octets for octets in taken) == 1
    assert cardiologist.when(0) == []

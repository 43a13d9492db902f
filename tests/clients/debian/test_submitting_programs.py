"""swaks and msmtp submit: STARTTLS and TLS at once, PLAIN and LOGIN, what is refused, attachments, pipelining."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from tests.clients.debian.program import Home, installed
from tests.clients.gateway_process import Program

AUTHENTICATION_FAILED, RECIPIENT_REFUSED, MAIL_REFUSED = 28, 24, 23  # exit codes of swaks


def _swaks(home: Home, program: Program, *more: str, to: str = "", password: str = "", code: int = 0) -> str:
    gateway = program.gateway
    return home.run(
        *("swaks", "--server", f"127.0.0.1:{gateway.smtp}", "--tls-verify", "--tls-ca-path", gateway.ca),
        *("--from", program.address, "--to", to, "--auth-user", program.address),
        *("--auth-password", password or program.password, *more),
        code=code,
    )


@installed("swaks")
@pytest.mark.parametrize("tls", ["--tls", "--tls-on-connect"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_submits(tls: str, mechanism: str, home: Home, gp: Program, cardiologist: Program) -> None:
    before = len(cardiologist.when(0))
    subject = f"Subject: {tls} {mechanism}"
    said = _swaks(home, gp, tls, "--auth", mechanism, "--header", subject, to=cardiologist.address)
    assert "<~  250" in said
    assert subject.encode() in cardiologist.octets(cardiologist.when(before + 1)[-1])


@installed("swaks")
def test_swaks_in_one_go_with_an_attachment(home: Home, gp: Program, cardiologist: Program) -> None:
    """RFC 2920; a file that is sent is the file that arrives."""
    before = len(cardiologist.when(0))
    file = home.write("résultats.pdf", bytes(range(256)) * 1000)
    attached = ("--attach-type", "application/pdf", "--attach-name", "resultats.pdf", "--attach", f"@{file}")
    _swaks(home, gp, "--tls", "--pipeline", *attached, to=cardiologist.address)
    arrived = message_from_bytes(cardiologist.octets(cardiologist.when(before + 1)[-1]), policy=policy.default)
    (one,) = (part for part in arrived.walk() if part.get_filename() == "resultats.pdf")
    assert one.get_content() == file.read_bytes()


@installed("swaks")
def test_swaks_is_refused(home: Home, gp: Program, cardiologist: Program) -> None:
    said = _swaks(home, gp, "--tls", password="rien", to=cardiologist.address, code=AUTHENTICATION_FAILED)
    assert "<~* 535 5.7.8" in said
    said = _swaks(home, gp, "--tls", to="personne@confrere.localhost", code=RECIPIENT_REFUSED)
    assert "<~* 550 5.1.1" in said
    server = f"127.0.0.1:{gp.gateway.smtp}"
    plain = home.run("swaks", "--server", server, "--from", gp.address, "--to", cardiologist.address, code=MAIL_REFUSED)
    assert "<** 530 5.7.0" in plain


@installed("msmtp")
@pytest.mark.parametrize("starttls", ["on", "off"])
def test_msmtp_submits(starttls: str, home: Home, gp: Program, cardiologist: Program) -> None:
    before = len(cardiologist.when(0))
    home.write(
        ".msmtprc",
        f"account default\nhost 127.0.0.1\nport {gp.gateway.smtp}\nauth on\nuser {gp.address}\n"
        f"password {gp.password}\nfrom {gp.address}\ntls on\ntls_starttls {starttls}\ntls_trust_file {gp.gateway.ca}\n",
    )
    mail = gp.mail(cardiologist, f"msmtp {starttls}", "Bonjour,\n.\nà bientôt.\n")
    home.run("msmtp", "-t", given=mail.as_bytes())
    assert f"msmtp {starttls}".encode() in cardiologist.octets(cardiologist.when(before + 1)[-1])

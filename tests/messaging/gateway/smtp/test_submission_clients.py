"""Real clients: Python's smtplib and curl, over STARTTLS and over TLS from the first octet."""

from __future__ import annotations

import asyncio
import shutil
import smtplib
import ssl
from email.message import EmailMessage

import pytest

from tests.messaging.gateway.smtp.submission import ADDRESS, PASSWORD, Scene

pytestmark = pytest.mark.asyncio
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
Tls = tuple[ssl.SSLContext, ssl.SSLContext, str]


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, "b@b.example", "Évolution"
    message.set_content("Une ligne\n.\n..deux points\n" + "x" * 3000 + "\n", cte="8bit")
    return message


@pytest.mark.parametrize("implicit", [True, False])
async def test_smtplib(scene: Scene, implicit: bool) -> None:
    scene.implicit = implicit

    def send() -> None:
        if implicit:
            client: smtplib.SMTP = smtplib.SMTP_SSL("localhost", scene.server.port, context=scene.trusted, timeout=10)
        else:
            client = smtplib.SMTP("localhost", scene.server.port, timeout=10)
            client.starttls(context=scene.trusted)
        with client:
            client.login(ADDRESS, PASSWORD)
            options = ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b@b.example"]
            for _ in range(2):
                assert client.send_message(letter(), mail_options=["RET=HDRS"], rcpt_options=options) == {}
            with pytest.raises(smtplib.SMTPSenderRefused) as refused:
                client.sendmail("other@a.example", ["b@b.example"], "x")
            assert refused.value.smtp_code == 550

    async with scene.serving():
        await asyncio.to_thread(send)
    first, second = scene.submitter.taken
    assert first.octets == second.octets == letter().as_bytes().replace(b"\n", b"\r\n")
    assert first.recipients[0][1].notify == {"SUCCESS", "FAILURE"}


@needs_curl
@pytest.mark.parametrize("implicit", [True, False])
async def test_curl(scene: Scene, submission_tls: Tls, implicit: bool) -> None:
    scene.implicit = implicit
    async with scene.serving():
        url = f"{'smtps' if implicit else 'smtp'}://localhost:{scene.server.port}"
        curl = await asyncio.create_subprocess_exec(
            *("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", submission_tls[2], "--max-time", "10"),
            *("--url", url, "--user", f"{ADDRESS}:{PASSWORD}", "--mail-from", ADDRESS, "--mail-rcpt", "b@b.example"),
            *("--upload-file", "-"),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await curl.communicate(b"Subject: curl\r\n\r\n.a\r\n")
        assert (curl.returncode, said) == (0, b"")
    assert [taken.octets for taken in scene.submitter.taken] == [b"Subject: curl\r\n\r\n.a\r\n"]

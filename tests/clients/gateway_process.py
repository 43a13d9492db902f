"""`confrere gateway` as a process over `confrere serve` as another: two colleagues with app passwords, on loopback."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import poplib
import re
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

from confrere.story import synthetic_extraction
from tests.confrere.verbs.command_line import ENVIRONMENT, Clinic, Server, User, confrere

PATIENCE = 20.0


@dataclass
class Program:
    """What one mail program was told: a mailbox and its app password."""

    gateway: Gateway = field(repr=False)
    user: User
    address: str
    password: str = field(repr=False)

    def smtp(self) -> smtplib.SMTP:
        """TLS from the first octet, logged in."""
        gateway = self.gateway
        smtp = smtplib.SMTP_SSL("127.0.0.1", gateway.smtp, context=gateway.trust(), timeout=PATIENCE)
        smtp.login(self.address, self.password)
        return smtp

    def imap(self, folder: str = "") -> imaplib.IMAP4_SSL:
        gateway = self.gateway
        imap = imaplib.IMAP4_SSL("127.0.0.1", gateway.imap, ssl_context=gateway.trust(), timeout=PATIENCE)
        imap.login(self.address, self.password)
        if folder:
            assert imap.select(folder)[0] == "OK"
        return imap

    def pop3(self) -> poplib.POP3_SSL:
        gateway = self.gateway
        pop3 = poplib.POP3_SSL("127.0.0.1", gateway.pop3, context=gateway.trust(), timeout=PATIENCE)
        pop3.user(self.address)
        pop3.pass_(self.password)
        return pop3

    def when(self, count: int, folder: str = "INBOX") -> list[int]:
        """The UIDs of a folder once it holds so many mails: waits in IDLE."""
        with self.imap() as imap:
            held = int(imap.select(folder, readonly=True)[1][0] or b"0")
            with idling(imap):
                while held < count:
                    held = int(told(imap, rb"\* (\d+) EXISTS")[1])
            return [int(uid) for uid in imap.uid("SEARCH", "ALL")[1][0].split()]

    def octets(self, uid: int, folder: str = "INBOX") -> bytes:
        with self.imap() as imap:
            imap.select(folder, readonly=True)
            found = imap.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0]
            return bytes(found[1])

    def folders(self) -> list[str]:
        """As they are named on the wire, quoted."""
        with self.imap() as imap:
            return [line.decode().partition(' "/" ')[2] for line in imap.list()[1]]

    def folder_of(self, special_use: str) -> str:
        with self.imap() as imap:
            (found,) = [line.decode() for line in imap.list()[1] if b"\\" + special_use.encode() + b")" in line]
            return found.partition(' "/" ')[2]

    def mail(self, to: Program, subject: str = "Bonjour", text: str = "Un mot.\n", **headers: str) -> EmailMessage:
        made = EmailMessage(policy=policy.SMTPUTF8)
        made["From"], made["To"], made["Subject"] = self.address, to.address, subject
        made["Message-ID"] = make_msgid(domain="cabinet.example")
        for name, value in headers.items():
            made[name.replace("_", "-")] = value
        made.set_content(text)
        return made


@dataclass
class Gateway:
    """May be stopped, killed, and started again on the same ports."""

    folder: Path
    users: tuple[User, ...]
    smtp: int = 0
    imap: int = 0
    pop3: int = 0
    ca: Path = Path()
    process: subprocess.Popen[str] | None = None
    programs: list[Program] = field(default_factory=list)

    def trust(self) -> ssl.SSLContext:
        """A client's context that trusts this gateway's own authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca))

    def start(self) -> None:
        ports = {"--smtp-port": self.smtp, "--imap-port": self.imap, "--pop3-port": self.pop3}
        argv = [sys.executable, "-m", "confrere", "gateway", "--json"]
        argv += [word for user in self.users for word in ("--profile", str(user.profile))]
        argv += [str(word) for port in ports.items() for word in port]
        with (self.folder / "gateway.log").open("a") as log:
            environment = os.environ | ENVIRONMENT | {"CONFRERE_LANG": "fr"}
            self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.smtp, self.imap, self.pop3, self.ca = said["smtp"], said["imap"], said["pop3"], Path(said["ca"])

    def stop(self, *, killed: bool = False) -> None:
        if self.process is None:
            return
        if killed:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    @property
    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()


@contextlib.contextmanager
def idling(imap: imaplib.IMAP4) -> Iterator[None]:
    """RFC 2177. What is told meanwhile, `told` reads."""
    imap.send(b"I1 IDLE\r\n")
    told(imap, rb"\+ ")
    yield
    imap.send(b"DONE\r\n")
    told(imap, rb"I1 OK")


def told(imap: imaplib.IMAP4, pattern: bytes) -> re.Match[bytes]:
    """The next line that matches; waits for it."""
    while line := imap.readline():
        if match := re.match(pattern, line):
            return match
    raise ConnectionResetError


@contextlib.contextmanager
def served(root: Path) -> Iterator[Gateway]:
    """A running gateway with the mailboxes of a GP and a cardiologist, and a mail program of each."""
    data = root / "data"
    synthetic_extraction.write(root / "extraction.txt")
    imported = confrere("directory", "import", str(root / "extraction.txt"), "--data", str(data))
    assert imported.code == 0, imported.err
    server = Server(data)
    server.start()
    clinic = Clinic(root, server)
    try:
        gateway = Gateway(root, (clinic.enrol("gp"), clinic.enrol("cardiologist")))
        gateway.start()
        try:
            for user in gateway.users:
                issued = user.do("gateway", "password", "--name", "essai")
                gateway.programs.append(Program(gateway, user, issued["user"], issued["password"]))
            yield gateway
        finally:
            gateway.stop()
    finally:
        server.stop()

"""kill -9 of a gateway under load: each mail that it said 250 to is there once, however often it was tried again."""

from __future__ import annotations

import random
import re
import smtplib
import threading
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

from tests.clients.gateway_process import Program, served

KILLS = 6
PROGRAMS = 3


class Insisting(threading.Thread):
    """A mail program that submits one mail after the other, and each again until it has heard a 250."""

    def __init__(self, author: Program, reader: Program, number: int) -> None:
        super().__init__(daemon=True)
        self._author = author
        self._reader = reader
        self._number = number
        self._up = threading.Event()
        self._enough = threading.Event()
        self.accepted: list[str] = []
        self.heard = threading.Semaphore(0)

    def run(self) -> None:
        while not self._enough.is_set():
            subject = f"{self._number}/{len(self.accepted)}"
            mail = self._author.mail(self._reader, subject)
            while not self._submitted(mail):
                self._up.wait()
            self.accepted.append(subject)
            self.heard.release()

    def _submitted(self, mail: EmailMessage) -> bool:
        try:
            with self._author.smtp() as smtp:
                smtp.send_message(mail)
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def up(self) -> None:
        self._up.set()

    def down(self) -> None:
        self._up.clear()

    def end(self) -> None:
        self._enough.set()
        self.join()


def test_kill_9_under_load_keeps_every_accepted_mail_once(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    with served(tmp_path) as gateway:
        gp, cardiologist = gateway.programs
        programs = [Insisting(gp, cardiologist, number) for number in range(PROGRAMS)]
        for program in programs:
            program.up()
            program.start()
        for _ in range(KILLS):
            for _ in range(chance.randrange(3, 12)):
                assert chance.choice(programs).heard.acquire(timeout=60)
            for program in programs:
                program.down()
            gateway.stop(killed=True)
            gateway.start()
            for program in programs:
                program.up()
        for program in programs:
            program.end()
        accepted = Counter(subject for program in programs for subject in program.accepted)
        assert set(accepted.values()) == {1}
        cardiologist.when(len(accepted))
        assert _subjects(cardiologist, "INBOX") == accepted
        assert _subjects(gp, gp.folder_of("Sent")) == accepted
        assert "ERROR" not in gateway.log


def _subjects(program: Program, folder: str) -> Counter[str]:
    with program.imap(folder) as imap:
        lines = imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    text = b"".join(part for line in lines if isinstance(line, tuple) for part in line)
    return Counter(re.findall(r"Subject: (\d+/\d+)", text.decode()))

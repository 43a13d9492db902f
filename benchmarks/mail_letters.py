"""Synthetic mails of five kilobytes, as a practice's mail program writes them. Deterministic; nobody's data.

Every body has COMMON in it, one body and one subject in all have RARE.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

SIZE = 5_000
COMMON = "bisoprolol"
RARE = "xylophone"
_TEXT = """
    patient adressé pour un avis sur des palpitations à l'effort examen clinique normal tension artérielle stable
    traitement poursuivi sans changement contrôle dans trois mois bilan biologique joint merci de votre confiance
    électrocardiogramme rythme sinusal holter conseillé échographie sans anomalie reprise de l'activité possible
"""
_WORDS = _TEXT.split()
_LINE = 12  # words


def letter(author: str, to: str, number: int, *, rare: bool = False) -> bytes:
    """One mail of about SIZE octets, lines ended by CRLF. Its Message-ID follows from `number`."""
    chance = random.Random(number)
    subject = f"Avis n. {number} {RARE if rare else 'cardiologique'}"
    header = (
        f"From: {author}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <letter.{number}@cabinet.example>\r\n"
        "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\nUser-Agent: Mozilla Thunderbird\r\n"
        "Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode()
    body = f"Bonjour,\r\n\r\nSous {COMMON}{' et ' + RARE if rare else ''}.\r\n".encode()
    return header + body + b"".join(_lines(chance, SIZE - len(header) - len(body)))


def _lines(chance: random.Random, room: int) -> Iterator[bytes]:
    while room > 0:
        line = (" ".join(chance.choices(_WORDS, k=_LINE)) + "\r\n").encode()
        room -= len(line)
        yield line

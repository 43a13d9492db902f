"""A mail program's cache outlives the gateway's process: UIDs, UIDVALIDITY and flags (RFC 3501 section 2.3.1.1)."""

from __future__ import annotations

import re

import pytest

from tests.clients.gateway_process import Gateway, Program


def _held(program: Program) -> dict[str, tuple[bytes, list[tuple[int, frozenset[bytes]]]]]:
    """Of each folder its UIDVALIDITY, and the UIDs with their flags."""
    found = {}
    with program.imap() as imap:
        for folder in [line.decode().partition(' "/" ')[2] for line in imap.list()[1]]:
            imap.select(folder, readonly=True)
            validity = imap.response("UIDVALIDITY")[1][0]
            lines = [line for line in imap.uid("FETCH", "1:*", "(FLAGS)")[1] if line]
            found[folder] = validity, sorted(_flags(line) for line in lines)
    return found


def _flags(line: bytes) -> tuple[int, frozenset[bytes]]:
    uid, flags = re.search(rb"UID (\d+)", line), re.search(rb"FLAGS \(([^)]*)\)", line)
    assert uid is not None
    assert flags is not None
    return int(uid[1]), frozenset(flags[1].split())


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_a_restart_changes_nothing_that_is_cached(
    killed: bool, gateway: Gateway, gp: Program, cardiologist: Program
) -> None:
    before = len(cardiologist.when(0))
    with gp.smtp() as smtp:
        smtp.send_message(gp.mail(cardiologist, "Avant"))
    uid = cardiologist.when(before + 1)[-1]
    with cardiologist.imap("INBOX") as imap:
        imap.uid("STORE", str(uid), "+FLAGS", "(\\Seen \\Flagged $Label1 Rappel)")
        imap.append("Brouillons", "(\\Draft)", "", b"Subject: x\r\n\r\ny\r\n")
        imap.uid("COPY", str(uid), "Archives")
    held = _held(cardiologist)
    sent = gp.folder_of("Sent")
    validity, mails = _held(gp)[sent]
    gateway.stop(killed=killed)
    gateway.start()
    assert _held(cardiologist) == held
    same, later = _held(gp)[sent]
    assert (same, [uid for uid, _ in later]) == (validity, [uid for uid, _ in mails])
    # What the colleague's program tells of a mail sent comes by itself: flags may be more by now.
    assert all(before <= now for (_, before), (_, now) in zip(mails, later, strict=True))
    inbox = dict(held['"INBOX"'][1])
    assert inbox[uid] >= {b"\\Seen", b"\\Flagged", b"$Label1", b"Rappel"}


def test_what_was_accepted_before_a_kill_arrives_once(gateway: Gateway, gp: Program, cardiologist: Program) -> None:
    """250 is given when the mail is on the disk; the next start sends it."""
    before = len(cardiologist.when(0))
    with gp.smtp() as smtp:
        smtp.send_message(gp.mail(cardiologist, "Juste avant"))
        gateway.stop(killed=True)
        smtp.close()
    gateway.start()
    with gp.smtp() as smtp:
        smtp.send_message(gp.mail(cardiologist, "Après"))
    uids = cardiologist.when(before + 2)
    texts = [cardiologist.octets(uid) for uid in uids[before:]]
    assert len(texts) == 2
    assert sum(b"Juste avant" in one for one in texts) == 1

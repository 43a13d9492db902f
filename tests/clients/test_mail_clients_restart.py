"""A mail program's cache outlives the gateway's process: UIDs, UIDVALIDITY and flags (RFC 3501 section 2.3.1.1)."""

from __future__ import annotations

import imaplib
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
            found[folder] = validity, sorted(dict(map(_flags, lines)).items())  # what changes meanwhile is told again
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


def _asked(imap: imaplib.IMAP4, command: str) -> list[bytes]:
    """The untagged lines of an answer that is OK."""
    imap.send(f"Q {command}\r\n".encode())
    lines = []
    while not (line := imap.readline()).startswith(b"Q "):
        assert line, "the gateway hung up"
        lines.append(line.rstrip())
    assert line.startswith(b"Q OK"), line
    return [*lines, line.rstrip()]


def _number(lines: list[bytes], name: bytes) -> int:
    (found,) = [int(match[1]) for line in lines if (match := re.search(name + rb" (\d+)", line))]
    return found


def _vanished(lines: list[bytes]) -> list[bytes]:
    return [line.rpartition(b" ")[2] for line in lines if line.startswith(b"* VANISHED (EARLIER) ")]


def _changed(lines: list[bytes]) -> dict[int, int]:
    """UIDs of what is told, each with its MODSEQ."""
    found = (re.search(rb"UID (\d+).*MODSEQ \((\d+)\)", line) for line in lines)
    return {int(match[1]): int(match[2]) for match in found if match}


def test_rfc_7162_3_2_5_what_changed_meanwhile_is_told_after_a_kill(gateway: Gateway, gp: Program) -> None:
    folder = "Reprise"
    with gp.imap() as imap:
        imap.create(f'"{folder}"')
        for number in range(8):
            imap.append(f'"{folder}"', "", "", b"Subject: %d\r\n\r\nx\r\n" % number)
    # One program has all eight in its cache; another one then removes two and marks one, within its sight.
    cached, other = gp.imap(), gp.imap()
    for imap in (cached, other):
        _asked(imap, "ENABLE QRESYNC")
    other.select(f'"{folder}"')
    seen = _asked(cached, f'SELECT "{folder}"')
    validity, first = _number(seen, b"UIDVALIDITY"), _number(seen, b"HIGHESTMODSEQ")
    other.uid("STORE", "2,3", "+FLAGS", "(\\Deleted)")
    other.uid("EXPUNGE", "2:3")
    other.uid("STORE", "5", "+FLAGS", "(\\Seen)")
    told = _asked(cached, f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {first} VANISHED)")
    assert b"2:3" in b",".join(line for line in told if line.startswith(b"* VANISHED"))
    (second,) = [modseq for uid, modseq in _changed(told).items() if uid == 5]
    assert second > first
    # It goes away; one is marked and two more are removed, just before the end.
    other.uid("STORE", "1", "+FLAGS", "(\\Flagged)")
    other.uid("STORE", "7:8", "+FLAGS", "(\\Deleted)")
    removed = _number(_asked(other, "UID EXPUNGE 7:8"), b"HIGHESTMODSEQ")
    gateway.stop(killed=True)
    cached.shutdown()
    other.shutdown()
    gateway.start()
    with gp.imap() as imap:
        _asked(imap, "ENABLE QRESYNC")
        after = _asked(imap, f'SELECT "{folder}" (QRESYNC ({validity} {second} 1:8))')
        highest = _number(after, b"HIGHESTMODSEQ")
        assert _number(after, b"UIDVALIDITY") == validity
        assert highest >= removed > second
        assert _vanished(after) == [b"7:8"]
        assert list(_changed(after)) == [1]
        older = _asked(imap, f'SELECT "{folder}" (QRESYNC ({validity} {first}))')
        assert _vanished(older) == [b"2:3,7:8"]
        assert sorted(_changed(older)) == [1, 5]
        # It knows some only, and where they stood: 1 and 4 are still the first two.
        known = _asked(imap, f'SELECT "{folder}" (QRESYNC ({validity} {first} 1,4:8 (1,4 1,6)))')
        assert _vanished(known) == [b"7:8"]
        nothing = _asked(imap, f'SELECT "{folder}" (QRESYNC ({validity} {highest} 1:8))')
        assert (_vanished(nothing), _changed(nothing)) == ([], {})
        other_folder = _asked(imap, f'SELECT "{folder}" (QRESYNC ({validity + 1} {first} 1:8))')
        assert (_vanished(other_folder), _changed(other_folder)) == ([], {})
        changed = _asked(imap, "UID STORE 6 +FLAGS.SILENT (\\Seen)")
        assert _changed(changed)[6] > highest

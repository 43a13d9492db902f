"""mbsync keeps a Maildir and the gateway alike, both ways: hundreds of ordinary and hostile messages, folders with
accents, flags, deletions, drafts."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.clients.debian.alike import taken_alike
from tests.clients.debian.program import Home, installed
from tests.clients.debian.spoken import speaking
from tests.clients.gateway_process import Gateway, Program
from tests.messaging.gateway.corpus import messages

pytestmark = installed("mbsync")
COUNT = 300
DRAFT = b"From: x\nTo: y\nSubject: Brouillon local\nMessage-ID: <local@x.example>\n\nPas encore.\n"
AT_ONCE = 2.0  # seconds for a pull that has nothing to fetch


@pytest.fixture(scope="module")
def synced(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Program]:
    gp = gateway.programs[0]
    home = Home(tmp_path_factory.mktemp("mbsync"))
    with speaking(gp) as imap:
        for folder in (b"Corpus", b'"Ann&AOk-e 2026"'):
            imap.ok(b"CREATE " + folder)
        # A Maildir has no bare CR.
        for number, octets in enumerate(one for mail in messages(11, COUNT) for one in taken_alike(mail)[-1:]):
            imap.ok(b"APPEND Corpus (%b) {}" % (b"\\Seen" if number % 3 else b""), octets)
    mail = home.folder / "mail"
    mail.mkdir()
    home.write(
        ".mbsyncrc",
        # It knows names of certificates, not addresses.
        f"IMAPStore far\nHost localhost\nPort {gp.gateway.imap}\nUser {gp.address}\nPass {gp.password}\n"
        f"SSLType IMAPS\nCertificateFile {gp.gateway.ca}\n\n"
        f"MaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\n\n"
        "Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nExpunge Both\nSync All\nSyncState *\n",
    )
    said = home.run("mbsync", "-a")
    assert "error" not in said.lower(), said
    return home, gp


def _mails(home: Home, folder: str) -> dict[int, Path]:
    """By UID in the gateway: a Maildir has UIDs of its own, and a file says which is which."""
    at = home.folder / "mail" / folder
    pairs = (at / ".mbsyncstate").read_text().partition("\n\n")[2].splitlines()
    far = {int(pair.split()[1]): int(pair.split()[0]) for pair in pairs}
    found = {}
    for path in (*(at / "cur").iterdir(), *(at / "new").iterdir()):
        match = re.search(r",U=(\d+)", path.name)
        assert match is not None
        found[far[int(match[1])]] = path
    return dict(sorted(found.items()))


def _read(home: Home, folder: str) -> list[tuple[int, Path]]:
    """Those that have been read and no more."""
    return [(uid, path) for uid, path in _mails(home, folder).items() if path.name.endswith(":2,S")]


def _pull(home: Home) -> str:
    """What a run did, as it says."""
    return home.run("mbsync", "-a", "-V")


def _held(program: Program, folder: str) -> dict[int, bytes]:
    """What the gateway has there, but for what has no end of a header: mbsync takes no such message."""
    with program.imap() as imap:
        imap.select(folder, readonly=True)
        items = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
        found = {int(item[0].split()[2]): item[1] for item in items if isinstance(item, tuple)}
        return {uid: octets for uid, octets in found.items() if re.search(rb"(?:\A|\n)\r?\n", octets)}


def test_every_folder_and_every_message_is_there(synced: tuple[Home, Program]) -> None:
    home, gp = synced
    for folder in gp.folders():
        assert _mails(home, folder.strip('"')).keys() == _held(gp, folder).keys(), folder
    assert len(_mails(home, "Corpus")) > 0.9 * COUNT


def test_messages_are_as_they_were_put(synced: tuple[Home, Program]) -> None:
    """A Maildir has LF where the mail has CRLF; mbsync writes a field of its own."""
    home, gp = synced
    held = _held(gp, "Corpus")
    for uid, path in _mails(home, "Corpus").items():
        octets = re.sub(rb"X-TUID: .*\n", b"", path.read_bytes(), count=1)
        assert octets == held[uid].replace(b"\r\n", b"\n")


def test_a_second_pull_transfers_nothing(synced: tuple[Home, Program]) -> None:
    home, _ = synced
    _pull(home)
    before = {path: path.stat().st_mtime_ns for path in home.folder.rglob("mail/**/*,U=*")}
    begun = time.monotonic()
    _pull(home)
    taken = time.monotonic() - begun
    assert {path: path.stat().st_mtime_ns for path in home.folder.rglob("mail/**/*,U=*")} == before
    assert taken < AT_ONCE


def test_what_is_done_in_the_maildir_is_done_in_the_gateway(synced: tuple[Home, Program]) -> None:
    home, gp = synced
    _pull(home)
    (flagged_uid, flagged), (deleted_uid, deleted), (moved_uid, moved) = _read(home, "Corpus")[:3]
    flagged.rename(flagged.with_name(flagged.name.replace(":2,S", ":2,FRS")))
    deleted.rename(deleted.with_name(deleted.name.replace(":2,S", ":2,ST")))
    octets = moved.read_bytes()
    archived = home.folder / "mail" / "Archives" / "cur" / re.sub(r",U=\d+", "", moved.name)
    moved.rename(archived)
    (home.folder / "mail" / "Brouillons" / "cur" / "1.local:2,DS").write_bytes(DRAFT)
    _pull(home)
    with gp.imap("Corpus") as imap:
        assert not {deleted_uid, moved_uid} & {int(uid) for uid in imap.uid("SEARCH", "ALL")[1][0].split()}
        (said,) = imap.uid("FETCH", str(flagged_uid), "(FLAGS)")[1]
        assert all(flag in said for flag in (b"\\Flagged", b"\\Answered", b"\\Seen"))
    (there,) = _held(gp, "Archives").values()
    assert _body(there) == _body(octets)
    (draft,) = [one for one in _held(gp, "Brouillons").values() if b"Brouillon local" in one]
    assert _body(draft) == _body(DRAFT)
    with gp.imap("Brouillons") as imap:
        assert b"\\Draft" in imap.fetch("*", "(FLAGS)")[1][0]


def test_what_is_done_in_the_gateway_is_done_in_the_maildir(synced: tuple[Home, Program]) -> None:
    home, gp = synced
    _pull(home)
    (flagged, _), (deleted, _) = _read(home, "Corpus")[:2]
    with gp.imap("Corpus") as imap:
        imap.uid("STORE", str(flagged), "+FLAGS", "\\Flagged")
        imap.uid("STORE", str(deleted), "+FLAGS", "\\Deleted")
        imap.expunge()
    _pull(home)
    found = _mails(home, "Corpus")
    assert found[flagged].name.endswith(":2,FS")
    assert deleted not in found


def _body(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n").partition(b"\n\n")[2]

"""Programs that others wrote, on their ordinary ways: Python's imaplib, curl."""

from __future__ import annotations

import asyncio
import imaplib
import shutil
from pathlib import Path

import pytest

from tests.messaging.gateway.imap.imap_world import MAIL, World, contexts
from tests.messaging.gateway.imap.memory_store import ADDRESS, PASSWORD

pytestmark = pytest.mark.asyncio


def _a_day_with_imaplib(port: int) -> None:
    with imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=contexts()[1]) as mail:
        mail.login(ADDRESS, PASSWORD)
        kind, folders = mail.list()
        assert kind == "OK"
        assert b'(\\HasNoChildren \\Sent) "/" "Sent"' in folders
        mail.create("Archive/2026")
        assert mail.append("INBOX", "(\\Flagged $Label1)", imaplib.Time2Internaldate(1_767_225_600), MAIL)[0] == "OK"
        assert mail.select("INBOX") == ("OK", [b"1"])
        kind, found = mail.fetch("1", "(FLAGS BODY.PEEK[] ENVELOPE)")
        assert found[0][1] == MAIL
        kind, found = mail.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT", '"Résultats"'.encode())
        assert found == [b"1"]
        mail.store("1", "+FLAGS", "\\Seen")
        kind, found = mail.fetch("1", "(FLAGS)")
        assert b"\\Seen" in found[0]
        mail.copy("1", "Archive/2026")
        mail.store("1", "+FLAGS.SILENT", "\\Deleted")
        assert mail.expunge() == ("OK", [b"1"])
        assert mail.select("Archive/2026", readonly=True) == ("OK", [b"1"])
        assert mail.status("Archive/2026", "(MESSAGES UNSEEN)")[1] == [b'"Archive/2026" (MESSAGES 1 UNSEEN 0)']
        mail.unselect()


async def test_imaplib_spends_a_day(imap: World) -> None:
    await asyncio.to_thread(_a_day_with_imaplib, imap.server.port)
    assert [len(imap.store.all[name].mails) for name in ("INBOX", "Archive/2026")] == [0, 1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_reads_and_appends(imap: World, tmp_path: Path) -> None:
    uid = imap.store.put("INBOX", MAIL)
    trusted, sent = tmp_path / "gateway.pem", tmp_path / "mail.eml"
    trusted.write_bytes(contexts()[2])
    sent.write_bytes(MAIL)

    async def curl(path: str, *more: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *("curl", "-s", "--max-time", "10", "--cacert", str(trusted), "-u", f"{ADDRESS}:{PASSWORD}", *more),
            f"imaps://127.0.0.1:{imap.server.port}/{path}",
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0
        return said

    assert await curl(f"INBOX;UID={uid}") == MAIL
    assert b"* SEARCH 1" in await curl("INBOX?SUBJECT%20R")
    await curl("Sent", "-T", str(sent))
    assert imap.store.messages[2][0] == MAIL

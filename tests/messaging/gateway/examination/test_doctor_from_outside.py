"""What the doctor sees without the passphrase: files, disk, who holds the profile, doors, the service's clock."""

from __future__ import annotations

import asyncio
import email.utils
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from confrere.words.catalogue import LANGUAGES, Words
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.gateway.database.mail_database import FILE_NAME, MailDatabase
from messaging.gateway.database.migrations import LADDER, VERSION
from messaging.gateway.examination import doctor, doors, folder, running, service
from messaging.gateway.examination.doctor import Examined
from messaging.gateway.examination.finding import FINDINGS, Finding, found
from messaging.gateway.examination.holder import holder_of
from messaging.gateway.setup import posted
from messaging.gateway.setup.posted import Posted

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENVIRONMENT = Environment(connect_seconds=2, total_seconds=3)


def ids(findings: object) -> list[str]:
    return [one.id for one in findings]  # type: ignore[attr-defined]


# --- what it says ---


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_finding_has_its_words(language) -> None:
    words = Words(language, strict=True)
    assert [one for one in FINDINGS if not words.has(f"gateway-doctor-{one}")] == []


async def test_an_id_that_is_in_no_list_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        found("nonsense")


# --- files ---


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    made = tmp_path / "profile"
    made.mkdir(mode=0o700)
    (made / "profile.db").touch(0o600)
    return made


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
@pytest.mark.parametrize("name", ["", "profile.db", "gateway/server.pem"])
async def test_what_others_of_this_machine_can_read_is_named(profile: Path, name: str) -> None:
    assert ids(folder.permissions(profile)) == ["folder-well"]
    file = profile / name
    file.parent.mkdir(exist_ok=True, mode=0o700)
    if not file.exists():
        file.touch()
    file.chmod(0o644 if name else 0o755)
    (finding,) = folder.permissions(profile)
    assert (finding.id, finding.facts["file"]) == ("folder-open", str(file))


@pytest.mark.parametrize(("free", "finding"), [(10 << 20, "disk-full"), (1 << 30, "disk-low"), (50 << 30, "disk-well")])
async def test_room_on_the_disk(profile: Path, monkeypatch: pytest.MonkeyPatch, free: int, finding: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(0, 0, free))
    assert ids(folder.disk(profile)) == [finding]


async def test_the_mail_file_missing_whole_used(profile: Path) -> None:
    assert ids(folder.mail(profile)) == ["mail-missing"]
    await (await MailDatabase.open(profile)).close()
    assert ids(folder.mail(profile)) == ["mail-well", "program-never"]
    with sqlite3.connect(profile / FILE_NAME) as connection:
        connection.execute("INSERT INTO logins VALUES (1, 1795000000000)")
    connection.close()
    *_, seen = folder.mail(profile)
    assert seen == Finding("program-seen", {"at": 1_795_000_000_000})


@pytest.mark.parametrize(("version", "finding"), [(VERSION + 1, "mail-newer"), (1, "mail-older")])
async def test_the_mail_file_of_another_version_is_left_alone(profile: Path, version: int, finding: str) -> None:
    with sqlite3.connect(profile / FILE_NAME) as connection:
        connection.executescript(LADDER[0])
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = (profile / FILE_NAME).read_bytes()
    assert ids(folder.mail(profile)) == [finding]
    assert (profile / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda octets: b"no database at all" * 100,
        lambda octets: octets[:4096] + bytes(4096) + octets[8192:],
        lambda octets: octets[: len(octets) // 2],
    ],
)
async def test_a_damaged_mail_file_is_said(profile: Path, spoil: Callable[[bytes], bytes]) -> None:
    await (await MailDatabase.open(profile)).close()
    file = profile / FILE_NAME
    file.write_bytes(spoil(file.read_bytes()))
    assert ids(folder.mail(profile)) == ["mail-damaged"]


# --- who holds it ---

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode=EXCLUSIVE")
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
print("held", flush=True)
sys.stdin.read()
"""


async def test_the_process_that_holds_a_profile_is_named(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = profile / "profile.db"
    assert holder_of(database) is None
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        holder = holder_of(database)
        assert holder is not None
        if sys.platform == "linux" and Path("/proc/locks").exists():
            assert holder.process == process.pid
        findings = await doctor.examine(Examined(profile, "", None, ()), ENVIRONMENT)
        assert "profile-locked" in ids(findings)
        assert "gateway-stopped" not in ids(findings)
        posted.post(profile, Posted(holder.process, "127.0.0.1", 1, 2, 3, 0))  # a gateway that no longer answers
        findings = await doctor.examine(Examined(profile, "", None, ()), ENVIRONMENT)
        assert "gateway-silent" in ids(findings)
        monkeypatch.setattr("messaging.gateway.examination.holder._LOCKS", profile / "none")  # another system
        findings = await doctor.examine(Examined(profile, "", None, ()), ENVIRONMENT)
        assert "profile-in-use" in ids(findings)
        process.stdin.close()
    assert holder_of(database) is None


async def test_without_a_profile_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(MessagingError, match="profile-missing"):
        await doctor.examine(Examined(tmp_path, "", None, ()), ENVIRONMENT)


async def test_a_gateway_that_is_stopped_and_no_passphrase(profile: Path) -> None:
    findings = await doctor.examine(Examined(profile, "", None, ()), ENVIRONMENT)
    assert {"mail-missing", "profile-free", "gateway-stopped", "identity-missing", "service-unknown"} <= set(
        ids(findings)
    )
    assert ids(doctor.wrong(findings)) == ["gateway-stopped"]


async def test_a_certificate_that_nobody_can_read(profile: Path) -> None:
    file = profile / "given.pem"
    file.write_text("not one")
    findings = await doctor.examine(Examined(profile, "", file, ()), ENVIRONMENT)
    assert "identity-unreadable" in ids(findings)


# --- doors ---


@asynccontextmanager
async def speaking(line: bytes) -> AsyncIterator[int]:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_door_where_somebody_else_stands_and_one_that_is_closed() -> None:
    async with speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as taken:
        closed = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = closed.sockets[0].getsockname()[1]
        closed.close()
        await closed.wait_closed()
        smtp, imap, pop3 = await doors.look(Posted(1, "127.0.0.1", taken, port, port, 0), None)
    assert (smtp.id, smtp.facts["port"]) == ("door-other", str(taken))
    assert (imap.id, pop3.id) == ("door-closed", "door-closed")


# --- the service, and who says he is the gateway ---


@asynccontextmanager
async def answering(answer: Callable[[], web.Response]) -> AsyncIterator[str]:
    async def handle(_request: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_get("/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("drift", "finding"), [(0, "clock-well"), (-90, "clock-well"), (600, "clock-wrong"), (-86_400, "clock-wrong")]
)
async def test_the_clock_against_the_services(drift: int, finding: str) -> None:
    date = email.utils.formatdate(ENVIRONMENT.now() / 1000 - drift, usegmt=True)
    async with answering(lambda: web.Response(headers={"Date": date})) as url:
        reached, clock = await service.look(url, ENVIRONMENT)
    assert (reached.id, clock.id) == ("service-well", finding)
    assert abs(int(clock.facts["seconds"]) - drift) <= 2


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 99999 00:00:00 GMT"])
async def test_a_date_that_is_none_decides_nothing(date: str) -> None:
    async with answering(lambda: web.Response(headers={"Date": date})) as url:
        assert ids(await service.look(url, ENVIRONMENT)) == ["service-well"]


async def test_a_service_that_is_away_or_fails() -> None:
    async with answering(lambda: web.Response(status=502)) as url:
        assert ids(await service.look(url, ENVIRONMENT)) == ["service-unreachable"]
    assert ids(await service.look(url, ENVIRONMENT)) == ["service-unreachable"]
    assert ids(await service.look("nonsense", ENVIRONMENT)) == ["service-unreachable"]


@pytest.mark.parametrize(
    "said", ["", "null", "[]", "{", "[" * 100_000, '{"process": "x"}', '{"process": 1, "mailboxes": [{"a": 1}]}']
)
async def test_who_answers_like_no_gateway_is_not_believed(said: str) -> None:
    async with answering(lambda: web.Response(text=said)) as url:
        assert await running.ask(Posted(1, "127.0.0.1", 1, 2, 3, int(url.rpartition(":")[2]))) is None

"""The page on this machine: what it shows, to whom it does not answer, and that it changes nothing."""

from __future__ import annotations

import plistlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from confrere.words.catalogue import Words
from messaging.gateway.configuration.servers import Servers
from messaging.gateway.setup import exposition, posted, server
from messaging.gateway.setup.figures import DoorFigures, Figures, MailboxFigures
from messaging.gateway.setup.posted import Posted
from messaging.gateway.setup.routes import Shown
from tests.messaging.gateway.configuration.test_microsoft_autodiscover import asking

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADA, BOB = "ada@confrere.example", "bob@confrere.example"
SERVERS = Servers("localhost", 1465, 1993, 1995)
DAY = 86_400_000
NOW = 1_795_000_000_000
FIGURES = Figures(
    now=NOW,
    process=17,
    server="http://127.0.0.1:8470",
    certificate_until=NOW + 30 * DAY + 1,
    doors={"smtp": DoorFigures(5, 3, 2, 1), "imap": DoorFigures(9, 9, 0, 4)},
    mailboxes=(
        MailboxFigures(ADA, 4, 2, 1, 7, 1, NOW - 90_000, "", NOW - 5_000),
        MailboxFigures(BOB, 1, 1, 0, 3, 0, 0, "service-unreachable", NOW - 60_000),
    ),
)


class World:
    def __init__(self, http: aiohttp.ClientSession, port: int) -> None:
        self.http = http
        self.url = f"http://127.0.0.1:{port}"

    async def get(self, path: str, **headers: str) -> tuple[int, str, aiohttp.ClientResponse]:
        async with self.http.get(self.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()}) as got:
            return got.status, (await got.read()).decode("utf-8", "replace"), got


async def _figures() -> Figures:
    return FIGURES


def shown(authority: tuple[Path, Path] | None) -> Shown:
    words = {language: Words(language, strict=True).say for language in ("fr", "en")}
    return Shown(SERVERS, (ADA, BOB), authority, _figures, words, "fr")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("authority")
    pem, der = folder / "ca.pem", folder / "ca.cer"
    pem.write_bytes(b"in pem")
    der.write_bytes(b"in der")
    async with server.serving(shown((pem, der)), 0) as port, aiohttp.ClientSession() as http:
        yield World(http, port)


# --- the page ---


@pytest.mark.parametrize(
    ("query", "accept", "language"), [("", "", "fr"), ("", "en-GB,fr", "en"), ("?lang=fr", "en", "fr")]
)
async def test_the_page_speaks_the_readers_language(world: World, query: str, accept: str, language: str) -> None:
    status, text, _ = await world.get(f"/{query}", Accept_Language=accept)
    assert status == 200
    assert f'<html lang="{language}">' in text
    for value in (ADA, BOB, "localhost", "1993", "1465", "1995"):
        assert value in text
    assert "« " not in text  # a sign stays with its word


async def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script(world: World) -> None:
    _, text, got = await world.get("/")
    assert "<script" not in text
    assert re.findall(r"""(?:href|src|action)=["'](?:https?:)?//""", text) == []
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert "<form" not in text
    assert 'type="password"' not in text


async def test_every_link_of_the_page_leads_somewhere(world: World) -> None:
    _, text, _ = await world.get("/")
    links = set(re.findall(r'href="([^"]+)"', text))
    assert len(links) == 6
    for link in links:
        status, _, _ = await world.get(f"/{link.replace('&amp;', '&')}")
        assert status == 200, link


async def test_with_a_real_certificate_there_is_nothing_to_import() -> None:
    async with server.serving(shown(None), 0) as port, aiohttp.ClientSession() as http:
        world = World(http, port)
        assert "ca.cer" not in (await world.get("/"))[1]
        assert (await world.get("/ca.pem"))[0] == 404
        (account,) = plistlib.loads((await world.get(f"/confrere.mobileconfig?emailaddress={ADA}"))[1].encode())[
            "PayloadContent"
        ]
        assert account["EmailAddress"] == ADA


# --- documents ---


async def test_autoconfig_in_both_places_and_for_no_other_domain(world: World) -> None:
    for path in ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"):
        assert "<hostname>localhost</hostname>" in (await world.get(f"{path}?emailaddress={ADA}"))[1]
        assert (await world.get(f"{path}?emailaddress=ada@elsewhere.example"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (asking(ADA), 200, f"<LoginName>{ADA}</LoginName>"),
        (asking("eve@confrere.example"), 200, "<ErrorCode>500</ErrorCode>"),
        (b"<no", 400, "<ErrorCode>600</ErrorCode>"),
    ],
)
async def test_autodiscover_answers_for_its_own_mailboxes_alone(
    world: World, body: bytes, status: int, said: str
) -> None:
    async with world.http.post(f"{world.url}/autodiscover/autodiscover.xml", data=body) as got:
        assert (got.status, said in await got.text()) == (status, True)


async def test_a_request_larger_than_any_is_not_read(world: World) -> None:
    async with world.http.post(f"{world.url}/autodiscover/autodiscover.xml", data=b"x" * 100_000) as got:
        assert got.status == 413


async def test_an_apple_profile_for_a_mailbox_of_this_gateway_alone(world: World) -> None:
    status, text, got = await world.get(f"/confrere.mobileconfig?emailaddress={ADA.upper()}")
    assert (status, got.content_type) == (200, "application/x-apple-aspen-config")
    assert plistlib.loads(text.encode())["PayloadContent"][1]["PayloadContent"] == b"in der"
    assert (await world.get("/confrere.mobileconfig?emailaddress=eve@confrere.example"))[0] == 404
    assert (await world.get("/confrere.mobileconfig"))[0] == 404  # of two nobody knows whose


# --- who is answered ---


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:1980", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "[::", "@"],
)
async def test_a_name_that_somebody_points_here_is_refused(world: World, host: str) -> None:
    for path in ("/", "/health", "/metrics", "/ca.pem"):
        assert (await world.get(path, Host=host))[0] in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1980", "127.0.0.1", "[::1]:1980"])
async def test_this_machines_own_names_are_answered(world: World, host: str) -> None:
    assert (await world.get("/health", Host=host))[0] == 200


async def test_no_other_origin_may_read_it(world: World) -> None:
    for path in ("/", "/health", "/nowhere"):
        _, _, got = await world.get(path, Origin="https://evil.example")
        assert [name for name in got.headers if name.lower().startswith("access-control")] == []
        assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert got.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_can_be_changed(world: World, method: str) -> None:
    for path in ("/", "/health", "/ca.pem"):
        async with world.http.request(method, world.url + path) as got:
            assert got.status == 405


async def test_what_fails_says_nothing_of_why(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> Figures:
        raise ValueError("Mme Martin")

    async with server.serving(replace(shown(None), figures=broken), 0) as port, aiohttp.ClientSession() as http:
        status, text, _ = await World(http, port).get("/health")
    assert status == 500
    assert "Martin" not in text + caplog.text


async def test_a_taken_port_costs_the_page_its_place_and_the_gateway_nothing() -> None:
    async with server.serving(shown(None), 0) as first, server.serving(shown(None), first) as second:
        assert second not in (0, first)


# --- figures ---


async def test_health_is_figures_without_content(world: World) -> None:
    async with world.http.get(f"{world.url}/health") as got:
        plain = await got.json()
    assert (plain["status"], plain["process"], plain["mailboxes"][0]["waiting"]) == ("ok", 17, 1)


async def test_metrics_name_doors_and_nobody(world: World) -> None:
    _, text, got = await world.get("/metrics")
    assert got.headers["Content-Type"] == exposition.MEDIA_TYPE
    assert "@" not in text
    assert "example" not in text
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert samples["confrere_gateway_mailboxes"] == "2"
    assert samples['confrere_gateway_logins_refused_total{door="smtp"}'] == "2"
    assert samples['confrere_gateway_sessions{door="imap"}'] == "4"
    assert samples["confrere_gateway_mails_accepted_total"] == "5"
    assert samples["confrere_gateway_mails_delivered_total"] == "10"
    assert samples["confrere_gateway_mails_waiting"] == "1"
    assert samples["confrere_gateway_oldest_waiting_seconds"] == "90"
    assert samples["confrere_gateway_service_reached_seconds"] == "60"
    assert samples["confrere_gateway_certificate_days"] == "30"
    for name in {sample.partition("{")[0] for sample in samples}:
        assert text.index(f"# HELP {name} ") < text.index(f"# TYPE {name} ") < text.index(f"\n{name}")


# --- where it listens, for the doctor ---


async def test_what_is_posted_is_found_and_taken_down(tmp_path: Path) -> None:
    there = Posted(17, "0.0.0.0", 1, 2, 3, 4)
    posted.post(tmp_path, there)
    assert posted.read(tmp_path) == there
    posted.take_down(tmp_path)
    posted.take_down(tmp_path)
    assert posted.read(tmp_path) is None


WRONG_TYPES = '{"process": 1, "host": "h", "smtp": "22", "imap": 1, "pop3": 1, "setup": 1}'


@pytest.mark.parametrize(
    "spoiled", ["", "{", "[]", "null", '{"process": 1}', '{"host": 1, "other": 2}', WRONG_TYPES, "{" * 9000]
)
async def test_what_is_spoiled_is_nothing(tmp_path: Path, spoiled: str) -> None:
    posted.post(tmp_path, Posted(17, "h", 1, 2, 3, 4))
    (tmp_path / "gateway" / "listening.json").write_text(spoiled)
    assert posted.read(tmp_path) is None

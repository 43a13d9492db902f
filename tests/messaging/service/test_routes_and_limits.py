"""The route table is the OpenAPI document; problems are RFC 9457; rates and notices; what the process links."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.world import Conversation
from confrere.compose.problems import STATUS
from directory.errors import Category
from messaging.errors import MessagingError
from messaging.mailbox.rates import Rate

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).parents[3]


async def test_the_openapi_document_holds_exactly_the_registered_routes(live) -> None:
    async with live.http.get(f"{live.url}/api/openapi.json") as answer:
        document = await answer.json()
    documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    registered = {
        (route.method, route.resource.canonical)
        for route in live.running.app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    assert documented == registered
    assert document["openapi"].startswith("3.1")
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]


async def test_every_route_of_the_contract_is_there(live) -> None:
    contract = (ROOT / "docs/spec/service.md").read_text(encoding="utf-8")
    named = {line.split("`")[1].split("?")[0] for line in contract.splitlines() if line.startswith("| `")}
    registered = {
        f"{route.method} {route.resource.canonical}"
        for route in live.running.app.router.routes()
        if route.resource is not None
    }
    assert named <= registered


async def test_every_route_with_a_token_refuses_without_one(live) -> None:
    for row in live.running.rows:
        if row.auth:
            path = row.path
            for name in ("mailbox", "thread", "blob", "account", "record"):
                path = path.replace("{" + name + "}", bytes(16).hex())
            path = path.replace("{index}", "0").replace("{rpps}", "1").replace("{address}", "a@b")
            async with live.http.request(row.method, live.url + path) as answer:
                problem = await answer.json(content_type="application/problem+json")
                assert (answer.status, problem["id"]) == (401, "token-missing"), row.path


async def test_every_category_has_a_status() -> None:
    assert set(STATUS) == set(Category)


async def test_an_unknown_route_is_a_problem_too(live) -> None:
    async with live.http.get(f"{live.url}/api/nothing") as answer:
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, problem["type"]) == (404, "/problems/route-unknown")


async def test_health_and_policy_are_open(live) -> None:
    async with live.http.get(f"{live.url}/health") as answer:
        assert (await answer.json())["status"] == "ok"
    async with live.http.get(f"{live.url}/api/policy") as answer:
        assert (await answer.json())["protocol"] == "CP1"


async def test_a_notice_leads_to_a_page_that_loads_nothing_and_knows_nothing(live) -> None:
    for preferred, title in (("fr-FR,fr;q=0.9", "Un échange"), ("en", "An exchange"), ("de", "Un échange")):
        async with live.http.get(f"{live.url}/", headers={"Accept-Language": preferred}) as answer:
            page, headers = await answer.text(), answer.headers
        assert f"<h1>{title}" in page
        assert "src=" not in page
        assert "href=" not in page
        for element in ("script", "style"):  # what the policy lets run is what stands there
            inside = page.split(f"<{element}>")[1].split(f"</{element}>")[0]
            source = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{element}-src 'sha256-{source}'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_a_rate_gives_a_minute_s_worth_and_then_says_how_long() -> None:
    rate = Rate(60)
    rate.take(b"a", 60, 0)
    with pytest.raises(MessagingError) as refused:
        rate.take(b"a", 3, 1_000)
    assert (refused.value.id, refused.value.facts) == ("rate-exceeded", {"seconds": 3})
    rate.take(b"b", 60, 1_000)
    rate.take(b"a", 3, 3_000)


async def test_one_notice_a_mailbox_until_its_reader_has_passed(live) -> None:
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    path = f"{live.url}/api/mailboxes/{other.mailbox.hex()}/notices"
    wanted = {"email": "cabinet@example.org", "language": "fr"}
    async with live.http.put(path, json=wanted, headers=await live.bearer(one)) as answer:
        assert answer.status == 403
    async with live.http.put(path, json={**wanted, "email": "a\r\nb@c"}, headers=await live.bearer(other)) as answer:
        assert answer.status == 400
    async with live.http.put(path, json=wanted, headers=await live.bearer(other)) as answer:
        assert answer.status == 204
    async with await live.wire(one) as sender:
        await sender.send(talk.opening(talk.event()))
        await sender.send(talk.sending(talk.event()))
        assert await _pending(live, other.mailbox) == [("new-exchange", 0)]
        async with await live.wire(other) as reader:
            await reader.caught_up.wait()
            for _ in range(2_000):
                if not await _pending(live, other.mailbox):
                    break
            assert await _pending(live, other.mailbox) == []
            await sender.send(talk.sending(talk.event()))
            assert await _pending(live, other.mailbox) == []
        while live.running.line.hub.present(other.mailbox):
            await asyncio.sleep(0)
        await sender.send(talk.sending(talk.event()))
        assert await _pending(live, other.mailbox) == [("new-activity", 0)]


async def _pending(live, mailbox: bytes) -> list[tuple[str, int]]:
    query = "SELECT kind, settled FROM notices WHERE mailbox = ?"
    return await live.running.line.reader.read(
        lambda connection: [tuple(row) for row in connection.exec_driver_sql(query, (mailbox,))]
    )


async def test_the_service_links_nothing_that_opens() -> None:
    loaded = "confrere.commands.serve, confrere.compose.delivery"
    code = f"import sys, json, {loaded}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    linked = set(json.loads(run.stdout))
    endpoint = ("protocol", "referral", "profile", "client", "rendering")
    opening = {f"directory.primitives.{name}" for name in ("aead", "kem", "kdf", "passphrase")}
    assert not linked & opening
    assert not [name for name in linked if name.startswith(tuple(f"messaging.{room}" for room in endpoint))]

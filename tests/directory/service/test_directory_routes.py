"""docs/spec/service.md, directory and open routes, through the composed service on loopback."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from confrere.compose.service import running
from confrere.settings import Rates, ServiceSettings
from confrere.story.synthetic_extraction import write
from directory.accounts import bind, fold, wraps
from directory.accounts import entry as entries
from directory.accounts.authoring import Authoring
from directory.accounts.grants import GrantPayload, Right
from directory.primitives.codec import Reader
from directory.primitives.labels import Label
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.store.invitations import InvitationCounter
from directory.store.registrar import registrar_key
from directory.transparency.receipt import parse_proof, verify_proof
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.invite import Registrar
from messaging.client.service import b64, octet_list, unb64

from .conftest import Endpoint, Office

pytestmark = pytest.mark.asyncio
CLAIRE = "99700000021"
ROOT = Path(__file__).parents[3]


@dataclass
class Door:
    """A running service, and whoever enrolled through it."""

    session: aiohttp.ClientSession
    url: str
    data: Path
    policy: dict
    office: Office
    tokens: dict[bytes, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, who: Endpoint | None = None, **sent) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.tokens[who.device]}"} if who else {}
        async with self.session.request(method, self.url + path, headers=headers, **sent) as answer:
            return answer.status, await answer.read()

    async def json(self, method: str, path: str, who: Endpoint | None = None, **sent):
        headers = {"Authorization": f"Bearer {self.tokens[who.device]}"} if who else {}
        async with self.session.request(method, self.url + path, headers=headers, **sent) as answer:
            return await answer.json(content_type=None)

    async def enrol(self, issued) -> Endpoint:
        made = self.office.prepare(issued, signed_by=registrar_key(self.data))
        status, raw = await self.ask("POST", "/api/enrolments", data=made.submission)
        assert status == 200, raw
        assert (status, raw) == await self.ask("POST", "/api/enrolments", data=made.submission)
        await self.log_in(made, made.device, made.key)
        return made

    async def log_in(self, who: Endpoint, device: bytes, key) -> None:
        asked = await self.json("POST", "/api/login/challenge", json={"device": device.hex()})
        assert asked["account"] == who.account.hex()
        challenge = unb64(asked["challenge"])
        signed = key.sign(Label.LOGIN, unb64(self.policy["service_pk"]), who.account, device, challenge)
        granted = await self.json(
            "POST",
            "/api/login",
            json={
                "account": who.account.hex(),
                "device": device.hex(),
                "challenge": b64(challenge),
                "signature": b64(signed),
            },
        )
        self.tokens[device] = granted["token"]

    def invite(self, number: str):
        registrar = Registrar(registrar_key(self.data), "confrere.localhost", 30)
        counter = InvitationCounter(self.data / "service.db")
        return registrar.professional(number, Annuaire(self.data), counter, self.office.now, secrets.token_bytes(13))


@pytest_asyncio.fixture(scope="module")
async def door(tmp_path_factory) -> AsyncIterator[Door]:
    data = tmp_path_factory.mktemp("data")
    extraction = data / "extraction.txt"
    write(extraction, rows=60)
    import_extraction(extraction, AnnuaireFile(data))
    settings = ServiceSettings(rates=Rates(enrolments=1000))
    async with running(data, settings, ROOT / "config", port=0) as service, aiohttp.ClientSession() as session:
        async with session.get(service.url + "/api/policy") as answer:
            policy = await answer.json()
        # Endpoint helpers only: this office never opens a writer of its own.
        office = Office(*(None,) * 7, None, None, [time.time_ns() // 1_000_000])  # type: ignore[arg-type]
        yield Door(session, service.url, data, policy, office)


@pytest_asyncio.fixture(scope="module")
async def claire(door: Door) -> Endpoint:
    return await door.enrol(door.invite(CLAIRE))


def others(door: Door) -> list[str]:
    hits = Annuaire(door.data).search("", place="Lyon", limit=50)
    return [hit.rpps for hit in hits if hit.rpps and hit.rpps != CLAIRE]


async def test_policy_pins_the_registrars_key_not_the_services(door):
    assert unb64(door.policy["registrar_pk"]) == registrar_key(door.data).public
    assert door.policy["registrar_pk"] != door.policy["service_pk"]


async def test_look_up_of_an_invitation(door):
    issued = door.invite(others(door)[-1])
    found = await door.json(
        "POST", "/api/invitations/look-up", json={"code_pk": b64(issued.invitation.code_pk)}
    )
    certificate = bind.verify_certificate(unb64(found["certificate"]), registrar_key(door.data).public)
    assert certificate.invitation == issued.invitation
    for body in ({"code_pk": "AA"}, {}, {"code_pk": 3}, {"code_pk": b64(bytes(32)), "more": "x"}, [1]):
        status, _ = await door.ask("POST", "/api/invitations/look-up", json=body)
        assert status == 400
    unknown = await door.json("POST", "/api/invitations/look-up", json={"code_pk": b64(bytes(32))})
    assert (unknown["id"], unknown["status"]) == ("invitation-unknown", 404)


async def test_search_says_how_each_is_reached(door, claire):
    found = await door.json("GET", "/api/directory/search", params={"text": "fontaine", "specialty": "cardiologue"})
    hers = next(one for one in found if one["rpps"] == CLAIRE)
    assert (hers["address"], hers["reach"]) == (claire.address, "end-to-end")
    other = others(door)[0]
    one = await door.json("GET", f"/api/directory/practitioners/{other}")
    assert (one["rpps"], one["address"]) == (other, None)
    assert one["reach"] in ("classic", "not-yet")
    assert (await door.json("GET", "/api/directory/practitioners/10000000000"))["id"] == "rpps-invalid"


@pytest.mark.parametrize(
    "path",
    [
        "/api/holdings",
        f"/api/accounts/{'00' * 16}/log",
        f"/api/accounts/{'00' * 16}/binds",
        f"/api/accounts/{'00' * 16}/wraps",
        f"/api/accounts/{'00' * 16}/openings",
        "/api/addresses/x@y.z",
    ],
)
async def test_routes_of_accounts_need_a_token(door, path):
    status, _ = await door.ask("GET", path)
    assert status == 401


async def test_log_comes_with_receipts_and_from_where_it_was_asked(door, claire):
    service_pk = unb64(door.policy["service_pk"])
    _, raw = await door.ask("GET", f"/api/accounts/{claire.account.hex()}/log", claire)
    flat = octet_list(raw)
    for number, (octets, proof) in enumerate(zip(flat[::2], flat[1::2], strict=True)):
        receipt = verify_proof(parse_proof(proof), service_pk)
        assert (receipt.id, receipt.seq) == (entries.parse(octets).hash, number + 1)
    _, raw = await door.ask("GET", f"/api/accounts/{claire.account.hex()}/log?from=3", claire)
    assert octet_list(raw) == flat[6:]
    _, raw = await door.ask("GET", f"/api/accounts/{claire.account.hex()}/log?from=99", claire)
    assert octet_list(raw) == []
    for path, expected in ((f"{'00' * 16}/log", 404), ("xyz/log", 400), (f"{claire.account.hex()}/log?from=-1", 400)):
        status, _ = await door.ask("GET", f"/api/accounts/{path}", claire)
        assert status == expected


async def test_wraps_come_with_their_path_and_for_their_recipient_only(door, claire):
    denis = await door.enrol(door.invite(others(door)[1]))
    _, raw = await door.ask("GET", f"/api/accounts/{claire.mailbox.hex()}/wraps", claire)
    found = octet_list(raw)
    assert len(found) == 3
    reader = Reader(found[0], "wrap")
    wrap = wraps.parse(reader.var("wrap", 4096))
    assert (wrap.recipient, reader.u32("index"), reader.u32("size"), reader.u16("n")) == (claire.account, 0, 1, 0)
    _, raw = await door.ask("GET", f"/api/accounts/{claire.mailbox.hex()}/wraps", denis)
    assert octet_list(raw) == []
    # Two recipients, so a path: her device and her recovery sheet.
    _, raw = await door.ask("GET", f"/api/accounts/{claire.account.hex()}/wraps", claire)
    assert len(octet_list(raw)) == 2


async def test_binds_and_address_are_for_everybody_who_logged_in(door, claire):
    eva = await door.enrol(door.invite(others(door)[2]))
    _, raw = await door.ask("GET", f"/api/accounts/{claire.account.hex()}/binds", eva)
    evidence = bind.parse_evidence(octet_list(raw)[0])
    certificate = bind.verify_certificate(evidence.certificate, registrar_key(door.data).public)
    assert certificate.invitation.identifier == CLAIRE
    found = await door.json("GET", f"/api/addresses/{claire.address}", eva)
    assert found["account"] == claire.mailbox.hex()
    assert (found["manager"], found["identifier"], found["kind"]) == (claire.account.hex(), CLAIRE, "professional")
    assert (await door.json("GET", "/api/addresses/nobody@confrere.localhost", eva))["id"] == "address-unknown"


async def test_openings_are_for_holders_of_class_0(door, claire):
    eva = await door.enrol(door.invite(others(door)[3]))
    refused = await door.json("GET", f"/api/accounts/{claire.mailbox.hex()}/openings", eva)
    assert (refused["id"], refused["status"]) == ("access-refused", 403)
    states = {}
    for who in (claire, eva):
        for account in (who.account, who.mailbox):
            _, raw = await door.ask("GET", f"/api/accounts/{account.hex()}/log", who)
            flat = octet_list(raw)
            for octets, proof in zip(flat[::2], flat[1::2], strict=True):
                tick = parse_proof(proof).receipt.tick
                states[account] = fold.append(
                    states.get(account), entries.parse(octets), tick, lambda one: states[one]
                )
    author = Authoring(states, claire.account, claire.device, claire.key, door.office.now)
    entry_hash = author.grant(
        claire.mailbox,
        GrantPayload(eva.account, (0,), Right.READ | Right.SEND_AS),
        secrets.token_bytes(32),
        [claire.newest(claire.mailbox, 0)],
    )
    status, raw = await door.ask("POST", "/api/accounts/changes", claire, data=author.octets)
    assert status == 200, raw
    _, raw = await door.ask("GET", f"/api/accounts/{claire.mailbox.hex()}/openings", eva)
    assert octet_list(raw) == [entry_hash, author.changes[0].sealed_opening]
    held = {one["mailbox"]: one for one in await door.json("GET", "/api/holdings", eva)}
    assert held[claire.mailbox.hex()]["address"] == claire.address
    assert held[claire.mailbox.hex()]["classes"] == [0]
    assert held[claire.mailbox.hex()]["grant_entry"] == entry_hash.hex()
    assert unb64(held[eva.mailbox.hex()]["blind"]) == b""


async def test_paper_device_reads_what_recovery_needs_and_no_more(door, claire):
    paper, key = claire.paper
    await door.log_in(claire, paper.id, key)
    on_paper = Endpoint(claire.account, paper.id, key, b"", "", b"", claire.paper)
    for path in ("/api/holdings", f"/api/accounts/{claire.account.hex()}/wraps"):
        assert (await door.ask("GET", path, on_paper))[0] == 200
    refused = await door.json("GET", f"/api/addresses/{claire.address}", on_paper)
    assert refused["id"] == "session-recovery-only"
    refused = await door.json("GET", f"/api/mailboxes/{claire.mailbox.hex()}/items?after=0", on_paper)
    assert refused["id"] == "session-recovery-only"


async def test_log_out(door):
    who = await door.enrol(door.invite(others(door)[4]))
    assert (await door.ask("DELETE", "/api/login", who))[0] == 204
    assert (await door.ask("GET", "/api/holdings", who))[0] == 401


async def test_request_for_an_invitation_is_noted(door, claire):
    number = others(door)[5]
    for _ in range(2):
        assert (await door.ask("POST", "/api/invitations/requests", claire, json={"rpps": number}))[0] == 202
    refused = await door.json("POST", "/api/invitations/requests", claire, json={"rpps": CLAIRE})
    assert refused["id"] == "rpps-enrolled"


async def test_changes_that_are_no_submission(door, claire):
    for raw, expected in ((b"", 400), (b"CP1s\0\0", 400), (b"CP2s\0\0", 422), (bytes(5 * 1024 * 1024), 400)):
        status, _ = await door.ask("POST", "/api/accounts/changes", claire, data=raw)
        assert status == expected


async def test_every_route_of_the_table_is_in_the_specification(door):
    document = await door.json("GET", "/api/openapi.json")
    specification = (ROOT / "docs" / "spec" / "service.md").read_text(encoding="utf-8")
    ours = ("/api/accounts", "/api/addresses", "/api/directory", "/api/enrol", "/api/holdings", "/api/in", "/api/login")
    for path, operations in document["paths"].items():
        if path.startswith(ours):
            for method in operations:
                assert f"`{method.upper()} {path}" in specification, path


async def test_published_mail_address_means_classic_secure_mail(door):
    for number in others(door):
        found = Annuaire(door.data).by_rpps(number)
        one = await door.json("GET", f"/api/directory/practitioners/{number}")
        if one["address"] is None:
            assert one["reach"] == ("classic" if found.email else "not-yet")

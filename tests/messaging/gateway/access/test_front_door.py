"""`ports.Porter`: who comes in, and that a stranger learns nothing of who is known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
import pytest_asyncio

from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.access.front_door import FrontDoor, Mailbox
from messaging.gateway.access.throttle import FREE, Throttle
from messaging.gateway.ports import Client, Door
from tests.messaging.gateway.access.conftest import START, Cabinet

pytestmark = pytest.mark.asyncio(loop_scope="session")
DURAND, MARTIN = "durand@cabinet.test", "martin@cabinet.test"
HERE, ELSEWHERE = "192.0.2.7", "203.0.113.9"


@dataclass
class House:
    door: FrontDoor
    durand: Cabinet
    martin: Cabinet
    now: float = 0.0

    async def log_in(self, user: str, password: str, peer: str = HERE) -> str:
        """The mailbox that it opens, or the id of the refusal."""
        try:
            return (await self.door.log_in(user, password, Door.IMAP, peer)).address
        except MessagingError as refused:
            return refused.id


@pytest_asyncio.fixture(loop_scope="session")
async def house(cabinets: tuple[Cabinet, Cabinet]) -> House:
    def client(address: str):
        return lambda name: Client(address, name, (address,), store=None)  # type: ignore[arg-type]

    made = House(None, *cabinets)  # type: ignore[arg-type]
    mailboxes = [
        Mailbox(address, cabinet.passwords, client(address))
        for address, cabinet in zip((DURAND, MARTIN), cabinets, strict=True)
    ]
    made.door = FrontDoor(mailboxes, Throttle(lambda: made.now, bytes(32)))
    return made


async def test_a_client_knows_its_mailbox_and_its_password(house: House) -> None:
    porter: ports.Porter = house.door
    password = await house.durand.passwords.add("Thunderbird")
    for way in (porter.log_in, porter.bearer):
        client = await way(DURAND, password, Door.SMTP, HERE)
        assert (client.address, client.password_name) == (DURAND, "Thunderbird")
    assert (await house.durand.passwords.names())[0].last_used == START


@pytest.mark.parametrize("user", ["DURAND@Cabinet.Test", f"  {DURAND} ", f"{DURAND}\r\n"])
async def test_a_user_name_in_any_case_with_or_without_spaces(house: House, user: str) -> None:
    assert await house.log_in(user, await house.durand.passwords.add("a")) == DURAND


async def test_of_two_mailboxes_each_opens_with_its_own_passwords_alone(house: House) -> None:
    durand, martin = await house.durand.passwords.add("a"), await house.martin.passwords.add("a")
    assert await house.log_in(DURAND, durand) == DURAND
    assert await house.log_in(MARTIN, martin) == MARTIN
    assert await house.log_in(DURAND, martin) == await house.log_in(MARTIN, durand) == "mail-login-wrong"


async def test_a_stranger_is_refused_as_a_wrong_password_is(house: House) -> None:
    """Also with a password that is right, or was, for the mailbox whose roll is read in his place."""
    live, removed = await house.durand.passwords.add("a"), await house.durand.passwords.add("b")
    await house.durand.passwords.remove("b")
    for password in (live, removed, "", "wrong"):
        assert await house.log_in("nobody@cabinet.test", password, ELSEWHERE) == "mail-login-wrong"
    assert await house.log_in("", live, "198.51.100.1") == "mail-login-wrong"
    assert await house.log_in(DURAND, "wrong", "198.51.100.1") == "mail-login-wrong"


async def test_a_stranger_costs_the_same_reads(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    for name, cabinet in (("durand", house.durand), ("martin", house.martin)):
        plain = cabinet.passwords.refresh

        async def counted(name=name, plain=plain) -> None:
            reads.append(name)
            await plain()

        monkeypatch.setattr(cabinet.passwords, "refresh", counted)
    for user in (DURAND, MARTIN, "nobody@cabinet.test"):
        await house.log_in(user, "wrong")
    assert reads == ["durand", "martin", "durand"]


async def test_a_removed_password_is_told_so(house: House) -> None:
    password = await house.durand.passwords.add("Téléphone")
    assert await house.log_in(DURAND, password) == DURAND
    verb = await house.durand.verb()
    await verb.remove("Téléphone")
    assert await house.log_in(DURAND, password) == "mail-login-revoked"


async def test_a_throttled_attacker_keeps_nobody_else_out(house: House) -> None:
    password = await house.durand.passwords.add("a")
    said = [await house.log_in(DURAND, f"wrong {number}", ELSEWHERE) for number in range(FREE + 3)]
    assert said == ["mail-login-wrong"] * FREE + ["mail-login-throttled"] * 3
    assert await house.log_in(DURAND, password, ELSEWHERE) == "mail-login-throttled"  # a guess teaches nothing now
    assert await house.log_in(DURAND, password, HERE) == DURAND
    house.now += 2
    assert await house.log_in(DURAND, password, ELSEWHERE) == DURAND


async def test_a_program_that_guesses_shuts_out_no_other_of_its_machine(house: House) -> None:
    password = await house.durand.passwords.add("a")
    assert await house.log_in(DURAND, password, HERE) == DURAND
    said = [await house.log_in(DURAND, f"wrong {number}", HERE) for number in range(FREE + 3)]
    assert said[-1] == "mail-login-throttled"
    assert await house.log_in(DURAND, password, HERE) == DURAND


async def test_a_hundred_guesses_at_once_are_no_more_than_one_after_the_other(house: House) -> None:
    await house.durand.passwords.add("a")
    said = await asyncio.gather(*(house.log_in(DURAND, f"wrong {number}", ELSEWHERE) for number in range(100)))
    assert sorted(said) == ["mail-login-throttled"] * (100 - FREE) + ["mail-login-wrong"] * FREE


async def test_ten_thousand_wrong_logins_read_the_file_only_while_they_are_free(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    plain = house.durand.passwords.refresh

    async def counted() -> None:
        reads.append(1)
        await plain()

    monkeypatch.setattr(house.durand.passwords, "refresh", counted)
    for number in range(10_000):
        await house.log_in(f"nobody{number}", "wrong", ELSEWHERE)
    assert len(reads) == FREE


async def test_damage_opens_nothing(house: House) -> None:
    password = await house.durand.passwords.add("a")
    house.durand.plant("UPDATE app_passwords SET sealed = zeroblob(80)")
    assert await house.log_in(DURAND, password) == "mail-store-damaged"
    assert await house.log_in(MARTIN, await house.martin.passwords.add("a")) == MARTIN


async def test_a_full_disk_keeps_nobody_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    password = await house.durand.passwords.add("a")

    async def full(_password) -> None:
        raise MessagingError("mail-store-full")

    monkeypatch.setattr(house.durand.passwords, "note_login", full)
    assert await house.log_in(DURAND, password) == DURAND

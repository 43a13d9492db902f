"""Who comes in and how: RFC 3501 sections 6.1 and 6.2, SASL, STARTTLS and what is done to it."""

from __future__ import annotations

import base64

import pytest

from messaging.gateway.imap.limits import Limits
from tests.messaging.gateway.imap.imap_world import World, world
from tests.messaging.gateway.imap.memory_store import ADDRESS, PASSWORD, TOKEN

pytestmark = pytest.mark.asyncio


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_rfc_3501_6_2_3_login(imap: World) -> None:
    raw = await imap.stranger()
    assert b"AUTH=PLAIN" in imap.greeting
    assert b"LOGINDISABLED" not in imap.greeting
    assert (await raw.refused(f"LOGIN {ADDRESS} wrong")).startswith(b"NO [AUTHENTICATIONFAILED]")
    answer = (await raw.ask(f'LOGIN {ADDRESS} "{PASSWORD}"'))[-1]
    assert answer.startswith(b"OK [CAPABILITY IMAP4rev1")
    assert (await raw.refused(f'LOGIN {ADDRESS} "{PASSWORD}"')).startswith(b"BAD")


async def test_rfc_5530_a_throttled_login_is_unavailable(imap: World) -> None:
    imap.porter.throttled = True
    raw = await imap.stranger()
    assert (await raw.refused(f'LOGIN {ADDRESS} "{PASSWORD}"')).startswith(b"NO [UNAVAILABLE]")


@pytest.mark.parametrize(
    ("mechanism", "said"),
    [
        ("PLAIN", f"\0{ADDRESS}\0{PASSWORD}"),
        ("PLAIN", f"{ADDRESS}\0{ADDRESS}\0{PASSWORD}"),
        ("XOAUTH2", f"user={ADDRESS}\x01auth=Bearer {TOKEN}\x01\x01"),
    ],
)
@pytest.mark.parametrize("initial", [True, False])
async def test_rfc_4959_initial_answers_and_those_asked_for(
    imap: World, mechanism: str, said: str, initial: bool
) -> None:
    raw = await imap.stranger()
    if initial:
        await raw.ok(f"AUTHENTICATE {mechanism} {b64(said)}")
    else:
        await raw.send(f"a AUTHENTICATE {mechanism}\r\n".encode())
        assert await raw.line() == b"+ "
        await raw.send(b64(said).encode() + b"\r\n")
        assert (await raw.line()).startswith(b"a OK")
    assert await raw.ok("NAMESPACE") == [b'* NAMESPACE (("" "/")) NIL NIL']


async def test_authenticate_login(imap: World) -> None:
    raw = await imap.stranger()
    await raw.send(b"a AUTHENTICATE LOGIN\r\n")
    assert base64.b64decode((await raw.line())[2:]) == b"Username:"
    await raw.send(b64(ADDRESS).encode() + b"\r\n")
    assert base64.b64decode((await raw.line())[2:]) == b"Password:"
    await raw.send(b64(PASSWORD).encode() + b"\r\n")
    assert (await raw.line()).startswith(b"a OK")


async def test_xoauth2_says_why_before_it_refuses(imap: World) -> None:
    raw = await imap.stranger()
    await raw.send(f"a AUTHENTICATE XOAUTH2 {b64(f'user={ADDRESS}{chr(1)}auth=Bearer x{chr(1)}{chr(1)}')}\r\n".encode())
    assert b'"status":"401"' in base64.b64decode((await raw.line())[2:])
    await raw.send(b"\r\n")
    assert (await raw.line()).startswith(b"a NO [AUTHENTICATIONFAILED]")


@pytest.mark.parametrize(
    "said",
    [
        *(
            "AUTHENTICATE PLAIN *",
            "AUTHENTICATE PLAIN ====",
            f"AUTHENTICATE PLAIN {b64('nothing')}",
            "AUTHENTICATE NTLM",
        ),
        f"AUTHENTICATE PLAIN {b64(f'other@x{chr(0)}{ADDRESS}{chr(0)}{PASSWORD}')}",
        *("AUTHENTICATE PLAIN " + base64.b64encode(b"\0\xff\0\xff").decode(), f"AUTHENTICATE XOAUTH2 {b64('x')}"),
        *(
            "LOGIN",
            "LOGIN a",
            "LOGIN a b c",
            'LOGIN "a',
            "SELECT INBOX",
            "FETCH 1 FLAGS",
            "UID FETCH 1 FLAGS",
            "ENABLE X",
        ),
    ],
)
async def test_what_lets_nobody_in(imap: World, said: str) -> None:
    raw = await imap.stranger()
    await raw.refused(said)
    assert (await raw.refused('LIST "" *')).startswith(b"BAD log in")


async def test_too_many_wrong_passwords_end_the_connection(imap: World) -> None:
    raw = await imap.stranger()
    for _ in range(4):
        await raw.refused(f"LOGIN {ADDRESS} wrong")
    assert (await raw.ask(f"LOGIN {ADDRESS} wrong"))[0].startswith(b"* BYE")


async def test_rfc_7888_no_literals_before_login(imap: World) -> None:
    raw = await imap.stranger()
    assert (await raw.refused("LOGIN {5}")).startswith(b"BAD")
    await raw.ok("NOOP")
    await raw.send(b"a LOGIN {5+}\r\nabcde {4+}\r\nevil\r\n")
    assert (await raw.line()).startswith(b"a BAD")
    assert (await raw.line()).startswith(b"* BYE")
    assert await raw.ended()
    assert not imap.porter.asked


async def test_rfc_3501_6_2_1_nothing_is_taken_before_tls() -> None:
    async with world(implicit=False) as imap:
        raw = await imap.stranger()
        assert b"STARTTLS LOGINDISABLED" in imap.greeting
        assert b"AUTH=" not in imap.greeting
        for command in (f'LOGIN {ADDRESS} "{PASSWORD}"', f"AUTHENTICATE PLAIN {b64(chr(0) + ADDRESS)}"):
            assert (await raw.refused(command)).startswith(b"NO [PRIVACYREQUIRED]")
        assert not imap.porter.asked
        await raw.start_tls()
        assert b"LOGINDISABLED" not in (await raw.ok("CAPABILITY"))[0]
        await raw.ok(f'LOGIN {ADDRESS} "{PASSWORD}"')
        assert (await raw.refused("STARTTLS")).startswith(b"BAD")


async def test_attack_commands_injected_behind_starttls_are_not_run() -> None:
    async with world(implicit=False) as imap:
        raw = await imap.stranger()
        raw.tags = 1
        await raw.send(b"T1 STARTTLS\r\n" + f'x LOGIN {ADDRESS} "{PASSWORD}"\r\n'.encode())
        assert (await raw.line()).startswith(b"T1 OK")
        await raw.send(b"x NOOP\r\n" * 10)  # no TLS handshake either
        assert await raw.ended()
        assert not imap.porter.asked


async def test_attack_a_command_injected_in_the_same_packet_as_starttls_does_not_survive() -> None:
    """As above, but the client's own handshake follows, which is what an attacker on the way waits for."""
    async with world(implicit=False) as imap:
        raw = await imap.stranger()
        send = raw.send

        async def with_injection(octets: bytes) -> None:
            await send(octets + b"x NOOP\r\n" if b"STARTTLS" in octets else octets)

        raw.send = with_injection  # type: ignore[method-assign]
        await raw.start_tls()
        assert [line[:13] for line in await raw.ask("CAPABILITY")] == [b"* CAPABILITY ", b"OK that is al"]


async def test_strangers_are_few_and_friends_are_not_shut_out() -> None:
    async with world(Limits(unauthenticated=2, login=5)) as imap:
        friend = await imap.client()
        waiting = [await imap.stranger() for _ in range(2)]
        late = await imap.stranger()
        assert imap.greeting.startswith(b"* BYE [UNAVAILABLE]")
        assert await late.ended()
        await waiting[0].ok("LOGOUT")
        assert await waiting[0].ended()
        await (await imap.client()).ok("NOOP")
        await friend.ok("NOOP")


async def test_connections_of_a_peer_are_bounded() -> None:
    async with world(Limits(connections_of_a_peer=2, login=5)) as imap:
        first, second = await imap.client(), await imap.client()
        third = await imap.stranger()
        assert imap.greeting.startswith(b"* BYE")
        assert await third.ended()
        await first.ok("LOGOUT")
        assert await first.ended()
        await (await imap.client()).ok("NOOP")
        await second.ok("NOOP")


async def test_a_stranger_who_says_nothing_is_shown_out() -> None:
    async with world(Limits(login=0.05)) as imap:
        raw = await imap.stranger()
        assert (await raw.line()).startswith(b"* BYE autologout")


async def test_rfc_3501_5_4_autologout() -> None:
    async with world(Limits(idle=0.05, login=5)) as imap:
        raw = await imap.client()
        assert (await raw.line()).startswith(b"* BYE autologout")


async def test_rfc_2971_id_and_rfc_3501_6_1_3_logout(imap: World) -> None:
    raw = await imap.stranger()
    assert await raw.ok('ID ("name" "Thunderbird" "version" NIL)') == [b'* ID ("name" "Confrere")']
    await raw.ok("ID NIL")
    assert await raw.ok("LOGOUT") == [b"* BYE see you"]
    assert await raw.ended()

"""docs/spec/service.md, log-in: a challenge once, a device that is live, a token that dies with it."""

from __future__ import annotations

import secrets

import pytest

from directory.ports import Session
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.use_cases.attempts import Attempts
from directory.use_cases.log_in import Durations, Logins

from .conftest import SERVICE, Endpoint, Office, new_device

pytestmark = pytest.mark.asyncio


def signed(who: Session, key: SigningKey, challenge: bytes, service_pk: bytes = SERVICE.public) -> bytes:
    return key.sign(Label.LOGIN, service_pk, who.account, who.device, challenge)


async def logged_in(logins: Logins, who: Endpoint) -> str:
    challenge, account = await logins.challenge(who.device, who.account)
    assert account == who.account
    return await logins.log_in(who.session, challenge, signed(who.session, who.key, challenge))


async def test_device_gets_a_token(office):
    claire, logins = await office.enrolled(1), office.logins()
    token = await logged_in(logins, claire)
    assert logins.authenticate(token) == claire.session


async def test_login_replayed(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    challenge, _ = await logins.challenge(claire.device, claire.account)
    answer = signed(claire.session, claire.key, challenge)
    await logins.log_in(claire.session, challenge, answer)
    with refused("login-expired"):
        await logins.log_in(claire.session, challenge, answer)


async def test_failed_attempt_uses_the_challenge_up(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    challenge, _ = await logins.challenge(claire.device, claire.account)
    with refused("login-refused"):
        await logins.log_in(claire.session, challenge, bytes(64))
    with refused("login-expired"):
        await logins.log_in(claire.session, challenge, signed(claire.session, claire.key, challenge))


async def test_challenge_expires(office, refused):
    claire, logins = await office.enrolled(1), office.logins(durations=Durations(challenge=1000))
    challenge, _ = await logins.challenge(claire.device, claire.account)
    office.clock[0] += 1001
    with refused("login-expired"):
        await logins.log_in(claire.session, challenge, signed(claire.session, claire.key, challenge))


async def test_challenge_of_one_for_another(office, refused):
    claire, denis, logins = await office.enrolled(1), await office.enrolled(2, "Denis", "Aubry"), office.logins()
    challenge, _ = await logins.challenge(claire.device, claire.account)
    with refused("login-expired"):
        await logins.log_in(denis.session, challenge, signed(denis.session, denis.key, challenge))


async def test_signature_for_another_service(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    challenge, _ = await logins.challenge(claire.device, claire.account)
    elsewhere = SigningKey(secrets.token_bytes(32)).public
    with refused("login-refused"):
        await logins.log_in(claire.session, challenge, signed(claire.session, claire.key, challenge, elsewhere))


async def test_unknown_account_is_refused_like_a_wrong_signature(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    for who in (Session(bytes(16), claire.device), Session(claire.account, bytes(16))):
        challenge, _ = await logins.challenge(who.device, who.account)
        with refused("login-refused"):
            await logins.log_in(who, challenge, signed(who, claire.key, challenge))


async def test_key_of_nobody_opens_no_unknown_account(office, refused):
    """The key that stands in for unknown accounts is public knowledge: signing with it gains nothing."""
    logins, who = office.logins(), Session(bytes(16), bytes(16))
    challenge, _ = await logins.challenge(who.device, who.account)
    with refused("login-refused"):
        await logins.log_in(who, challenge, signed(who, SigningKey(bytes(32)), challenge))


async def test_device_alone_finds_its_account_and_an_unknown_one_a_decoy(office):
    claire, logins = await office.enrolled(1), office.logins()
    paper, _ = claire.paper
    assert (await logins.challenge(paper.id))[1] == claire.account
    unknown = secrets.token_bytes(16)
    decoy = (await logins.challenge(unknown))[1]
    assert decoy == (await logins.challenge(unknown))[1]
    assert decoy != claire.account


async def test_removed_device_loses_its_token_at_once(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    lost, key = new_device()
    author = await office.author(claire)
    author.add_device(lost, key, [claire.newest(claire.account, 0)])
    await office.append(claire, author.octets)
    who = Session(claire.account, lost.id)
    challenge, _ = await logins.challenge(lost.id, claire.account)
    theirs = await logins.log_in(who, challenge, signed(who, key, challenge))
    hers = await logged_in(logins, claire)
    author = await office.author(claire)
    previous = claire.newest(claire.account, 0).seed
    author.rotate_person(claire.fresh(claire.account, 0), previous, (lost.id,))
    await office.append(claire, author.octets)
    with refused("token-expired"):
        logins.authenticate(theirs)
    assert logins.authenticate(hers) == claire.session
    challenge, _ = await logins.challenge(lost.id, claire.account)
    with refused("login-refused"):
        await logins.log_in(who, challenge, signed(who, key, challenge))


async def test_paper_device_logs_in_to_recover_only(office, refused):
    claire, logins = await office.enrolled(1), office.logins()
    paper, key = claire.paper
    challenge, account = await logins.challenge(paper.id)
    who = Session(account, paper.id)
    token = await logins.log_in(who, challenge, signed(who, key, challenge))
    with refused("session-recovery-only"):
        logins.authenticate(token)
    assert logins.authenticate(token, recovery=True) == who


async def test_token_ends(office, refused):
    claire, logins = await office.enrolled(1), office.logins(durations=Durations(token=1000))
    token = await logged_in(logins, claire)
    office.clock[0] += 1001
    with refused("token-expired"):
        logins.authenticate(token)
    other = await logged_in(logins, claire)
    logins.log_out(other)
    with refused("token-expired"):
        logins.authenticate(other)
    with refused("token-missing"):
        logins.authenticate("")
    with refused("token-expired"):
        logins.authenticate("not base64 é")


async def test_token_is_not_kept(office):
    claire, logins = await office.enrolled(1), office.logins()
    token = await logged_in(logins, claire)
    assert token not in repr(vars(logins))


async def test_attempts_of_a_device_are_limited(office, refused):
    claire, logins = await office.enrolled(1), office.logins(attempts_a_minute=2)
    for _ in range(2):
        await logged_in(logins, claire)
    with refused("too-many-requests") as caught:
        await logins.challenge(claire.device, claire.account)
    assert caught.value.facts["seconds"] == 60
    office.clock[0] += 60_000
    await logged_in(logins, claire)


async def test_window_of_attempts_forgets_its_keys(office: Office, refused):
    attempts = Attempts(1)
    attempts.take("a", 0)
    attempts.take("b", 0)
    with refused("too-many-requests"):
        attempts.take("a", 59_999)
    attempts.take("a", 60_000)
    assert len(attempts._counts) == 1

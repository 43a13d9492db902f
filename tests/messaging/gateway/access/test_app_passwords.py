"""App passwords: made by one process, believed by another, and by nobody who merely writes to the file."""

from __future__ import annotations

import asyncio
import os
import re

import pytest

from messaging.errors import MessagingError
from messaging.gateway.access import roll as rolls
from messaging.gateway.access.app_passwords import AppPasswords, Listed
from messaging.gateway.access.roll import AppPassword
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.profile.vault import Vault
from tests.messaging.gateway.access.conftest import START, Cabinet

pytestmark = pytest.mark.asyncio(loop_scope="session")
UPSERT = "INSERT OR REPLACE INTO app_passwords VALUES (1, ?)"


async def believed(passwords: AppPasswords, typed: str) -> bool:
    await passwords.refresh()
    found = passwords.matching(typed)
    return found is not None and not found.removed


async def test_a_password_is_a_hundred_random_bits_in_groups_without_look_alikes(cabinet: Cabinet) -> None:
    made = {await cabinet.passwords.add(f"Programme {number}") for number in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){4}", password) for password in made)
    assert rolls.new_password(lambda size: b"\xff" * size) == "zzzz-zzzz-zzzz-zzzz-zzzz"


async def test_what_one_process_makes_the_other_believes_at_once(cabinet: Cabinet) -> None:
    verb = await cabinet.verb()
    password = await verb.add("Thunderbird du cabinet")
    assert await believed(cabinet.passwords, password)
    assert not await believed(cabinet.passwords, password[:-1] + ("0" if password[-1] != "0" else "1"))
    assert not await believed(cabinet.passwords, "")


@pytest.mark.parametrize("typed", [str.upper, lambda p: p.replace("-", ""), lambda p: f" {p.replace('-', ' ')}\n"])
async def test_it_may_be_typed_as_people_do(cabinet: Cabinet, typed) -> None:
    assert await believed(cabinet.passwords, typed(await cabinet.passwords.add("Outlook")))


@pytest.mark.parametrize("typed", ["\ud800", "é" * 10_000, "\x00", "-" * 200, "0" * 21])
async def test_whatever_is_typed_is_only_wrong(cabinet: Cabinet, typed: str) -> None:
    await cabinet.passwords.add("Outlook")
    assert not await believed(cabinet.passwords, typed)


async def test_neither_password_nor_name_stands_in_the_file(cabinet: Cabinet) -> None:
    password = await cabinet.passwords.add("Thunderbird du cabinet")
    files = b"".join(path.read_bytes() for path in cabinet.folder.iterdir() if path.name.startswith(FILE_NAME))
    for form in (password, password.replace("-", ""), password.replace("-", "").upper(), "Thunderbird"):
        assert form.encode() not in files
    shown = f"{cabinet.passwords._roll!r}"
    assert "hashed" not in shown
    assert "key" not in shown


async def test_a_person_sees_names_and_when_they_were_used(cabinet: Cabinet) -> None:
    password = await cabinet.passwords.add("  Thunderbird   du cabinet ")
    cabinet.now += 1_000
    await cabinet.passwords.add("mbsync")
    found = cabinet.passwords.matching(password)
    assert found is not None
    await cabinet.passwords.note_login(found)
    cabinet.now += 60_000
    await cabinet.passwords.note_login(found)  # within the hour: not written again
    verb = await cabinet.verb()
    assert await verb.names() == [
        Listed("Thunderbird du cabinet", START, START + 1_000),
        Listed("mbsync", START + 1_000, None),
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\u202eb"])
async def test_a_name_that_says_nothing_is_refused(cabinet: Cabinet, name: str) -> None:
    with pytest.raises(MessagingError, match="mail-password-name"):
        await cabinet.passwords.add(name)


async def test_the_number_of_passwords_is_bounded(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "MOST", 2)
    monkeypatch.setattr(rolls, "MOST_REMOVED", 3)
    for number in range(8):
        await cabinet.passwords.add(f"p{number}")
        await cabinet.passwords.add(f"q{number}")
        with pytest.raises(MessagingError, match="mail-passwords-too-many"):
            await cabinet.passwords.add("one more")
        await cabinet.passwords.remove(f"p{number}")
        await cabinet.passwords.remove(f"q{number}")
    numbers = [password.number for password in cabinet.passwords._roll.passwords]
    assert numbers == [14, 15, 16]


async def test_a_removed_password_opens_nothing_and_is_told_so(cabinet: Cabinet) -> None:
    password = await cabinet.passwords.add("Téléphone perdu")
    other = await cabinet.passwords.add("Outlook")
    verb = await cabinet.verb()
    await verb.remove("Téléphone perdu")
    assert not await believed(cabinet.passwords, password)
    found = cabinet.passwords.matching(password)
    assert found is not None
    assert found.removed == START
    assert await believed(cabinet.passwords, other)
    with pytest.raises(MessagingError, match="mail-password-unknown"):
        await verb.remove("Téléphone perdu")


async def test_who_listens_hears_of_a_removal_by_either_process(cabinet: Cabinet) -> None:
    heard: list[str] = []
    end = cabinet.passwords.listen(heard.append)
    for name in ("a", "b", "c"):
        await cabinet.passwords.add(name)
    verb = await cabinet.verb()
    await verb.remove("a")
    assert heard == []
    await cabinet.passwords.refresh()
    await cabinet.passwords.refresh()
    await cabinet.passwords.remove("b")
    assert heard == ["a", "b"]
    end()
    await cabinet.passwords.remove("c")
    assert heard == ["a", "b"]


async def test_a_name_used_twice_is_removed_twice(cabinet: Cabinet) -> None:
    passwords = [await cabinet.passwords.add("Téléphone") for _ in range(2)]
    await cabinet.passwords.remove("Téléphone")
    assert [await believed(cabinet.passwords, password) for password in passwords] == [False, False]


async def refused(cabinet: Cabinet, passwords: AppPasswords | None = None) -> bool:
    try:
        await (passwords or cabinet.passwords).refresh()
    except MessagingError as damage:
        return damage.id == "mail-store-damaged"
    return False


async def test_a_planted_roll_is_refused(cabinet: Cabinet) -> None:
    """By a stranger with write access, who has another vault, or none."""
    password = await cabinet.passwords.add("Outlook")
    kept = cabinet.sealed()
    stranger = await cabinet.verb(vault=Vault(os.urandom(32)))
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await stranger.add("mine")
    forged = rolls.empty(os.urandom).added("mine", "aaaa-aaaa-aaaa-aaaa-aaaa", START).encode()
    for planted in (forged, Vault(os.urandom(32)).seal("mail/app_passwords/1", forged, os.urandom(24)), b""):
        cabinet.plant(UPSERT, planted)
        assert await refused(cabinet)
        assert await refused(cabinet, await cabinet.verb())
    cabinet.plant(UPSERT, kept)
    assert await believed(cabinet.passwords, password)


async def test_a_roll_planted_before_the_first_is_refused(cabinet: Cabinet) -> None:
    cabinet.plant(UPSERT, Vault(os.urandom(32)).seal("mail/app_passwords/1", b"{}", os.urandom(24)))
    assert await refused(cabinet)


async def test_rolls_of_two_mailboxes_cannot_be_swapped(cabinets: tuple[Cabinet, Cabinet]) -> None:
    durand, martin = cabinets
    await durand.passwords.add("Outlook")
    await martin.passwords.add("Outlook")
    durand.plant(UPSERT, martin.sealed())
    assert await refused(durand, await durand.verb())


async def test_another_sealed_value_of_the_file_is_no_roll(cabinet: Cabinet) -> None:
    await cabinet.passwords.add("Outlook")
    cabinet.plant(UPSERT, cabinet.vault.seal("mail/notes/00", b'{"generation": 99}', os.urandom(24)))
    assert await refused(cabinet)


async def test_a_removed_password_cannot_be_brought_back(cabinet: Cabinet) -> None:
    password = await cabinet.passwords.add("Téléphone perdu")
    before = cabinet.sealed()
    await cabinet.passwords.remove("Téléphone perdu")
    generation = cabinet.passwords.generation
    cabinet.plant(UPSERT, before)
    assert await refused(cabinet)
    verb = await cabinet.verb()  # knows nothing of what was
    await verb.add("a")
    await verb.add("b")
    assert verb.generation > generation
    assert await refused(cabinet)  # a later roll in which it is back is no better
    cabinet.plant("DELETE FROM app_passwords")
    assert await refused(cabinet)
    found = cabinet.passwords.matching(password)
    assert found is not None
    assert found.removed


async def test_a_roll_of_yesterday_is_not_that_of_today(cabinet: Cabinet) -> None:
    await cabinet.passwords.add("Outlook")
    before = cabinet.sealed()
    await cabinet.passwords.add("mbsync")
    cabinet.plant(UPSERT, before)
    assert await refused(cabinet)


async def test_nor_after_a_restart_where_the_generation_is_kept_elsewhere(cabinet: Cabinet) -> None:
    await cabinet.passwords.add("Téléphone perdu")
    before = cabinet.sealed()
    await cabinet.passwords.remove("Téléphone perdu")
    cabinet.plant(UPSERT, before)
    assert await refused(cabinet, await cabinet.verb(since=cabinet.passwords.generation))
    cabinet.plant("DELETE FROM app_passwords")
    assert await refused(cabinet, await cabinet.verb(since=cabinet.passwords.generation))


async def test_two_processes_that_add_at_once_lose_nothing(cabinet: Cabinet) -> None:
    verb = await cabinet.verb()
    made = await asyncio.gather(
        *(passwords.add(f"{number}") for number in range(5) for passwords in (verb, cabinet.passwords))
    )
    await verb.refresh()
    assert [await believed(cabinet.passwords, password) for password in made] == [True] * 10
    assert isinstance(verb.matching(made[-2]), AppPassword)

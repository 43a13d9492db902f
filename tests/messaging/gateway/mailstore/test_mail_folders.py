"""Folders: names, levels, what is fixed (RFC 3501 sections 5.1 and 6.3, RFC 6154)."""

from __future__ import annotations

import pytest

from messaging.errors import MessagingError
from messaging.gateway.mailstore import store as room
from messaging.gateway.mailstore.fixed import FixedNames, Role
from messaging.gateway.mailstore.store import MailStore
from tests.messaging.gateway.mailstore.conftest import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    "name",
    [
        *("", "/", "a//b", "/a", " a", "a ", "a/ b", "a*", "a%", "a\x00", "a\nb", "a\x7f", "a\u2028b", "\ud800"),
        *("a\u202eb", "x" * 201, "/".join("a" * 11), "a" + "\u0085"),
    ],
)
async def test_a_name_that_no_folder_may_have(desk: Desk, name: str) -> None:
    with pytest.raises(MessagingError, match="mail-folder-name"):
        await desk.store.create(name)
    await desk.store.create("Patients")
    with pytest.raises(MessagingError, match="mail-folder-name"):
        await desk.store.rename("Patients", name)


@pytest.mark.parametrize("name", ["Été 2026", "患者", "ملف", "a.b", "&", "\\", '"', "x" * 200, "/".join("a" * 10)])
async def test_a_name_that_a_folder_may_have(desk: Desk, name: str) -> None:
    await desk.store.create(name)
    await desk.reopen()
    assert desk.store.folder(name).name == name


async def test_rfc_3501_6_3_3_create_makes_what_is_above_and_forgives_a_separator_at_the_end(desk: Desk) -> None:
    await desk.store.create("A/B/C/")
    assert {"A", "A/B", "A/B/C"} < set(desk.store.folders())
    for name in ("A/B", "inbox", "InBox", "Sent"):
        with pytest.raises(MessagingError, match="mail-folder-exists"):
            await desk.store.create(name)


async def test_rfc_3501_5_1_inbox_in_any_case(desk: Desk) -> None:
    assert desk.store.folder("iNbOx") is desk.store.folder("INBOX")
    await desk.store.create("inbox/Labo")
    assert desk.store.folder("INBOX/Labo").name == "INBOX/Labo"


async def test_rfc_3501_6_3_5_rename_takes_what_is_below_and_keeps_uids(desk: Desk) -> None:
    await desk.store.create("A/B")
    uid = await desk.append("A/B")
    validity = desk.store.folder("A/B").uid_validity
    await desk.store.rename("A", "X/Y")
    await desk.reopen()
    assert {"X", "X/Y", "X/Y/B"} < set(desk.store.folders())
    assert not {"A", "A/B"} & set(desk.store.folders())
    assert (desk.uids("X/Y/B"), desk.store.folder("X/Y/B").uid_validity) == ([uid], validity)


async def test_rename_that_cannot_be_done_changes_nothing(desk: Desk) -> None:
    await desk.store.create("A/" + "b" * 190)
    await desk.store.create("C")
    before = set(desk.store.folders())
    for target, refusal in (
        ("A/b/c", "mail-folder-name"),  # below itself
        ("Q/" + "a" * 20, "mail-folder-name"),  # what is below would be too long
        ("C", "mail-folder-exists"),
        ("Trash", "mail-folder-exists"),
    ):
        with pytest.raises(MessagingError, match=refusal):
            await desk.store.rename("A", target)
    assert set(desk.store.folders()) == before
    await desk.reopen()
    assert set(desk.store.folders()) == before


async def test_fixed_folders_are_neither_renamed_nor_deleted(desk: Desk) -> None:
    for name in list(desk.store.folders()):
        with pytest.raises(MessagingError, match="mail-folder-fixed"):
            await desk.store.rename(name, "Autre")
        with pytest.raises(MessagingError, match="mail-folder-fixed"):
            await desk.store.delete(name)


async def test_rfc_3501_6_3_4_delete_takes_its_mails_and_leaves_what_is_below(desk: Desk) -> None:
    await desk.store.create("A/B")
    await desk.append("A")
    kept = await desk.append("A/B", number=2)
    await desk.store.delete("A")
    await desk.reopen()
    assert "A" not in desk.store.folders()
    assert desk.uids("A/B") == [kept]
    assert desk.count("octets") == 1


async def test_a_subscription_is_kept(desk: Desk) -> None:
    await desk.store.subscribe("Junk", False)
    await desk.reopen()
    assert [name for name, folder in desk.store.folders().items() if not folder.subscribed] == ["Junk"]


async def test_the_number_of_folders_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_FOLDERS", len(desk.store.folders()) + 2)
    with pytest.raises(MessagingError, match="mail-folder-name"):
        await desk.store.create("A/B/C")
    await desk.store.create("A/B")
    with pytest.raises(MessagingError, match="mail-folder-name"):
        await desk.store.create("C")
    await desk.store.rename("A", "D")


async def test_fixed_folders_keep_their_name_when_the_language_changes(desk: Desk) -> None:
    await desk.close()
    french = FixedNames("Envoyés", "Brouillons", "Corbeille", "Archives", "Indésirables")
    await desk.open()
    store = await MailStore.open(desk.database, desk.vault, lambda size: bytes(size), lambda: desk.now, french)
    assert store.of_role(Role.SENT).name == "Sent"
    assert store.of_role(Role.REFERRALS_RECEIVED).name == "Adressages/Reçus"
    with pytest.raises(MessagingError, match="mail-folder-unknown"):
        store.of_role(Role.USER)

"""What a fresh reader broke: folders and files that are not what they seem, a service that forgot, a killed verb."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.client.messages import spool
from tests.confrere.verbs.command_line import PASSPHRASE, Clinic, User, confrere


def test_a_profile_that_cannot_be_written_is_said_and_spends_no_code(clinic: Clinic) -> None:
    code = clinic.invite("--rpps", "99700000070")
    refused = User(Path(clinic.written("a-file", "x"))).run("enroll", "--server", clinic.server.url, "--code", code)
    assert (refused.code, refused.error) == (2, "profile-unwritable")
    assert User(clinic.root / "martin").run("enroll", "--server", clinic.server.url, "--code", code).code == 0


def test_a_profile_damaged_within_is_said_as_such(clinic: Clinic, gp: User) -> None:
    folder = clinic.root / "damaged"
    folder.mkdir()
    raw = bytearray((gp.profile / "profile.db").read_bytes())
    for start in range(8192, len(raw), 8192):
        raw[start : start + 400] = b"\xa5" * 400
    (folder / "profile.db").write_bytes(raw)
    refused = User(folder).run("inbox")
    assert (refused.code, refused.error) == (3, "profile-damaged")


def test_a_port_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    played = confrere("directory", "search", "x", "--server", "http://127.0.0.1:99999", "--json")
    assert (played.code, played.error) == (2, "server-url-wrong")


@pytest.mark.parametrize("subject", ["Né le 12/03 : avis ST+ (cf) =?x?= <x>  deux espaces ? " * 4 + "fin", "é" * 500])
def test_a_subject_arrives_as_it_was_written(gp: User, cardiologist: User, subject: str) -> None:
    sent = gp.do("send", "--to", cardiologist.address, "--subject", subject, "--text", "x")
    assert cardiologist.row(sent["thread"])["subject"] == subject


def test_what_is_no_text_is_refused_and_a_file_name_that_is_none_is_sent(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    refused = gp.run("send", "--to", cardiologist.address, "--subject", "x", "--text", "half \udcff")
    assert (refused.code, refused.error) == (2, "text-unprintable")
    file = clinic.written("name \udcff.pdf", "x")
    sent = gp.do("send", "--to", cardiologist.address, "--subject", "x", "--text", "x", "--attach", file)
    (event,) = gp.do("show", sent["thread"])["events"]
    assert event["attachments"][0]["name"] == "name ?.pdf"


def test_a_service_that_forgot_the_session_is_logged_in_to_again(
    clinic: Clinic, gp: User, cardiologist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Endpoint.put

    async def put(self: Endpoint, *given: object) -> None:
        await once(self, *given)  # type: ignore[arg-type]
        clinic.server.stop()
        clinic.server.start()

    monkeypatch.setattr(Endpoint, "put", put)
    sent = gp.do("send", "--to", cardiologist.address, "--subject", "between two services", "--text", "x")
    monkeypatch.undo()
    assert sent["state"] == "sent"
    assert cardiologist.row(sent["thread"])["unread"] == 1


def test_what_a_killed_verb_spooled_is_forgotten_by_the_next(clinic: Clinic, gp: User) -> None:
    async def killed() -> None:
        async with Endpoint(gp.profile, PASSPHRASE, Environment()) as endpoint:
            await spool(endpoint, [Path(clinic.written("big.pdf", "x"))])

    asyncio.run(killed())
    assert list((gp.profile / "spool").iterdir())
    gp.do("inbox")
    assert not list((gp.profile / "spool").iterdir())

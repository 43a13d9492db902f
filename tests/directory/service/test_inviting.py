"""CP1-3.11: who may be invited, at which address, and that the operator's process never stalls the service."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import sys
import time
from pathlib import Path

import pytest

from directory.accounts import bind, invitation_code
from directory.errors import DirectoryError
from directory.store.registrar import registrar_key, registrar_public
from directory.transparency.receipt import ReceiptKind
from directory.use_cases.enrol import look_up_invitation

from .conftest import DAY, REGISTRAR, Office, rpps_number

pytestmark = pytest.mark.asyncio


def entropy() -> bytes:
    return secrets.token_bytes(invitation_code.ENTROPY_SIZE)


async def test_code_is_read_as_people_write_it():
    code = invitation_code.make(entropy())
    grouped = invitation_code.grouped(code)
    assert len(grouped) == 23
    assert invitation_code.parse(grouped) == code
    careless = grouped.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert invitation_code.parse(f"  {careless}\n") == code
    for wrong in ("", grouped[:-1], grouped + "0", grouped[:-1] + "U", "é" * 20):
        with pytest.raises(DirectoryError, match="invitation-code-malformed"):
            invitation_code.parse(wrong)


async def test_certificate_is_the_registrars_and_the_code_stays_outside(office):
    issued = office.invite(rpps_number(1))
    raw = await look_up_invitation(issued.invitation.code_pk, office.now, office.reader, office.register)
    assert bind.verify_certificate(raw, REGISTRAR.public).invitation == issued.invitation
    stored = office.file.read_bytes() + Path(f"{office.file}-wal").read_bytes()
    assert issued.invitation.code_pk in stored
    assert issued.code.encode() not in stored
    assert invitation_code.signing_key(issued.code).seed not in stored


async def test_rpps_must_be_in_the_directory(office, refused):
    with refused("rpps-unknown"):
        office.registrar.professional(rpps_number(5), office.annuaire, office.counter, office.now, entropy())
    with refused("rpps-invalid"):
        office.registrar.professional("10000000000", office.annuaire, office.counter, office.now, entropy())


async def test_professional_without_an_activity_is_invited(office):
    office.annuaire.person(rpps_number(5), "Nora", "Vidal", active=False)
    issued = office.registrar.professional(
        rpps_number(5), office.annuaire, office.counter, office.now, entropy()
    )
    assert issued.invitation.address == "nora.vidal@confrere.localhost"


async def test_second_code_replaces_the_first_and_keeps_the_address(office, refused):
    first = office.invite(rpps_number(1))
    office.invite(rpps_number(2))
    second = office.invite(rpps_number(1))
    assert first.invitation.address == second.invitation.address
    with refused("invitation-replaced"):
        await office.enrol(office.prepare(first).submission)
    await office.enrol(office.prepare(second).submission)


async def test_enrolled_professional_is_not_invited_again(office, refused):
    await office.enrolled(1)
    with refused("rpps-enrolled"):
        office.invite(rpps_number(1))


async def test_homonyms_get_the_last_four_digits_then_all(office):
    first, second = office.invite(rpps_number(1)), office.invite(rpps_number(2))
    number = rpps_number(2)
    assert first.invitation.address == "claire.fontaine@confrere.localhost"
    assert second.invitation.address == f"claire.fontaine.{number[-4:]}@confrere.localhost"


async def test_address_of_an_expired_invitation_is_free_again(office, refused):
    first = office.invite(rpps_number(1))
    office.clock[0] += 31 * DAY
    second = office.invite(rpps_number(2))
    assert second.invitation.address == first.invitation.address
    with refused("invitation-expired"):
        await office.enrol(office.prepare(first).submission)


async def test_staff_of_an_address(office, refused):
    claire = await office.enrolled(1)
    made = [
        office.registrar.staff(claire.address, "Nadia Ben Saïd", office.counter, office.now, entropy())
        for _ in range(2)
    ]
    assert [one.invitation.address.partition("@")[0] for one in made] == ["nadia-ben.said", "nadia-ben.said.2"]
    assert made[0].invitation.identifier == claire.address
    await office.enrol(office.prepare(made[0]).submission)
    with refused("address-unknown"):
        office.registrar.staff("nobody@confrere.localhost", "Nadia Roy", office.counter, office.now, entropy())
    with refused("invitation-name-unusable"):
        office.registrar.staff(claire.address, "王", office.counter, office.now, entropy())


async def test_structure_must_be_in_the_directory(office, refused):
    with refused("structure-unknown"):
        office.registrar.structure("732829320", office.annuaire, office.counter, office.now, entropy())
    with refused("siren-invalid"):
        office.registrar.structure("123", office.annuaire, office.counter, office.now, entropy())


async def test_registrar_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path, refused):
    public = registrar_public(tmp_path)
    assert registrar_key(tmp_path).public == public == registrar_public(tmp_path)
    assert stat.S_IMODE((tmp_path / "registrar.key").stat().st_mode) == 0o600
    (tmp_path / "registrar.key").unlink()  # kept elsewhere: the service goes on, inviting does not
    assert registrar_public(tmp_path) == public
    with refused("registrar-key-missing"):
        registrar_key(tmp_path)
    (tmp_path / "registrar.key").write_bytes(bytes(32))
    with refused("registrar-key-missing"):
        registrar_key(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["registrar.key", "registrar.pub"]


_OPERATOR = """
import secrets, sys
from pathlib import Path
from directory.accounts import invitation_code
from directory.primitives.signature import SigningKey
from directory.store.invitations import InvitationCounter
from directory.use_cases.invite import Registrar
registrar = Registrar(SigningKey(bytes([9]) * 32), "confrere.localhost", 30)
counter = InvitationCounter(Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    entropy = secrets.token_bytes(invitation_code.ENTROPY_SIZE)
    issued = registrar.staff(sys.argv[2], line.strip(), counter, int(sys.argv[3]), entropy)
    print(issued.invitation.address, flush=True)
"""


async def test_operator_invites_in_another_process_while_the_writer_holds_load(office: Office):
    claire = await office.enrolled(1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _OPERATOR, str(office.file), claire.address, str(office.now)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdin
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    slowest, stop = 0.0, False

    async def load() -> None:
        nonlocal slowest
        while not stop:
            began = time.perf_counter()
            await office.writer.write(
                lambda group: group.place(ReceiptKind.EVENT, secrets.token_bytes(16), secrets.token_bytes(32))
            )
            slowest = max(slowest, time.perf_counter() - began)

    senders = [asyncio.create_task(load()) for _ in range(20)]
    found = set()
    for number in range(10):
        process.stdin.write(f"Paul Martin{'abcdefghij'[number]}\n".encode())
        found.add(await asyncio.wait_for(process.stdout.readline(), 10))
    stop = True
    await asyncio.gather(*senders)
    process.stdin.close()
    assert await process.wait() == 0
    assert len(found) == 10
    assert slowest < 1.0  # the bound is 50 ms an invitation; the rest is a busy machine

"""The walls hold for the tree as it is, and each of them sees the violation planted for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.house import walls

ROOT = Path(__file__).parents[2]
DOC = '"""What it is."""\n'

Wall = Callable[[walls.Tree], Iterator[str]]


@pytest.fixture(scope="module")
def house() -> walls.Tree:
    return walls.read(ROOT)


@pytest.mark.parametrize("wall", walls.WALLS, ids=lambda wall: wall.__name__)
def test_wall_holds(wall: Wall, house: walls.Tree) -> None:
    assert sorted(wall(house)) == []


# Each plant: the wall, what it is, and the files of a small house in which the last one is at fault.
PLANTS: list[tuple[Wall, str, dict[str, str]]] = [
    (walls.packages_in_their_rooms, "nacl in a service", {"messaging/http/plant.py": "import nacl.signing\n"}),
    (walls.packages_in_their_rooms, "cryptography", {"directory/accounts/plant.py": "from cryptography import x509\n"}),
    (walls.packages_in_their_rooms, "inside a function", {"messaging/wire/plant.py": "def f():\n import nacl\n"}),
    (walls.packages_in_their_rooms, "smtp in a store", {"messaging/store/plant.py": "import aiosmtplib\n"}),
    (walls.packages_in_their_rooms, "jinja2 in a client", {"messaging/client/plant.py": "import jinja2\n"}),
    (walls.packages_in_their_rooms, "sql in a use case", {"messaging/use_cases/plant.py": "import sqlalchemy\n"}),
    (walls.packages_in_their_rooms, "sql in a port", {"directory/ports.py": "from sqlalchemy import Table\n"}),
    (walls.packages_in_their_rooms, "aiohttp in a use case", {"directory/use_cases/plant.py": "import aiohttp\n"}),
    (walls.packages_in_their_rooms, "lxml in a body", {"messaging/referral/plant.py": "from lxml import etree\n"}),
    (walls.packages_in_their_rooms, "fluent in a verb", {"confrere/commands/plant.py": "import fluent.runtime\n"}),
    (walls.packages_in_their_rooms, "segno in a verb", {"confrere/commands/plant.py": "import segno\n"}),
    (walls.packages_in_their_rooms, "a package without a room", {"confrere/settings.py": "import requests\n"}),
    (
        walls.packages_in_their_rooms,
        "a re-export",
        {
            "directory/primitives/kdf.py": "from cryptography.hazmat.primitives.kdf.hkdf import HKDF\n",
            "messaging/wire/plant.py": "from directory.primitives.kdf import HKDF\n",
        },
    ),
    (
        walls.packages_in_their_rooms,
        "a re-export of a re-export, renamed",
        {
            "directory/primitives/aead.py": "from nacl import bindings as sodium\n",
            "directory/primitives/door.py": "from directory.primitives.aead import sodium as salt\n",
            "messaging/http/plant.py": "from directory.primitives.door import salt\n",
        },
    ),
    (
        walls.packages_in_their_rooms,
        "an attribute of a module",
        {
            "directory/primitives/aead.py": "import nacl\n",
            "messaging/http/plant.py": "from directory.primitives import aead\nx = aead.nacl\n",
        },
    ),
    (
        walls.packages_in_their_rooms,
        "a star",
        {
            "directory/primitives/aead.py": "from nacl import bindings\n",
            "messaging/wire/plant.py": "from directory.primitives.aead import *\n",
        },
    ),
    (walls.web_only_at_the_door, "a server in a client", {"messaging/client/plant.py": "from aiohttp import web\n"}),
    (walls.web_only_at_the_door, "beside its page", {"messaging/gateway/imap/plant.py": "from aiohttp import web\n"}),
    (walls.pure_rooms_are_pure, "a clock in a document", {"messaging/gateway/configuration/plant.py": "import time\n"}),
    (walls.web_only_at_the_door, "by attribute", {"messaging/client/plant.py": "import aiohttp\nx = aiohttp.web\n"}),
    (walls.no_dynamic_import, "importlib", {"messaging/http/plant.py": "import importlib\n"}),
    (walls.no_dynamic_import, "__import__", {"messaging/http/plant.py": "x = __import__('nacl')\n"}),
    (
        walls.no_dynamic_import,
        "importlib, handed on",
        {
            "confrere/commands/frame.py": "import importlib\n",
            "confrere/commands/plant.py": "from confrere.commands.frame import importlib\n",
        },
    ),
    (walls.empty_inits, "an __init__ that imports", {"messaging/wire/__init__.py": "import messaging.protocol\n"}),
    (walls.every_room_in_a_list, "a new room", {"messaging/attic/plant.py": ""}),
    (walls.every_room_in_a_list, "a new room of a wing", {"messaging/gateway/attic/__init__.py": ""}),
    (walls.every_room_in_a_list, "a new file of the house", {"directory/plant.py": ""}),
    (walls.pure_rooms_are_pure, "time", {"messaging/wire/plant.py": "from time import time\n"}),
    (walls.pure_rooms_are_pure, "now", {"messaging/protocol/plant.py": "import datetime as d\nx = d.datetime.now()\n"}),
    (walls.pure_rooms_are_pure, "monotonic", {"messaging/mailbox/plant.py": "from time import monotonic\n"}),
    (walls.pure_rooms_are_pure, "secrets", {"messaging/protocol/plant.py": "import secrets\n"}),
    (walls.pure_rooms_are_pure, "random", {"directory/identity/plant.py": "import random\n"}),
    (walls.pure_rooms_are_pure, "urandom", {"directory/accounts/plant.py": "from os import urandom\n"}),
    (walls.pure_rooms_are_pure, "uuid4", {"messaging/referral/plant.py": "import uuid\nx = uuid.uuid4()\n"}),
    (walls.pure_rooms_are_pure, "logging", {"messaging/wire/plant.py": "import logging\n"}),
    (walls.pure_rooms_are_pure, "asyncio", {"messaging/wire/plant.py": "import asyncio\n"}),
    (walls.pure_rooms_are_pure, "open", {"directory/extraction/plant.py": "x = open('file')\n"}),
    (walls.no_assert, "assert", {"messaging/http/plant.py": "assert True\n"}),
    (walls.short_files, "a long file", {"messaging/http/plant.py": "x = 1\n" * (walls.LONGEST + 1)}),
    (walls.names_say_something, "utils", {"messaging/http/utils.py": ""}),
]


def plant(root: Path, files: Mapping[str, str]) -> str:
    """Writes a small house with these files, and gives the name of the module at fault."""
    name = ""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in list(file.relative_to(root).parents)[:-1]:
            (root / folder / "__init__.py").touch()
        file.write_text(text if file.name == "__init__.py" else DOC + text)
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return name


@pytest.mark.parametrize(
    ("wall", "files"), [(w, f) for w, _, f in PLANTS], ids=[f"{w.__name__}-{n}" for w, n, _ in PLANTS]
)
def test_wall_sees_its_planted_violation(wall: Wall, files: Mapping[str, str], tmp_path: Path) -> None:
    name = plant(tmp_path, files)
    seen = list(wall(walls.read(tmp_path)))
    assert seen
    assert all(violation.partition(":")[0] in (name, name.rpartition(".")[0]) for violation in seen), seen


def test_every_wall_has_a_plant() -> None:
    exempt = {walls.modules_say_what_they_are}
    assert {wall for wall, _, _ in PLANTS} | exempt == set(walls.WALLS)


def test_a_module_without_a_first_line_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, {"messaging/http/plant.py": ""})
    (tmp_path / "messaging/http/plant.py").write_text("x = 1\n")
    assert list(walls.modules_say_what_they_are(walls.read(tmp_path)))


def test_a_folder_without_init_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, {"messaging/wire/plant.py": ""})
    (tmp_path / "messaging/wire/__init__.py").unlink()
    assert list(walls.every_room_in_a_list(walls.read(tmp_path)))


def test_types_only_is_not_linked_and_allowed(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sqlalchemy import Table\n"
    plant(tmp_path, {"directory/ports.py": text})
    tree = walls.read(tmp_path)
    assert list(walls.packages_in_their_rooms(tree)) + list(walls.pure_rooms_are_pure(tree)) == []


# --- import-linter ---

# contract -> the file planted in a copy of the tree, and what it imports
CONTRACTS = {
    "houses-directory": ("directory/store/plant_house.py", "messaging.wire"),
    "houses-messaging": ("messaging/client/plant_door.py", "confrere.settings"),
    "houses-messaging-directory": ("messaging/store/plant_room.py", "directory.store"),
    "houses-record-bridge": ("record_bridge/client/plant_door.py", "confrere.settings"),
    "houses-record-bridge-rooms": ("record_bridge/filing/plant_room.py", "messaging.client"),
    "record-bridge-no-service": ("record_bridge/bridge/plant_service.py", "messaging.store"),
    "floors-record-bridge": ("record_bridge/record/plant_floor.py", "record_bridge.filing"),
    "floors-directory": ("directory/identity/plant_floor.py", "directory.use_cases"),
    "floors-gateway": ("messaging/gateway/imap/plant_floor.py", "messaging.gateway.smtp"),
    "floors-messaging": ("messaging/wire/plant_floor.py", "messaging.mailbox"),
    "service-half": ("messaging/http/plant_half.py", "messaging.protocol"),
    "endpoint-half": ("messaging/client/plant_half.py", "messaging.store"),
    "service-cannot-open": ("messaging/store/plant_open.py", "directory.primitives.aead"),
    "primitives": ("directory/accounts/plant_primitive.py", "nacl"),
}
# The half that opens, reached through a neutral room that hands it on.
REEXPORT = {
    "messaging/wire/plant_hand.py": "from directory.primitives import kem\n",
    "messaging/notices/plant_take.py": "from messaging.wire.plant_hand import kem\n",
}


def contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def lint(root: Path) -> tuple[int, str]:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "", "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return run.returncode, run.stdout + run.stderr


def test_contracts_hold() -> None:
    code, said = lint(ROOT)
    assert code == 0, said


def test_every_contract_breaks_on_its_planted_violation(tmp_path: Path) -> None:
    for name in walls.HOUSES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for path, target in CONTRACTS.values():
        (tmp_path / path).write_text(f"{DOC}import {target}\n")
    for path, text in REEXPORT.items():
        (tmp_path / path).write_text(DOC + text)
    code, said = lint(tmp_path)
    assert code == 1
    flat = " ".join(said.split())
    for contract, (path, _) in CONTRACTS.items():
        name = contracts()[f"importlinter:contract:{contract}"]["name"]
        assert f"{name} BROKEN" in flat
        assert path.removesuffix(".py").replace("/", ".") in flat, contract
    assert "messaging.notices.plant_take -> messaging.wire.plant_hand" in flat


def test_every_contract_has_a_plant() -> None:
    prefix = "importlinter:contract:"
    assert {section.removeprefix(prefix) for section in contracts().sections() if prefix in section} == set(CONTRACTS)


def test_a_room_without_a_floor_breaks_the_exhaustive_contract() -> None:
    """Held twice: here by the lists of walls.py, there by `exhaustive`."""
    for contract in ("floors-directory", "floors-messaging", "floors-record-bridge"):
        assert contracts()[f"importlinter:contract:{contract}"]["exhaustive"] == "True"


def test_halves_of_the_lists_are_the_halves_of_the_contracts() -> None:
    service = contracts()["importlinter:contract:service-half"]
    assert set(service["forbidden_modules"].split()) == set(walls.ENDPOINT_HALF)
    assert set(service["source_modules"].split()) == {*walls.SERVICE_HALF, "messaging.wire"}

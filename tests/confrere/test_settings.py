"""Settings: each file is what the dataclasses say, and what does not fit is refused with file, key and expectation."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from confrere.errors import ConfrereError
from confrere.settings import (
    FILES,
    ClientSettings,
    ServiceSettings,
    documented,
    find_config,
    load,
    load_client,
    load_service,
)

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", FILES)
def test_config_file_is_the_documented_settings(name: str) -> None:
    """To write them again: python -c 'from confrere.settings import *' and `documented`, see CONTRIBUTING."""
    assert (CONFIG / name).read_text(encoding="utf-8") == documented(FILES[name])


def test_no_setting_is_ignored() -> None:
    """Each one is read by the code that it promises to steer, as `settings.<group>.<name>` or `<group>.<name>`.

    The frame reads the language from the file itself, before anything is known to be sound.
    """
    package = CONFIG.parent / "confrere"
    sources = [path for path in package.rglob("*.py") if path.name != "settings.py"]
    read = {
        (ast.unparse(node.value).rpartition(".")[2], node.attr)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    read.add(("interface", "language"))
    assert '["interface"]["language"]' in (package / "commands" / "frame.py").read_text(encoding="utf-8")
    ignored = [
        f"{group.name}.{leaf.name}"
        for kind in FILES.values()
        for group in fields(kind)
        for leaf in fields(group.default_factory())
        if not {(group.name, leaf.name), ("settings", leaf.name)} & read
    ]
    assert ignored == []


def test_shipped_files_load_to_the_defaults() -> None:
    assert load_service(CONFIG) == ServiceSettings()
    assert load_client(CONFIG) == ClientSettings()


def test_a_missing_key_has_its_default_and_a_given_one_its_value(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text("[listen]\nport = 0\n")
    settings = load(ServiceSettings, file)
    assert settings.listen.port == 0
    assert settings.listen.host == ServiceSettings().listen.host


@pytest.mark.parametrize(
    ("text", "error_id", "key"),
    [
        ("[listen]\nprot = 1\n", "setting-unknown", "listen.prot"),
        ("[lisen]\nport = 1\n", "setting-unknown", "lisen"),
        ("port = 1\n", "setting-unknown", "port"),
        ("listen = 1\n", "setting-invalid", "listen"),
        ("[listen]\nport = '1'\n", "setting-invalid", "listen.port"),
        ("[listen]\nport = true\n", "setting-invalid", "listen.port"),
        ("[listen]\nport = 1.0\n", "setting-invalid", "listen.port"),
        ("[listen]\nport = -1\n", "setting-invalid", "listen.port"),
        ("[listen]\nhost = ' '\n", "setting-invalid", "listen.host"),
        ("[notices]\nenabled = 1\n", "setting-invalid", "notices.enabled"),
        ("[notices]\nsecurity = 'ssl'\n", "setting-invalid", "notices.security"),
        ("[limits]\nmembers = 257\n", "setting-invalid", "limits.members"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_key(text: str, error_id: str, key: str, tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text(text)
    with pytest.raises(ConfrereError) as refused:
        load(ServiceSettings, file)
    assert (refused.value.id, refused.value.facts["key"]) == (error_id, key)
    assert refused.value.facts["file"] == str(file)


@pytest.mark.parametrize("content", [None, b"[listen\n", b"\xff\xfe"])
def test_an_unreadable_file_is_refused_with_the_reason(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfrereError) as refused:
        load(ServiceSettings, file)
    assert refused.value.id == "setting-unreadable"
    assert refused.value.facts["reason"]


def test_passphrase_floor_cannot_be_lowered(tmp_path: Path) -> None:
    """CP1 section 8: Argon2id, 64 MiB and three passes at least."""
    file = tmp_path / "client.toml"
    for line in ("memory_mib = 63", "passes = 2"):
        file.write_text(f"[passphrase]\n{line}\n")
        with pytest.raises(ConfrereError, match="setting-invalid"):
            load(ClientSettings, file)


def test_config_is_looked_for_where_the_caller_says_then_in_the_checkout(tmp_path: Path) -> None:
    assert find_config("", {}) == CONFIG
    assert find_config("", {"CONFRERE_CONFIG": str(tmp_path)}) == tmp_path
    assert find_config(str(CONFIG), {"CONFRERE_CONFIG": str(tmp_path)}) == CONFIG
    with pytest.raises(ConfrereError, match="config-missing"):
        find_config(str(tmp_path / "nowhere"), {})

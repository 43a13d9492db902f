"""A home for each mail program that Debian has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.debian.program import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)

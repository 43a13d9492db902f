"""One clinic for all tests of the verbs: a service as its own process, a GP, a cardiologist and her secretary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from confrere.story import synthetic_extraction
from tests.confrere.verbs.command_line import Clinic, Server, User, confrere


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The directory imported, the service running, three people enrolled."""
    root = tmp_path_factory.mktemp("clinic")
    data = root / "data"
    synthetic_extraction.write(root / "extraction.txt")
    assert confrere("directory", "import", str(root / "extraction.txt"), "--data", str(data)).code == 0
    server = Server(data)
    server.start()
    try:
        found = Clinic(root, server)
        found.enrol("gp")
        cardiologist = found.enrol("cardiologist")
        found.enrol("secretary", "--staff-of", cardiologist.address, "--name", "Sophie Durand")
        yield found
    finally:
        server.stop()


@pytest.fixture(scope="session")
def gp(clinic: Clinic) -> User:
    return clinic.users["gp"]


@pytest.fixture(scope="session")
def cardiologist(clinic: Clinic) -> User:
    return clinic.users["cardiologist"]


@pytest.fixture(scope="session")
def secretary(clinic: Clinic) -> User:
    return clinic.users["secretary"]

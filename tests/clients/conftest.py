"""One gateway for all mail programs: it and the service are processes of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.gateway_process import Gateway, Program, served


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with served(tmp_path_factory.mktemp("gateway")) as running:
        yield running
        assert "ERROR" not in running.log


@pytest.fixture
def gp(gateway: Gateway) -> Program:
    return gateway.programs[0]


@pytest.fixture
def cardiologist(gateway: Gateway) -> Program:
    return gateway.programs[1]

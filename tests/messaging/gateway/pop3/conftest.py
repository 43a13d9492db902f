"""TLS of the gateway's own, for every scene of fetching."""

from __future__ import annotations

import datetime as dt
import ssl

import pytest

from messaging.gateway.certificates.context import context
from messaging.gateway.certificates.identity import ensure
from tests.messaging.gateway.pop3.fetching import Scene


@pytest.fixture(scope="session")
def pop3_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext, str]:
    identity = ensure(tmp_path_factory.mktemp("pop3"), [], dt.datetime.now(dt.UTC))
    return context(identity), ssl.create_default_context(cafile=identity.trusted), str(identity.trusted)


@pytest.fixture
def scene(pop3_tls: tuple[ssl.SSLContext, ssl.SSLContext, str]) -> Scene:
    return Scene(*pop3_tls[:2])

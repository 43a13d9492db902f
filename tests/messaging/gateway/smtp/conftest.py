"""TLS of the gateway's own, for every scene of submission."""

from __future__ import annotations

import datetime as dt
import ssl

import pytest

from messaging.gateway.certificates.context import context
from messaging.gateway.certificates.identity import ensure
from tests.messaging.gateway.smtp.submission import Scene


@pytest.fixture(scope="session")
def submission_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext, str]:
    identity = ensure(tmp_path_factory.mktemp("submission"), ["gateway.example"], dt.datetime.now(dt.UTC))
    return context(identity), ssl.create_default_context(cafile=identity.trusted), str(identity.trusted)


@pytest.fixture
def scene(submission_tls: tuple[ssl.SSLContext, ssl.SSLContext, str]) -> Scene:
    return Scene(*submission_tls[:2])


@pytest.fixture
def starttls(submission_tls: tuple[ssl.SSLContext, ssl.SSLContext, str]) -> Scene:
    return Scene(*submission_tls[:2], implicit=False)

"""One loop-scoped service for every test that needs one: real routes, real disk, loopback, synthetic people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from benchmarks.client import Wire, log_in, service_pk
from benchmarks.world import Person, admission, admit
from confrere.compose.service import Running, running
from confrere.settings import Rates, ServiceSettings

CONFIG = Path(__file__).parents[1] / "config"
OPEN_RATES = Rates(messages=1_000_000, logins=10_000)


@dataclass
class Live:
    """A running service with people on it."""

    running: Running
    http: aiohttp.ClientSession
    key: bytes
    data: Path
    tokens: dict[bytes, str] = field(default_factory=dict)
    made: int = 0

    @property
    def url(self) -> str:
        return self.running.url

    async def person(self) -> Person:
        """Somebody new, enrolled by the back door (enrolment has tests of its own)."""
        self.made += 1
        person = Person.make(f"test person {self.made}")
        accounts = self.running.house.accounts
        await self.running.writer.write(admission(accounts, [person.log, person.mailbox_log]))  # type: ignore[arg-type]
        return person

    async def token(self, person: Person) -> str:
        if person.account not in self.tokens:
            self.tokens[person.account] = await log_in(self.http, self.url, person, self.key)
        return self.tokens[person.account]

    async def bearer(self, person: Person) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(person)}"}

    async def wire(self, person: Person, cursor: int = 0, on_item=lambda tick, frame: None) -> Wire:
        token = await self.token(person)
        return await Wire.open(self.http, self.url, token, ((person.mailbox, cursor),), on_item)

    async def accept(self, *entries) -> None:
        """Further account entries, folded and kept."""
        await self.running.writer.write(admission(self.running.house.accounts, [entries]))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def open_rates() -> ServiceSettings:
    return ServiceSettings(rates=OPEN_RATES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def live(tmp_path_factory: pytest.TempPathFactory, open_rates: ServiceSettings) -> AsyncIterator[Live]:
    data = tmp_path_factory.mktemp("service") / "data"
    await admit(data, [Person.make("first")])
    async with running(data, open_rates, CONFIG, port=0) as service, aiohttp.ClientSession() as http:
        yield Live(service, http, await service_pk(http, service.url), data)

"""The gateway gives back what it freed, and serves on where the machine's C library has no such thing."""

from __future__ import annotations

import ctypes

import pytest

from messaging.gateway.serving import memory_given_back

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_is_asked_of_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(memory_given_back, "_TRIM", asked.append)
    monkeypatch.setattr(memory_given_back.sys, "platform", "linux")
    await memory_given_back.give_back()
    assert asked == [0]


@pytest.mark.parametrize("failure", [AttributeError, OSError, TypeError])
async def test_where_there_is_none_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, failure: type[Exception]) -> None:
    def without(_name: None) -> object:
        raise failure

    monkeypatch.setattr(ctypes, "CDLL", without)
    assert memory_given_back._found() is None
    monkeypatch.setattr(memory_given_back, "_TRIM", None)
    await memory_given_back.give_back()

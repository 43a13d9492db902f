"""Message-IDs that all gateways agree on and that nobody makes for another (docs/spec/mail.md ML-3.2)."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from messaging.gateway.mail import message_id

ANNE, EVE = "Anne@Cabinet.example", "eve@evil.example"


def test_ml_3_2_the_same_intent_has_the_same_id_however_often_it_is_sent() -> None:
    once = message_id.submitted(ANNE, b"account", b"intent")
    assert once == message_id.submitted(ANNE.lower(), b"account", b"intent")
    assert once.endswith("@cabinet.example>")
    others = (message_id.submitted(ANNE, b"account", b"other"), message_id.submitted(ANNE, b"accountintent", b""))
    assert len({once, *others, message_id.submitted(EVE, b"account", b"intent")}) == 4


def test_ml_3_2_an_id_is_what_the_specification_says() -> None:
    def half(*parts: bytes) -> str:
        said = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hashlib.sha256(b"CP1 mail\0" + said).digest()[:16].hex()

    nonce = half(b"intent", b"account", b"intent")[:20]
    tag = half(b"bound", b"anne@cabinet.example", nonce.encode())[:16]
    assert message_id.submitted(ANNE, b"account", b"intent") == f"<{nonce}.{tag}@cabinet.example>"
    assert message_id.of_event(b"e" * 32) == f"<event.{half(b'event', b'e' * 32)}@confrere.invalid>"
    assert message_id.of_thread(b"t" * 16) == f"<thread.{half(b'thread', b't' * 16)}@confrere.invalid>"


def test_ml_3_2_an_id_is_bound_to_the_address_that_it_was_made_for() -> None:
    made = message_id.submitted(ANNE, b"account", b"intent")
    assert message_id.bound(made, "anne@cabinet.example")
    assert not message_id.bound(made, EVE)
    assert not message_id.bound(made, "")
    assert not message_id.bound(made.replace("cabinet.example", "x y"), ANNE)
    nonce, _, rest = made.partition(".")
    assert not message_id.bound(f"{nonce}.{'0' * 32}{rest[32:]}", ANNE)


@given(st.text(max_size=80))
def test_a_strangers_id_is_never_bound(said: str) -> None:
    assert not message_id.bound(said, ANNE)
    assert not message_id.bound(f"<{said}@cabinet.example>", ANNE)


def test_ml_3_3_events_and_threads_have_ids_of_their_own() -> None:
    assert message_id.of_event(b"x" * 32) != message_id.of_thread(b"x" * 32)
    assert not message_id.bound(message_id.of_event(b"x" * 32), ANNE)


@given(st.text(max_size=40))
def test_an_id_of_any_address_is_one_id_of_ascii(address: str) -> None:
    made = message_id.submitted(address, b"account", b"intent")
    assert message_id.read(made.encode("ascii")) == (made,)


def test_the_last_hundred_ids_of_a_field_are_read() -> None:
    value = b" ".join(b"<%d@x>" % n for n in range(10_000)) + b" <no id> garbage <<"
    found = message_id.read(value)
    assert (len(found), found[-1]) == (100, "<9999@x>")

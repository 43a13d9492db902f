"""Addresses: made from a name (DX-6.2), read exactly (DX-6.1)."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import DirectoryError
from directory.identity.address import Address, local_parts, parse_address
from directory.identity.rpps import Rpps

RPPS = Rpps("99700001234")


@pytest.mark.parametrize(
    ("given_name", "family", "local"),
    [
        ("Claire", "FONTAINE", "claire.fontaine"),
        ("Anne-Laure", "D’ARGENT", "anne-laure.d-argent"),
        ("Loïc", "LE GALL", "loic.le-gall"),
        ("Maël", "LECŒUR", "mael.lecoeur"),
        ("", "SUKARNO", "sukarno"),
        ("Ἀλέξανδρος", "Δημητρίου", "99700001234"),
    ],
)
def test_address_is_given_dot_family_folded(given_name: str, family: str, local: str) -> None:
    assert local_parts(given_name, family, RPPS)[0] == local


def test_address_of_a_homonym_ends_in_four_digits_then_in_all_eleven() -> None:
    assert local_parts("Marie", "MARTIN", RPPS) == (
        "marie.martin",
        "marie.martin.1234",
        "marie.martin.99700001234",
    )


@given(st.text(max_size=80), st.text(max_size=80))
def test_address_of_any_name_can_be_read_back(given_name: str, family: str) -> None:
    for local in local_parts(given_name, family, RPPS):
        assert str(parse_address(f"{local}@confrere.localhost")) == f"{local}@confrere.localhost"


@given(st.from_regex(r"[a-zA-Z0-9._+ é-]{1,12}@[a-zA-Z0-9.-]{1,12}", fullmatch=True))
def test_address_that_is_read_has_one_spelling(text: str) -> None:
    with suppress(DirectoryError):
        assert str(parse_address(text)) == text
        assert re.fullmatch(r"[a-z0-9._-]{1,64}@[a-z0-9.-]+", text)


@pytest.mark.parametrize("domain", ["localhost", "confrere.localhost", "xn--hpital-uxa.example", "a-1.example"])
def test_address_domain_in_a_labels(domain: str) -> None:
    assert parse_address(f"claire.fontaine@{domain}") == Address("claire.fontaine", domain)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "claire.fontaine",
        "@a.example",
        "Claire.Fontaine@a.example",
        "claire+x@a.example",
        "claire fontaine@a.example",
        "éva@a.example",
        "a@b@c.example",
        "a@A.example",
        "a@",
        "a@.example",
        "a@b..example",
        "a@b.example.",
        "a@-b.example",
        "a@b_c.example",
        "a@hôpital.example",
        "a@xn--a.example",
        "a@ab--cd.example",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "a@b.example\n",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
        f"a@{'b.' * 127}example",
    ],
)
def test_address_with_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(DirectoryError, match="address-invalid"):
        parse_address(text)

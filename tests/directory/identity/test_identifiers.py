"""RPPS, FINESS, SIREN and SIRET keys, and the Luhn sum under them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import DirectoryError
from directory.identity import finess, rpps
from directory.identity.luhn import check_digit, luhn_sum

digits = st.text("0123456789", min_size=1, max_size=20)


@given(digits)
def test_luhn_the_check_digit_makes_the_sum_a_multiple_of_ten(body: str) -> None:
    assert luhn_sum(body + check_digit(body)) % 10 == 0


@given(digits, st.data())
def test_luhn_sees_any_single_digit_changed(body: str, data: st.DataObject) -> None:
    whole = body + check_digit(body)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != whole[at]]))
    assert luhn_sum(whole[:at] + other + whole[at + 1 :]) % 10 != 0


def test_rpps_with_a_right_key_is_read_with_spaces_too() -> None:
    assert rpps.parse(" 99700 000013 ") == "99700000013"
    assert rpps.idnps(rpps.parse("99700000013")) == "899700000013"


@pytest.mark.parametrize(
    "text", ["", "99700000014", "9970000001", "997000000130", "9970000001x", "٩٩٧٠٠٠٠٠٠١٣", "-9700000013"]
)
def test_rpps_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        rpps.parse(text)
    assert refused.value.id == "rpps-invalid"
    assert not refused.value.facts


@pytest.mark.parametrize("text", ["750100125", "130783293", "940000664", "2B0000020", "2b0005342", "2A0000014"])
def test_finess_with_a_right_key_corsica_included(text: str) -> None:
    assert finess.parse_finess(text) == text.upper()


@pytest.mark.parametrize("text", ["120456789", "801234567", "2B0000021", "2C0000020", "75010012", "A50100125", ""])
def test_finess_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        finess.parse_finess(text)
    assert refused.value.id == "finess-invalid"


def test_siren_and_siret_keys() -> None:
    assert finess.parse_siren("990 000 010") == "990000010"
    siret = finess.parse_siret("99000001000019")
    assert finess.siren_of(siret) == "990000010"
    with pytest.raises(DirectoryError, match="siren-invalid"):
        finess.parse_siren("990000011")
    with pytest.raises(DirectoryError, match="siret-invalid"):
        finess.parse_siret("99000001000018")


def test_siret_of_la_poste_follows_its_own_rule() -> None:
    number = "35600000012346"  # digits sum to 30, Luhn sum is no multiple of ten
    assert sum(map(int, number)) % 5 == 0
    assert luhn_sum(number) % 10
    assert finess.parse_siret(number) == number

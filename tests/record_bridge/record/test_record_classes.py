"""record.md RD-1: classes, kinds and items."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from confrere.words.catalogue import LANGUAGES, words
from directory.accounts.entry import AccountKind
from directory.accounts.grants import classes_of
from record_bridge.errors import RecordError
from record_bridge.record.classes import (
    DEPOSITS,
    PAYER_DEPOSITS,
    PROFESSIONAL,
    SHAREABLE,
    RecordClass,
    parse_class,
    parse_classes,
)
from record_bridge.record.items import Author, Flag, Item, Result
from record_bridge.record.kinds import BY_TYPE, Kind, kind_of, parse_kind


def test_rd_1_1_the_classes_are_those_of_the_account_log() -> None:
    assert tuple(RecordClass) == tuple(classes_of(AccountKind.RECORD))


def test_rd_1_1_what_the_patient_masked_and_what_was_paid_is_in_no_normal_grant() -> None:
    assert not PROFESSIONAL & {RecordClass.MASKED, RecordClass.REIMBURSEMENT}
    assert SHAREABLE < PROFESSIONAL
    assert not PAYER_DEPOSITS & (DEPOSITS | PROFESSIONAL)


@pytest.mark.parametrize(
    ("typed", "class_"),
    [
        ("commun", RecordClass.COMMON),
        (" Masqué ", RecordClass.MASKED),
        ("masque aux professionnels", RecordClass.MASKED),
        ("EN ATTENTE D'ANNONCE", RecordClass.ANNOUNCEMENT),
        ("représentants", RecordClass.NOT_FOR_REPRESENTATIVES),
        ("not-for-representatives", RecordClass.NOT_FOR_REPRESENTATIVES),
        ("Remboursements", RecordClass.REIMBURSEMENT),
        ("emergency", RecordClass.EMERGENCY),
        ("synthèse d’urgence", RecordClass.EMERGENCY),
        ("0", RecordClass.NOTICES),
    ],
)
def test_rd_1_2_a_class_as_people_type_it(typed: str, class_: RecordClass) -> None:
    assert parse_class(typed) is class_


@pytest.mark.parametrize("typed", ["", "7", "10", "tout", "commun masque"])
def test_rd_1_2_an_unknown_class_is_refused(typed: str) -> None:
    with pytest.raises(RecordError, match="record-class-unknown"):
        parse_class(typed)


def test_rd_1_2_several_classes_and_kinds() -> None:
    assert parse_classes("commun, annonce") == {RecordClass.COMMON, RecordClass.ANNOUNCEMENT}
    assert parse_kind("Synthèse") is Kind.SYNTHESIS
    assert parse_kind("compte-rendu") is Kind.REPORT
    with pytest.raises(RecordError, match="record-kind-unknown"):
        parse_kind("tout")


def test_rd_1_2_every_choice_that_an_error_offers_is_understood() -> None:
    for language in LANGUAGES:
        said = words(language, strict=True)
        for error, parse in (("record-class-unknown", parse_class), ("record-kind-unknown", parse_kind)):
            offered = said.say(f"error-{error}").rpartition(":")[2].strip(" .")
            for choice in offered.split(","):
                parse(choice)
        for class_ in RecordClass:
            assert parse_class(said.say(class_.words)) is class_
        for kind in Kind:
            assert parse_kind(said.say(kind.words)) is kind


def test_rd_1_3_kinds_of_documents() -> None:
    assert kind_of("85208-7", RecordClass.COMMON) is Kind.REPORT
    assert kind_of("96349-6", RecordClass.COMMON) is Kind.LETTER
    assert kind_of("11502-2", RecordClass.ANNOUNCEMENT) is Kind.LABORATORY
    assert kind_of("nothing-known", RecordClass.COMMON) is Kind.OTHER
    assert kind_of("11502-2", RecordClass.REIMBURSEMENT) is Kind.REIMBURSEMENT
    assert Kind.NOTE not in BY_TYPE.values()


@pytest.mark.parametrize(
    ("change", "abnormal"),
    [
        ({"value": Decimal("5"), "low": Decimal("4"), "high": Decimal("6")}, False),
        ({"value": Decimal("3.9"), "low": Decimal("4")}, True),
        ({"value": Decimal("6.1"), "high": Decimal("6")}, True),
        ({"value": Decimal("6.1"), "high": Decimal("6"), "flag": Flag.NORMAL}, False),
        ({"value": Decimal("5"), "flag": Flag.HIGH}, True),
        ({"value": None, "text": "positif", "flag": Flag.ABNORMAL}, True),
        ({"value": None, "text": "négatif", "low": Decimal("1")}, False),
    ],
)
def test_rd_1_4_the_laboratorys_word_before_the_range(change: dict[str, Any], abnormal: bool) -> None:
    result = Result("2160-0", "Créatinine", **change)
    assert result.abnormal is abnormal


def test_rd_1_4_an_item_is_masked_by_where_it_stands() -> None:
    item = Item(b"t" * 16, RecordClass.MASKED, Kind.NOTE, "secret title", Author("Dr Aubry"), 1, 2)
    assert item.masked
    assert "secret" not in repr(item)
    assert "2160" in repr(Result("2160-0", "Créatinine", Decimal("5")))

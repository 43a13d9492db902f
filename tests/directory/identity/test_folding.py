"""Folding: one spelling for all ways to type a name; idempotent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.identity import folding, matching


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  LE   GALL ", "le gall"),
        ("Lecœur", "lecoeur"),
        ("Læticia", "laeticia"),
        ("STRAẞE", "strasse"),
        ("straße", "strasse"),
        ("D’ARGENT", "d argent"),
        ("d'Argent", "d argent"),
        ("Jean‑Marc", "jean marc"),
        ("É\u0301lise", "elise"),
        ("e\u0301toile", "etoile"),
        ("NOËL\u00a0ÇA", "noel ca"),
    ],
)
def test_fold_one_spelling(typed: str, folded: str) -> None:
    assert folding.fold(typed) == folded


@given(st.text(max_size=40))
def test_fold_is_idempotent(text: str) -> None:
    assert folding.fold(folding.fold(text)) == folding.fold(text)


@given(st.text(max_size=40))
def test_name_parts_hold_no_separator(text: str) -> None:
    assert all(part.isalnum() for part in folding.name_parts(text))


def test_a_compound_name_is_found_by_each_part_and_in_one_word() -> None:
    assert folding.search_parts("LE GALL-D'ARC", "Anne-Laure") == (
        "le", "gall", "d", "arc", "legalldarc", "anne", "laure", "annelaure"
    )  # fmt: skip


def test_titles_in_a_query_fall_away_but_never_all_of_it() -> None:
    assert folding.query_parts("Dr Claire FONTAINE") == ("claire", "fontaine")
    assert folding.query_parts("Docteur") == ("docteur",)


def test_capitals_are_made_readable_and_small_letters_kept() -> None:
    assert folding.shown("LE GALL-D'ARGENT") == "Le Gall-D'Argent"
    assert folding.shown("McKenzie") == "McKenzie"
    assert folding.shown("ÉVRARD") == "Évrard"


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("cardiologue", "Médecin Cardiologie et maladies vasculaires"),
        ("cardio", "Médecin Cardiologie et maladies vasculaires"),
        ("maladies vasculaires", "Médecin Cardiologie et maladies vasculaires"),
        ("infirmière", "Infirmier "),
        ("généraliste", "Médecin Médecine générale"),
        ("pédiatre", "Médecin Pédiatrie"),
        ("kiné", "Masseur-Kinésithérapeute "),
        ("pharmacienne", "Pharmacien "),
        ("sages-femmes", "Sage-Femme "),
        ("SM04", "Médecin Cardiologie et maladies vasculaires"),
    ],
)
def test_specialty_as_people_say_it(query: str, labels: str) -> None:
    assert matching.answers_specialty(query, labels, ("10", "SM04") if "Card" in labels else ("10",))


@pytest.mark.parametrize("query", ["cardiologue", "dermato", "60", "vasculaire x"])
def test_specialty_of_others_is_not_meant(query: str) -> None:
    assert not matching.answers_specialty(query, "Médecin Pneumologie", ("10", "SM41"))

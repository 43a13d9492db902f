"""What is quoted is folded and never lost (docs/spec/mail.md ML-5.6)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.gateway.mail import quotation

NEW = "Avis favorable.\nCordialement\n\n"
QUOTES = [
    "Le lun. 3 nov. 2025 à 10:12, Anne Martin <anne@cabinet.example> a écrit :\n\n> Bonjour\n> \n> Un avis ?\n",
    "Le 03/11/2025 à 10:12, Anne Martin a écrit :\n> Bonjour\n",
    "Le lun. 3 nov. 2025 à 10:12, Anne Martin <anne.martin@cabinet.example>\na écrit :\n\n> Bonjour\n",
    "> Le 3 nov. 2025 à 10:12, Anne Martin <anne@cabinet.example> a écrit :\n> \n> Bonjour\n",
    "Le 3 nov. 2025 à 10:12, Anne Martin <anne@cabinet.example> a écrit :\n\nBonjour\n\nUn avis ?\n",
    "On Mon, Nov 3, 2025 at 10:12 AM Anne Martin <anne@cabinet.example> wrote:\n\n> Hello\n",
    "Anne Martin <anne@cabinet.example> wrote:\n> Hello\n",
    "-----Message d'origine-----\nDe : Anne\nEnvoyé : lundi 3 novembre 2025 10:12\nObjet : Avis\n\nBonjour\n",
    "-----Message d’origine-----\nBonjour\n",
    "----- Original Message -----\nFrom: Anne\n\nHello\n",
    "________________________________\nDe : Anne Martin <anne@cabinet.example>\nEnvoyé : lundi 3 novembre 2025 10:12\n"
    "À : Luc\nObjet : Demande d'avis\n\nBonjour\n",
    "De\xa0: Anne Martin\nDate\xa0: lundi 3 novembre 2025 à 10:12\nÀ : Luc\nObjet : Avis\n\nBonjour",
    "From: Anne Martin\nSent: Monday, November 3, 2025 10:12 AM\nTo: Luc\nSubject: Advice\n\nHello\n",
    "*De :* Anne\n*Envoyé :* lundi 3 novembre 2025\n*Objet :* Avis\n\nBonjour\n",
]


@pytest.mark.parametrize("quoted", QUOTES)
def test_ml_5_6_the_quoted_mail_is_folded(quoted: str) -> None:
    assert quotation.fold(NEW + quoted) == quotation.Folded(NEW, quoted)


@pytest.mark.parametrize("quoted", QUOTES)
def test_ml_5_6_a_text_that_is_all_quotation_is_not_folded(quoted: str) -> None:
    assert quotation.fold(quoted) == quotation.Folded(quoted, "")


@pytest.mark.parametrize(
    "text",
    [
        "Paracétamol.\n\nDe : 2 à 4 cp par jour\nObjet : douleur\n\nMerci\n",
        "Le patient a écrit :\nje vais bien\n",
        "Bonjour,\nLe 3 nov. 2025 à 10:12, Anne <a@b.example> a écrit :\n> Un ?\nNon.\n> Quand le revoir ?\nEn mai.\n",
        "Date : 3/11\nDe : HbA1c 7,2\n",
        "---------- Message transféré ----------\nDe : Anne\n",
        "Glycémie à jeun\n> 2 g/l\n> 2,3 g/l la veille\n",
        "TA > 14\nGlycémie\n > 2 g/l à jeun\nsurveiller\n",
        "",
    ],
)
def test_ml_5_6_where_it_is_not_sure_nothing_is_folded(text: str) -> None:
    assert quotation.fold(text) == quotation.Folded(text, "")


_LINES = st.sampled_from(
    ["> a", "Le 3 nov. 2025 à 10:12, A <a@b> a écrit :", "De : A", "Envoyé : 3", "Objet : x", "", "t", "\x85"]
)


@given(st.lists(_LINES | st.text(max_size=6), max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_ml_5_6_both_halves_are_the_text(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    folded = quotation.fold(text)
    assert folded.new + folded.quoted == text
    assert bool(folded.new.strip()) == bool(text.strip())


def test_hostile_texts_cost_little() -> None:
    began = time.process_time()
    for unit in (
        "\n",
        "On ",
        "Le ",
        "Le a écrit :\n",
        "De : a\n",
        "> > ",
        "De : a\nEnvoyé : 1\n",
        "wrote \n",
        "_" * 9,
        " ",
    ):
        quotation.fold(unit * (400_000 // len(unit)))
    assert time.process_time() - began < 5

"""Results and problems each on their own stream; exit codes by category; a bar only where somebody looks."""

from __future__ import annotations

import io
import json

import pytest

from confrere.errors import ConfrereError
from confrere.output import Output, exit_code
from confrere.words.catalogue import words
from directory.errors import Category, Kind, Refusal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def output(as_json: bool, stderr: io.StringIO | None = None) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), stderr or io.StringIO()
    return Output(words("en", strict=True), as_json=as_json, stdout=out, stderr=err), out, err


@pytest.mark.parametrize("category", Category)
def test_exit_code_is_derived_from_the_category(category: Category) -> None:
    class Any(Refusal):
        CATALOGUE = {"any": Kind(category)}

    expected = {Category.INTERNAL: 1, Category.USAGE: 2, Category.UNREACHABLE: 4}.get(category, 3)
    assert exit_code(Any("any")) == expected


def test_result_is_a_document_or_a_text() -> None:
    machine, out, _ = output(as_json=True)
    machine.line("for a person")
    machine.result({"nom": "Élodie"}, "text")
    machine.close()
    assert out.getvalue() == '{"nom": "Élodie"}\n'
    person, out, _ = output(as_json=False)
    person.result({"nom": "Élodie"}, "text")
    assert out.getvalue() == "text\n"


def test_a_second_result_is_our_mistake() -> None:
    machine, _, _ = output(as_json=True)
    machine.result({})
    with pytest.raises(RuntimeError):
        machine.result({})


def test_problem_is_the_one_document_and_the_words_are_on_standard_error() -> None:
    machine, out, err = output(as_json=True)
    assert machine.problem(ConfrereError("data-locked", data="p")) == 3
    document = json.loads(out.getvalue())["error"]
    assert (document["id"], document["data"]) == ("data-locked", "p")
    assert err.getvalue() == document["message"] + "\n"


def test_a_problem_after_the_result_adds_no_second_document() -> None:
    machine, out, err = output(as_json=True)
    machine.result({"url": "http://127.0.0.1"})
    machine.problem(ConfrereError("data-locked", data="p"))
    assert json.loads(out.getvalue()) == {"url": "http://127.0.0.1"}
    assert err.getvalue()


@pytest.mark.parametrize(
    ("as_json", "terminal", "drawn"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_progress_is_drawn_for_a_person_at_a_terminal_only(as_json: bool, terminal: bool, drawn: bool) -> None:
    some, out, err = output(as_json, Terminal() if terminal else io.StringIO())
    with some.progress("import", 4) as bar:
        for _ in range(4):
            bar.advance()
    assert out.getvalue() == ""
    assert err.getvalue().endswith("] 100 %\n") is drawn
    assert bool(err.getvalue()) is drawn


def test_what_others_wrote_does_not_steer_the_terminal() -> None:
    person, out, err = output(as_json=False)
    person.line("un\x1b]0;titre\x07 deux\rtrois\u202e\n\tquatre")
    person.note("\x1b[2J")
    assert out.getvalue() == "un\ufffd]0;titre\ufffd deux\ufffdtrois\ufffd\n\tquatre\n"
    assert "\x1b" not in err.getvalue()


@pytest.mark.parametrize("name", ["é😀", "not text \udcff"])
def test_an_answer_is_one_document_whatever_the_encoding_of_the_output(name: str) -> None:
    raw = io.BytesIO()
    for as_json in (True, False):
        narrow = io.TextIOWrapper(raw, encoding="ascii")
        some = Output(words("en", strict=True), as_json=as_json, stdout=narrow, stderr=io.StringIO())
        some.result({"name": name}, name)
        narrow.detach()
    document, line = raw.getvalue().splitlines()
    assert json.loads(document) == {"name": name}
    assert b"?" in line

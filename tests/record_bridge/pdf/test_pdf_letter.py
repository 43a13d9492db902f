"""The letter as people read it, and as ISO 19005-1 wants it (documents.md DOC-1.1 to DOC-1.4)."""

from __future__ import annotations

import datetime
import io
import re
import subprocess
import sys
import time
import unicodedata

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record_bridge.errors import RecordError
from record_bridge.pdf.check import verify
from record_bridge.pdf.letter import MAX_CHARACTERS, Author, PatientLines, Section, letter
from record_bridge.pdf.lines import wrapped
from record_bridge.pdf.typeface import printable, widths
from tests.record_bridge.pdf.conftest import a_letter

WIDTHS = widths("")


def pages(octets: bytes) -> list[str]:
    """What a reader can search and copy on each page, by the ToUnicode tables."""
    found = []
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        for page in pdf.pages:
            tables = {name: _table(font) for name, font in page.Resources.Font.items()}
            font, text = "", []
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    font = str(operands[0])
                elif str(operator) in ("Tj", "TJ"):
                    parts = list(operands[0]) if str(operator) == "TJ" else [operands[0]]
                    for part in parts:
                        if isinstance(part, pikepdf.String):
                            codes = bytes(part)
                            text += [tables[font][codes[i : i + 2]] for i in range(0, len(codes), 2)]
                elif str(operator) == "ET":
                    text.append("\n")
            found.append("".join(text))
    return found


def _table(font: pikepdf.Object) -> dict[bytes, str]:
    source = font.ToUnicode.read_bytes().decode("ascii")
    pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", source, re.MULTILINE)
    return {bytes.fromhex(code): bytes.fromhex(character).decode("utf-16-be") for code, character in pairs}


def test_doc_1_1_a_letter_is_pdf_a_1b(sound: bytes) -> None:
    assert verify(sound).pages == 1
    assert verify(sound).title == "Compte rendu de télé-expertise"
    assert sound.startswith(b"%PDF-1.4\n%")


def test_doc_1_1_the_same_letter_gives_the_same_octets_in_another_process(sound: bytes) -> None:
    program = (
        "import sys; from tests.record_bridge.pdf.conftest import a_letter; "
        "from record_bridge.pdf.letter import letter; sys.stdout.buffer.write(letter(a_letter()))"
    )
    command = [sys.executable, "-c", program]
    other = subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert other.stdout == sound


def test_doc_1_1_another_moment_gives_another_document(sound: bytes) -> None:
    assert letter(a_letter(time_ms=1_772_355_601_000)) != sound


def test_doc_1_2_every_text_can_be_read_back_with_its_accents(sound: bytes) -> None:
    (page,) = pages(sound)
    for text in (
        *("Dr Hélène FONTAINE", "Médecin cardiologue", "Centre fictif de Sainte-Œuvre", "RPPS 10100000017"),
        *("Le 1er mars 2026", "Dr Paul GARNIER, médecin généraliste", "Compte rendu de télé-expertise"),
        *("ESSAI Éléonore", "née le 03/02/1950 · sexe féminin · INS 2 50 02 75 056 001 12", "Question posée"),
        *("Dyspnée NYHA II → III, NT-proBNP ≥ 1 800 ng/L : « que faire » ?", "FEVG 45 % ± 5, œdèmes…"),
        *("- revoir à 3 mois", "La patiente, informée, ne s'est pas opposée.", "Page 1 / 1"),
    ):
        assert text in page


def test_doc_1_2_both_weights_are_embedded_and_small(sound: bytes) -> None:
    assert len(sound) < 25_000


def test_doc_1_3_a_long_text_runs_over_numbered_pages_that_name_the_patient() -> None:
    text = "\n\n".join(f"Paragraphe {number} : " + "surveillance clinique et biologique, " * 12 for number in range(60))
    found = pages(letter(a_letter(sections=(Section("Suivi", text),))))
    assert len(found) > 3
    for number, page in enumerate(found, 1):
        assert f"Page {number} / {len(found)}" in page
        assert "ESSAI Éléonore · née le 03/02/1950" in page
    assert all(f"Paragraphe {number} :" in "".join(found) for number in range(60))


def test_doc_1_3_a_heading_never_ends_a_page() -> None:
    for filling in range(30, 46):
        sections = (Section("Début", "ligne\n" * filling + "fin"), Section("TITRE-SUIVANT", "suite\nsuite"))
        (page,) = [page for page in pages(letter(a_letter(sections=sections))) if "TITRE-SUIVANT" in page]
        assert "suite" in page


def test_doc_1_4_what_the_typeface_lacks_is_written_as_its_number() -> None:
    text = "Merci 👍 \u05d0\u05d1 {nb} e\u0301\u202etxt\u202c\ufb01n"
    (page,) = pages(letter(a_letter(sections=(Section("", text),))))
    assert "Merci [U+1F44D] [U+05D0][U+05D1] {nb} étxt[U+FB01]n" in page


@given(st.text())
def test_doc_1_4_what_is_printed_has_a_shape_and_no_direction(text: str) -> None:
    for character in printable(text):
        assert character == "\n" or (ord(character) in WIDTHS and unicodedata.category(character)[0] != "C")


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=300),
    st.text(alphabet=st.characters(codec="latin-1"), max_size=2000),
    st.sampled_from(["female", "male", "unknown"]),
)
def test_doc_1_1_any_text_gives_a_pdf_a_1b(heading: str, text: str, sex: str) -> None:
    patient = PatientLines("ESSAI", datetime.date(2000, 1, 1), sex)
    octets = letter(a_letter(sections=(Section(heading, text),), patient=patient, authors=(Author(heading or "A"),)))
    assert verify(octets).pages >= 1


@given(st.text(alphabet="ab é\u00a0\nW-", max_size=400), st.integers(300, 20_000))
def test_doc_1_3_no_line_is_wider_than_asked_and_no_character_is_lost(text: str, limit: int) -> None:
    lines = list(wrapped(text, WIDTHS, limit))
    assert all(sum(WIDTHS[ord(c)] for c in line) <= limit or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split(" ")) == "".join(text.replace("\n", " ").split(" "))


@pytest.mark.parametrize(
    ("changed", "part"),
    [({"title": " "}, "title"), ({"authors": ()}, "author"), ({"sections": ()}, "text")],
)
def test_a_letter_that_lacks_something_is_refused(changed: dict[str, object], part: str) -> None:
    with pytest.raises(RecordError) as refused:
        letter(a_letter(**changed))
    assert (refused.value.id, refused.value.facts) == ("pdf-content-missing", {"part": part})


def test_a_letter_for_nobody_is_refused() -> None:
    with pytest.raises(RecordError, match="pdf-content-missing"):
        letter(a_letter(patient=PatientLines("", datetime.date(1950, 2, 3), "male")))


def test_a_gigantic_letter_is_refused() -> None:
    with pytest.raises(RecordError, match="pdf-too-long"):
        letter(a_letter(sections=(Section("", "a" * MAX_CHARACTERS),)))


@pytest.mark.parametrize("where", ["title", "text"])
def test_a_gigantic_word_costs_little(where: str) -> None:
    word = "m" * 100_000
    start = time.process_time()
    letter(a_letter(title=word) if where == "title" else a_letter(sections=(Section("", word),)))
    assert time.process_time() - start < 5  # a second; the bound only catches what grows with the square


def test_a_page_costs_little() -> None:
    letter(a_letter())
    start = time.process_time()
    for _ in range(5):
        letter(a_letter())
    assert (time.process_time() - start) / 5 < 0.1  # some 15 ms; the bound only catches a font parsed again


def test_no_repr_holds_a_patient_or_a_text() -> None:
    content = a_letter()
    assert not re.search("ESSAI|Dyspnée", f"{content!r} {content.patient!r} {content.sections!r}")

"""The reader of the extraction: header drift (DX-2), lines (DX-3), refusals of the file (DX-1)."""

import io
from collections.abc import Iterator

import pytest

from confrere.story.synthetic_extraction import HEADER, lines
from directory.errors import DirectoryError
from directory.extraction.header import COLUMNS, normalise, read_header
from directory.extraction.parse import LINE_BYTES, Skipped, bounded_lines, parse
from directory.extraction.row import Reason, Row, department_of

REQUIRED = (
    "Type d'identifiant PP",
    "Identifiant PP",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Libellé profession",
)
ALICE = ("8", "99700000013", "MOREL", "Alice", "10", "Médecin")


def table(*rows: tuple[str, ...], header: tuple[str, ...] = REQUIRED) -> list[bytes]:
    return [("|".join(fields) + "|\n").encode() for fields in (header, *rows)]


def read(*rows: tuple[str, ...], header: tuple[str, ...] = REQUIRED) -> list[Row | Skipped]:
    return list(parse(table(*rows, header=header)))


def only_row(*rows: tuple[str, ...], header: tuple[str, ...] = REQUIRED) -> Row:
    (row,) = read(*rows, header=header)
    assert isinstance(row, Row)
    return row


@pytest.mark.parametrize(
    ("name", "drifted"),
    [
        ("Code civilité d'exercice", "Code civilité exercice"),
        ("Code civilité d’exercice", "CODE CIVILITE EXERCICE"),
        ("Indice répétition voie (coord. structure)", "Indice répétition voie (coord. Structure)"),
        ("Code département (coord. structure)", "Code Département (structure)"),
        ("Libellé secteur d'activité", "Libelle  secteur activite "),
        ("Libellé savoir-faire", "Libellé savoir faire"),
    ],
)
def test_dx_2_1_header_names_that_drift_are_the_same(name: str, drifted: str) -> None:
    assert normalise(name) == normalise(drifted)


def test_dx_2_1_every_column_that_is_read_is_in_the_current_header() -> None:
    header = read_header("|".join(HEADER) + "|")
    assert len(HEADER) == 56
    assert all(index < len(HEADER) for index in header.indexes)


def test_dx_2_1_columns_are_found_in_any_order_and_unknown_ones_ignored() -> None:
    header = ("Couleur", *reversed(REQUIRED))
    assert only_row(("bleu", *reversed(ALICE)), header=header) == only_row(ALICE)


def test_dx_2_2_all_but_six_columns_may_be_absent() -> None:
    row = only_row(ALICE)
    assert (row.family, row.given, row.town, row.phone) == ("MOREL", "Alice", "", "")
    assert sum(column.required for column in COLUMNS) == len(REQUIRED)


@pytest.mark.parametrize("missing", REQUIRED)
def test_dx_2_2_a_missing_required_column_refuses_the_file_and_is_named(missing: str) -> None:
    header = tuple(name for name in REQUIRED if name != missing)
    with pytest.raises(DirectoryError) as refused:
        read(header=header)
    assert refused.value.id == "extraction-column-missing"
    assert refused.value.facts == {"columns": normalise(missing)}


@pytest.mark.parametrize("start", [b"", b"\n", b"8|99700000013|MOREL|Alice|10|M\xc3\xa9decin|\n", b"<html>\n"])
def test_dx_2_2_a_file_without_header_is_refused(start: bytes) -> None:
    with pytest.raises(DirectoryError, match="extraction-no-header"):
        list(parse(bounded_lines(io.BytesIO(start).readline)))


def test_dx_2_3_a_column_that_stands_twice_refuses_the_file() -> None:
    with pytest.raises(DirectoryError) as refused:
        read(header=(*REQUIRED, "NOM EXERCICE"))
    assert refused.value.id == "extraction-column-twice"
    assert refused.value.facts == {"column": "nom exercice"}


def test_dx_1_1_the_last_line_without_its_end_refuses_the_file() -> None:
    cut = table(ALICE, ALICE)
    cut[-1] = cut[-1][:-1]
    with pytest.raises(DirectoryError, match="extraction-unterminated"):
        list(parse(cut))


def test_dx_1_1_a_header_without_its_end_refuses_the_file() -> None:
    with pytest.raises(DirectoryError, match="extraction-unterminated"):
        list(parse([table()[0][:-1]]))


def test_dx_1_1_byte_order_mark_and_carriage_return_are_let_through() -> None:
    lines = table(ALICE)
    lines[0] = b"\xef\xbb\xbf" + lines[0]
    (row,) = parse([line.replace(b"\n", b"\r\n") for line in lines])
    assert row == only_row(ALICE)


def test_dx_1_2_a_line_that_is_not_utf8_refuses_the_file_and_is_numbered() -> None:
    lines = table(ALICE, ALICE)
    lines[2] = lines[2].decode().encode("latin-1")
    with pytest.raises(DirectoryError) as refused:
        list(parse(lines))
    assert refused.value.id == "extraction-not-utf8"
    assert refused.value.facts == {"line": 3}


def test_dx_1_3_a_field_cannot_write_on_a_terminal() -> None:
    row = only_row(("8", "99700000013", "MO\x1b[2JREL\u202e", "Al\tice", "10", "Médecin"))
    assert (row.family, row.given) == ("MO [2JREL", "Al ice")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((*ALICE, ""), Reason.COLUMN_COUNT),
        (ALICE[:-1], Reason.COLUMN_COUNT),
        (("8", "99700000014", *ALICE[2:]), Reason.RPPS_KEY),
        (("8", "", *ALICE[2:]), Reason.RPPS_KEY),
        (("3", *ALICE[1:]), Reason.IDENTIFIER_TYPE),
        (("0", "12345678901", *ALICE[2:]), Reason.ADELI_NUMBER),
        (("0", "", *ALICE[2:]), Reason.ADELI_NUMBER),
        ((*ALICE[:2], " ", *ALICE[3:]), Reason.NAME_MISSING),
        ((*ALICE[:2], "M" * LINE_BYTES, *ALICE[3:]), Reason.LINE_TOO_LONG),
    ],
)
def test_dx_3_a_bad_line_is_skipped_with_its_number_and_the_next_is_read(
    fields: tuple[str, ...], reason: Reason
) -> None:
    good = only_row(ALICE)
    assert read(ALICE, fields, ALICE) == [good, Skipped(3, reason), good]


def test_dx_3_1_an_overlong_line_is_read_in_bounds_and_the_next_line_whole() -> None:
    header, good = table(ALICE)
    source = io.BytesIO(header + b"x" * (3 * LINE_BYTES) + b"\n" + good)
    result = list(parse(bounded_lines(source.readline)))
    assert result == [Skipped(2, Reason.LINE_TOO_LONG), only_row(ALICE)]
    cut = io.BytesIO(header + good + b"x" * (3 * LINE_BYTES))
    with pytest.raises(DirectoryError, match="extraction-unterminated"):
        list(parse(bounded_lines(cut.readline)))


def test_dx_3_3_a_professional_with_an_adeli_number_is_read() -> None:
    row = only_row(("0", "2A9300123", *ALICE[2:]))
    assert not row.is_rpps


def test_dx_3_7_an_absent_department_comes_from_the_commune() -> None:
    header = (*REQUIRED, "Code commune (structure)", "Code département (structure)")
    found = [
        department_of(only_row((*ALICE, commune, department), header=header))
        for commune, department in [
            ("74010", ""),
            ("2A004", ""),
            ("97411", ""),
            ("99132", ""),
            ("", ""),
            ("01053", "1"),
        ]
    ]
    assert found == ["74", "2A", "974", "", "", "01"]


def test_parse_holds_one_line_at_a_time() -> None:
    asked = 0

    def source() -> Iterator[bytes]:
        nonlocal asked
        for line in lines(100):
            asked += 1
            yield line.encode()

    rows = parse(source())
    next(rows)
    assert asked == 2
    assert len(list(rows)) == 99

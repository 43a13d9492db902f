"""The import as a whole (DX-4): what refuses a file, and that what was there stays."""

import os
import sqlite3
from pathlib import Path

import pytest

from confrere.story import synthetic_extraction
from confrere.words.catalogue import LANGUAGES, words
from directory.errors import DirectoryError
from directory.extraction.report import Report
from directory.extraction.row import Reason
from directory.store import annuaire_writer
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile, Draft
from directory.use_cases.import_extraction import import_extraction

ROWS = 300
ALICE = synthetic_extraction.CAST["gp"].rpps


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet: an import works before the first `serve`."""
    return tmp_path / "not" / "there yet"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "extraction.txt"
    synthetic_extraction.write(path, ROWS)
    return path


def take(source: Path, data: Path, *, allow_shrink: bool = False) -> Report:
    return import_extraction(source, AnnuaireFile(data), allow_shrink=allow_shrink)


def refusal(source: Path, data: Path) -> DirectoryError:
    with pytest.raises(DirectoryError) as refused:
        take(source, data)
    for language in LANGUAGES:
        assert words(language, strict=True).of(refused.value)
    return refused.value


def edit(source: Path, number: int, old: str, new: str) -> None:
    """Change one line of the file, counted as the report counts."""
    lines = source.read_text("utf-8").splitlines(keepends=True)
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new)
    source.write_text("".join(lines), "utf-8", newline="")


def test_dx_4_5_an_import_works_in_a_new_folder_and_leaves_one_file_and_a_lock(source: Path, data: Path) -> None:
    report = take(source, data)
    assert report.rows == ROWS
    assert 200 < report.practitioners < ROWS
    assert report.as_json() == {
        "rows": ROWS,
        "practitioners": report.practitioners,
        "without_rpps": 0,
        "replaced": None,
        "skipped": 0,
        "reasons": {},
        "skipped_lines": [],
    }
    assert sorted(os.listdir(data)) == ["annuaire.db", "annuaire.lock"]


def test_dx_4_1_a_single_bad_line_is_skipped_and_listed_by_number_and_reason(source: Path, data: Path) -> None:
    edit(source, 2, f"8|{ALICE}", f"8|{int(ALICE) + 1}")
    edit(source, 9, "|", "||")
    report = take(source, data)
    assert report.rows == ROWS - 2
    assert [(line.line, line.reason) for line in report.skipped] == [
        (2, Reason.RPPS_KEY),
        (9, Reason.COLUMN_COUNT),
    ]
    assert "MOREL" not in str(report.as_json())
    for reason in Reason:
        assert all(words(language, strict=True).say(f"skipped-{reason}") for language in LANGUAGES)


def test_dx_4_2_one_bad_line_does_not_refuse_a_small_file(source: Path, data: Path) -> None:
    synthetic_extraction.write(source, 6)
    edit(source, 3, "|FONTAINE|", "||")
    assert take(source, data).reasons == (("name-missing", 1),)


def _no_header(source: Path) -> None:
    source.write_bytes(source.read_bytes().split(b"\n", 1)[1])


def _no_profession(source: Path) -> None:
    edit(source, 1, "|Code profession|", "|Code métier|")


def _latin(source: Path) -> None:
    source.write_bytes(source.read_bytes().replace("Médecin".encode(), "Médecin".encode("latin-1")))


def _unterminated(source: Path) -> None:
    source.write_bytes(source.read_bytes()[:-1])


def _header_only(source: Path) -> None:
    source.write_bytes(source.read_bytes().split(b"\n", 1)[0] + b"\n")


def _nothing(source: Path) -> None:
    source.write_bytes(b"")


def _bad_lines(source: Path) -> None:
    for number in range(10, 14):
        edit(source, number, "8|", "8|1")


def _shrunk(source: Path) -> None:
    synthetic_extraction.write(source, ROWS * 80 // 100 - 1)


def _gone(source: Path) -> None:
    source.unlink()


def _folder(source: Path) -> None:
    source.unlink()
    source.mkdir()


BAD_FILES = {
    _no_header: "extraction-no-header",
    _no_profession: "extraction-column-missing",
    _latin: "extraction-not-utf8",
    _unterminated: "extraction-unterminated",
    _header_only: "extraction-empty",
    _nothing: "extraction-no-header",
    _bad_lines: "extraction-too-many-bad-lines",
    _shrunk: "extraction-shrunk",
    _gone: "extraction-unreadable",
    _folder: "extraction-unreadable",
}


@pytest.mark.parametrize(("spoil", "error_id"), BAD_FILES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_dx_4_5_a_bad_file_is_refused_whole_and_what_was_there_stays(
    spoil: object, error_id: str, source: Path, data: Path
) -> None:
    take(source, data)
    before = (data / "annuaire.db").read_bytes()
    assert callable(spoil)
    spoil(source)
    assert refusal(source, data).id == error_id
    assert (data / "annuaire.db").read_bytes() == before
    assert sorted(os.listdir(data)) == ["annuaire.db", "annuaire.lock"]
    assert Annuaire(data).by_rpps(ALICE) is not None


def test_dx_4_2_the_refusal_says_how_many_and_where_but_no_content(source: Path, data: Path) -> None:
    _bad_lines(source)
    assert refusal(source, data).facts == {"bad": 4, "lines": ROWS, "reason": "rpps-key", "line": 10}


def test_dx_4_4_the_threshold_itself_is_accepted_and_allow_shrink_lets_less_through(source: Path, data: Path) -> None:
    take(source, data)
    synthetic_extraction.write(source, ROWS * 80 // 100)
    assert take(source, data).replaced == ROWS
    synthetic_extraction.write(source, 50)
    assert refusal(source, data).facts == {"rows": 50, "replaced": 240}
    assert take(source, data, allow_shrink=True).rows == 50
    assert AnnuaireFile(data).standing_rows() == 50


class Killed(BaseException):
    """What no `except Exception` of the import sees."""


@pytest.mark.parametrize("moment", ["add", "finish", "publish"])
def test_dx_4_5_an_import_killed_in_the_middle_leaves_the_old_file(
    moment: str, source: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(source, data)
    before = (data / "annuaire.db").read_bytes()

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Draft, moment, die)
        with pytest.raises(Killed):
            take(source, data)
    assert (data / "annuaire.db").read_bytes() == before
    assert take(source, data).replaced == ROWS


def test_dx_4_5_the_file_is_on_the_disk_before_its_name(
    source: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_replace = annuaire_writer._fsync, os.replace
    monkeypatch.setattr(annuaire_writer, "_fsync", lambda path: (steps.append(path.name), real_sync(path)))
    monkeypatch.setattr(os, "replace", lambda old, new: (steps.append("rename"), real_replace(old, new)))
    take(source, data)
    assert steps == ["annuaire.importing.db", "rename", data.name]


def test_dx_4_5_what_a_killed_import_left_is_swept_by_the_next(source: Path, data: Path) -> None:
    data.mkdir(parents=True)
    (data / "annuaire.importing.db").write_bytes(b"half a page")
    assert take(source, data).rows == ROWS
    assert sorted(os.listdir(data)) == ["annuaire.db", "annuaire.lock"]


def test_dx_4_5_a_second_import_in_the_same_folder_is_told_to_wait(source: Path, data: Path) -> None:
    with AnnuaireFile(data).draft():
        assert refusal(source, data).id == "annuaire-busy"
    assert take(source, data).rows == ROWS


def test_dx_4_5_an_unreadable_directory_is_replaced(source: Path, data: Path) -> None:
    data.mkdir(parents=True)
    (data / "annuaire.db").write_bytes(b"not a database")
    assert take(source, data).replaced is None


def test_service_db_is_not_touched(source: Path, data: Path) -> None:
    data.mkdir(parents=True)
    service = sqlite3.connect(data / "service.db", isolation_level=None)
    service.execute("CREATE TABLE t (x)")
    service.execute("BEGIN EXCLUSIVE")
    before = (data / "service.db").read_bytes()
    take(source, data)
    assert (data / "service.db").read_bytes() == before
    service.close()


def test_progress_counts_lines_and_bytes_to_the_end(source: Path, data: Path) -> None:
    told: list[tuple[int, int, int]] = []
    import_extraction(source, AnnuaireFile(data), progress=lambda *now: told.append(now))
    size = source.stat().st_size
    assert told[-1] == (ROWS, size, size)
    assert told == sorted(told)


def test_the_synthetic_extraction_is_the_same_for_the_same_seed() -> None:
    once, again = (list(synthetic_extraction.lines(500, seed=7)) for _ in range(2))
    assert once == again
    assert once != list(synthetic_extraction.lines(500, seed=8))
    assert all(line.count("|") == 56 and line.endswith("|\n") for line in once)

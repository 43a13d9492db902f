"""Searching the directory (DX-5) on the synthetic extraction, and look-ups by number."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from confrere.story import synthetic_extraction
from confrere.story.synthetic_extraction import CAST, HEADER
from directory.errors import DirectoryError
from directory.extraction.practitioner import PractitionerHit
from directory.identity import finess, rpps
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.search import search

CLAIRE = CAST["cardiologist"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("annuaire")
    synthetic_extraction.write(data / "extraction.txt")
    report = import_extraction(data / "extraction.txt", AnnuaireFile(data))
    assert report.rows == synthetic_extraction.ROWS >= 3000
    assert report.skipped_count == 0
    return data


@pytest.fixture(scope="module")
def annuaire(folder: Path) -> Iterator[Annuaire]:
    reader = Annuaire(folder)
    yield reader
    reader.close()


def names(hits: list[PractitionerHit]) -> list[str]:
    return [hit.name for hit in hits]


def write_rows(path: Path, *rows: dict[str, str]) -> None:
    """A file of the current format with these columns filled in."""
    filled = [list((dict.fromkeys(HEADER, "") | row).values()) for row in rows]
    path.write_text("".join("|".join(line) + "|\n" for line in [list(HEADER), *filled]), "utf-8", newline="")


def row(number: str, family: str, given: str, **others: str) -> dict[str, str]:
    return {
        "Type d'identifiant PP": others.pop("kind", "8"),
        "Identifiant PP": number,
        "Nom d'exercice": family,
        "Prénom d'exercice": given,
        "Code profession": "60",
        "Libellé profession": "Infirmier",
        "Libellé commune (coord. structure)": others.pop("town", ""),
        "Raison sociale site": others.pop("structure", ""),
    }


def imported(data: Path, *rows: dict[str, str]) -> Annuaire:
    write_rows(data / "rows.txt", *rows)
    import_extraction(data / "rows.txt", AnnuaireFile(data), allow_shrink=True)
    return Annuaire(data)


def test_dx_5_1_the_gp_finds_the_cardiologist_by_name_part_specialty_and_town(annuaire: Annuaire) -> None:
    (hit,) = search(annuaire, "font", specialty="cardiologue", place="Lyon")
    assert (hit.rpps, hit.name, hit.family, hit.given) == (CLAIRE.rpps, "Dr Claire Fontaine", "FONTAINE", "Claire")
    assert (hit.specialty, hit.place) == ("Cardiologie et maladies vasculaires", "Lyon 3e Arrondissement")
    assert (hit.structure, hit.phone) == ("CABINET DE CARDIOLOGIE FONTAINE", "04 65 71 00 22")
    assert hit.invitable


@pytest.mark.parametrize("role", CAST)
def test_every_actor_is_found_and_called_in_a_fictional_range(annuaire: Annuaire, role: str) -> None:
    character = CAST[role]
    hits = search(annuaire, f"{character.given} {character.family}", place=character.sites[0].town.department_code)
    assert character.rpps in [hit.rpps for hit in hits]
    assert character.phone.startswith("046571")
    assert rpps.parse(character.rpps)
    assert finess.parse_siren(character.sites[0].siren)


@pytest.mark.parametrize("text", ["claire fontaine", "FONTAINE Claire", "Dr Fontaine", "clair fontai", CLAIRE.rpps])
def test_dx_5_1_name_parts_in_any_order_and_the_number_itself(annuaire: Annuaire, text: str) -> None:
    assert CLAIRE.rpps in [hit.rpps for hit in annuaire.search(text)]


@pytest.mark.parametrize("text", ["fontaine alice", "xfontaine", "laire fontaine", "' OR 1=1 --", "*"])
def test_dx_5_1_every_part_must_begin_a_part_of_the_name(annuaire: Annuaire, text: str) -> None:
    assert CLAIRE.rpps not in [hit.rpps for hit in annuaire.search(text)]


@pytest.mark.parametrize("specialty", ["SM04", "sm04", "cardio", "Cardiologie", "vasculaires", "médecin cardiologue"])
def test_dx_5_2_specialty_by_code_label_or_practitioner(annuaire: Annuaire, specialty: str) -> None:
    assert [hit.rpps for hit in annuaire.search("fontaine", specialty)] == [CLAIRE.rpps]


@pytest.mark.parametrize(
    "place", ["Lyon", "lyon 3", "LYON 3E", "69", "69003", "Rhône", "rhone", "Lyon (69)", "69003 Lyon"]
)
def test_dx_5_3_place_by_town_postal_code_or_department(annuaire: Annuaire, place: str) -> None:
    assert [hit.rpps for hit in annuaire.search("fontaine", None, place)] == [CLAIRE.rpps]


@pytest.mark.parametrize("place", ["Lyons", "74", "69008", "Annecy", "Lyon 8", "74 Lyon", "nulle part", "Lyon (74)"])
def test_dx_5_3_somebody_elsewhere_is_not_found(annuaire: Annuaire, place: str) -> None:
    assert annuaire.search("fontaine", None, place) == []


@pytest.mark.parametrize(
    ("place", "town"),
    [
        ("St Etienne", "Saint-Étienne"),
        ("l'hay les roses", "L'Haÿ-les-Roses"),
        ("noeux", "Nœux-les-Mines"),
        ("2A", "Ajaccio"),
        ("haute corse", "Bastia"),
        ("974", "Saint-Denis"),
        ("1", "Bourg-en-Bresse"),
        ("paris 12", "Paris 12e Arrondissement"),
        ("bresse", "Bourg-en-Bresse"),
    ],
)
def test_dx_5_3_a_place_alone_finds_who_works_there(annuaire: Annuaire, place: str, town: str) -> None:
    hits = annuaire.search("", None, place)
    assert hits
    assert {hit.place for hit in hits} == {town}


def test_dx_5_1_whole_parts_before_beginnings(tmp_path: Path) -> None:
    reader = imported(
        tmp_path,
        row("99700000013", "ROUXEL", "Ana"),
        row("99700000021", "ROUX", "Zoé"),
        row("99700000039", "LEROUX", "Bo"),
    )
    assert names(reader.search("roux")) == ["Zoé Roux", "Ana Rouxel"]


@pytest.mark.parametrize(
    "text",
    ["le gall", "legall", "gall", "d'arc", "d’Arc", "anne laure", "annelaure", "laure gall", "ANNE-LAURE LE-GALL"],
)
def test_dx_5_1_compound_names_by_part_and_in_one_word(tmp_path: Path, text: str) -> None:
    reader = imported(tmp_path, row("99700000013", "LE GALL-D'ARC", "Anne-Laure"))
    assert names(reader.search(text)) == ["Anne-Laure Le Gall-D'Arc"]


def test_dx_5_4_several_activities_are_one_hit_and_the_one_asked_for_is_shown(tmp_path: Path) -> None:
    reader = imported(
        tmp_path,
        row("99700000013", "PETIT", "Ève", town="Lille", structure="A"),
        row("99700000013", "PETIT", "Ève", town="Nice", structure="B"),
    )
    (anywhere,) = reader.search("petit")
    (nice,) = reader.search("petit", None, "nice")
    assert (anywhere.place, nice.place, nice.structure) == ("Lille", "Nice", "B")
    assert [activity.town for activity in nice.activities] == ["Lille", "Nice"]


def test_dx_3_6_somebody_without_an_activity_is_found_by_name_and_number(annuaire: Annuaire) -> None:
    (hit,) = annuaire.search("d'argent anne laure", "cardiologie")
    assert (hit.name, hit.place, hit.activities) == ("Dr Anne-Laure D'Argent", "", ())
    assert hit.rpps is not None
    person = annuaire.by_rpps(hit.rpps)
    assert person is not None
    assert (person.name, person.specialty) == (hit.name, "Cardiologie et maladies vasculaires")


def test_dx_3_3_an_adeli_number_is_found_and_not_invitable(tmp_path: Path) -> None:
    reader = imported(tmp_path, row("2A9300123", "SANTONI", "Ghj", kind="0"), row("99700000013", "SANTONI", "Ève"))
    assert [(hit.rpps, hit.invitable) for hit in reader.search("santoni")] == [("99700000013", True), (None, False)]


def test_homonyms_are_two_hits(annuaire: Annuaire) -> None:
    hits = annuaire.search("marie martin", "médecine générale", "lyon 3e")
    assert len({hit.rpps for hit in hits if hit.name == "Dr Marie Martin"}) >= 2


def test_dx_5_5_nothing_asked_nothing_found_and_limits_hold(annuaire: Annuaire) -> None:
    assert search(annuaire, "") == search(annuaire, "  ", specialty=" ", place="") == []
    assert len(search(annuaire, "", place="Lyon", limit=7)) == 7
    assert len(search(annuaire, "", place="Lyon", limit=10**9)) <= 100
    assert len(search(annuaire, "m" * 10_000)) == 0


def test_by_rpps_of_nobody_is_none(annuaire: Annuaire) -> None:
    assert annuaire.by_rpps("99709999992") is None
    assert annuaire.by_rpps("not a number") is None


def test_by_structure_finess_or_siren(annuaire: Annuaire) -> None:
    site = CLAIRE.sites[0]
    for number in (finess.parse_finess(site.finess), finess.parse_siren(site.siren)):
        structure = annuaire.by_structure(number)
        assert structure is not None
        assert (structure.identifier, structure.name) == (number, site.name)
        assert (structure.town, structure.phone) == ("Lyon 3e Arrondissement", "04 65 71 00 22")
    assert annuaire.by_structure("750100125") is None


def test_without_a_directory_the_reader_says_so_and_finds_it_once_imported(tmp_path: Path) -> None:
    reader = Annuaire(tmp_path)
    for _ in range(2):
        with pytest.raises(DirectoryError, match="annuaire-missing"):
            reader.search("fontaine")
    imported(tmp_path, row("99700000013", "FONTAINE", "Ève"))
    assert names(reader.search("fontaine")) == ["Ève Fontaine"]


def test_a_replaced_directory_is_seen_by_the_reader_that_runs(tmp_path: Path) -> None:
    reader = imported(tmp_path, row("99700000013", "AVANT", "Ève"))
    assert names(reader.search("avant")) == ["Ève Avant"]
    imported(tmp_path, row("99700000021", "APRÈS", "Zoé"))
    assert reader.search("avant") == []
    assert names(reader.search("apres")) == ["Zoé Après"]


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_directory_of_another_version_or_damaged_asks_for_an_import(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "annuaire.db").write_bytes(content)
    with pytest.raises(DirectoryError, match="annuaire-outdated"):
        Annuaire(tmp_path).search("fontaine")


def test_searches_from_many_threads_while_the_directory_is_replaced(folder: Path, tmp_path: Path) -> None:
    reader = imported(tmp_path, row("99700000013", "FONTAINE", "Claire"))
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(reader.search, "fontaine") for _ in range(50)]
        import_extraction(folder / "extraction.txt", AnnuaireFile(tmp_path))
        answers += [pool.submit(reader.search, "fontaine") for _ in range(50)]
        assert all(answer.result() for answer in answers)

"""Letters of generated texts, judged as PDF/A-1b by two programs that are not ours: `run.py PYTHON_WITH_PIKEPDF_PDFA`.

Apache PDFBox Preflight (Java; Debian: libpdfbox2-java libactivation-java libjaxb-api-java) and the validator of
pikepdf (DOC-4.3). Each must also refuse the controls. Exits 1 on any disagreement, and 2 if a judge is not there.
"""

from __future__ import annotations

import datetime
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name

from record_bridge.pdf.check import reason
from record_bridge.pdf.letter import Author, Letter, PatientLines, Section, letter
from tests.record_bridge.pdf.conftest import bent

LETTERS = 60
JARS = Path("/usr/share/java")
CLASSPATH = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation", "jaxb-api")
ALPHABET = "aàâbcçdeéèêëfghiïjklmnoôœpqrstuùûvwxyz    ,.;:!?'’«»()-–—+/%°≤≥→µαβΔ²⁺½€жяŁş👍\u202f\n" + "AÉÀŒ0123456789"


def some_letter(seed: int) -> Letter:
    chance = random.Random(seed)

    def text(most: int) -> str:
        return "".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, most))) + "fin"

    return Letter(
        title=text(60),
        date=datetime.date(2026, 1, 1) + datetime.timedelta(days=seed),
        time_ms=1_767_225_600_000 + seed * 86_400_000,
        authors=tuple(Author(text(30), text(30), text(40), "10100000017") for _ in range(chance.randint(1, 3))),
        patient=PatientLines(text(30), datetime.date(1950, 2, 3), chance.choice(("female", "male", "unknown"))),
        sections=tuple(Section(text(40), text(4_000)) for _ in range(chance.randint(1, 5))),
        recipients=tuple(text(40) for _ in range(chance.randint(0, 3))),
        footer=tuple(text(150) for _ in range(chance.randint(0, 3))),
    )


def controls(sound: bytes) -> dict[str, bytes]:
    """PDFs that every judge must refuse, ours included."""

    def no_font(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].Resources.Font.values():
            del font.DescendantFonts[0].FontDescriptor["/FontFile2"]

    def glass(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources["/ExtGState"] = Dictionary(G=Dictionary(Type=Name.ExtGState, ca=0.5))
        pdf.pages[0].contents_add(pdf.make_stream(b"/G gs 0 0 10 10 re f"))

    def script(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/OpenAction"] = Dictionary(S=Name.JavaScript, JS=pikepdf.String("1"))

    def nameless(pdf: pikepdf.Pdf) -> None:
        del pdf.Root["/Metadata"]

    bends = {"no-font": no_font, "transparent": glass, "script": script, "no-metadata": nameless}
    return {name: bent(sound, bend) for name, bend in bends.items()}


def preflight(files: list[Path]) -> list[bool]:
    """One Java process each is slow, but one for all stops at the first that it cannot read."""
    classpath = ":".join(str(JARS / f"{jar}.jar") for jar in CLASSPATH)
    command = ["java", "-cp", classpath, "org.apache.pdfbox.preflight.Validator_A1b"]
    found = []
    for file in files:
        said = subprocess.run([*command, str(file)], capture_output=True, text=True).stdout
        if "PDF/A-1b file" not in said:
            raise SystemExit(f"Preflight gave no judgement: {said}")
        found.append(f"{file.name} is a valid PDF/A-1b file" in said)
    return found


def pikepdf_pdfa(python: str, files: list[Path]) -> list[bool]:
    script = Path(__file__).with_name("with_pikepdf.py")
    said = subprocess.run([python, str(script), *map(str, files)], capture_output=True, text=True, check=True).stdout
    return [line == "ok" for line in said.splitlines()]


def main(python: str) -> int:
    lacking = [jar for jar in CLASSPATH if not (JARS / f"{jar}.jar").is_file()]
    if lacking or not shutil.which("java"):
        print(f"Preflight is not installed (lacking: {' '.join(lacking) or 'java'}).", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        files: dict[Path, bool] = {}
        for seed in range(LETTERS):
            path = Path(place) / f"letter-{seed:03}.pdf"
            path.write_bytes(letter(some_letter(seed)))
            files[path] = True
        for name, octets in controls(letter(some_letter(0))).items():
            path = Path(place) / f"control-{name}.pdf"
            path.write_bytes(octets)
            files[path] = False
        judged = {
            "ours": [reason(path.read_bytes()) is None for path in files],
            "PDFBox Preflight": preflight(list(files)),
            "pikepdf.pdfa": pikepdf_pdfa(python, list(files)),
        }
    wrong = 0
    for judge, verdicts in judged.items():
        errors = [path.name for (path, sound), said in zip(files.items(), verdicts, strict=True) if said is not sound]
        wrong += len(errors)
        print(f"{judge:18} {LETTERS} letters, {len(files) - LETTERS} controls, {len(errors)} judged otherwise {errors}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

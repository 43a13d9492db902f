"""`confrere directory import FILE --data DIR`: replaces the directory of professionals, all or nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "import"
_SHOWN = 10


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words.say("directory-import-flag-file-help"))
    parser.add_argument("--data", metavar="DIR", required=True, help=words.say("operator-flag-data-help"))
    parser.add_argument("--allow-shrink", action="store_true", help=words.say("directory-import-flag-shrink-help"))


def run(arguments: argparse.Namespace, output: Output) -> None:
    from directory.store.annuaire_writer import AnnuaireFile
    from directory.use_cases.import_extraction import import_extraction

    file, data = Path(arguments.file), Path(arguments.data)
    total = file.stat().st_size if file.is_file() else 0
    with output.progress(output.words.say("directory-import-progress"), total) as bar:
        before = 0

        def progress(_lines: int, octets: int, _total: int) -> None:
            nonlocal before
            bar.advance(octets - before)
            before = octets

        report = import_extraction(file, AnnuaireFile(data), allow_shrink=arguments.allow_shrink, progress=progress)
    for skipped in report.skipped[:_SHOWN]:
        reason = output.words.say(f"skipped-{skipped.reason}")
        output.note(output.words.say("directory-import-skipped", line=skipped.line, reason=reason))
    text = output.words.say(
        "directory-import-done",
        rows=report.rows,
        practitioners=report.practitioners,
        skipped=report.skipped_count,
        without=report.without_rpps,
    )
    output.result(report.as_json(), text)

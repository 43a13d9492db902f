"""Write `tests/vectors/` anew: `PYTHONPATH=. python tests/conformance/generate.py`. Not needed to run the vectors.

Refusals are stated by hand in `*_scenarios.py`; only what an accepted vector *says* is taken from the code.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

import account_scenarios
import clinic
import key_scenarios
import record_scenarios
import thread_scenarios
from clinic import SEALED, VECTORS
from test_vectors import judge, world

from directory.errors import DirectoryError, Refusal
from messaging.errors import MessagingError

CATALOGUE = {**MessagingError.CATALOGUE, **DirectoryError.CATALOGUE}


class Book:
    """Where scenarios are written, one file each."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def write(
        self,
        room: str,
        name: str,
        about: str,
        clauses: str,
        operation: str,
        given: dict[str, Any],
        refuse: str | None = None,
        use: str | None = None,
    ) -> None:
        """`clauses` are written short: "3.2 3.12"."""
        if name in self.names:
            raise ValueError(f"two vectors are called {name}")
        self.names.add(name)
        vector: dict[str, Any] = {
            "name": name,
            "about": about,
            "clauses": [f"CP1-{clause}" for clause in clauses.split()],
            "operation": operation,
        }
        if use:
            vector["world"] = use
        vector["given"] = given
        if refuse:
            category = str(CATALOGUE[refuse].category)
            vector["expected"] = {"refuse": {"category": category, "id": refuse}}
        else:
            try:
                vector["expected"] = {"accept": judge(vector)}
            except Refusal as refused:
                raise SystemExit(f"{name} should be accepted: {refused}") from refused
        path = VECTORS / room / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    once = clinic.install()
    for room in ("accounts", "keys", "epochs", "events", "blobs", "receipts", "records", "worlds"):
        shutil.rmtree(VECTORS / room, ignore_errors=True)
    made = clinic.build()
    write_world("clinic", made)
    book = Book()
    key_scenarios.write(book, made)
    account_scenarios.write(book, made)
    thread_scenarios.write(book, made)
    record_scenarios.people(made)
    write_world("records", made)
    record_scenarios.write(book, made)
    SEALED.write_text(json.dumps(dict(sorted(once.used.items())), indent=0) + "\n", encoding="utf-8")


def write_world(name: str, made: clinic.Clinic) -> None:
    secrets = {
        "devices": {
            a.name: {"sign_seed": a.key.seed.hex(), "kem_seed": a.kem_seed.hex()} for a in made.actors.values()
        },
        "accounts": {a.name: a.account.hex() for a in made.actors.values()},
        "aek": {a.name: [seed.hex() for seed in a.aek] for a in made.actors.values()},
        "mailboxes": {name: account.hex() for name, account in made.mailboxes.items()},
        "mailbox_aek": {f"{name} {class_}": [s.hex() for s in held] for (name, class_), held in made.seeds.items()},
    }
    written = {"name": name, "entries": made.log, "secrets": secrets}
    (VECTORS / "worlds").mkdir(parents=True, exist_ok=True)
    (VECTORS / f"worlds/{name}.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    world.cache_clear()


if __name__ == "__main__":
    main()

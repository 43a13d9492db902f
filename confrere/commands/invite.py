"""`confrere invite --data DIR (--rpps N | --staff-of ADDRESS --name TEXT | --structure N | --patient FILE)`: a code.

Its own process with its own key; it holds the service's database for one short transaction, also while `serve` runs.
Who a patient is goes into the invitation file alone: never into the data folder, a log or the output.
"""

from __future__ import annotations

import argparse
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.settings import find_config, load_service
from confrere.words.catalogue import Words

if TYPE_CHECKING:
    from directory.use_cases.invite import Issued, Registrar

NAME = "invite"
_PATIENCE = 10.0
_PAUSE = 0.05
_FILE = "invitation.json"
# What a structure is invited for, where that is not a mailbox of its own: flag -> InviteeKind.
_STRUCTURES = {"deposit-only": "DEPOSITOR", "payer": "PAYER", "bridge": "BRIDGE"}


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--data", metavar="DIR", required=True, help=words.say("operator-flag-data-help"))
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--rpps", metavar="N", help=words.say("invite-flag-rpps-help"))
    whom.add_argument("--staff-of", metavar="ADDRESS", help=words.say("invite-flag-staff-of-help"))
    whom.add_argument("--structure", metavar="FINESS|SIREN", help=words.say("invite-flag-structure-help"))
    whom.add_argument("--patient", metavar="FILE", help=words.say("invite-flag-patient-help"))
    parser.add_argument("--name", metavar="TEXT", help=words.say("invite-flag-name-help"))
    parser.add_argument("--to", metavar="FILE", help=words.say("invite-flag-to-help", file=_FILE))
    does = parser.add_mutually_exclusive_group()
    for flag in _STRUCTURES:
        does.add_argument(f"--{flag}", action="store_true", help=words.say(f"invite-flag-{flag}-help"))


def run(arguments: argparse.Namespace, output: Output) -> None:
    from directory.accounts.invitation_code import grouped
    from directory.store.registrar import registrar_key
    from directory.use_cases.invite import Registrar

    _verify_flags(arguments, output)
    settings = load_service(find_config(arguments.config, os.environ))
    data = Path(arguments.data)
    if not data.is_dir():
        raise ConfrereError("data-missing", data=str(data))
    registrar = Registrar(registrar_key(data), settings.service.domain, settings.access.invitation_days)
    if arguments.patient:
        from confrere.commands import invitation_file

        target = invitation_file.Target.of(arguments.to or _FILE, data, output)
        issued, file = invitation_file.issue(
            arguments.patient, target, registrar, lambda: _issue(arguments, data, registrar)
        )
    else:
        issued, file = _issue(arguments, data, registrar), ""
    invitation = issued.invitation
    expires = datetime.fromtimestamp(invitation.not_after // 1000, UTC)
    document = {
        "code": grouped(issued.code),
        "address": invitation.address,
        "name": invitation.name,
        "profession": invitation.profession,
        "kind": invitation.kind.name.lower(),
        "identifier": invitation.identifier,
        "expires": expires.isoformat().replace("+00:00", "Z"),
    }
    say, code, until = output.words.say, document["code"], expires.date().isoformat()
    if file:
        document = {key: document[key] for key in ("code", "kind", "expires")} | {"file": file}
        text = say("invite-done-patient", file=file, code=code, until=until)
    elif not invitation.address:
        text = say("invite-done-depositor", name=invitation.name, code=code, until=until)
    else:
        text = say("invite-done", name=invitation.name, address=invitation.address, code=code, until=until)
    output.result(document, text)


def _verify_flags(arguments: argparse.Namespace, output: Output) -> None:
    """Raises ConfrereError("usage") for flags that do not go together."""
    does = any(getattr(arguments, flag.replace("-", "_")) for flag in _STRUCTURES)
    for wrong, message_id in (
        (bool(arguments.staff_of) != bool(arguments.name), "invite-name-with-staff"),
        (does and not arguments.structure, "invite-does-with-structure"),
        (bool(arguments.to) and not arguments.patient, "invite-to-with-patient"),
    ):
        if wrong:
            raise ConfrereError("usage", reason=output.words.say(message_id), command="confrere invite")


def _issue(arguments: argparse.Namespace, data: Path, registrar: Registrar) -> Issued:
    from directory.accounts.bind import InviteeKind
    from directory.accounts.invitation_code import ENTROPY_SIZE
    from directory.store.annuaire import Annuaire
    from directory.store.invitations import InvitationCounter

    file = _schema(data)
    now, entropy = time.time_ns() // 1_000_000, secrets.token_bytes(ENTROPY_SIZE)
    counter, annuaire = InvitationCounter(file), Annuaire(data)
    try:
        if arguments.rpps:
            return registrar.professional(arguments.rpps, annuaire, counter, now, entropy)
        if arguments.patient:
            return registrar.patient(counter, now, entropy)
        if arguments.structure:
            chosen = [kind for flag, kind in _STRUCTURES.items() if getattr(arguments, flag.replace("-", "_"))]
            kind = InviteeKind[chosen[0]] if chosen else InviteeKind.STRUCTURE
            return registrar.structure(arguments.structure, annuaire, counter, now, entropy, kind)
        return registrar.staff(arguments.staff_of, arguments.name, counter, now, entropy)
    finally:
        annuaire.close()


def _schema(data: Path) -> Path:
    """The database with its tables: made here before the first `serve`, waited for while a `serve` makes it."""
    from confrere.database import lock, schema
    from confrere.database.engine import FILE_NAME
    from directory.store.invitations import is_ready

    file, until = data / FILE_NAME, time.monotonic() + _PATIENCE
    while not is_ready(file):
        try:
            with lock.held(data):
                schema.migrate(file)
        except ConfrereError as busy:
            if busy.id != "data-locked" or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
    return file

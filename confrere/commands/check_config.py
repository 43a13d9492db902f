"""`confrere check-config`: reads every settings file and e-mail text as its process would and says what is wrong."""

from __future__ import annotations

import argparse
import os

from confrere.output import Output
from confrere.settings import FILES, find_config, load, load_service, read_toml
from confrere.words.catalogue import Words

NAME = "check-config"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    """No arguments of its own: the folder is the global --config."""


def run(arguments: argparse.Namespace, output: Output) -> None:
    from messaging.notices.compose import Letterhead
    from messaging.notices.render import open_templates, verify
    from messaging.referral.document_types import read_document_types
    from messaging.referral.urgency import read_policy

    folder = find_config(arguments.config, os.environ)
    for name, kind in FILES.items():
        load(kind, folder / name)
    notices = load_service(folder).notices
    Letterhead(notices.sender, notices.contact, notices.bounces)
    verify(open_templates(folder / "mail"))
    read_policy(read_toml(folder / "urgency.toml"))
    read_document_types(read_toml(folder / "document_types.toml"))
    files = sorted([*FILES, "urgency.toml", "document_types.toml"])
    text = output.words.say("check-config-done", folder=str(folder), files=", ".join(files))
    output.result({"config": str(folder), "files": files}, text)

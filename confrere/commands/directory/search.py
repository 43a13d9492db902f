"""`confrere directory search TEXT --server URL`: finds a professional, and says how each can be reached.

The directory is public: no profile and no login is needed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from confrere.output import Output
from confrere.settings import find_config, load_client
from confrere.words.catalogue import Words

NAME = "search"
_FIELDS = ("rpps", "name", "profession", "specialty", "place", "structure", "phone", "address", "reach")


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("text", metavar="TEXT", help=words.say("directory-search-flag-text-help"))
    parser.add_argument("--server", metavar="URL", required=True, help=words.say("directory-search-flag-server-help"))
    parser.add_argument("--specialty", metavar="S", default="", help=words.say("directory-search-flag-specialty-help"))
    parser.add_argument("--place", metavar="P", default="", help=words.say("directory-search-flag-place-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    from confrere.commands import opening
    from messaging.client.enrolment import verify_server
    from messaging.client.environment import Environment
    from messaging.client.service import Service

    timeouts = load_client(find_config(arguments.config, os.environ)).timeouts
    environment = Environment(connect_seconds=timeouts.connect_seconds, total_seconds=timeouts.total_seconds)
    query = {"text": arguments.text, "specialty": arguments.specialty, "place": arguments.place}
    asked = {name: value for name, value in query.items() if value}
    with opening.service_needed():
        async with Service(verify_server(arguments.server), environment) as service:
            found = await service.json("GET", "/api/directory/search", query=asked)
    hits = [_hit(one, output.words) for one in found]
    if not hits:
        output.result(hits, output.words.say("directory-search-nobody"))
        return
    output.result(hits, "\n\n".join(_paragraph(hit) for hit in hits))


def _hit(found: Mapping[str, Any], words: Words) -> dict[str, Any]:
    hit = {name: found.get(name) for name in _FIELDS}
    return {**hit, "reach_text": words.say(f"reach-{hit['reach']}")}


def _paragraph(hit: Mapping[str, Any]) -> str:
    lines = (
        hit["name"],
        ", ".join(filter(None, (hit["specialty"] or hit["profession"], hit["place"]))),
        " · ".join(filter(None, (hit["rpps"] and f"RPPS {hit['rpps']}", hit["phone"]))),
        " · ".join(filter(None, (hit["address"], hit["reach_text"]))),
    )
    return "\n  ".join(filter(None, lines))

"""`confrere consent show [SERIES|THREAD]`: the consents of a record in words: where each stands, about what, whose word
it is, since when, and what had no effect. With --fhir one of them as others read it."""

from __future__ import annotations

import argparse
import json

from confrere.commands import in_consent, opening
from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "show"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument(
        "consent", metavar="CONSENT", nargs="?", default="", help=words.say("consent-flag-series-help")
    )
    opening.add_profile_flags(parser, words)
    in_consent.add_record(parser, words)
    parser.add_argument("--fhir", action="store_true", help=words.say("consent-flag-fhir-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    words = output.words
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            found = await in_consent.find(endpoint, arguments.consent, arguments.record)
            if arguments.fhir:
                one = found.one
                said = next(made.said for made in one.opened if made.version is one.current)
                resource = json.loads(said)
                output.result(resource, json.dumps(resource, ensure_ascii=False, indent=2))
                return
            documents = [await in_consent.document(endpoint, one, words) for one in found.known]
            text = ["\n".join(await in_consent.lines(endpoint, one, words)) for one in found.known]
            if not arguments.consent:
                apart, told = await in_consent.apart(endpoint, found.survey, words)
                documents += apart
                text += told
    text = text or [words.say("consent-none")]
    output.result(documents, "\n\n".join([*text, words.say("consent-law") + "\n" + words.say("consent-product")]))

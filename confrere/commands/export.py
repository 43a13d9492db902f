"""`confrere export THREAD --to DIR`: pages that anybody reads, the attachments, and the signed bytes that prove them;
`export --verify DIR` proves them again, without a profile and without the network.

The folder appears under its name only when everything is in it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from confrere.commands import exported, given, opening, views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import LANGUAGES, Words
from directory.accounts.bind import Invitation
from directory.errors import Category, Refusal
from messaging.client import evidence as gathering
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.errors import MessagingError
from messaging.protocol import evidence
from messaging.protocol.evidence import AttachedFile, Bundle, Proven
from messaging.wire import limits

NAME = "export"
SIGNED, ATTACHMENTS = "signed", "attachments"
_LARGEST = limits.MAX_FRAME  # of one signed file


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("thread", metavar="THREAD", nargs="?", default="", help=words.say("export-flag-thread-help"))
    opening.add_profile_flags(parser, words, required=False)
    parser.add_argument("--to", metavar="DIR", default="", help=words.say("export-flag-to-help"))
    parser.add_argument("--verify", metavar="DIR", default="", help=words.say("export-flag-verify-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if bool(arguments.verify) == bool(arguments.thread) or bool(arguments.thread) != bool(arguments.to):
        raise given.wrong(output, NAME, "export-one-of")
    if arguments.verify:
        await asyncio.to_thread(_verify, Path(arguments.verify), output)
    elif not arguments.profile:
        raise MessagingError("profile-missing")
    else:
        await _export(arguments, Path(arguments.to), output)


# --- writing ---


async def _export(arguments: argparse.Namespace, folder: Path, output: Output) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfrereError("folder-in-use", folder=str(folder))
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        async with opening.opened(arguments, output) as endpoint:
            await opening.fresh(endpoint, output)
            exchange = await endpoint.reading.exchange(arguments.thread)
            attached, missing = await _attachments(endpoint, exchange, part)
            bundle = await gathering.gather(endpoint, exchange, attached)
            readers = [name or output.words.say("author-unproven") for name in await endpoint.reading.readers(exchange)]
            paths = {(one.event, one.place): one.path for one in attached}
            me, now = endpoint.identity.name, endpoint.environment.now()
            for language in LANGUAGES:
                words = Words(language, strict=output.words.strict)
                page = exported.page(exchange, readers, paths, partial(_read, part), words, me, now)
                (part / exported.PAGES[language]).write_text(page, encoding="utf-8")
            for path, octets in evidence.write(bundle).items():
                target = part / SIGNED / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(octets)
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    except OSError:
        raise ConfrereError("file-unwritable", file=str(folder)) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    count = len(exchange.events)
    document = {
        "thread": exchange.id.hex(),
        "folder": str(folder),
        "events": count,
        "attachments": len(attached),
        "pages": sorted(exported.PAGES.values()),
        "signed": f"{SIGNED}/{evidence.MANIFEST}",
    }
    output.result(document, output.words.say("export-done", count=count, folder=str(folder)))
    if missing:
        raise ConfrereError("attachment-refused", names=", ".join(missing))


def _read(part: Path, path: str) -> bytes | None:
    try:
        return (part / path).read_bytes()
    except OSError:
        return None


async def _attachments(endpoint: Endpoint, exchange: Exchange, part: Path) -> tuple[list[AttachedFile], list[str]]:
    """What was saved, and the names of what failed: one that was never sent must not keep the rest unproven."""
    found, missing = [], []
    for event in exchange.events:
        for place, manifest in enumerate(event.manifests):
            try:
                saved = await endpoint.attachments.download(manifest, part / ATTACHMENTS)
            except Refusal as refused:
                if refused.category is Category.UNREACHABLE:
                    raise
                missing.append(manifest.name)
                continue
            found.append(AttachedFile(event.id, place, f"{ATTACHMENTS}/{saved.name}"))
    return found, missing


# --- the offline check ---


def _verify(folder: Path, output: Output) -> None:
    bundle = evidence.read(_files(folder / SIGNED))
    proven = evidence.verify(bundle)
    _verify_attachments(folder, bundle, proven)
    words = output.words
    service, registrar = bundle.service_pk.hex(), bundle.registrar_pk.hex()
    lines = [words.say("export-verified", count=len(proven), folder=str(folder))]
    lines += [f"  {views.local(one.time, words)} · {_who(one.author, one.owner, words)}" for one in proven]
    lines += [
        words.say("export-compare"),
        words.say("export-service-reference", reference=service),
        words.say("export-registrar-reference", reference=registrar),
        words.say("not-publicly-verified"),
    ]
    document = {
        "verified": len(proven),
        "service_reference": service,
        "registrar_reference": registrar,
        "events": [
            {
                "event": one.id.hex(),
                "thread": one.thread.hex(),
                "place": one.seq,
                "time": views.iso(one.time),
                "author": one.author.name if one.author else "",
                "author_address": one.author.address if one.author else "",
                "rpps": one.author.identifier if one.author and one.author.identifier.isdigit() else "",
                "mailbox": one.owner.address if one.owner else "",
                "attachments": [manifest.name for manifest in one.body.manifests],
            }
            for one in proven
        ],
    }
    output.result(document, "\n".join(lines))


def _who(author: Invitation | None, owner: Invitation | None, words: Words) -> str:
    name = views.person(author.name, author.address, words) if author else words.say("author-unproven")
    if owner is None or (author is not None and owner.address == author.address):
        return name
    return f"{name} {words.say('export-on-behalf', mailbox=owner.name)}"


def _files(folder: Path) -> dict[str, bytes]:
    """Every regular file below the folder, by its path with slashes; nothing outside it, whatever a manifest says."""
    try:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST
        }
    except OSError:
        raise ConfrereError("file-unreadable", file=str(folder)) from None


def _verify_attachments(folder: Path, bundle: Bundle, proven: tuple[Proven, ...]) -> None:
    bodies = {one.id: one.body for one in proven}
    there = {f"{ATTACHMENTS}/{path.name}": path for path in (folder / ATTACHMENTS).glob("*") if path.is_file()}
    for one in bundle.attachments:
        manifests = bodies[one.event].manifests if one.event in bodies else ()
        if one.path not in there or not 0 <= one.place < len(manifests):
            raise MessagingError("export-wrong", what=one.path)
        try:
            evidence.verify_attachment(manifests[one.place], _chunks(there[one.path]))
        except Refusal as refused:
            raise MessagingError("export-wrong", what=one.path, reason=refused.id) from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(limits.CHUNK):
            yield chunk

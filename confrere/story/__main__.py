"""`make demo`: plays the story, looks for what must not be there, prints timings; on a terminal offers to stay up."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from confrere.story.play import Story, Tell
from confrere.story.search import Searched, search
from confrere.story.stage import Stage, StoryFailed
from confrere.words.catalogue import Words, choose_language


def _tell(words: Words, started: float) -> Tell:
    def tell(message_id: str, **facts: str | int | float) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {words.say(message_id, **facts)}", flush=True)

    return tell


async def _play(root: Path, words: Words, stay: bool) -> int:
    started = time.monotonic()
    tell = _tell(words, started)
    async with Stage(root, words.language) as stage:
        story = Story(stage, tell)
        try:
            await story.play()
        except StoryFailed as failed:
            print(words.say("story-failed", scene=str(failed)), file=sys.stderr)
            return 1
        service = stage.service.pid if stage.service is not None else None
        places = [stage.data, stage.logs, stage.config, stage.root / "profiles"]
        found = await asyncio.to_thread(search, places, stage.mailbox.received, service, story.markers.all())
        _report(words, found)
        controlled = _control(words, stage, story, found.memory)
        _timings(words, stage, started)
        print(words.say("story-address", url=stage.url, folder=str(root)))
        if stay and not found.found:
            print(words.say("story-stay"))
            await asyncio.to_thread(sys.stdin.readline)
        return 1 if found.found or not controlled else 0


def _report(words: Words, found: Searched) -> None:
    if not found.memory:
        print(words.say("story-no-memory"))
    print(words.say("story-searched", places=found.places, size=round(found.octets / 1e6), found=len(found.found)))
    for one in found.found:
        print(words.say("story-leak", place=one.place, marker=one.marker), file=sys.stderr)


def _control(words: Words, stage: Stage, story: Story, memory: bool) -> bool:
    """A search that cannot find is no proof. The same search must find every marker on what the doctors had before
    them, and the GP's address, which the service does know, in the service's memory."""
    screens = [screen for actor in stage.actors.values() for screen in actor.screen]
    seen = {one.marker for one in search([stage.root / "papers"], screens, None, story.markers.all()).found}
    print(words.say("story-control", found=len(seen), markers=len(story.markers.all())))
    known = True
    if memory and stage.service is not None:
        known = bool(search([], [], stage.service.pid, [story.addresses["gp"]]).found)
        print(words.say("story-control-memory" if known else "story-control-memory-blind"))
    return known and len(seen) == len(story.markers.all())


def _timings(words: Words, stage: Stage, started: float) -> None:
    spent: dict[str, list[float]] = {}
    for actor in stage.actors.values():
        for verb, seconds in actor.spent:
            spent.setdefault(verb, []).append(seconds)
    for verb, times in sorted(spent.items(), key=lambda item: -sum(item[1])):
        middle = sorted(times)[len(times) // 2]
        print(f"          {verb:<12} {len(times):3d} x {middle * 1000:6.0f} ms")
    print(words.say("story-total", seconds=round(time.monotonic() - started, 1)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="confrere.story", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("demo-data"), help="the folder to play in, made anew")
    parser.add_argument("--lang", choices=("fr", "en"), default="")
    parser.add_argument("--no-stay", action="store_true", help="never offer to stay up")
    arguments = parser.parse_args()
    words = Words(choose_language(arguments.lang, os.environ, ""))
    stay = sys.stdin.isatty() and sys.stdout.isatty() and not arguments.no_stay
    return asyncio.run(_play(arguments.root, words, stay))


if __name__ == "__main__":
    sys.exit(main())

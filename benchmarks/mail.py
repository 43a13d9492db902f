"""The mail gateway beside Postfix and Dovecot, in one run on one machine: `python -m benchmarks.mail [--quick]`.

1. Mails of 5 KB submitted over kept TLS connections: accepted with 250 here and by Postfix, in turns, the best of
   three; `left` also waits until the service has acknowledged all of them as durable.
2. From the sender's 250 to the recipient's untagged EXISTS, two gateway processes, one mail after the other.
3. 10,000 mails of 5 KB that wait in the service: the first synchronisation, and one that is killed in the middle.
4. The same mails over IMAP, in turns with Dovecot, which has the same octets in a Maildir; mbsync's two pulls.

`--only` names one part of these: accept, push, sync (with imap).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from itertools import count as counting
from pathlib import Path

from benchmarks import first_sync, mail_gateway, mail_peers
from benchmarks.deposits import enrol
from benchmarks.mail_letters import COMMON, RARE, letter
from benchmarks.mail_programs import Door, Imap, accepted, pushed
from benchmarks.service import served
from confrere.database import engine, schema
from confrere.story import synthetic_extraction
from confrere.story.synthetic_extraction import CAST
from directory.accounts import invitation_code
from directory.store.annuaire import Annuaire
from directory.store.annuaire_writer import AnnuaireFile
from directory.store.invitations import InvitationCounter
from directory.store.registrar import registrar_key
from directory.use_cases.import_extraction import import_extraction
from directory.use_cases.invite import Registrar

SENDER, COLLEAGUE, READER, INTERRUPTED = "gp", "pneumologist", "cardiologist", "endocrinologist"
TIMES = 3
HEADERS = (
    "From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type "
    "Reply-To List-Unsubscribe"
)
COMMANDS = {
    "SELECT": "SELECT INBOX",
    "FETCH FLAGS": "FETCH 1:* (FLAGS)",
    "Thunderbird's headers": f"UID FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ({HEADERS})])",
    "ENVELOPE BODYSTRUCTURE": "FETCH 1:* (ENVELOPE BODYSTRUCTURE)",
    "SEARCH SUBJECT rare": f"SEARCH SUBJECT {RARE}",
    "SEARCH SUBJECT common": "SEARCH SUBJECT avis",
    "SEARCH FROM": "SEARCH FROM localhost",
    "SEARCH BODY rare": f"SEARCH BODY {RARE}",
    "SEARCH BODY common": f"SEARCH BODY {COMMON}",
    "SEARCH TEXT rare": f"SEARCH TEXT {RARE}",
    "SEARCH TEXT common": f"SEARCH TEXT {COMMON}",
}
_MBSYNC = """IMAPAccount bench
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca}
AuthMechs PLAIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured: mails for each number of connections, pushes, mails in the mailbox."""

    accepted: dict[int, int]
    pushes: int
    mails: int


WHOLE = Amounts({1: 400, 4: 800, 16: 1_200}, 50, 10_000)
QUICK = Amounts({1: 40, 4: 80, 16: 160}, 10, 500)


def prepare(root: Path) -> tuple[Path, dict[str, str]]:
    """A data folder that was never served, and the codes of those who write here."""
    data = root / "data"
    data.mkdir(mode=0o700)
    synthetic_extraction.write(root / "extraction.txt")
    import_extraction(root / "extraction.txt", AnnuaireFile(data))
    schema.migrate(data / engine.FILE_NAME)
    annuaire, counter = Annuaire(data), InvitationCounter(data / engine.FILE_NAME)
    registrar = Registrar(registrar_key(data), "confrere.localhost", 30)
    now = time.time_ns() // 1_000_000
    codes = {}
    for who in (SENDER, COLLEAGUE, READER, INTERRUPTED):
        entropy = os.urandom(invitation_code.ENTROPY_SIZE)
        issued = registrar.professional(str(CAST[who].rpps), annuaire, counter, now, entropy)
        codes[who] = invitation_code.grouped(issued.code)
    annuaire.close()
    return data, codes


# --- accepting and pushing ---


async def accept(
    root: Path, sender: mail_gateway.Running, colleague: mail_gateway.Running, amounts: Amounts
) -> None:
    """Ours and Postfix's, in turns, each once both gateways have done what the mails of before gave them to do."""
    author, to, numbers = sender.smtp.user, colleague.imap.user, counting()
    why = mail_peers.missing(mail_peers.POSTFIX)
    print(f"\n{'connections':12} {'accepted/s':>10} {'left/s':>8} {'Postfix/s':>10} {'ratio':>6}   {why}", flush=True)
    with ExitStack() as stack:
        peer = None if why else stack.enter_context(mail_peers.postfix(root / "postfix"))
        for connections, number in amounts.accepted.items():
            ours, left, theirs = 0.0, 0.0, 0.0
            for _ in range(TIMES):
                letters = [
                    [letter(author, to, next(numbers)) for _ in range(number // connections)]
                    for _ in range(connections)
                ]
                await rested(sender, colleague)
                begun = time.perf_counter()
                ours = max(ours, await asyncio.to_thread(accepted, sender.smtp, author, to, letters))
                await sender.handed_over()
                left = max(left, number / (time.perf_counter() - begun))
                if peer is not None:
                    await rested(sender, colleague)
                    theirs = max(theirs, await asyncio.to_thread(accepted, peer, author, to, letters))
            beside = f"{theirs:>10,.0f} {ours / theirs:>6.2f}" if theirs else ""
            print(f"{connections:>12} {ours:>10,.0f} {left:>8,.0f} {beside}", flush=True)


async def rested(*gateways: mail_gateway.Running) -> None:
    for gateway in gateways:
        await gateway.rested()


async def push(sender: mail_gateway.Running, recipient: mail_gateway.Running, count: int) -> None:
    letters = (letter(sender.smtp.user, recipient.imap.user, number) for number in counting(10_000_000))
    taken = sorted(await asyncio.to_thread(pushed, sender.smtp, recipient.imap, letters, count))
    p95 = taken[min(len(taken) - 1, round(0.95 * len(taken)))]
    print(f"\n{'push, ms':12} {'p50':>8} {'p95':>8} {'max':>8}   of {count}")
    print(f"{'':12} {statistics.median(taken) * 1e3:>8.0f} {p95 * 1e3:>8.0f} {taken[-1] * 1e3:>8.0f}", flush=True)


# --- a mailbox of many mails ---


def beside(ours: Door, theirs: Door | None) -> None:
    """Each command, in turns: the best of three, and the first, which finds nothing remembered."""
    with ExitStack() as stack:
        lines = [stack.enter_context(Imap(door)) for door in (ours, theirs) if door is not None]
        print(f"\n{'IMAP, ms':24} {'ours':>8} {'Dovecot':>8} {'ratio':>6}   {'first':>8} {'Dovecot':>8}", flush=True)
        for name, command in COMMANDS.items():
            runs = [[line.timed(command)[0] * 1e3 for line in lines] for _ in range(TIMES)]
            best = [min(run[at] for run in runs) for at in range(len(lines))]
            first = " ".join(f"{took:>8.1f}" for took in runs[0])
            ratio = f"{best[1]:>8.1f} {best[0] / best[1]:>6.2f}" if theirs else f"{'':15}"
            print(f"{name:24} {best[0]:>8.1f} {ratio}   {first}", flush=True)


def pulls(folder: Path, door: Door) -> tuple[float, float]:
    """Seconds of mbsync's first pull and of its second, which finds nothing new."""
    folder.mkdir()
    written = _MBSYNC.format(folder=folder, port=door.port, user=door.user, password=door.password, ca=door.ca)
    (folder / "mbsyncrc").write_text(written)
    return _timed(lambda: _mbsync(folder)), _timed(lambda: _mbsync(folder))


def _mbsync(folder: Path) -> None:
    subprocess.run(["mbsync", "-c", folder / "mbsyncrc", "-q", "bench"], check=True)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextlib.contextmanager
def same_mails(root: Path, ours: Door) -> Iterator[Door | None]:
    """Dovecot with the octets that our gateway gives."""
    if why := mail_peers.missing(mail_peers.DOVECOT):
        print(why)
        yield None
        return
    with Imap(ours) as imap:
        imap.ask("EXAMINE INBOX")
        mails = [imap.octets(uid) for uid in range(1, imap.messages() + 1)]
    with mail_peers.dovecot(root / "dovecot", mails) as (door, _):
        yield door


async def large_mailbox(root: Path, url: str, profiles: dict[str, Path], mails: int) -> None:
    issued = {who: await mail_gateway.password(profiles[who]) for who in (READER, INTERRUPTED)}
    rate = await first_sync.pour(profiles[SENDER], url, [issued[who][0] for who in issued], mails)
    print(f"\n{mails:,} mails sent to the service at {rate:,.0f}/s, {first_sync.IN_THREAD} in a thread", flush=True)
    print(f"{'first sync':12} {'seconds':>8} {'mails/s':>8} {'MiB':>6} {'most':>6}")
    alone = await first_sync.synced(profiles[READER], issued[READER], mails)
    print(
        f"{'':12} {alone.seconds:>8.1f} {mails / alone.seconds:>8,.0f} {alone.resident:>6.0f} "
        f"{alone.most_resident:>6.0f}",
        flush=True,
    )
    took, there = await first_sync.killed(profiles[INTERRUPTED], issued[INTERRUPTED], mails)
    print(f"{'killed':12} {took:>8.1f}   kill -9 at {there:,} mails: none twice, none lost, UIDs kept", flush=True)
    async with mail_gateway.running(profiles[READER], issued[READER]) as gateway:
        await gateway.rested()
        begun = gateway.resident()
        with await asyncio.to_thread(lambda: same_mails(root, gateway.imap)) as peer:
            await asyncio.to_thread(beside, gateway.imap, peer)
            print(f"\n{'mbsync, s':24} {'first':>8} {'second':>8}")
            for name, door in (("ours", gateway.imap), ("Dovecot", peer)):
                if door is not None and shutil.which("mbsync"):
                    one, two = await asyncio.to_thread(pulls, root / f"mbsync-{name}", door)
                    print(f"{name:24} {one:>8.1f} {two:>8.2f}", flush=True)
        print(
            f"\nresident {gateway.resident():.0f} MiB after all of it, at most {gateway.most_resident():.0f}, "
            f"{begun:.0f} before"
        )


async def measure(amounts: Amounts, only: str) -> None:
    with tempfile.TemporaryDirectory(prefix="confrere-bench-") as name:
        root = Path(name)
        root.chmod(0o755)  # the peers' processes are nobody's
        data, codes = prepare(root)
        async with served(data) as (url, _):
            profiles = {who: await enrol(url, root / who, code) for who, code in codes.items()}
            if only in ("", "accept", "push"):
                async with AsyncExitStack() as stack:
                    gateways = []
                    for who in (SENDER, COLLEAGUE):
                        issued = await mail_gateway.password(profiles[who])
                        gateways.append(await stack.enter_async_context(mail_gateway.running(profiles[who], issued)))
                    if only != "accept":
                        await push(gateways[0], gateways[1], amounts.pushes)
                    if only != "push":
                        await accept(root, *gateways, amounts)
            if only in ("", "sync"):
                await large_mailbox(root, url, profiles, amounts.mails)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="500 mails and fewer submissions")
    parser.add_argument("--only", choices=("accept", "push", "sync"), default="", help="one part")
    parser.add_argument("--mails", type=int, default=0, help="another number of mails in the mailbox")
    given = parser.parse_args(arguments)
    amounts = QUICK if given.quick else WHOLE
    if given.mails:
        amounts = Amounts(amounts.accepted, amounts.pushes, given.mails)
    versions = [f"{peer[1]} {mail_peers.version(peer)}" for peer in (mail_peers.POSTFIX, mail_peers.DOVECOT)
                if not mail_peers.missing(peer)]  # fmt: skip
    load = f"load {os.getloadavg()[0]:.1f} at the beginning" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores with the load; beside {', '.join(versions) or 'nobody'}; {load}", flush=True)
    asyncio.run(measure(amounts, given.only))


if __name__ == "__main__":
    main()

"""Postfix and Dovecot beside the gateway, each with its own configuration in a temporary folder and on a free port.

Both need root and Debian's packages (postfix, dovecot-imapd); where they are not, None stands for them. Nothing of the
machine's own mail system is touched, and each is stopped by the id of the process that was started here.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.mail_programs import Door, Imap, Submission
from messaging.gateway.certificates import identity

POSTFIX = ("/usr/sbin/postfix", "postfix")
DOVECOT = ("/usr/sbin/dovecot", "dovecot")
_PATIENCE = 20.0

_MAIN_CF = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
myhostname = localhost
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard
alias_maps =
smtpd_tls_security_level = may
smtpd_tls_chain_files = {chain}
"""
_MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT_CONF = """protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
ssl = required
ssl_cert = <{chain}
ssl_key = <{chain}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password=bench
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
"""


def missing(peer: tuple[str, str]) -> str:
    """Why a peer is not measured; empty where it is."""
    binary, name = peer
    if not Path(binary).exists():
        return f"{name} is not installed"
    return "" if os.geteuid() == 0 else f"{name} starts for root alone"


def version(peer: tuple[str, str]) -> str:
    command = ["/usr/sbin/postconf", "-h", "mail_version"] if peer is POSTFIX else [DOVECOT[0], "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def postfix(folder: Path) -> Iterator[Door]:
    """Submission with TLS from the first octet, the queue under `folder`, every mail then discarded."""
    chain, ca = _identity(folder)
    port = free_port()
    for name, owner in (("queue", "root"), ("data", "postfix"), ("conf", "root")):
        (folder / name).mkdir()
        shutil.chown(folder / name, owner)
    (folder / "conf/main.cf").write_text(_MAIN_CF.format(folder=folder, chain=chain))
    (folder / "conf/master.cf").write_text(_MASTER_CF.format(port=port))
    environment = os.environ | {"MAIL_CONFIG": str(folder / "conf")}
    command = [POSTFIX[0], "-c", str(folder / "conf")]
    # It goes into the background by itself and knows its own processes.
    subprocess.run([*command, "start"], env=environment, check=True, capture_output=True)
    try:
        door = Door(port, str(ca))
        _until(lambda: Submission(door))
        yield door
    finally:
        subprocess.run([*command, "stop"], env=environment, check=False, capture_output=True)


@contextmanager
def dovecot(folder: Path, mails: Sequence[bytes]) -> Iterator[tuple[Door, int]]:
    """IMAP with TLS from the first octet over a Maildir of `mails`; with the id of its process."""
    chain, ca = _identity(folder)
    user = pwd.getpwnam("nobody")
    port = free_port()
    for part in ("run", "home", "mail", "mail/cur", "mail/new", "mail/tmp"):
        (folder / part).mkdir()
    for number, octets in enumerate(mails):
        (folder / f"mail/cur/{1_700_000_000 + number}.M{number}.bench:2,").write_bytes(octets)
    for made in (folder / "home", folder / "mail", *(folder / "mail").rglob("*")):
        os.chown(made, user.pw_uid, user.pw_gid)
    conf = folder / "dovecot.conf"
    conf.write_text(_DOVECOT_CONF.format(folder=folder, chain=chain, port=port, user=user.pw_uid, group=user.pw_gid))
    with _process([DOVECOT[0], "-F", "-c", str(conf)], dict(os.environ)) as process:
        door = Door(port, str(ca), "bench", "bench")
        _until(lambda: Imap(door))
        yield door, process.pid


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _identity(folder: Path) -> tuple[Path, Path]:
    """(key with certificate, what to trust), made like the gateway's own; others than root must reach the folder."""
    folder.mkdir(mode=0o755, parents=True)
    made = identity.ensure(folder / "identity", (), datetime.datetime.now(datetime.UTC))
    if made.trusted is None:
        raise RuntimeError("a certificate of one's own is trusted by nobody else")
    return made.chain, made.trusted


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env=environment)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE)


def _until(opened: object) -> None:
    """Once a connection is greeted."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            line = opened()  # type: ignore[operator]
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            line.__exit__(None, None, None)
            return

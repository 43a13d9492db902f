"""A Thunderbird profile that trusts one authority and knows passwords: NSS's databases, as NSS itself writes them.

The passwords lie in `logins.json`, encrypted with a key in `key4.db` that no master password protects. NSS's own
library is asked for that through ctypes, for Debian has no command that does it."""

from __future__ import annotations

import base64
import ctypes
import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from tests.clients.debian.program import Home

_LIBRARY = "libnss3.so"


class _Item(ctypes.Structure):
    """SECItem of NSS."""

    _fields_ = [("type", ctypes.c_uint), ("data", ctypes.c_void_p), ("len", ctypes.c_uint)]


def trust(home: Home, profile: Path, authority: Path) -> None:
    """Make the profile's databases, with this authority in them."""
    home.run("certutil", "-N", "--empty-password", "-d", f"sql:{profile}")
    home.run("certutil", "-A", "-n", "gateway", "-t", "C,,", "-i", authority, "-d", f"sql:{profile}")


def keep(profile: Path, user: str, passwords: Mapping[str, str]) -> None:
    """Passwords by origin, such as `imap://localhost`. The profile has its databases already."""
    nss = ctypes.CDLL(_LIBRARY)
    nss.PK11_GetInternalKeySlot.restype = ctypes.c_void_p
    if nss.NSS_InitReadWrite(f"sql:{profile}".encode()):
        raise OSError("NSS opens no databases there")
    try:
        now = int(time.time() * 1000)
        logins = [
            {
                **{"id": number, "hostname": origin, "httpRealm": origin, "formSubmitURL": None},
                **{"usernameField": "", "passwordField": "", "guid": f"{{{uuid.uuid4()}}}", "encType": 1},
                **{"encryptedUsername": _encrypted(nss, user), "encryptedPassword": _encrypted(nss, password)},
                **{"timeCreated": now, "timeLastUsed": now, "timePasswordChanged": now, "timesUsed": 1},
            }
            for number, (origin, password) in enumerate(passwords.items(), 1)
        ]
    finally:
        nss.NSS_Shutdown()
    kept = {"nextId": len(logins) + 1, "logins": logins, "potentiallyVulnerablePasswords": [], "version": 3}
    (profile / "logins.json").write_text(json.dumps(kept))


def _encrypted(nss: ctypes.CDLL, text: str) -> str:
    octets = text.encode()
    key = _Item(0, None, 0)
    given = _Item(0, ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p), len(octets))
    result = _Item(0, None, 0)
    if nss.PK11SDR_Encrypt(ctypes.byref(key), ctypes.byref(given), ctypes.byref(result), None):
        raise OSError("NSS encrypts nothing")
    return base64.b64encode(ctypes.string_at(result.data, result.len)).decode()

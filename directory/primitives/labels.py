"""The domain-separation labels of CP1 (docs/spec/cp1-conventions.md, CP1-1.6), in one table.

Every signature, hash, HKDF and HPKE input starts with its own label and one zero octet, so that no octets made for
one purpose are ever valid for another. Exempt: RFC 6962 trees, SHA-256 of a ciphertext, the X-Wing seed expansion.
"""

from __future__ import annotations

from enum import Enum


class Label(bytes, Enum):
    """A purpose. Its value already carries the trailing zero octet."""

    ACCOUNT = b"CP1 account\0"
    ACCOUNT_ENTRY = b"CP1 account entry\0"
    ENTRY_HASH = b"CP1 entry hash\0"
    DEVICE = b"CP1 device\0"
    PRIVATE = b"CP1 private\0"
    OPENING = b"CP1 opening\0"
    AEK_CHAIN = b"CP1 aek chain\0"
    AEK_WRAP = b"CP1 aek wrap\0"
    AEK_PK = b"CP1 aek pk\0"
    BIND = b"CP1 bind\0"
    INVITATION = b"CP1 invitation\0"
    INVITATION_ID = b"CP1 invitation id\0"
    INVITATION_CODE = b"CP1 invitation code\0"
    PAPER = b"CP1 paper\0"
    SHEET = b"CP1 claim sheet\0"
    CLAIM = b"CP1 claim\0"
    PATIENT_IDENTITY = b"CP1 patient identity\0"
    RECORD_CARD = b"CP1 record card\0"
    ACCESS = b"CP1 access\0"
    ACCESS_ID = b"CP1 access id\0"
    LOGIN = b"CP1 login\0"
    EPOCH_COMMIT = b"CP1 epoch commit\0"
    EPOCH_ID = b"CP1 epoch id\0"
    TES = b"CP1 tes\0"
    TES_WRAP = b"CP1 tes wrap\0"
    EVENT = b"CP1 event v1\0"
    EVENT_KEY = b"CP1 event key\0"
    EVENT_ID = b"CP1 event id\0"
    BODY = b"CP1 body\0"
    SEAL = b"CP1 seal\0"
    BLOB = b"CP1 blob v1\0"
    BLOB_FETCH = b"CP1 blob fetch\0"
    BLOB_TOKEN = b"CP1 blob token\0"
    RECEIPT_CHAIN = b"CP1 receipt chain\0"
    GROUP = b"CP1 group\0"
    STORE = b"CP1 local store\0"
    FILING = b"CP1 filing\0"
    DEPOSIT = b"CP1 deposit\0"
    MAIL = b"CP1 mail\0"

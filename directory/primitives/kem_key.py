"""What makes an X-Wing public key acceptable (CP1-1.5): checked by everybody who folds a log, the service included.

It is apart from `kem` because the service must refuse a malformed key and must not link the code that opens.
"""

from __future__ import annotations

from directory.errors import DirectoryError

MLKEM_SIZE = 1184
X25519_SIZE = 32
PUBLIC_SIZE = MLKEM_SIZE + X25519_SIZE
_Q = 3329
_P = 2**255 - 19
_COEFFICIENTS_SIZE = 1152  # 768 coefficients of 12 bits; the last 32 octets are the matrix seed


def verify_public_key(public: bytes) -> tuple[bytes, bytes]:
    """(ML-KEM-768 half, X25519 half) of a well-formed key.

    FIPS 203 section 7.2: every decoded coefficient is below q. RFC 7748 section 6.1: the u-coordinate is not one whose
    shared secret is all zeros; and it is written as the number below p that it is, so that one key has one encoding
    and "never seen before" cannot be walked around. Raises DirectoryError("key-unsafe").
    """
    if len(public) != PUBLIC_SIZE:
        raise DirectoryError("key-unsafe")
    lattice, curve = public[:MLKEM_SIZE], public[MLKEM_SIZE:]
    if int.from_bytes(curve, "little") >= _P or curve in _SMALL_ORDER:
        raise DirectoryError("key-unsafe")
    for at in range(0, _COEFFICIENTS_SIZE, 3):
        b0, b1, b2 = lattice[at : at + 3]
        if (b0 | (b1 & 0x0F) << 8) >= _Q or (b1 >> 4 | b2 << 4) >= _Q:
            raise DirectoryError("key-unsafe")
    return lattice, curve


def _small_order() -> frozenset[bytes]:
    a = 325606250916557431795983626356110631294008115727848805560023387167927233504
    b = 39382357235489614581723060781553021112529911719440698176882885853963445705823
    return frozenset(u.to_bytes(32, "little") for u in (0, 1, _P - 1, a, b))


_SMALL_ORDER = _small_order()

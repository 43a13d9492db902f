"""An item as the octets that a device keeps of it, to show a record without opening every event again (RD-1).

Only this device writes and reads them, sealed; nothing here is sent. No `Item` is believed from anywhere else.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Flag, Item, Result
from record_bridge.record.kinds import Kind


def write(item: Item) -> bytes:
    plain = {
        "t": item.thread.hex(),
        "c": int(item.class_),
        "k": item.kind.value,
        "title": item.title,
        "a": [item.author.name, item.author.profession, item.author.rpps, item.author.structure, item.author.unproven],
        "d": item.date_ms,
        "r": item.received_ms,
        "s": item.summary,
        "o": item.on_behalf,
        "x": [_result(one) for one in item.results],
        "e": [source.hex() for source in item.sources],
        "n": item.consent.hex(),
        "by": item.replaced_by.hex(),
        "put": item.deposited_by,
        "w": list(item.notes),
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def read(raw: bytes) -> Item:
    plain = json.loads(raw)
    return Item(
        thread=bytes.fromhex(plain["t"]),
        class_=RecordClass(plain["c"]),
        kind=Kind(plain["k"]),
        title=plain["title"],
        author=Author(*plain["a"]),
        date_ms=plain["d"],
        received_ms=plain["r"],
        summary=plain["s"],
        on_behalf=plain["o"],
        results=tuple(map(_read_result, plain["x"])),
        sources=tuple(bytes.fromhex(source) for source in plain["e"]),
        consent=bytes.fromhex(plain["n"]),
        replaced_by=bytes.fromhex(plain["by"]),
        deposited_by=plain.get("put"),
        notes=tuple(plain["w"]),
    )


def _result(one: Result) -> list[Any]:
    numbers = [None if n is None else str(n) for n in (one.value, one.low, one.high)]
    return [one.code, one.label, numbers, one.unit, one.flag.value, one.date_ms, one.text]


def _read_result(plain: list[Any]) -> Result:
    code, label, numbers, unit, flag, date_ms, text = plain
    value, low, high = (None if n is None else Decimal(n) for n in numbers)
    return Result(code, label, value, unit, low, high, Flag(flag), date_ms, text)

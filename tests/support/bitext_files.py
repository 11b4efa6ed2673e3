"""Bitext files in every format, made by the libraries that people make them with."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from translate.storage import po, tmx, xliff

#: Invented sentences with what formats trip over: quotes, commas, angle brackets, digits, marks, several scripts.
PAIRS = [
    ("The ferry leaves the harbour at nine in the morning.", "Kivuko kinaondoka bandarini saa tatu asubuhi."),
    ('She said "stop", and everybody in the room stopped.', 'Alisema "simama", na kila mtu chumbani alisimama.'),
    ("Fish & chips <cheap>, only on the first Friday.", "Samaki & viazi <rahisi>, Ijumaa ya kwanza tu."),
    ("=SUM(A1:A9) is what the clerk wrote on it.", "=SUM(A1:A9) ndiyo maneno ambayo karani aliandika kwenye ukuta."),
    ("- No, the blue door at the end of the corridor.", "- Hapana, mlango wa buluu mwisho wa ukumbi."),
    ("'Tis a long way to the village in the hills.", "Ni njia ndefu hadi kijiji kilicho vilimani."),
    ("The café's naïve owner paid 1,250 for ten chairs.", "Mmiliki wa mkahawa alilipa 1250 kwa viti kumi."),
    ("They sang until the rain fell over the fields.", "Waliimba hadi mvua iliponyesha mashambani."),
    ("A backslash \\ and a newline mark \\n stay as they are.", "Alama \\ na alama \\n hubaki kama zilivyo."),
    ("My grandmother sold maize at the market for years.", "Bibi yangu aliuza mahindi sokoni kwa miaka mingi."),
]
Pairs = list[tuple[str, str]]


def tsv(pairs: Pairs, header: bool = True) -> bytes:
    rows = [("en", "sw"), *pairs] if header else pairs
    return "".join(f"{a}\t{b}\n" for a, b in rows).encode()


def csv_bytes(pairs: Pairs, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "English", "Swahili"])
    writer.writerows([i, a, b] for i, (a, b) in enumerate(pairs))
    return out.getvalue().encode("utf-8-sig")


def jsonl(pairs: Pairs) -> bytes:
    return "".join(
        json.dumps({"id": i, "translation": {"en": a, "sw": b}}) + "\n" for i, (a, b) in enumerate(pairs)
    ).encode()


def parquet(pairs: Pairs) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"en": [a for a, _ in pairs], "sw": [b for _, b in pairs]}), out)
    return out.getvalue()


def nested_parquet(pairs: Pairs) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"translation": [{"en": a, "sw": b} for a, b in pairs]}), out)
    return out.getvalue()


def moses_zip(pairs: Pairs) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README", "Invented sentences.\n")
        archive.writestr("talks.en-sw.en", "".join(f"{a}\n" for a, _ in pairs))
        archive.writestr("talks.en-sw.sw", "".join(f"{b}\n" for _, b in pairs))
    return out.getvalue()


def tmx_bytes(pairs: Pairs) -> bytes:
    store = tmx.tmxfile(sourcelanguage="en", targetlanguage="sw")
    for a, b in pairs:
        store.addtranslation(a, "en", b, "sw")
    return bytes(store)


def xliff_bytes(pairs: Pairs) -> bytes:
    store = xliff.xlifffile(sourcelanguage="en", targetlanguage="sw")
    for a, b in pairs:
        store.addsourceunit(a).target = b
    return bytes(store)


def po_bytes(pairs: Pairs) -> bytes:
    store = po.pofile()
    store.updateheader(add=True, Language="sw", Content_Type="text/plain; charset=UTF-8")
    for a, b in pairs:
        store.addsourceunit(a).target = b
    return bytes(store)


#: name of the file -> how it is made.
MADE: dict[str, Callable[[Pairs], bytes]] = {
    "talks.tsv": tsv,
    "talks.csv": csv_bytes,
    "semicolons.csv": lambda pairs: csv_bytes(pairs, ";"),
    "talks.jsonl": jsonl,
    "talks.parquet": parquet,
    "nested.parquet": nested_parquet,
    "talks.zip": moses_zip,
    "talks.tmx": tmx_bytes,
    "talks.xlf": xliff_bytes,
    "talks.po": po_bytes,
    "talks.tsv.gz": lambda pairs: gzip.compress(tsv(pairs)),
    "talks.tmx.xz": lambda pairs: lzma.compress(tmx_bytes(pairs)),
    "talks.parquet.gz": lambda pairs: gzip.compress(parquet(pairs)),
    "utf16.tsv": lambda pairs: tsv(pairs).decode().encode("utf-16"),
}


def write_all(folder: Path, pairs: Pairs = PAIRS) -> dict[str, Path]:
    """Every file under its name."""
    paths = {}
    for name, make in MADE.items():
        paths[name] = folder / name
        paths[name].write_bytes(make(pairs))
    return paths

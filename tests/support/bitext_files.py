"""Bitext files in every format, as the libraries that people make them with write them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import polib
import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

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
    """As Translate Toolkit 3.20 writes it."""
    root = etree.Element("tmx", version="1.4")
    tool = {"creationtool": "Translate Toolkit", "creationtoolversion": "3.20.4", "segtype": "sentence"}
    rest = {"o-tmf": "UTF-8", "adminlang": "en", "srclang": "en", "datatype": "PlainText"}
    etree.SubElement(root, "header", {**tool, **rest})
    body = etree.SubElement(root, "body")
    for sides in pairs:
        unit = etree.SubElement(body, "tu", srclang="en")
        for language, text in zip(("en", "sw"), sides, strict=True):
            variant = etree.SubElement(unit, "tuv", {_XML + "lang": language})
            etree.SubElement(variant, "seg").text = text
    return _xml(root, '<!DOCTYPE tmx SYSTEM "tmx14.dtd">')


def xliff_bytes(pairs: Pairs) -> bytes:
    """As Translate Toolkit 3.20 writes it."""
    root = etree.Element("xliff", nsmap={None: "urn:oasis:names:tc:xliff:document:1.1"}, version="1.1")
    languages = {"source-language": "en", "datatype": "plaintext", "target-language": "sw"}
    body = etree.SubElement(etree.SubElement(root, "file", {"original": "NoName", **languages}), "body")
    for number, (a, b) in enumerate(pairs, start=2):
        unit = etree.SubElement(body, "trans-unit", {_XML + "space": "preserve", "id": str(number), "approved": "yes"})
        etree.SubElement(unit, "source").text = a
        etree.SubElement(unit, "target", state="translated").text = b
    return _xml(root)


def po_bytes(pairs: Pairs) -> bytes:
    file = polib.POFile()
    file.metadata = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Language": "sw"}
    file.extend(polib.POEntry(msgid=a, msgstr=b) for a, b in pairs)
    return str(file).encode()


_XML = "{http://www.w3.org/XML/1998/namespace}"


def _xml(root: etree._Element, doctype: str | None = None) -> bytes:
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + bytes(etree.tostring(root, encoding="UTF-8", pretty_print=True, doctype=doctype))


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

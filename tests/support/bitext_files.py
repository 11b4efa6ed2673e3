"""Bitext files in every format, as the libraries that people make them with write them."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import polib
import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

from tests.support.bitext_tools import ods, xliff, xliff2, xlsx

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


def tatoeba_zip(pairs: Pairs) -> bytes:
    """Sentences with identity and language, and the links between them both ways, as Tatoeba exports them."""
    sentences = [
        f"{2 * i + side}\t{('eng', 'swh')[side]}\t{text}\n" for i, p in enumerate(pairs) for side, text in enumerate(p)
    ]
    links = [f"{2 * i}\t{2 * i + 1}\n{2 * i + 1}\t{2 * i}\n" for i in range(len(pairs))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sentences.csv", "".join(sentences))
        archive.writestr("links.csv", "".join(links))
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


def map_parquet(pairs: Pairs) -> bytes:
    """As data sets of Hugging Face's hub keep translations."""
    out = io.BytesIO()
    maps = pa.array([[("en", a), ("sw", b)] for a, b in pairs], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"translation": maps}), out)
    return out.getvalue()


def xliff2_bytes(pairs: Pairs) -> bytes:
    units = "".join(
        f"<unit id='u{i}'><segment><source>{escape(a)}</source><target>{escape(b)}</target></segment></unit>\n"
        for i, (a, b) in enumerate(pairs)
    )
    return xliff2(units).replace('trgLang="de"', 'trgLang="sw"').encode()


def sdlxliff_bytes(pairs: Pairs) -> bytes:
    """As SDL Trados Studio writes it: two segments a unit."""
    units = []
    for at in range(0, len(pairs), 2):
        sides = [
            "".join(
                f"<mrk mtype='seg' mid='{at + i}'>{escape(p[side])}</mrk>" for i, p in enumerate(pairs[at : at + 2])
            )
            for side in (0, 1)
        ]
        units.append(
            f"<trans-unit id='{at}'><source>{sides[0]}</source><seg-source>{sides[0]}</seg-source>\n"
            f"<target>{sides[1]}</target><sdl:seg-defs><sdl:seg id='{at}' conf='Translated'/></sdl:seg-defs>"
            "</trans-unit>\n"
        )
    namespace = 'version="1.2" xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0"'
    return xliff("".join(units), ("en", "sw")).replace('version="1.2"', namespace).encode()


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
    "document.json": lambda pairs: json.dumps({"data": [{"en": a, "sw": b} for a, b in pairs]}).encode(),
    "languages.json": lambda pairs: json.dumps({"en": [a for a, _ in pairs], "sw": [b for _, b in pairs]}).encode(),
    "talks.xlsx": lambda pairs: xlsx({"Sheet1": [["en", "sw"], *map(list, pairs)]}),
    "talks.ods": lambda pairs: ods([["en", "sw"], *map(list, pairs)]),
    "maps.parquet": map_parquet,
    "second.xlf": lambda pairs: xliff2_bytes(pairs),
    "studio.sdlxliff": lambda pairs: sdlxliff_bytes(pairs),
    "talks.tsv.bz2": lambda pairs: bz2.compress(tsv(pairs)),
    "talks.tsv.zst": lambda pairs: pa.Codec("zstd").compress(tsv(pairs), asbytes=True),
    "talks.parquet.gz": lambda pairs: gzip.compress(parquet(pairs)),
    "tatoeba.zip": tatoeba_zip,
    "utf16.tsv": lambda pairs: tsv(pairs).decode().encode("utf-16"),
}


def write_all(folder: Path, pairs: Pairs = PAIRS) -> dict[str, Path]:
    """Every file under its name."""
    paths = {}
    for name, make in MADE.items():
        paths[name] = folder / name
        paths[name].write_bytes(make(pairs))
    return paths

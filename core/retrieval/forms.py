"""Retrieval sets in the forms that they are published in, made into files of one JSON object a line.

BEIR's folders; SQuAD's JSON (MLQA, XQuAD); AfriQA's gold passages; MIRACL's and Mr. TyDi's training files; CLIRMatrix;
CSV and Parquet with named columns; all of them, and plain JSON Lines and TSV, packed by gzip, bzip2 or xz. What is made
lies in the cache under a hash of the file it was made of, and is written whole or not at all.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import json
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.errors import BadInput
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent
from core.retrieval.fields import SHOWN, Role
from core.retrieval.judgements import Marks, read_qrels

#: Of a packed file: bytes that it may become for each of its own, and at least so many.
_RATIO, _ALLOWED = 200, 1 << 30
_PACKED: dict[str, Callable[[Path], Any]] = {
    ".gz": lambda path: gzip.open(path, "rb"),
    ".bz2": lambda path: bz2.open(path, "rb"),
    ".xz": lambda path: lzma.open(path, "rb"),
}
_LINES = (".jsonl", ".ndjson", ".tsv", ".txt")
#: A JSON document that is read as a whole may be so large.
_DOCUMENT = 512 << 20
_HEAD = 1 << 16
#: In the name of what is made: another number, and it is made again.
_MADE = 1
Record = dict[str, Any]


@dataclass(frozen=True)
class Pairs:
    """A set that holds documents, queries and judgements in one: (query's id, document's id, mark)."""

    documents: list[Record]
    queries: list[Record]
    marks: list[tuple[str, str, int]]


@dataclass(frozen=True)
class Opened:
    """One side of a set: a file of lines, the name that a person knows it by, the ids that are asked (None: all), and
    the judgements that come with it."""

    path: Path
    called: str
    only: set[str] | None = None
    marks: Marks | None = None
    judged_by: str = ""


def open_side(path: Path, role: Role, cache: Path, split: str = "test", progress: Progress = silent) -> Opened:
    """The documents or queries of a file or folder. Raises `BadInput` if it is not there or in no form that is read."""
    if path.is_dir():
        return _of_beir(path, role, cache, split, progress)
    if not path.is_file():
        raise BadInput(f"The {'collection' if role == 'document' else 'file of queries'} {path} is not there.")
    packing = path.suffix.lower() if path.suffix.lower() in _PACKED else ""
    ending = Path(path.stem).suffix.lower() if packing else path.suffix.lower()
    if ending in (".csv", ".parquet"):
        rows = _of_csv if ending == ".csv" else _of_parquet
        return Opened(_made(path, role, cache, lambda: rows(path), progress), path.name)
    if found := _pairs_in(path, ending):
        records = found.documents if role == "document" else found.queries
        marks: Marks = {}
        for number, (query, candidate, mark) in enumerate(found.marks, 1):
            marks.setdefault(query, {})[candidate] = (mark, number)
        return Opened(_made(path, role, cache, lambda: iter(records), progress), path.name, None, marks, path.name)
    if packing and ending in _LINES:
        return Opened(_unpacked(path, ending, cache, progress), path.name)
    return Opened(path, path.name)


def _of_beir(folder: Path, role: Role, cache: Path, split: str, progress: Progress) -> Opened:
    stem = "corpus" if role == "document" else "queries"
    places = [place for ending in (".jsonl", ".jsonl.gz", ".tsv") if (place := folder / f"{stem}{ending}").is_file()]
    if not places:
        raise BadInput(f"The folder {folder.name} has no {stem}.jsonl: a BEIR set has corpus.jsonl, queries.jsonl and "
                       "qrels/test.tsv.")  # fmt: skip
    side = open_side(places[0], role, cache, split, progress)
    qrels = folder / "qrels"
    splits = {one.stem: one for one in sorted(qrels.glob("*.tsv"))} | {
        one.stem: one for one in sorted(qrels.glob("*.jsonl"))
    }
    if not splits:
        return side
    if split not in splits:
        there = ", ".join(splits)
        raise BadInput(
            f"{folder.name} has no judgements of the split {split[:SHOWN]!r}; name one of {there} by --split."
        )
    marks = read_qrels(splits[split])
    called = f"{folder.name}/{places[0].name}"
    return Opened(side.path, called, set(marks) if role == "query" else None, marks, f"qrels/{splits[split].name}")


def _pairs_in(path: Path, ending: str) -> Pairs | None:
    """The set that a JSON file holds by itself; None for plain lines."""
    if ending not in (".json", ".jsonl", ".ndjson"):
        return None
    with _reading(path) as file:
        head = file.read(_HEAD).decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    first = _object(head.split("\n", 1)[0])
    if first is None:
        return _of_squad(path) if head.startswith("{") and '"paragraphs"' in head else None
    if "data" in first and isinstance(first["data"], list):
        return _of_squad(path)
    if isinstance(first.get("context"), str) and isinstance(first.get("question_lang"), str):
        return _of_afriqa(path)
    if isinstance(first.get("positive_passages"), list):
        return _of_passages(path)
    if isinstance(first.get("tgt_results"), list):
        return _of_clirmatrix(path)
    return None


def _of_squad(path: Path) -> Pairs | None:
    """SQuAD (Rajpurkar et al. 2016), as MLQA and XQuAD have it: contexts, and their questions."""
    with _reading(path) as file:
        text = file.read(_DOCUMENT + 1)
    if len(text) > _DOCUMENT:
        raise BadInput(f"{path.name} is larger than {_DOCUMENT >> 20} MB, too large for one JSON document.")
    found = _object(text.decode("utf-8-sig", "replace"))
    if found is None or not isinstance(found.get("data"), list):
        return None
    pairs = Pairs([], [], [])
    try:
        for article in found["data"]:
            for paragraph in article["paragraphs"]:
                name = f"p{len(pairs.documents)}"
                pairs.documents.append(
                    {
                        "id": name,
                        "title": str(article.get("title", "")).replace("_", " "),
                        "text": str(paragraph["context"]),
                    }
                )
                for question in paragraph["qas"]:
                    pairs.queries.append({"id": str(question["id"]), "text": str(question["question"])})
                    pairs.marks.append((str(question["id"]), name, 1))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path.name} is not SQuAD's form: data, paragraphs, context, qas with id and question."
        ) from error
    return pairs


def _of_afriqa(path: Path) -> Pairs:
    """AfriQA's gold passages (Ogundepo et al. 2023): a question and its English passage a line; the same passage under
    several questions is one document."""
    pairs = Pairs([], [], [])
    named: dict[str, str] = {}
    for number, record in _objects(path):
        context, question = record.get("context"), record.get("question_lang")
        if not isinstance(context, str) or not isinstance(question, str) or record.get("id") in (None, ""):
            raise BadInput(f"{path.name}, line {number}: there is no id, context or question_lang.")
        if context not in named:
            named[context] = f"p{len(named)}"
            pairs.documents.append(
                {"id": named[context], "title": record.get("title", ""), "text": context, "lang": "en"}
            )
        query = {"id": str(record["id"]), "text": question}
        parts = path.name.split(".")
        if "afriqa" in parts[:-2]:  # gold_span_passages.afriqa.swa.en.test.json
            query["lang"] = parts[parts.index("afriqa") + 1]
        pairs.queries.append(query)
        pairs.marks.append((str(record["id"]), named[context], 1))
    return pairs


def _of_passages(path: Path) -> Pairs:
    """MIRACL's and Mr. TyDi's training form: a query with its positive and negative passages a line."""
    pairs, seen = Pairs([], [], []), set()
    for number, record in _objects(path):
        query = record.get("query_id", record.get("qid"))
        if query in (None, "") or not isinstance(record.get("query"), str):
            raise BadInput(f"{path.name}, line {number}: there is no query_id or query.")
        pairs.queries.append({"id": str(query), "text": record["query"]})
        for key, mark in (("positive_passages", 1), ("negative_passages", 0)):
            for passage in record.get(key) or []:
                if not isinstance(passage, dict) or passage.get("docid") in (None, ""):
                    raise BadInput(f"{path.name}, line {number}: a passage has no docid.")
                name = str(passage["docid"])
                pairs.marks.append((str(query), name, mark))
                if name not in seen:
                    seen.add(name)
                    pairs.documents.append({"id": name, **{k: passage[k] for k in ("title", "text") if k in passage}})
    return pairs


def _of_clirmatrix(path: Path) -> Pairs:
    """CLIRMatrix (Sun and Duh 2020): a query with the marks of its candidates a line; documents are in another file."""
    pairs = Pairs([], [], [])
    for number, record in _objects(path):
        query = record.get("src_id")
        if query in (None, "") or not isinstance(record.get("src_query"), str):
            raise BadInput(f"{path.name}, line {number}: there is no src_id or src_query.")
        pairs.queries.append({"id": str(query), "text": record["src_query"]})
        try:
            pairs.marks.extend((str(query), str(name), int(mark)) for name, mark in record["tgt_results"])
        except (TypeError, ValueError) as error:
            raise BadInput(f"{path.name}, line {number}: tgt_results are pairs of an id and a mark.") from error
    return pairs


def _of_csv(path: Path) -> Iterator[Record]:
    with _reading(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        try:
            for row in csv.DictReader(text):
                yield {str(key).strip().lower(): value for key, value in row.items() if key and value is not None}
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadInput(f"{path.name} cannot be read as CSV in UTF-8 with a row of headings.") from error


def _of_parquet(path: Path) -> Iterator[Record]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
        for batch in table.iter_batches(batch_size=2048):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path.name} cannot be read as Parquet.") from error


def _made(path: Path, role: Role, cache: Path, rows: Callable[[], Iterator[Record]], progress: Progress) -> Path:
    """The lines made of a file's rows, from the cache if they are there."""
    name = hashlib.sha256(f"{_MADE} {role} {path.name} {_sha256(path)}".encode()).hexdigest()[:24]
    place = cache / "collections" / f"{name}.jsonl"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            atomic_draft(place, what=f"The cache {place.parent}", advice=MAKE_ROOM) as draft,
            draft.open("w", encoding="utf-8") as out,
        ):
            for number, row in enumerate(rows(), 1):
                out.write(json.dumps(row, ensure_ascii=True, default=str) + "\n")
                if number % 20_000 == 0:
                    progress(number, number, f"reading {path.name}")
    return place


def _unpacked(path: Path, ending: str, cache: Path, progress: Progress) -> Path:
    name = hashlib.sha256(f"{_MADE} {path.name} {_sha256(path)}".encode()).hexdigest()[:24]
    place = cache / "collections" / f"{name}{ending}"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with atomic_draft(place, what=f"The cache {place.parent}", advice=MAKE_ROOM) as draft, _reading(path) as file:
            with draft.open("wb") as out:
                while part := file.read(1 << 20):
                    out.write(part)
                    progress(out.tell(), out.tell(), f"unpacking {path.name}")
    return place


class _Bounded(io.RawIOBase):
    """A packed file's bytes, which may not become too many."""

    def __init__(self, file: IO[bytes], path: Path, packed: bool) -> None:
        self._file, self._name = file, path.name
        self._left = max(_ALLOWED, _RATIO * path.stat().st_size) if packed else -1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self._file.read(len(buffer))
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise BadInput(f"{self._name} cannot be unpacked: it is cut short or damaged.") from error
        if self._left >= 0:
            self._left -= len(part)
            if self._left < 0:
                raise BadInput(f"{self._name} becomes more than {_RATIO} times its size when it is unpacked.")
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _reading(path: Path) -> IO[bytes]:
    ending = path.suffix.lower()
    packed = ending in _PACKED
    try:
        file: IO[bytes] = _PACKED[ending](path) if packed else path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or 'no reason given'}).") from error
    return io.BufferedReader(_Bounded(file, path, packed), 1 << 20)


def _objects(path: Path) -> Iterator[tuple[int, Record]]:
    with _reading(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            found = _object(line.decode("utf-8-sig", "replace"))
            if found is None:
                raise BadInput(f"{path.name}, line {number}: the line is not a JSON object.")
            yield number, found


def _object(text: str) -> Record | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

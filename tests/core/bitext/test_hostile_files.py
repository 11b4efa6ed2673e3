"""Five hundred spoilt files, and the attacks one by one: a sentence or a correct partial report, in bounded memory."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import tracemalloc
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.bitext import limits
from core.bitext.check import Settings, check
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, Unreadable
from core.cli import main
from core.errors import BadInput
from core.workspace import open_workspace
from store.user.bitexts import list_bitexts
from tests.support.bitext_files import MADE, PAIRS, tsv

#: The columns that each made file has for its two sides.
COLUMNS = {
    "talks.csv": ("English", "Swahili"), "semicolons.csv": ("English", "Swahili"),
    "talks.jsonl": ("translation.en", "translation.sw"), "nested.parquet": ("translation.en", "translation.sw"),
    "talks.zip": ("talks.en-sw.en", "talks.en-sw.sw"), "talks.xlf": ("source", "target"),
    "talks.po": ("msgid", "msgstr"),
}  # fmt: skip
MANY = PAIRS * 4
TEXTS = {side for pair in MANY for side in pair}


def cut(data, drawn):
    return data[: drawn.randrange(len(data))]


def other_encoding(data, drawn):
    return data.decode("utf-8", "ignore").encode(drawn.choice(["cp1252", "utf-16", "cp1251", "utf-32-be"]), "ignore")


def mixed_ends(data, drawn):
    return b"".join(line + drawn.choice([b"\n", b"\r\n", b"\r\r\n"]) for line in data.split(b"\n"))


def null_bytes(data, drawn):
    at = drawn.randrange(len(data))
    return data[:at] + b"\0" * drawn.randrange(1, 9) + data[at:]


def noise(data, drawn):
    spoilt = bytearray(data)
    for _ in range(drawn.randrange(1, 30)):
        spoilt[drawn.randrange(len(spoilt))] = drawn.randrange(256)
    return bytes(spoilt)


def long_line(data, drawn):
    at = drawn.randrange(len(data))
    return data[:at] + b"x" * (3 * limits.MAX_LINE // 2) + data[at:]


def lost_piece(data, drawn):
    a, b = sorted(drawn.randrange(len(data)) for _ in range(2))
    return data[:a] + data[b:]


def doubled(data, drawn):
    at = drawn.randrange(len(data))
    return data[:at] + data


def formulas(data, drawn):
    return data.replace(b"The ", drawn.choice([b"=1+", b"@SUM(", b"+A1", b"-2+"]))


def quotes(data, drawn):
    return data.replace(b"e ", b'e "', drawn.randrange(1, 12))


MUTATIONS = (
    cut, other_encoding, mixed_ends, null_bytes, noise, long_line, lost_piece, doubled, formulas, quotes,
)  # fmt: skip


def outcome(path, name):
    """The pairs and errors of a file, or the sentence with which it was refused."""
    try:
        opened = open_bitext([path], [name])
        names = [column.name for column in opened.columns]
        wanted = COLUMNS.get(name.removesuffix(".gz").removesuffix(".xz"), ("en", "sw"))
        source, target = wanted if set(wanted) <= set(names) else names[:2]
        layout = Layout(source, target)
        found = [one for one in check(read(opened, layout), layout, 0.0, Settings())]
    except BadInput as error:
        return str(error)
    return found


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda f: f.__name__)
def test_a_spoilt_file_gives_a_sentence_or_a_correct_part(mutation, tmp_path):
    drawn = random.Random(mutation.__name__)
    originals = {name: make(MANY) for name, make in MADE.items()}
    refused = partial = whole = 0
    for i in range(50):
        name = drawn.choice(list(originals))
        path = tmp_path / "file"
        path.write_bytes(mutation(originals[name], drawn))
        found = outcome(path, name)
        if isinstance(found, str):
            refused += 1
            assert found.endswith(".") and "\n" not in found and len(found) < 400, (name, i, found)
            continue
        pairs = [one[0] for one in found if not isinstance(one, Unreadable)]
        errors = [one for one in found if isinstance(one, Unreadable)]
        assert all(error.line >= 1 and error.reason and "\n" not in error.reason for error in errors)
        assert all(isinstance(side, str) and len(side) <= limits.MAX_LINE for pair in pairs for side in pair[1:3])
        intact = sum(pair.source in TEXTS and pair.target in TEXTS for pair in pairs)
        if mutation is cut and not name.endswith((".csv", ".zip")):
            # What stands before the cut is read as it was, and the loss is told; a text cut between two lines is whole.
            assert intact >= len(pairs) - 1
            assert [(p.source, p.target) for p in pairs[:intact]] == MANY[:intact]
        if mutation is mixed_ends and not name.endswith((".parquet", ".gz", ".xz", ".zip")) and "utf16" not in name:
            assert intact == len(MANY) and not errors, (name, i)
        whole, partial = whole + (not errors), partial + bool(errors)
    assert refused + partial + whole == 50 and partial + whole > 0


def bomb_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for side in ("en", "sw"):
            with archive.open(f"a.{side}", "w") as member:
                for _ in range(150):
                    member.write(b"0\n" * (1 << 19))
    return out.getvalue()


def bomb_gzip() -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
        for _ in range(210):
            packed.write(b"a\tb\n" * (1 << 18))
    return out.getvalue()


def bomb_xz() -> bytes:
    packer = lzma.LZMACompressor(preset=0)
    return b"".join(packer.compress(b"a" * (1 << 20)) for _ in range(210)) + packer.flush()


def laughs(kind: str) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    if kind == "tmx":
        segments = [f'<tuv xml:lang="{code}"><seg>{text}</seg></tuv>' for code, text in (("en", "&a9;"), ("sw", "x"))]
        body = f"<tmx><body><tu>{''.join(segments)}</tu></body></tmx>"
    else:
        unit = "<trans-unit><source>&a9;</source><target>x</target></trans-unit>"
        body = f"<xliff><file><body>{unit}</body></file></xliff>"
    return f"<?xml version='1.0'?><!DOCTYPE x [{entities}]>{body}".encode()


def external() -> bytes:
    return (
        b'<!DOCTYPE tmx [<!ENTITY secret SYSTEM "file:///etc/hostname">]><tmx><body><tu><tuv xml:lang="en">'
        b'<seg>&secret;</seg></tuv><tuv xml:lang="sw"><seg>x</seg></tuv></tu></body></tmx>'
    )


def traversal() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../escaped.en", "a\n")
        archive.writestr("../../escaped.sw", "b\n")
    return out.getvalue()


def many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(1200):
            archive.writestr(f"{i}.txt", "")
    return out.getvalue()


def parquet_bomb() -> bytes:
    out = io.BytesIO()
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"en": texts, "sw": texts}), out)
    return out.getvalue()


ATTACKS = {
    "bomb.zip": (bomb_zip, "larger than 200 MB when decompressed"),
    "bomb.tsv.gz": (bomb_gzip, "larger than 200 MB when decompressed"),
    "bomb.tsv.xz": (bomb_xz, "larger than 200 MB when decompressed|one column"),
    "laughs.tmx": (lambda: laughs("tmx"), "declares the entity"),
    "laughs.xlf": (lambda: laughs("xliff"), "declares the entity"),
    "external.tmx": (external, "declares the entity"),
    "traversal.zip": (traversal, "outside its own folder"),
    "members.zip": (many_members, "more than 1,000 files"),
    "bomb.parquet": (parquet_bomb, "larger than 200 MB when decompressed"),
    "long.tsv": (lambda: b"a\tb\n" * 3 + b"x" * (10 << 20) + b"\tb\n" + b"c\td\n", None),
    "deep.jsonl": (lambda: b'{"en": "a", "sw": "b"}\n' + b"[" * 500_000 + b"\n" + b'{"en": "c", "sw": "d"}\n', None),
    "nulls.tsv": (lambda: b"a\tb\n" * 9 + b"\0\0\0\tb\nc\td\n", None),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_a_sentence_and_no_memory(name, tmp_path):
    make, says = ATTACKS[name]
    path = tmp_path / name
    path.write_bytes(make())
    tracemalloc.start()
    try:
        if says is None:
            found = outcome(path, name)
        else:
            with pytest.raises(BadInput, match=says) as raised:
                opened = open_bitext([path])
                columns = [column.name for column in opened.columns]
                for _ in read(opened, Layout(columns[0], columns[1])):
                    pass
            assert "\n" not in str(raised.value)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * 2**20, f"{peak / 2**20:.0f} MB"
    if says is None:
        pairs = [one[0] for one in found if not isinstance(one, Unreadable)]
        assert sum(isinstance(one, Unreadable) for one in found) == 1
        assert pairs[-1][1:3] == ("c", "d") and len(pairs) == {"long.tsv": 4, "deep.jsonl": 2, "nulls.tsv": 10}[name]
    assert [p.name for p in tmp_path.rglob("*")] == [name], "nothing is extracted"


def test_attacks_leave_the_store_as_it_was(tmp_path, capsys):
    home = open_workspace(tmp_path / "home")
    good = tmp_path / "good.tsv"
    good.write_bytes(tsv(PAIRS))
    assert main(["bitext", "store", str(good), "--home", str(home.home), "--json"]) == 0
    before = list_bitexts(home)
    for name in ("laughs.tmx", "traversal.zip", "members.zip", "bomb.parquet"):
        path = tmp_path / name
        path.write_bytes(ATTACKS[name][0]())
        capsys.readouterr()
        assert main(["bitext", "store", str(path), "--home", str(home.home), "--json"]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.strip().splitlines()[-1]) < 400
        assert "Traceback" not in said.err
    assert list_bitexts(home).equals(before) and len(before) == 1
    assert not list(home.cache.iterdir()), "nothing staged is left behind"


def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    """Streaming: reading five times as many pairs takes no more memory (duplicates' keys apart)."""
    peaks = []
    for n in (20_000, 100_000):
        path = tmp_path / f"{n}.tsv.gz"
        path.write_bytes(
            gzip.compress(b"".join(b"The ferry number %d\tKivuko namba %d\n" % (i, i) for i in range(n)), 1)
        )
        opened = open_bitext([path])
        tracemalloc.start()
        count = sum(isinstance(one, Pair) for one in read(opened, Layout("column 1", "column 2")))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == n
    assert peaks[1] < 1.5 * peaks[0] + 2**20

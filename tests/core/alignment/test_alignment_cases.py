"""Inputs of word alignment that were read wrongly once: each has what should come out, whole kinds of them mutated."""

from __future__ import annotations

import gzip
import json
import lzma
import random

import pytest

from core.cli import main
from core.data.gold_alignment import read_links
from core.data.pair_text import PairText
from core.errors import BadInput

EN = ["The cat sleeps .", "She reads books .", "We walk home ."]
DE = ["Die Katze schläft .", "Sie liest Bücher .", "Wir gehen heim ."]
LINKS = "0-0 1-1 2-2 3-3"
FILES = {
    "en.txt": "".join(f"{line}\n" for line in EN),
    "de.txt": "".join(f"{line}\n" for line in DE),
    "pharaoh0.links": f"{LINKS}\n" * 3,
    "pharaoh1.links": "1-1 2-2 3-3 4-4\n" * 3,
    "naacl0.gold": "".join(f"000{k} {i} {i}\n" for k in (1, 2, 3) for i in range(4)),
    "pharaoh1_null.gold": "1-1 2-2 3-3 4-4\n0-2 1-1 2-2 3-3 4-4\n1-1 2-2 3-3 4-4\n",
    "ugarit.gold": "0-0S 1-1S 2-2P 3-3S\n" + "0-0S 1-1S 2-2S 3-3S\n" * 2,
    "id_links.gold": f"a\t{LINKS}\nb\t{LINKS}\nc\t{LINKS}\n",
    "three_columns.tsv": "1\tThe cat sleeps\tDie Katze schläft\n2\tShe reads books\tSie liest Bücher\n",
    "two_bars.txt": "use a ||| b here ||| nimm a ||| b hier\n",
    "cr_only.tsv": "The cat sleeps\tDie Katze schläft\rShe reads books\tSie liest Bücher\r",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("--gold naacl0.gold --links pharaoh0.links --base 0 --text en.txt --target-text de.txt", ""),
        ("--gold naacl0.gold --links pharaoh0.links", ""),
        ("--gold pharaoh1_null.gold --links pharaoh1.links --base 1", "empty word"),
        ("--gold pharaoh1.links --links pharaoh0.links --base 1 --links-base 0", ""),
        ("--gold ugarit.gold --links pharaoh0.links", ""),
        ("--gold id_links.gold --links pharaoh0.links", "identifiers"),
    ],
)
def test_gold_in_other_notations_is_read(here, capsys, options, note):
    assert main(["score-alignment", *options.split(), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["aer"] == 0.0 and told["sentences"] == 3 and not told["problems"]
    assert bool(told["notes"]) == bool(note) and note in " ".join(told["notes"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("three_columns.tsv", "line 1: the line holds 3 columns ('1', 'The cat sleeps', 'Die Katze schläft')"),
        ("two_bars.txt", "line 1: the line holds 4 columns ('use a', 'b here', 'nimm a', 'b hier')"),
    ],
)
def test_more_columns_than_two_are_never_a_wrong_pair(here, capsys, name, says):
    assert main(["align", name]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and says in printed.err and "--columns" in printed.err
    assert printed.err.strip().count("\n") == 0


def test_columns_can_be_chosen(here):
    pairs = list(PairText(here / "three_columns.tsv", columns=(2, 3)))
    assert [pair.source for pair in pairs] == [["The", "cat", "sleeps"], ["She", "reads", "books"]]
    assert pairs[1].target == ["Sie", "liest", "Bücher"]
    for wrong in ((0, 1), (2, 2)):
        with pytest.raises(BadInput, match="two different numbers"):
            PairText(here / "three_columns.tsv", columns=wrong)


def test_lines_that_end_in_cr_alone_are_lines(here):
    pairs = list(PairText(here / "cr_only.tsv"))
    assert [(pair.line, len(pair.source), len(pair.target)) for pair in pairs] == [(1, 3, 3), (2, 3, 3)]
    (here / "cr.links").write_bytes(f"{LINKS}\r{LINKS}\r{LINKS}\r".encode())
    assert read_links(here / "cr.links").links == read_links(here / "pharaoh0.links").links


def test_a_later_line_of_more_columns_and_a_header_say_so(here):
    (here / "mixed.tsv").write_text("source\ttarget\na\tb\n1\tc\td\ne\tf\t0-0\n", encoding="utf-8")
    told = [(pair.line, pair.problem) for pair in PairText(here / "mixed.tsv")]
    assert told == [
        (1, "the line looks like a header (source, target)"), (2, ""),
        (3, "the line holds 3 columns ('1', 'c', 'd')"), (4, ""),
    ]  # fmt: skip


PACKINGS = {"gz": gzip.compress, "xz": lzma.compress}


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_files_are_read_like_others_and_go_on_from_a_place(here, packing):
    text = "".join(f"{s}\t{t}\n" for s, t in zip(EN, DE, strict=True)).encode()
    (here / "plain.tsv").write_bytes(text)
    path = here / f"pairs.{packing}"
    path.write_bytes(PACKINGS[packing](text))
    plain = list(PairText(here / "plain.tsv"))
    first = PairText(path)
    assert [next(iter(first))] == plain[:1]
    second = PairText(path)
    second.start_at(first.offsets, first.lines)
    assert list(second) == plain[1:] and list(PairText(path)) == plain
    (here / f"gold.{packing}").write_bytes(PACKINGS[packing]((here / "ugarit.gold").read_bytes()))
    assert read_links(here / f"gold.{packing}").links == read_links(here / "ugarit.gold").links
    path.write_bytes(PACKINGS[packing](text * 50)[:-20])
    with pytest.raises(BadInput, match="damaged"):
        list(PairText(path))


@pytest.mark.parametrize("packing", PACKINGS)
def test_links_are_written_packed(here, packing):
    from core.alignment.resumable_output import Journal

    unpack = {"gz": gzip.decompress, "xz": lzma.decompress}[packing]
    out = here / f"links.{packing}"
    with Journal(out, {"a": 1}) as journal:
        journal.commit("0-0\n", [4], 1, {"pairs": 1})
    with Journal(out, {"a": 1}) as journal:
        assert journal.resumed and not out.exists()
        journal.commit("1-1\n", [8], 2, {"pairs": 2})
        record = journal.record.read_text()
        journal.finish()
    assert unpack(out.read_bytes()) == b"0-0\n1-1\n" and not journal.draft.exists()
    complete = json.loads(record)
    complete["state"]["complete"] = True
    journal.record.write_text(json.dumps(complete))  # a kill came before the journal went
    with Journal(out, {"a": 1}) as journal:
        assert journal.state.complete
        journal.finish()
    assert unpack(out.read_bytes()) == b"0-0\n1-1\n"


def run_align(here, capsys, text, *options):
    (here / "f.tsv").write_text(text, encoding="utf-8")
    assert main(["align", "f.tsv", "--json", *options]) == 0
    printed = capsys.readouterr()
    return json.loads(printed.out), printed.err


@pytest.mark.slow
def test_scripts_without_spaces_are_split_and_it_is_told(here, capsys):
    text = "The cat sleeps on the roof\t猫睡在屋顶上\n"
    told, notes = run_align(here, capsys, text)
    links = told["links_of_lines"][0].split()
    assert "target is written without spaces" in notes and told["split"] == [False, True]
    assert len({link.split("-")[1] for link in links}) > 1
    kept, notes = run_align(here, capsys, text, "--words", "given")
    assert all(link.endswith("-0") for link in kept["links_of_lines"][0].split())
    assert kept["split"] == [False, False] and "without spaces" not in notes
    segmented, _ = run_align(here, capsys, "The cat sleeps on the roof\t猫 睡 在 屋顶 上\n")
    assert segmented["split"] == [False, False]
    thai, notes = run_align(here, capsys, "The cat sleeps on the roof\tแมวนอนหลับอยู่บนหลังคาบ้าน\n", "--form", "words")
    source, target, links = thai["links_of_lines"][0].split("\t")
    assert source == "The cat sleeps on the roof" and len(target.split()) > 2 and links
    assert target.replace(" ", "") == "แมวนอนหลับอยู่บนหลังคาบ้าน" and thai["split"] == [False, True]


def test_links_as_spans_of_characters(here, capsys):
    text = "The cat  sleeps\t猫在屋顶上睡觉呢\n"
    told, _ = run_align(here, capsys, text, "--form", "spans")
    for link in told["links_of_lines"][0].split():
        left, right = (tuple(map(int, side.split(":"))) for side in link.split("-"))
        assert "The cat  sleeps"[left[0] : left[1]] in ("The", "cat", "sleeps")
        assert 0 <= right[0] < right[1] <= len("猫在屋顶上睡觉呢")


LONG_EN = "The old ferry crosses the wide river every morning before sunrise ."
LONG_DE = "Die alte Fähre überquert den breiten Fluss jeden Morgen vor Sonnenaufgang ."


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--whole",)])
def test_long_texts_have_links_over_their_whole_length(here, capsys, options):
    source, target = " ".join([LONG_EN] * 50), " ".join([LONG_DE] * 50)
    told, notes = run_align(here, capsys, f"{source}\t{target}\n", *options)
    links = [tuple(map(int, link.split("-"))) for link in told["links_of_lines"][0].split()]
    assert told["truncated"] == 0 and not told["cuts"] and "no links" not in notes
    assert len(links) > 250 and max(i for i, _ in links) > 585 and max(j for _, j in links) > 585
    for part in range(10):
        assert any(60 * part <= i < 60 * (part + 1) for i, _ in links)
    if not options:
        right = {(12 * k + i, 12 * k + i) for k in range(50) for i in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)}
        assert len(right & set(links)) > 0.8 * len(links)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--out", "links"), ("--json",)])
def test_a_cut_is_told_in_every_output_mode(here, capsys, options):
    (here / "f.tsv").write_text("a\tb\n" + "word " * 5000 + "\tmot\n", encoding="utf-8")
    assert main(["align", "f.tsv", *options]) == 0
    printed = capsys.readouterr()
    assert "f.tsv, line 2: the source was read up to word 4,0" in printed.err
    assert "of 5,000" in printed.err and "have no links" in printed.err
    if "--json" in options:
        assert json.loads(printed.out)["cuts"][0][0] == 2


# ------------------------------------------------------------------------------------------------ whole kinds, mutated

GOLD = [name for name in FILES if name.endswith((".gold", ".links"))]
SAME = {
    "crlf": lambda data, _: data.replace(b"\n", b"\r\n"),
    "cr": lambda data, _: data.replace(b"\n", b"\r"),
    "bom": lambda data, _: b"\xef\xbb\xbf" + data,
    "no last line end": lambda data, _: data.rstrip(b"\n"),
    "gzip": lambda data, _: gzip.compress(data),
    "xz": lambda data, _: lzma.compress(data),
    "spaces": lambda data, _: data.replace(b" ", b"  "),
}


def _cut(data, draw):
    return data[: draw.randrange(len(data))]


def _noise(data, draw):
    at = draw.randrange(len(data))
    return data[:at] + bytes(draw.randrange(256) for _ in range(3)) + data[at + 1 :]


def _insert(data, draw):
    signs = [b"\t", b"|||", b"\x00", b"-", b"S", b"P", b"\n\n", b"\xe2\x80\xa8"]
    junk = [*signs, b" 99999999-1", b" 0-", b"1 1 1\n", b"id\t"]
    at = draw.randrange(len(data))
    return data[:at] + draw.choice(junk) + data[at:]


def _shuffle(data, draw):
    lines = data.split(b"\n")
    draw.shuffle(lines)
    return b"\n".join(lines)


def _repack(data, draw):
    return draw.choice([gzip.compress, lzma.compress])(data)[: -draw.randrange(1, 9)]


DAMAGING = {"cut": _cut, "noise": _noise, "insert": _insert, "shuffle": _shuffle, "cut packing": _repack,
            "utf-16": lambda data, _: data.decode().encode("utf-16")}  # fmt: skip
SEEDS = range(200)


def _mutant(seed, names):
    draw = random.Random(seed)
    name = names[seed % len(names)]
    if (seed // len(names)) % 2:
        kind = draw.choice(sorted(SAME))
        return name, kind, SAME[kind](FILES[name].encode(), draw), True
    kind = draw.choice(sorted(DAMAGING))
    return name, kind, DAMAGING[kind](FILES[name].encode(), draw), False


def test_200_mutated_gold_files_are_read_right_or_one_sentence(tmp_path):
    refused = 0
    for seed in SEEDS:
        name, kind, data, same = _mutant(seed, GOLD)
        base = 1 if "1" in name else None
        plain, mutant = tmp_path / "plain", tmp_path / "mutant"
        plain.write_text(FILES[name], encoding="utf-8")
        mutant.write_bytes(data)
        lengths = [(4, 4)] * 3
        try:
            found = read_links(mutant, base, lengths=lengths)
        except BadInput as error:
            assert not same, (seed, name, kind, str(error))
            assert "\n" not in str(error) and "mutant" in str(error) and str(error).endswith("."), (seed, str(error))
            refused += 1
            continue
        if same:
            assert found.links == read_links(plain, base, lengths=lengths).links, (seed, name, kind)
        elif len(found.links) == 3:
            assert all(0 <= i < 4 and 0 <= j < 4 for one in found.links for i, j in one.possible), (seed, name, kind)
    assert 20 < refused < 150


def test_200_mutated_files_of_pairs_are_read_right_or_one_sentence(tmp_path):
    pairs = {
        "tabs": "".join(f"{s}\t{t}\n" for s, t in zip(EN, DE, strict=True)),
        "bars": "".join(f"{s} ||| {t}\n" for s, t in zip(EN, DE, strict=True)),
        "xl-wa": "".join(f"{s}\t{t}\t{LINKS}\t\n" for s, t in zip(EN, DE, strict=True)),
    }
    expected = [(s.split(), t.split()) for s, t in zip(EN, DE, strict=True)]
    refused = 0
    for seed in SEEDS:
        draw = random.Random(seed)
        text = pairs[draw.choice(sorted(pairs))].encode()
        same = seed % 2 == 1
        kind = draw.choice(sorted(SAME if same else DAMAGING))
        mutant = tmp_path / "mutant"
        mutant.write_bytes((SAME if same else DAMAGING)[kind](text, draw))
        try:
            found = list(PairText(mutant))
        except BadInput as error:
            assert not same, (seed, kind, str(error))
            assert "\n" not in str(error) and "mutant" in str(error) and str(error).endswith("."), (seed, str(error))
            refused += 1
            continue
        if same:
            assert [(pair.source, pair.target) for pair in found] == expected, (seed, kind)
        for pair in found:
            assert bool(pair.problem) != bool(pair.source and pair.target), (seed, kind)
    assert 20 < refused < 100

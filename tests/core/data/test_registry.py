"""What a sources.toml may say, and how its patterns find files."""

from __future__ import annotations

import re

import pytest

from core.data.catalog import open_catalog
from core.data.registry import KNOWN, STARTER, find, known_sources, read_declarations
from core.errors import BadInput


@pytest.mark.parametrize("path", [KNOWN, STARTER])
def test_declarations_that_ship(path):
    sources = read_declarations(path)
    assert len({source.name for source in sources}) == len(sources)
    for source in sources:
        assert source.how.endswith("."), source.name
        assert not re.search(r"(^|\s)/\w|://", source.how), source.name
        assert source.licence


def test_own_sources_add_a_bitext_and_replace_a_known_set(folder, write):
    write("data/mine/pairs.tsv", "A cow.\tNg'ombe.\nA hen.\tKuku.\n")
    write(
        "data/sources.toml",
        '[[source]]\nname = "Mine"\nkind = "bitext"\nrole = "bitext-training"\n'
        'files = ["mine/pairs.tsv"]\nlanguage = "swh"\nlicence = "mine"\n\n'
        '[[source]]\nname = "TaxiNLI"\nkind = "nli"\nrole = "nli-training"\nfiles = ["nowhere.tsv"]\n',
    )
    catalog = open_catalog(folder)
    pairs = catalog.training_bitext("sw").pairs + catalog.held_out_bitext("sw").pairs
    assert ("A cow.", "Ng'ombe.") in pairs
    assert "TaxiNLI" in [missing.name for missing in catalog.missing]
    assert "TaxiNLI" not in [source.name for source in catalog.sources]


_ENTRY = {"name": '"A"', "kind": '"nli"', "role": '"xnli"', "files": '["{split}.tsv"]'}


@pytest.mark.parametrize(
    "change,said",
    [
        ({"files": ""}, r"source 1 \(A\): 'files' is missing"),
        ({"kind": '"x"'}, "'kind' is one of nli, bitext"),
        ({"role": '"x"'}, "'role' is one of xnli, nli-training"),
        ({"files": '"a"'}, "'files' must be a list of patterns"),
        ({"files": '["/a"]'}, "relative to the data folder"),
        ({"files": '["../a"]'}, "relative to the data folder"),
        ({"files": '["{x}"]'}, "relative to the data folder"),
        ({"files": "[3]"}, "relative to the data folder"),
        ({"optional": '"yes"'}, "'optional' must be true or false"),
        ({"kind": '"bitext"'}, "names its English side"),
        ({"files": '["a"]', "split": '"train"'}, "split validation or test"),
        ({"url": '"b"'}, "'url' is not a key of a source"),
    ],
)
def test_broken_entries(write, tmp_path, change, said):
    entry = {**_ENTRY, **change}
    lines = [f"{key} = {value}" for key, value in entry.items() if value]
    write("sources.toml", "\n".join(["[[source]]", *lines]))
    with pytest.raises(BadInput, match=said):
        known_sources(tmp_path)


@pytest.mark.parametrize("text", ["[[source]\n", "source = 3\n", 'source = ["a"]\n'])
def test_broken_file(write, tmp_path, text):
    write("sources.toml", text)
    with pytest.raises(BadInput, match="sources.toml"):
        known_sources(tmp_path)


def test_tags_in_names_become_language_codes(write, tmp_path):
    for name in ("eng_Latn", "swh_Latn", "zho_Hans"):
        write(f"OPUS-MT-testsets/datasets/facebook/flores/flores200_dataset/devtest/{name}.devtest", "x\n")
    write("NTREX/NTREX-128/newstest2019-ref.zho-CN.txt", "x\n")
    write("OPUS-MT-testsets/datasets/tico19/testsets/en-es_LA/tico19-test.es_LA", "x\n")
    write("OPUS-MT-testsets/datasets/tico19/testsets/en-es_LA/tico19-test.en", "x\n")
    sources = {source.name: source for source in known_sources(tmp_path)}

    def languages(name):
        found = find(sources[name], tmp_path)
        return [file.language for file in found.files] if found else None

    assert languages("FLORES-200 devtest") == ["sw", "zh"]
    assert languages("NTREX-128") == ["zh"]
    assert languages("TICO-19") == ["es"]
    assert languages("WMT newstest") is None

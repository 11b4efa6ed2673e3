"""The catalog: which data is shown, what is removed from training, and what stays apart."""

from __future__ import annotations

import json
import shutil

import pytest

from core.data import catalog as catalog_module
from core.data.catalog import open_catalog
from core.data.overlap import key
from core.errors import BadInput, MissingData


def test_xnli_and_its_languages(folder):
    catalog = open_catalog(folder)
    assert catalog.kind == "real"
    assert catalog.xnli_languages("validation") == ["en", "ur", "sw"]
    found = catalog.xnli("test", "swh")
    assert (found.name, found.split, found.language, len(found.items)) == ("XNLI", "test", "sw", 6)
    assert found.items[4].hypothesis == "sw test hypothesis 4."
    assert catalog.xnli("test", "sw") is found


def test_what_is_asked_for_and_not_there(folder):
    catalog = open_catalog(folder)
    with pytest.raises(BadInput, match="The XNLI test set has no fr; it has en, ur, sw."):
        catalog.xnli("test", "fr")
    with pytest.raises(BadInput, match="'train' is not a split of XNLI"):
        catalog.xnli("train", "sw")
    with pytest.raises(BadInput, match="The training bitext has no ur; it has sw."):
        catalog.training_bitext("ur")
    with pytest.raises(BadInput, match="The retrieval set has no ur; it has sw."):
        catalog.retrieval("ur")
    with pytest.raises(BadInput, match="no retrieval set 'BUCC'; there are Tatoeba"):
        catalog.retrieval("sw", name="BUCC")
    with pytest.raises(BadInput, match="not a language tag"):
        catalog.training_bitext("not a tag")


def test_nli_training_without_xnli_premises_and_duplicates(folder):
    catalog = open_catalog(folder)
    taxi, snli = catalog.nli_training()
    assert [item.hypothesis for item in taxi.items] == ["She spoke.", "The kettle is cold."]
    assert taxi.items[0].premise == 'She said "stop.'
    assert [item.hypothesis for item in snli.items] == ["A goat moves.", "A goat sleeps.", "A goat is brown."]
    assert [item.id for item in snli.items] == [0, 1, 3]
    reasons = {removed.source: removed.reasons for removed in catalog.removed}
    assert reasons["TaxiNLI"] == {"overlap": 1, "duplicate": 0, "unlabelled": 1}
    assert reasons["SNLI subsets"] == {"overlap": 0, "duplicate": 1, "unlabelled": 0}


def test_bitext_loses_everything_that_is_tested_on(folder):
    catalog = open_catalog(folder)
    training, held_out = catalog.training_bitext("sw"), catalog.held_out_bitext("sw")
    pairs = training.pairs + held_out.pairs
    assert len(pairs) == 201
    assert ("Fish is good.", "Samaki ni mzuri.") in pairs
    ntrex, tatoeba = catalog.removed
    assert (ntrex.read, ntrex.kept) == (200, 200)
    assert tatoeba.reasons == {"empty": 1, "overlap": 3, "duplicate": 1}
    assert (tatoeba.read, tatoeba.kept) == (6, 1)
    items = [
        item
        for split in ("validation", "test")
        for code in ("en", "sw", "ur")
        for item in catalog.xnli(split, code).items
    ]
    tested = {key(text) for item in items for text in (item.premise, item.hypothesis)}
    tested |= {key(text) for pair in catalog.retrieval("sw").pairs for text in pair}
    assert not tested & {key(text) for pair in pairs for text in pair}


def test_held_out_is_about_a_tenth_and_shares_no_english_sentence(folder):
    catalog = open_catalog(folder)
    training = {key(source) for source, _ in catalog.training_bitext("sw").pairs}
    held_out = {key(source) for source, _ in catalog.held_out_bitext("sw").pairs}
    assert 8 <= len(held_out) <= 36
    assert not training & held_out


def test_order_is_the_same_wherever_the_folder_lies_and_mixes_the_file(folder, tmp_path):
    moved = shutil.copytree(folder, tmp_path / "moved")
    first, second = (open_catalog(root).training_bitext("sw").pairs for root in (folder, moved))
    assert first == second
    numbers = [int(source.split()[3]) for source, _ in first if source.startswith("The ferry")]
    assert numbers != sorted(numbers)
    assert abs(sum(numbers[:60]) / 60 - 100) < 25  # the first sixty come from all of the file


def test_fingerprint_follows_content_not_place(folder, tmp_path):
    before = open_catalog(folder).fingerprint()
    moved = shutil.copytree(folder, tmp_path / "moved")
    assert open_catalog(moved).fingerprint() == before
    path = folder / "LASER_tatoeba" / "tatoeba.swh-eng.swh"
    path.write_text(path.read_text(encoding="utf-8").replace("yangu", "yetu"), encoding="utf-8")
    changed = open_catalog(folder)
    assert changed.fingerprint() != before
    assert changed.fingerprint(("xnli",)) == open_catalog(moved).fingerprint(("xnli",))


def test_sources_count_what_the_loaders_read(folder):
    sources = {source.name: source for source in open_catalog(folder).sources}
    assert sources["XNLI"].items_by_language == {"en": 12, "ur": 12, "sw": 12}
    assert sources["TaxiNLI"].items == 3
    assert (sources["NTREX-128"].items, sources["NTREX-128"].languages) == (200, ("sw",))
    assert sources["Tatoeba (LASER)"].role == "retrieval"
    assert sources["NTREX-128"].path == str(folder / "NTREX" / "NTREX-128")


def test_a_broken_file_is_listed_with_its_problem_and_raised_when_used(folder, write):
    write("data/LASER_tatoeba/tatoeba.swh-eng.swh", "Mstari mmoja tu.\n")
    catalog = open_catalog(folder)
    (broken,) = (source for source in catalog.sources if source.problem)
    assert (broken.name, broken.items) == ("Tatoeba (LASER)", 0)
    assert "line 1: the file ends here" in broken.problem
    with pytest.raises(BadInput, match="the file ends here"):
        catalog.retrieval("sw")


def test_question_texts_are_kept_out_of_training(folder, write):
    paragraph = {"context": "x", "sentences": ["Fish is good!"], "qas": [{"question": "Who?"}]}
    write("data/lareqa/xquad-r/en.json", json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    catalog = open_catalog(folder)
    pairs = catalog.training_bitext("sw").pairs + catalog.held_out_bitext("sw").pairs
    assert "Fish is good." not in [source for source, _ in pairs]
    assert {s.name: s.items for s in catalog.sources}["XQuAD-R"] == 1


def test_folder_named_wrongly(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="nowhere is not there"):
        open_catalog(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="holds none of the data sets looked for: XNLI, TaxiNLI"):
        open_catalog(tmp_path)
    monkeypatch.setenv("ISOGLOSS_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(BadInput, match="elsewhere is not there"):
        open_catalog()


def test_argument_comes_before_the_environment(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ISOGLOSS_DATA", str(tmp_path / "elsewhere"))
    assert open_catalog(folder).root == folder
    monkeypatch.setenv("ISOGLOSS_DATA", str(folder))
    assert open_catalog().root == folder


def test_folder_without_a_part_says_how_to_get_it(folder):
    for name in ("xnli", "TaxiNLI", "CNLI-generalization", "NTREX", "OPUS-MT-testsets"):
        shutil.rmtree(folder / name)
    catalog = open_catalog(folder)
    with pytest.raises(MissingData, match="There is no XNLI test set in .*facebook/xnli"):
        catalog.xnli("test", "sw")
    with pytest.raises(MissingData, match="There is no NLI training set in .*TaxiNLI"):
        catalog.nli_training()
    with pytest.raises(MissingData, match="There is no training bitext in .*LAFAND-MT"):
        catalog.training_bitext("sw")
    assert {"XNLI", "TaxiNLI", "NTREX-128"} <= {missing.name for missing in catalog.missing}


def test_starter_set_is_served_when_nothing_else_is_there(tmp_path, write, monkeypatch):
    for language in ("en", "sw"):
        for split, count in (("train", 2), ("test", 1)):
            rows = [f"{i}\t{language} {split} fact {i // 3}\tclaim {i}\t{i % 3}" for i in range(3 * count)]
            text = "\n".join(["id\tpremise\thypothesis\tlabel", *rows])
            write(f"starter/nli/starter_{split}_{language}.tsv", text)
            sentences = [f"{language} {split} sentence {i}" for i in range(40 * count)]
            write(f"starter/sentences/{split}.{language}", "\n".join(sentences) + "\n")
    monkeypatch.setattr(catalog_module, "STARTER_FOLDER", tmp_path / "starter")
    catalog = open_catalog()
    assert (catalog.kind, catalog.root) == ("starter", None)
    assert catalog.xnli_languages("validation") == ["en", "sw"]
    assert catalog.xnli("validation", "sw").items == catalog.xnli("test", "sw").items
    assert len(catalog.xnli("test", "sw").items) == 3
    assert catalog.xnli("test", "sw").name == "Starter NLI"
    (training,) = catalog.nli_training()
    assert (training.language, len(training.items)) == ("en", 6)
    kept = catalog.training_bitext("sw").pairs + catalog.held_out_bitext("sw").pairs
    assert sorted(kept) == sorted((f"en train sentence {i}", f"sw train sentence {i}") for i in range(80))
    assert catalog.retrieval("sw").pairs[3] == ("en test sentence 3", "sw test sentence 3")
    assert catalog.bitext_languages() == ["sw"]
    assert [source.items for source in catalog.sources] == [6, 6, 80, 40]
    assert "XNLI" in [missing.name for missing in catalog.missing]


def test_nothing_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog_module, "STARTER_FOLDER", tmp_path)
    with pytest.raises(MissingData, match="No data is on this machine"):
        open_catalog()

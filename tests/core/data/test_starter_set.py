"""The project's own sentences: complete, in the right script, balanced, not guessable, and good for retrieval."""

from __future__ import annotations

import csv
import itertools
import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from core.data.catalog import STARTER_FOLDER, starter_catalog
from core.languages import LOW_RESOURCE, XNLI_CODES, language
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.encoder.vectors import sentence_vectors
    from core.evaluation.retrieval import right_at_one

SCRIPTS = {
    "Latn": ("LATIN",), "Cyrl": ("CYRILLIC",), "Grek": ("GREEK",), "Arab": ("ARABIC",), "Deva": ("DEVANAGARI",),
    "Thai": ("THAI",), "Hans": ("CJK",),
}  # fmt: skip
VECTORS: dict[str, np.ndarray] = {}
STATED = " ".join((STARTER_FOLDER / "PROVENANCE.md").read_text("utf-8").split())
NEGATION = re.compile(r"\b(no|not|never|nobody|nothing|none|neither|nor|without|cannot)\b|n't\b|n’t\b", re.IGNORECASE)

NUMBER = re.compile(
    r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|hundred|"
    r"thousand|dozen|half|twice)\b",
    re.IGNORECASE,
)


def sentences(split: str, code: str) -> list[str]:
    return (STARTER_FOLDER / "sentences" / f"{split}.{code}").read_text("utf-8").splitlines()


def everything(code: str) -> list[str]:
    return [line for split in ("train", "test") for line in sentences(split, code)]


def items(split: str, code: str) -> list[dict[str, str]]:
    path = STARTER_FOLDER / "nli" / f"starter_{split}_{code}.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def texts(code: str) -> list[str]:
    rows = items("train", code) + items("test", code)
    return everything(code) + [row["premise"] for row in rows] + [row["hypothesis"] for row in rows]


def test_every_language_has_all_of_it():
    for code in XNLI_CODES:
        assert len(sentences("train", code)) == 72 and len(sentences("test", code)) == 48
        assert len(items("train", code)) == 72 and len(items("test", code)) == 48
        assert all(line.strip() == line and line for line in texts(code)), code
    with (STARTER_FOLDER / "sentences" / "domains.tsv").open(encoding="utf-8", newline="") as file:
        domains = Counter(row["domain"] for row in csv.DictReader(file, delimiter="\t"))
    assert len(domains) >= 12 and sum(domains.values()) == 120


@pytest.mark.parametrize("code", XNLI_CODES)
def test_each_text_is_in_its_languages_script(code):
    names = SCRIPTS[language(code).script]
    for text in texts(code):
        letters = [c for c in text if unicodedata.category(c)[0] == "L"]
        own = sum(unicodedata.name(c).startswith(names) for c in letters)
        assert own >= 0.7 * len(letters), text


def test_sentences_are_of_readable_length_and_ask_deny_and_count():
    english = everything("en")
    lengths = [len(line.split()) for line in english]
    assert min(lengths) >= 4 and max(lengths) <= 40 and np.mean([5 <= n <= 30 for n in lengths]) == 1.0
    assert sum("?" in line for line in english) >= 8
    assert sum(bool(NEGATION.search(line)) for line in english) >= 15
    assert sum(bool(NUMBER.search(line)) for line in english) >= 15
    for code in XNLI_CODES:
        if language(code).script not in ("Thai", "Hans"):
            assert max(len(line.split()) for line in texts(code)) <= 40, code


def test_openings_differ_and_no_two_sentences_are_nearly_one():
    english = everything("en")
    openings = Counter(" ".join(line.lower().split()[:3]) for line in english)
    assert max(openings.values()) == 1
    grams = [{line[k : k + 4] for k in range(len(line) - 3)} for line in english]
    nearest = max(len(a & b) / len(a | b) for a, b in itertools.combinations(grams, 2))
    assert nearest < 0.5


def test_labels_are_balanced_and_translations_share_them_and_their_split():
    premises = {}
    for split, count in (("train", 24), ("test", 16)):
        english = items(split, "en")
        groups = [english[k : k + 3] for k in range(0, len(english), 3)]
        assert len(groups) == count
        for group in groups:
            assert len({row["premise"] for row in group}) == 1 and {row["label"] for row in group} == {"0", "1", "2"}
        premises[split] = {row["premise"] for row in english}
        for code in XNLI_CODES:
            assert [row["label"] for row in items(split, code)] == [row["label"] for row in english]
    assert not premises["train"] & premises["test"]


def test_a_hypothesis_alone_does_not_tell_its_label():
    rows = items("train", "en") + items("test", "en")
    hypotheses, labels = [row["hypothesis"] for row in rows], np.array([int(row["label"]) for row in rows])
    groups = np.arange(len(rows)) // 3
    scores = []
    for analyzer, grams in (("word", (1, 2)), ("char_wb", (2, 4))):
        guess = make_pipeline(
            TfidfVectorizer(analyzer=analyzer, ngram_range=grams), LogisticRegression(C=10.0, max_iter=1000)
        )
        scores.append(np.mean(cross_val_predict(guess, hypotheses, labels, cv=GroupKFold(10), groups=groups) == labels))
    # Chance is 33.3; the standard error on 120 items is 4.3.
    assert max(scores) < 1 / 3 + 2.5 * 0.043, scores
    assert f"{100 * max(scores):.1f} of 100 hypotheses" in STATED, scores
    denies = np.array([bool(NEGATION.search(text)) for text in hypotheses])
    assert 0.1 <= denies[labels == 2].mean() <= 0.6


@pytest.mark.slow
@pytest.mark.parametrize("code", [code for code in XNLI_CODES if code != "en"])
def test_the_embedded_encoder_finds_each_translation(code, encoder):
    if "en" not in VECTORS:
        VECTORS["en"] = sentence_vectors(encoder, everything("en"))
    english, target = VECTORS["en"], sentence_vectors(encoder, everything(code))
    rates = [100 * right_at_one(*pair).mean() for pair in ((target, english), (english, target))]
    assert min(rates) >= (85 if code in ("sw", "ar") else 95), rates
    if code in ("sw", "ar"):
        assert f"{rates[0]:.1f} and {rates[1]:.1f} in {language(code).name}" in STATED, rates


def test_alignments_are_of_starter_sentences_and_in_range():
    found = 0
    for path in sorted((STARTER_FOLDER / "alignments").glob("en-*.tsv")):
        code = path.stem.removeprefix("en-")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in rows:
            found += 1
            for side, lang in (("source", "en"), ("target", code)):
                whole = sentences(row["split"], lang)[int(row["line"])]
                assert row[side].replace(" ", "") == whole.replace(" ", "").replace("\u00a0", ""), (
                    path.name,
                    row["line"],
                )
            links = [re.fullmatch(r"(\d+)([-p])(\d+)", link) for link in row["links"].split()]
            assert links and all(links)
            assert all(int(m[1]) < len(row["source"].split()) for m in links)
            assert all(int(m[3]) < len(row["target"].split()) for m in links)
    assert found == 40


def test_low_resource_languages_are_all_there():
    assert set(LOW_RESOURCE) <= set(starter_catalog().retrieval_languages())

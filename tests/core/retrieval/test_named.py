"""What a collection is, decided once: the verb, the page and the query encoders' tests search the same sets."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from core.data.questions import AnsweredQuestions
from core.data.records import Bitext
from core.errors import BadInput
from core.query_encoders.tasks import LAREQA_ENGLISH, LAREQA_POOL, TATOEBA, Tests
from core.retrieval import named
from core.retrieval.named import (
    FROM_ENGLISH,
    TO_ALL,
    TO_ENGLISH,
    CollectionSources,
    candidates_of,
    collections_of,
    qrels_of,
    queries_of,
    sentence_pairs,
)
from tests.support.paths import ROOT

QUESTIONS = {
    "en": AnsweredQuestions("en", ("x", "y"), ("Who?", "Where?"), ("Ann did.", "It rained.", "In Rome."), (0, 2)),
    "de": AnsweredQuestions("de", ("y", "x", "z"), ("Wo?", "Wer?", "Wann?"), ("In Rom.", "Anna."), (0, 1, 1)),
}
PAIRS = {"de": (("A cat.", "Eine Katze."), ("A dog.", "Ein Hund.")), "sw": (("A cat.", "Paka."), ("A dog.", "Mbwa."))}


@pytest.fixture
def catalog():
    read: list[str] = []

    def answered(code):
        read.append(code)
        if code not in QUESTIONS:
            raise BadInput(f"no {code}")
        return QUESTIONS[code]

    return SimpleNamespace(
        kind="real", read=read, answered_questions=answered, question_languages=lambda: ["en", "de"],
        retrieval_languages=lambda: list(PAIRS),
        retrieval=lambda code, name=None: Bitext(name or named.TATOEBA, "en", code, PAIRS[code]),
    )  # fmt: skip


def no_bitext(name):
    raise BadInput(name)


def test_questions_over_one_language_and_over_all(catalog):
    lareqa = collections_of(catalog)["LAReQA"]
    to_english = lareqa.make("de", TO_ENGLISH)
    assert to_english.queries == ("Wo?", "Wer?"), "English answers two of the three"
    assert [to_english.candidates[next(iter(rows))] for rows in to_english.right] == ["In Rome.", "Ann did."]
    from_english = lareqa.make("de", FROM_ENGLISH)
    assert (from_english.query_language, set(from_english.languages)) == ("en", {"de"})
    assert [from_english.candidates[next(iter(rows))] for rows in from_english.right] == ["Anna.", "In Rom."]
    everywhere = lareqa.make("de", TO_ALL)
    assert everywhere.languages == ("en",) * 3 + ("de",) * 2 and everywhere.right[0] == {2, 3}
    assert everywhere.right[2] == {4}, "answered in its own language alone"


def test_names_mean_the_sets_of_the_page(catalog):
    sources = CollectionSources(catalog, no_bitext)
    lareqa = collections_of(catalog)["LAReQA"]
    for pool, direction in (("en", TO_ENGLISH), ("all", TO_ALL)):
        shown = lareqa.make("de", direction)
        assert candidates_of(f"lareqa:{pool}", sources) == shown.candidate_entries()
        assert qrels_of("lareqa:de", f"lareqa:{pool}", sources) == shown.judgements()
    assert qrels_of("lareqa:de", "lareqa:all", sources)["y"] == {"en-2": 1, "de-0": 1}
    assert [entry.id for entry in queries_of("lareqa:de", sources)] == ["y", "x", "z"]
    pairs = collections_of(catalog)[named.TATOEBA].make("sw", TO_ENGLISH)
    assert queries_of("tatoeba:sw", sources) == pairs.query_entries()
    assert candidates_of("tatoeba:sw", sources) == pairs.candidate_entries()
    assert qrels_of("tatoeba:sw", "tatoeba:sw", sources) == pairs.judgements() == {"0": {"en-0": 1}, "1": {"en-1": 1}}
    for other in ("tatoeba:de", "lareqa:de"):
        assert qrels_of("tatoeba:sw", other, sources) is None
    with pytest.raises(BadInput, match="neither a file nor one of lareqa:LANG"):
        queries_of("lareqa:", sources)


def test_starter_sentences_find_any_translation_and_never_themselves(starter):
    collection = collections_of(starter)[named.STARTER]
    everywhere = collection.make("sw", TO_ALL)
    count = len(everywhere.queries)
    assert set(everywhere.languages) == {"en", *collection.languages} and everywhere.query_language == "sw"
    assert everywhere.candidates[everywhere.itself[3]] == everywhere.queries[3]
    assert everywhere.itself[3] not in everywhere.right[3] and len(everywhere.right[3]) == len(collection.languages)
    assert {row % count for row in everywhere.right[3]} == {3}
    there, back = collection.make("sw", TO_ENGLISH), collection.make("sw", FROM_ENGLISH)
    assert there.queries == back.candidates and there.candidates == back.queries and set(there.itself) == {-1}
    sources = CollectionSources(starter, no_bitext)
    assert candidates_of("starter:sw", sources) == there.candidate_entries()


def test_a_bitext_without_english_searches_its_source(catalog):
    bitext = Bitext("b", "fr", "de", (("Un chat.", "Eine Katze."),))
    sources = CollectionSources(catalog, lambda name: bitext)
    assert [(entry.text, entry.lang) for entry in queries_of("bitext:b", sources)] == [("Eine Katze.", "de")]
    assert [(entry.id, entry.text) for entry in candidates_of("bitext:b", sources)] == [("fr-0", "Un chat.")]


def test_only_what_is_there_is_offered(catalog):
    assert list(collections_of(catalog)) == [named.TATOEBA, "LAReQA"]
    catalog.question_languages = lambda: ["de"]
    catalog.retrieval_languages = list
    assert collections_of(catalog) == {}
    bitexts = SimpleNamespace(retrieval_languages=lambda: ["sw"], retrieval=lambda code: Bitext("b", "en", code, ()))
    assert sentence_pairs("b", bitexts).make("sw", TO_ENGLISH).queries == ()


def test_the_query_encoders_tests_are_these_sets(catalog):
    texts = [text for one in QUESTIONS.values() for text in (*one.questions, *one.sentences)]
    texts += [text for pairs in PAIRS.values() for pair in pairs for text in pair]
    place = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    right = {"Wo?": "In Rome.", "Who?": "Ann did.", "Where?": "In Rome.", "Paka.": "A cat.", "Mbwa.": "A dog."}

    def documents(wanted, code):
        return np.eye(len(place), dtype=np.float32)[[place[text] for text in wanted]]

    def queries(wanted, code):
        return documents([right.get(text, "It rained.") for text in wanted], code)

    tests = Tests(catalog, ("sw", "de"), 2, documents)
    assert sorted(catalog.read) == ["de", "en"], "each language's file is read once"
    rows = {(row.task, row.language, row.query_id): row for row in tests.rows(queries)}
    assert rows[(LAREQA_ENGLISH, "de", "y")].rank == 1 and rows[(LAREQA_ENGLISH, "de", "x")].rank == 2
    assert rows[(TATOEBA, "sw", "1")].rank == 1
    everywhere = rows[(LAREQA_POOL, "de", "y")]
    assert everywhere.rank == 1 and everywhere.own_language is False
    assert everywhere.average_precision == pytest.approx((1 / 1 + 2 / 4) / 2)
    assert ("lareqa-english", "de", "z") not in rows and ("lareqa-pool", "de", "z") not in rows


def test_no_other_place_decides():
    naming = {
        path.relative_to(ROOT).as_posix()
        for top in ("core", "store", "pages")
        for path in (ROOT / top).rglob("*.py")
        if any(name in path.read_text(encoding="utf-8") for name in ('"Tatoeba (LASER)"', ".answered_questions("))
    }
    assert naming <= {"core/retrieval/named.py", "core/data/catalog.py"}

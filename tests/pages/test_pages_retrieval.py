"""The retrieval page beyond one list: every query measured, tokens compared, and the experiment's verdict."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.questions import AnsweredQuestions
from core.query_encoders.tasks import ROWS
from core.retrieval.retrieval_set import answers, translations
from core.workspace import open_workspace
from pages.parts.retrieval.scoring import Scoring, rank, roles, told_prompts
from pages.parts.retrieval.sets import Query
from store.results.importer import sync
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.synthetic_runs import write_run


@pytest.fixture(scope="module")
def with_experiment(tmp_path_factory):
    """A workspace with drawn results of the retrieval experiment, in which transport is far ahead."""
    workspace = open_workspace(tmp_path_factory.mktemp("optical") / "home")
    random = np.random.default_rng(0)
    hard = random.beta(2, 1, 80)
    for arm, seeds, gain in (("no-adaptation", 1, 0), ("transport", 3, 0.2), ("adversarial", 3, 0.0)):
        for seed in range(seeds):
            folder = workspace.home / "retrieval" / f"{arm}{seed}"
            folder.mkdir(parents=True)
            told = {"arm": arm, "seed": seed, "group": "g", "created": "2026", "took": arm != "adversarial",
                    "took_sentence": "Did not take: a fresh probe still names the language as often."}  # fmt: skip
            (folder / "run.json").write_text(json.dumps(told))
            tables = []
            for task, codes in (("lareqa-english", ("hi", "th", "tr", "en")), ("tatoeba", ("sw", "hi"))):
                for code in codes:
                    value = np.clip(hard * 0.7 + gain + 0.01 * seed, 0, 1)
                    tables.append(pd.DataFrame({
                        "task": task, "language": code, "query_id": [str(k) for k in range(80)],
                        "average_precision": value, "rank": np.where(value > 0.5, 1, 3), "own_language": None,
                    }))  # fmt: skip
            rows = pa.Table.from_pandas(pd.concat(tables), schema=ROWS, preserve_index=False)
            pq.write_table(rows, folder / "queries.parquet")
    write_run(workspace, "transport")  # so that the page has stored scores, and computes none
    sync(workspace)
    return workspace


def test_the_experiments_verdict_is_shown(open_page, with_experiment):
    page = open_page(with_experiment, "retrieval", language="German (de)", tab="Query encoders")
    check_whole(page)
    told = words(page)
    assert "MAP on LAReQA, candidates in English: transport is ahead of adversarial" in told
    assert "adversarial, seed 0: Objective did not improve: a fresh probe" in told
    titles = [json.loads(chart)["layout"]["title"]["text"] for chart in charts(page)]
    assert any("Query encoders minus no adaptation" in title for title in titles)


def test_without_the_experiment_nothing_is_claimed(open_page, empty_workspace):
    page = open_page(empty_workspace, "retrieval", language="German (de)")
    assert "Query encoders" not in [tab.label for tab in page.tabs]


def test_every_query_is_measured(open_page, empty_workspace):
    page = open_page(empty_workspace, "retrieval", language="German (de)", all="true")
    check_whole(page)
    assert "with 95 % intervals over queries" in words(page)
    assert any("ndcg@10" in frame.value.columns for frame in page.dataframe)


@pytest.mark.parametrize("score", ["MaxSim", "transport"])
def test_tokens_rank_the_first_again(open_page, empty_workspace, score):
    page = open_page(empty_workspace, "retrieval", language="German (de)", score=score, centred="true")
    check_whole(page)
    assert "Tokens are compared for the 30 candidates" in words(page)
    html = markup(page)
    assert html.count('href="alignment?') == 10 and html.count('<tr class="iso-right">') == 1


@pytest.mark.slow
def test_all_languages_in_one_pool_tell_the_bias_and_never_the_sentence_itself(open_page, empty_workspace):
    page = open_page(
        empty_workspace,
        "retrieval",
        language="Swahili (sw)",
        direction="to all languages",
        all="true",
        everywhere="true",
    )
    check_whole(page)
    assert "first of 14 right ones" in words(page)
    hubs = next(frame.value for frame in page.dataframe if "own" in frame.value.columns)
    assert 0 <= hubs["own"].iloc[0] < 100
    each = next(frame.value for frame in page.dataframe if "own language" in frame.value.columns)
    assert len(each) == 14 and set(each["arm"]) == {"untrained encoder"} and each["map"].between(0, 100).all()
    query = page.selectbox(key="line").format_func(page.selectbox(key="line").value)
    listed = markup(page).split('<table class="iso-table">')[1]
    assert query.split(". ", 1)[1] not in listed


def test_a_question_and_its_answers_are_each_read_after_their_own_prompt(encoder, starter, monkeypatch):
    """Translations are compared, both after one prompt; questions ask, and a query encoder reads as it was trained."""
    from core.encoder.prompts import in_role
    from core.encoder.vectors import sentence_vectors
    from pages.parts import live

    monkeypatch.setattr("pages.parts.models.load", lambda choice: encoder)
    monkeypatch.setattr("pages.parts.models.load_base", lambda name: encoder)
    monkeypatch.setattr("pages.parts.models.reader_key", lambda choice: (choice, "embedded", ()))
    bitext = starter.retrieval("sw")
    sentences = tuple(english for english, _ in bitext.pairs[:9])
    asked = AnsweredQuestions("sw", ("a", "b"), tuple(text for _, text in bitext.pairs[:2]), sentences, (0, 1))
    searched, compared = answers("asked", lambda code: asked, "sw", ["sw"]), translations("both", bitext)
    assert roles("untrained", searched) == ("query", "document") and roles("untrained", compared) == ("text", "text")
    assert roles("query-x", searched) == ("text", "text")
    assert told_prompts("untrained", searched) == "queries are read after “query:”, candidates after “passage:”"
    assert told_prompts("untrained", compared) == "both sides are read after “query:”"
    query = Query(searched.queries[0], "sw", searched.right[0], -1)
    order, found = rank("untrained", searched, query, Scoring("sentence vectors", False, 0), starter)
    own = sentence_vectors(in_role(encoder, "query"), [query.text])
    wanted = sentence_vectors(in_role(encoder, "document"), sentences) @ own[0]
    np.testing.assert_allclose(found, wanted[order], atol=1e-6)
    assert live.vectors("untrained", [query.text], "it", "query") is not live.vectors("untrained", [query.text], "it")

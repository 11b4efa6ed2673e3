"""BM25: tokens in every script, scores by hand, and only candidates that share a word."""

from __future__ import annotations

import math

import pytest

from core.retrieval.fields import Entry
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.retrieval.lexical import K1, B, Bm25, tokens
    from core.retrieval.search import Listed


def test_tokens_of_many_scripts():
    assert tokens("Don’t STOP, naïve café_2!") == ["don’t", "stop", "naïve", "café", "2"]
    assert tokens("渡し船が 9時") == ["渡し", "し船", "船が", "9", "時"]
    assert tokens("สวัสดี") == ["สว", "วั", "ัส", "สด", "ดี"]
    assert tokens("नमस्ते دنیا") == ["नमस्ते", "دنیا"]
    assert tokens("ＡＢＣ ١٢") == ["abc", "١٢"]
    assert tokens(" ,;") == []


def test_scores_are_lucenes_bm25():
    """ln(1 + (N - n + .5) / (n + .5)) tf / (tf + k1 (1 - b + b len / mean len)), summed over the query's words."""
    texts = ["red ferry red", "blue ferry on the river", "green door"]
    found = Bm25(Listed([Entry(str(k), text, "") for k, text in enumerate(texts)])).search(
        Listed([Entry("q", "red ferry", "")]), 10
    )
    lengths, mean = [3, 5, 2], 10 / 3

    def part(tf: int, n: int, row: int) -> float:
        idf = math.log(1 + (3 - n + 0.5) / (n + 0.5))
        return idf * tf / (tf + K1 * (1 - B + B * lengths[row] / mean))

    assert found.rankings == {"q": ["0", "1"]}, "what shares no word is not ranked"
    assert found.scores["q"] == pytest.approx([part(2, 1, 0) + part(1, 2, 0), part(1, 2, 1)], abs=1e-5)


def test_words_nobody_has_find_nothing_and_ties_keep_their_order():
    index = Bm25(Listed([Entry(name, "same words", "") for name in "cab"]))
    asked = Listed([Entry("q", "words", ""), Entry("none", "zzz", ""), Entry("sign", "?", "")])
    found = index.search(asked, 2)
    assert found.rankings == {"q": ["c", "a"], "none": [], "sign": []}
    assert Bm25(Listed([Entry("a", "?!", "")])).search(asked, 3).rankings["q"] == []

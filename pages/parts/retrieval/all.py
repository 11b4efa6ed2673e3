"""All queries of a set: metrics by arm with intervals, who gains and loses, hubs, and the language of top hits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.data.catalog import Catalog
from core.languages import language
from core.retrieval.metrics import MEASURES, by_query, summary
from core.retrieval.retrieval_set import RetrievalSet
from pages.parts import show
from pages.parts.retrieval.scoring import Scoring, dense
from pages.parts.retrieval.sets import RetrievalRequest
from pages.parts.text import caption, finding

DEPTH = 1000
SHOWN = 10


def all_queries(request: RetrievalRequest, chosen: Sequence[str], labels: dict[str, str], scoring: Scoring) -> None:
    """The section, computed when it is asked for; its switches are in the link."""
    searched = request.searched
    st.subheader("Every query of the collection", anchor=False)
    if not st.toggle(f"Measure all {len(searched.queries):,} queries", key="all", bind="query-params"):
        caption("Reads every query with each arm: some seconds for a hundred sentences, then kept.")
        return
    tables, hubs = {}, []
    for choice in chosen:
        tables[choice], hub = _measured(choice, searched, scoring, request.training)
        hubs.append({"arm": labels[choice], **hub})
    rows = []
    for choice, table in tables.items():
        for name, one in summary(table).items():
            rows.append({"arm": labels[choice], "measure": name, "value": one.value, "low": one.low, "high": one.high})
    values = pd.DataFrame(rows)
    shown = values.assign(text=[f"{v:.1f} [{a:.1f}, {b:.1f}]" for v, a, b in values[["value", "low", "high"]].values])
    st.dataframe(shown.pivot(index="arm", columns="measure", values="text")[list(MEASURES)], placeholder="–")
    show.download(values, "retrieval-metrics")
    caption("×100, with 95 % intervals over queries, by sentence vectors; MAP over the first 1,000 candidates.")
    show.table(
        pd.DataFrame(hubs), "hubness",
        {"skewness": show.number("Hubness", "Skewness of how often each candidate is among the first ten", 2),
         "never": show.number("Never found ×100", "Candidates that are among the first ten of no query"),
         "most": show.number("Most often found", "The candidate that comes up for most queries", 0),
         "own": show.number("Own language ×100", "Top hits in the query's own language; without bias its share")},
    )  # fmt: skip
    if len(set(searched.languages)) > 1:
        share = 100 * np.mean([code == searched.query_language for code in searched.languages])
        caption(f"Of the candidates {share:.1f} in 100 are in {language(searched.query_language).name}.")
    _every_language(request, chosen, labels, scoring)
    if len(tables) > 1:
        _gains(searched, list(tables.items())[:2], labels)


def _measured(
    choice: str, searched: RetrievalSet, scoring: Scoring, training: Catalog
) -> tuple[pd.DataFrame, dict[str, float]]:
    from core.retrieval.search import hubness, own_language_share

    queries, candidates = dense(choice, searched, searched.queries, searched.query_language, scoring, training)
    cosines = queries @ candidates.T
    itself = np.array(searched.itself)
    cosines[itself >= 0, itself[itself >= 0]] = -np.inf
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : min(DEPTH, len(candidates) - int((itself >= 0).any()))]
    rankings = {str(k): [str(c) for c in row] for k, row in enumerate(order.tolist())}
    qrels = {str(k): {str(c): 1 for c in right} for k, right in enumerate(searched.right)}
    hubs = hubness(order[:, :10], len(candidates))
    if len(set(searched.languages)) > 1:
        tops = [searched.languages[row] for row in order[:, 0]]
        hubs["own"] = own_language_share([searched.query_language] * len(order), tops)
    return by_query(qrels, rankings), hubs


def _every_language(request: RetrievalRequest, chosen: Sequence[str], labels: dict[str, str], scoring: Scoring) -> None:
    """The same measures in every language of the collection, by arm, when it is asked for."""
    if not st.toggle("In every language of the collection", key="everywhere", bind="query-params"):
        return
    rows = []
    for searched in request.every():
        for choice in chosen:
            table, hub = _measured(choice, searched, scoring, request.training)
            code = next(iter({searched.query_language, *searched.languages} - {"en"}), "en")
            several = len(set(searched.languages)) > 1
            row: dict[str, Any] = {"language": searched.query_language if several else code}
            row |= {"arm": labels[choice], "queries": len(searched.queries)}
            for name, one in summary(table).items():
                row |= {name: one.value, f"{name} low": one.low, f"{name} high": one.high}
            rows.append(row | ({"own language": hub["own"]} if "own" in hub else {}))
    table = pd.DataFrame(rows)
    shown = [name for name in ("language", "arm", "queries", *MEASURES, "own language") if name in table.columns]
    columns = {name: show.number(name) for name in shown if name not in ("language", "arm", "queries")}
    show.dataframe(table[shown], columns)
    show.download(table, "retrieval-by-language")
    caption("×100; the CSV has each value's 95 % interval.")


def _gains(searched: RetrievalSet, tables: list[tuple[str, pd.DataFrame]], labels: dict[str, str]) -> None:
    from core.retrieval.search import gains

    (first, one), (second, other) = tables
    table = gains(one, other, "mrr@10")
    table.insert(1, "text", [searched.queries[int(k)] for k in table["query"]])
    table["query"] = [int(k) + 1 for k in table["query"]]
    better, worse = int((table["gain"] > 0).sum()), int((table["gain"] < 0).sum())
    finding(
        f"{labels[second]} ranks the right answer higher than {labels[first]} for {better} queries, lower for {worse}."
    )
    columns = {"first": show.number(labels[first]), "second": show.number(labels[second]),
               "gain": show.number("Gain", "Reciprocal rank ×100, second minus first")}  # fmt: skip
    ends = pd.concat([table.head(SHOWN), table.tail(SHOWN)]).drop_duplicates("query")
    show.dataframe(ends[ends["gain"] != 0], columns)
    show.download(table, "retrieval-gains")
    caption(f"The {SHOWN} largest gains and losses in reciprocal rank among ten, ×100; the CSV has every query.")

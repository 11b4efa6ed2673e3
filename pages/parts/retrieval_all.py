"""All queries of a set: metrics by arm with intervals, who gains and loses, hubs, and the language of top hits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.data.catalog import Catalog
from core.retrieval.metrics import MEASURES, by_query, summary
from pages.parts import show
from pages.parts.retrieval_scoring import Scoring, dense
from pages.parts.retrieval_sets import QuerySet
from pages.parts.text import caption, finding

DEPTH = 1000
SHOWN = 10


def all_queries(
    found: QuerySet, chosen: Sequence[str], labels: dict[str, str], scoring: Scoring, training: Catalog
) -> None:
    """The section, computed when it is asked for; its switch is in the link."""
    st.subheader("Every query of the collection", anchor=False)
    asked = f"{len(found.queries):,} queries"
    if not st.toggle(f"Measure all {asked}", key="all", bind="query-params"):
        caption("Reads every query with each arm: some seconds for a hundred sentences, then kept.")
        return
    tables, hubs = {}, []
    for choice in chosen:
        tables[choice], hub = _measured(choice, found, scoring, training)
        hubs.append({"arm": labels[choice], **hub})
    rows = []
    for choice, table in tables.items():
        for name, one in summary(table).items():
            rows.append({"arm": labels[choice], "measure": name, "value": one.value, "low": one.low, "high": one.high})
    values = pd.DataFrame(rows)
    shown = values.assign(text=[f"{v:.1f} [{a:.1f}, {b:.1f}]" for v, a, b in values[["value", "low", "high"]].values])
    st.dataframe(shown.pivot(index="arm", columns="measure", values="text")[list(MEASURES)])
    show.download(values, "retrieval-metrics")
    caption("×100, with 95 % intervals over queries, by sentence vectors; MAP over the first 1,000 candidates.")
    show.table(
        pd.DataFrame(hubs), "hubness",
        {"skewness": show.number("Hubness", "Skewness of how often each candidate is among the first ten", 2),
         "never": show.number("Never found ×100", "Candidates that are among the first ten of no query"),
         "most": show.number("Most often found", "The candidate that comes up for most queries", 0)},
    )  # fmt: skip
    if len(tables) > 1:
        _gains(found, list(tables.items())[:2], labels)


def _measured(
    choice: str, found: QuerySet, scoring: Scoring, training: Catalog
) -> tuple[pd.DataFrame, dict[str, float]]:
    from core.retrieval.search import hubness

    asked, candidates = dense(choice, found, found.queries, found.query_code, scoring, training)
    order = np.argsort(-(asked @ candidates.T), axis=1, kind="stable")[:, :DEPTH]
    rankings = {str(k): [str(c) for c in row] for k, row in enumerate(order.tolist())}
    qrels = {str(k): {str(right): 1} for k, right in enumerate(found.right)}
    return by_query(qrels, rankings), hubness(order[:, :10], len(candidates))


def _gains(found: QuerySet, tables: list[tuple[str, pd.DataFrame]], labels: dict[str, str]) -> None:
    from core.retrieval.search import gains

    (first, one), (second, other) = tables
    table = gains(one, other, "mrr@10")
    table.insert(1, "text", [found.queries[int(k)] for k in table["query"]])
    table["query"] = [int(k) + 1 for k in table["query"]]
    better, worse = int((table["gain"] > 0).sum()), int((table["gain"] < 0).sum())
    finding(
        f"{labels[second]} ranks the right answer higher than {labels[first]} for {better} queries, lower for {worse}."
    )
    columns = {"first": show.number(labels[first]), "second": show.number(labels[second]),
               "gain": show.number("Gain", "Reciprocal rank ×100, second minus first")}  # fmt: skip
    ends = pd.concat([table.head(SHOWN), table.tail(SHOWN)]).drop_duplicates("query")
    st.dataframe(ends[ends["gain"] != 0], hide_index=True, column_config=columns)
    show.download(table, "retrieval-gains")
    caption(f"The {SHOWN} largest gains and losses in reciprocal rank among ten, ×100; the CSV has every query.")

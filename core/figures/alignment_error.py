"""Alignment error on gold links: a table of sets by arm and decoding, and the arms' error by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.alignment.peers import PEERS
from core.alignment.published_error import Measured
from core.arms.names import sort_arms
from core.figures.frame import arm_key, frame, light_grid
from core.figures.style import arm_style
from core.notation import plain, plural, rate
from core.statistics.intervals import mean_interval, variance_within

#: What the table calls the plan's first decoding, which the arms' stored errors were measured with.
FIRST = "untrained, first decoding"
#: What the table calls a rule on the untrained encoder's states.
RULES = {
    "transport-threshold": FIRST,
    "argmax": "argmax (SimAlign's rule)", "itermax": "itermax (SimAlign's rule)", "match": "match (SimAlign's rule)",
    "softmax": "softmax (awesome-align's rule)",
}  # fmt: skip


def gold_table(
    measured: Sequence[Measured], stored: pd.DataFrame, published: Mapping[str, Mapping[str, float]], layer: int
) -> pd.DataFrame:
    """A row a language pair; AER x100. Columns: set, pair, sentences, untrained with low and high, the same by the
    `FIRST` decoding, the rules of `RULES`, the peers that were run, each arm of `stored` at `layer`, and each row of
    `published` (by pair; NaN where it has none).

    `stored` has arm, language, layer, value: `alignment_error` scores of runs.
    """
    rows: dict[str, dict[str, object]] = {}
    for one in measured:
        row = rows.setdefault(one.pair, {"set": one.name, "pair": one.pair, "sentences": one.sentences})
        if one.decoding in RULES:
            row[RULES[one.decoding]] = one.aer
        elif name := peer_column(one.decoding):
            row[name] = one.aer
        else:
            row |= {"untrained": one.aer, "low": one.low, "high": one.high}
    table = pd.DataFrame(list(rows.values()))
    first = ["set", "pair", "sentences", "untrained", "low", "high"]
    others = [*RULES.values(), *dict.fromkeys(peer_column(one.decoding) for one in measured)]
    table = table[first + [name for name in others if name in table]]
    at = stored[stored["layer"] == layer] if len(stored) else stored
    for arm in sort_arms(at["arm"]) if len(at) else []:
        means = at[at["arm"] == arm].groupby("language")["value"].mean()
        table[arm] = [means.get(_other(pair), np.nan) for pair in table["pair"]]
    for name, of in published.items():
        table[f"{name}, published"] = [of.get(pair, np.nan) for pair in table["pair"]]
    return table


def peer_column(decoding: str) -> str:
    """What the table calls a peer's row: its name, and its rule or that it had bitext beside the sentences; "" for a
    row that is no peer's."""
    name, _, more = decoding.partition(", ")
    if name not in PEERS:
        return ""
    return f"{name}, more bitext" if more.endswith("pairs more") else decoding


def by_layer(stored: pd.DataFrame) -> pd.DataFrame:
    """arm, layer, value, low, high, sets: the mean AER over the gold sets that every layer has, of the arm's runs.

    The interval is of that mean, the sets' own intervals taken as independent (they share no sentence).
    """
    own = stored.copy()
    own["variance"] = variance_within(own["low"].to_numpy(float), own["high"].to_numpy(float))
    each = own.groupby(["arm", "language", "layer"], as_index=False)[["value", "variance"]].mean()
    rows = []
    for key, part in each.groupby(["arm", "layer"], sort=False):
        mean, error = float(part["value"].mean()), float(np.sqrt(part["variance"].sum())) / len(part)
        rows.append((str(key[0]), int(str(key[1])), mean, *mean_interval(mean, error), len(part)))
    return pd.DataFrame(rows, columns=["arm", "layer", "value", "low", "high", "sets"])


def layer_figure(table: pd.DataFrame, frozen: int | None) -> go.Figure:
    """`table` is `by_layer`; a line an arm with its interval, `frozen` the last layer that training left as it was."""
    arms = sort_arms(table["arm"])
    sets = int(table["sets"].max())
    note = f"{arm_key(arms)}<br>mean AER ×100 over {plural(sets, 'gold set')}; bars: 95 % intervals; lower is better"
    if frozen is not None:
        note += f"; layers up to {frozen} are frozen in training"
    figure = frame("Word alignment error of the arms, layer by layer", note, height=400)
    for place, arm in enumerate(arms):
        own = table[table["arm"] == arm].sort_values("layer")
        style = arm_style(arm)
        figure.add_scatter(
            x=own["layer"] + 0.08 * (place - (len(arms) - 1) / 2), y=own["value"], mode="lines+markers",
            error_y={
                "type": "data", "symmetric": False, "array": own["high"] - own["value"],
                "arrayminus": own["value"] - own["low"], "color": style.colour, "thickness": 1.2, "width": 0,
            },
            line={"color": style.colour, "width": 2}, marker={"symbol": style.symbol, "size": 9},
            hovertext=[
                f"<b>{plain(arm)}</b>, layer {row['layer']}<br>AER {rate(row['value'])} ({rate(row['low'])} to "
                f"{rate(row['high'])}), {plural(int(row['sets']), 'gold set')}"
                for row in own.to_dict("records")
            ],
            hoverinfo="text", name=plain(arm), showlegend=False,
        )  # fmt: skip
    light_grid(figure, "y")
    figure.update_xaxes(title_text="layer", dtick=1)
    figure.update_yaxes(title_text="AER ×100", rangemode="tozero")
    return figure


def _other(pair: str) -> str:
    source, target = pair.split("-")
    return target if source == "en" else source

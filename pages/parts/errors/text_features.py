"""The measures of items' texts, made when somebody first filters by them and kept in the workspace."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from core.data.catalog import Catalog
from core.errors import IsoglossError
from core.experiment.run_encoder import EMBEDDED
from pages.parts import live, models
from pages.parts.items import readable
from pages.parts.stored import workspace
from pages.parts.text import note


def path_of(kind: str, split: str, codes: tuple[str, ...], group: pd.DataFrame) -> str:
    """The path of the Parquet file with the measures, or "" after saying why there is none."""
    try:
        found = readable(kind, split)
        data = _bitext_settings(group)
        reader = models.encoder_name(str(group["run_id"].iloc[0])) if len(group) else EMBEDDED
        key = (kind, str(found.root), split, codes, json.dumps(data), str(workspace().home), reader)
        return str(live.recent("text-features", 8).get(key, lambda: _measure(found, split, codes, data, reader)))
    except IsoglossError as error:
        note(f"The texts cannot be measured. {error}")
        return ""


@st.cache_data(show_spinner=False, max_entries=4)
def load(path: str) -> pd.DataFrame:
    """The table of `core.evaluation.text_features`."""
    return pd.read_parquet(path)


def _measure(found: Catalog, split: str, codes: tuple[str, ...], data: dict[str, Any], reader: str) -> str:
    from core.evaluation.text_features import kept_features, training_subwords

    encoder = models.load_base(reader)
    here = [code for code in codes if code in found.xnli_languages(split)]
    items = {code: found.xnli(split, code).items for code in here}
    bar = st.empty()

    def show(done: int, total: int, text: str = "") -> None:
        bar.progress(done / max(total, 1), f"Measuring texts: {done:,} of {total:,} items…")

    try:
        with st.spinner("Reading the training bitext (once)…"):
            seen = training_subwords(encoder, found, data["languages"], data["pairs"], data["most"]) if data else {}
        return str(kept_features(workspace().cache / "texts", encoder, items, seen, show))
    finally:
        bar.empty()


def _bitext_settings(group: pd.DataFrame) -> dict[str, Any]:
    """What bitext the runs were trained on; they share it, because only such runs are compared."""
    for config in group["config"]:
        data = json.loads(config).get("data") or {}
        if data.get("bitext_languages") and data.get("bitext_pairs"):
            most = data.get("bitext_max_tokens", 64)
            return {"languages": data["bitext_languages"], "pairs": data["bitext_pairs"], "most": most}
    return {}

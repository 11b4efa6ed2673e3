"""NLI items with their text, where the data is on this machine, and one item in every language."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.errors import IsoglossError
from core.figures.style import CORRECT, WRONG, arm_style, tint
from core.languages import language
from pages.parts import sources
from pages.parts.text import escape, foreign


class Texts:
    """The text of stored items, from the data set that the runs were read on.

    `problem` is empty, or the sentence that says why there is no text and how to get it.
    """

    def __init__(self, data_kind: str, split: str) -> None:
        self.problem = ""
        self._split = split
        self._catalog: Catalog | None = None
        try:
            found = sources.starter() if data_kind == "starter" else sources.catalog()
            if data_kind == "xnli" and found.kind != "real":
                self.problem = _how(found)
            else:
                found.xnli_languages(split)
                self._catalog = found
        except IsoglossError as error:
            self.problem = f"Items are shown by their number: {error}"

    def get(self, code: str, item_id: int, gold: int) -> NLIItem | None:
        """The item, or None if its text is not there or has another label than the stored one."""
        item = self._items(code).get(item_id)
        if item is None or item.label == gold:
            return item
        self.problem = (
            f"The data on this machine has another label for item {item_id} in {language(code).name} than the run "
            "was read on, so it is another version; text is shown only where the labels agree."
        )
        return None

    def join(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` (language, item_id, gold) with premise and hypothesis, empty where there is no text."""
        keys = rows[["language", "item_id", "gold"]].itertuples(index=False, name=None)
        items = [self.get(str(code), int(item_id), int(gold)) for code, item_id, gold in keys]
        joined = rows.copy()
        joined["premise"] = [item.premise if item else "" for item in items]
        joined["hypothesis"] = [item.hypothesis if item else "" for item in items]
        return joined

    def _items(self, code: str) -> dict[int, NLIItem]:
        if self._catalog is None:
            return {}
        try:
            return _by_id(self._catalog.kind, str(self._catalog.root), self._split, code, self._catalog)
        except IsoglossError:  # the runs know a language that the data on this machine does not have
            return {}


def in_all_languages(rows: pd.DataFrame, texts: Texts, labels: dict[str, str]) -> str:
    """HTML: one row a language with the text and every run's three probabilities.

    `rows` has run_id, arm, language, gold, predicted and the probabilities; `labels` names the runs.
    """
    shown = [run_id for run_id in labels if run_id in set(rows["run_id"])]
    arms = dict(zip(rows["run_id"], rows["arm"], strict=True))
    heads = "".join(f"<th>{_head(arms[run_id], labels[run_id])}</th>" for run_id in shown)
    groups = {str(code): own for code, own in rows.groupby("language", sort=False)}
    firsts = {code: own.iloc[0] for code, own in groups.items()}
    found = {code: texts.get(code, int(row["item_id"]), int(row["gold"])) for code, row in firsts.items()}
    has_text = any(found.values())
    lines = []
    for code, own in groups.items():
        text = f'<td class="iso-pair">{_pair(found[code], code)}</td>' if has_text else ""
        cells = own.set_index("run_id").to_dict("index")
        bars = "".join(f"<td>{_bars(cells[key]) if key in cells else ''}</td>" for key in shown)
        known = language(code)
        name = f'<td class="iso-language" title="{escape(known.native)}">{escape(known.label)}</td>'
        lines.append(f"<tr>{name}{text}{bars}</tr>")
    middle = "<th>Premise, then hypothesis</th>" if has_text else ""
    head = f"<tr><th>Language</th>{middle}{heads}</tr>"
    return f'<div class="iso-scroll"><table class="iso-table">{head}{"".join(lines)}</table></div>'


def _pair(item: NLIItem | None, code: str) -> str:
    return f"{foreign(item.premise, code)}{foreign(item.hypothesis, code)}" if item else ""


def _head(arm: str, label: str) -> str:
    style = arm_style(arm)
    return f'<span style="color:{style.colour}">{style.glyph}</span> {escape(label)}'


def _bars(cell: dict[str, object]) -> str:
    """Entailment, neutral, contradiction x100; the predicted one framed green if right, orange if wrong."""
    right = cell["predicted"] == cell["gold"]
    marks = []
    for i, name in enumerate(LABELS):
        value = float(str(cell[name]))
        frame = f"outline:2px solid {CORRECT if right else WRONG};" if cell["predicted"] == i else ""
        style = f"background:{tint('#808080', round(0.08 + 0.5 * value, 3))};{frame}"
        gold = ", gold" if cell["gold"] == i else ""
        marks.append(f'<i style="{style}" title="{name}{gold}: {100 * value:.1f}">{100 * value:.0f}</i>')
    mark = "right" if right else "wrong"
    return f'<span class="iso-bars">{"".join(marks)}</span> <span class="iso-mark">{mark}</span>'


@st.cache_resource(show_spinner=False, max_entries=64)
def _by_id(kind: str, root: str, split: str, code: str, _catalog: Catalog) -> dict[int, NLIItem]:
    return {item.id: item for item in _catalog.xnli(split, code).items}


def _how(found: Catalog) -> str:
    how = next((missing.how for missing in found.missing if missing.name.startswith("XNLI")), "")
    return f"XNLI's text is not on this machine, so items are shown by their number. {how}".strip()

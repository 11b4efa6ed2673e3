"""NLI items with their text, where the data is on this machine, and one item in every language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.errors import IsoglossError, MissingData
from core.evaluation.two_labels import two_labelled
from core.figures.item import departs
from core.figures.style import CORRECT, WRONG, arm_style, tint
from core.languages import language
from pages.parts import sources
from pages.parts.alignment import pairs as alignment_pairs
from pages.parts.text import escape, foreign

#: Languages in whose XNLI translations the literature found errors (arXiv 2402.02080).
DOUBTED = ("hi", "ur", "sw")


def readable(data_kind: str, split: str) -> Catalog:
    """The data set that runs of this kind were read on. Raises `MissingData` or `BadInput` if it is not here."""
    if data_kind == "own" or "." in split:
        raise MissingData("Texts are shown of XNLI's items alone: those of a study's own benchmark have their numbers.")
    found = sources.starter() if data_kind == "starter" else sources.catalog()
    if data_kind == "xnli" and found.kind != "real":
        raise MissingData(_how(found))
    found.xnli_languages(split)
    return found


class Texts:
    """The text of stored items, from the data set that the runs were read on.

    `problem` is empty, or the sentence that says why there is no text and how to get it.
    """

    def __init__(self, data_kind: str, split: str) -> None:
        self.problem = ""
        self._split = split
        self._catalog: Catalog | None = None
        try:
            self._catalog = readable(data_kind, split)
        except MissingData as error:
            self.problem = str(error)
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

    @property
    def languages(self) -> list[str]:
        """The languages whose text is here."""
        return [] if self._catalog is None else list(self._catalog.xnli_languages(self._split))

    def two_labelled(self, code: str) -> list[tuple[tuple[int, ...], list[str]]]:
        """Items of a language with identical texts and several gold labels, and those labels; none without the text."""
        if self._catalog is None:
            return []
        return _two_labelled(self._catalog.kind, str(self._catalog.root), self._split, code, self._items(code))

    def in_english(self, rows: pd.DataFrame) -> dict[str, list[str]]:
        """Columns premise and hypothesis of `rows` (item_id, gold) in English; none where there is no text."""
        found = [self.get("en", int(i), int(gold)) for i, gold in zip(rows["item_id"], rows["gold"], strict=True)]
        if not any(found):
            return {}
        return {
            "premise": [item.premise if item else "" for item in found],
            "hypothesis": [item.hypothesis if item else "" for item in found],
        }

    def of_item(self, rows: pd.DataFrame, item_id: int) -> dict[str, NLIItem]:
        """The item's text by language, of the languages in `rows` (language, gold) that have it here."""
        firsts = rows.drop_duplicates("language")
        found = {
            str(code): self.get(str(code), item_id, int(gold))
            for code, gold in zip(firsts["language"], firsts["gold"], strict=True)
        }
        return {code: item for code, item in found.items() if item is not None}

    def _items(self, code: str) -> dict[int, NLIItem]:
        if self._catalog is None:
            return {}
        try:
            return _by_id(self._catalog.kind, str(self._catalog.root), self._split, code, self._catalog)
        except IsoglossError:  # the runs know a language that the data on this machine does not have
            return {}


def in_all_languages(
    rows: pd.DataFrame,
    found: dict[str, NLIItem],
    labels: dict[str, str],
    distances: dict[str, dict[str, float]] | None = None,
    beside: list[str] | None = None,
    doubted: bool = False,
) -> str:
    """HTML: one row a language with the text, every run's three probabilities, and the way to its tokens.

    `rows` has run_id, arm, language, gold, predicted and the probabilities; `found` the texts by language; `labels`
    names the runs; `distances` has transport costs to English by name of a model and language; `beside` names the two
    runs that the alignment page is to show; `doubted` warns of the languages whose translations are known to err.
    """
    shown = [run_id for run_id in labels if run_id in set(rows["run_id"])]
    arms = dict(zip(rows["run_id"], rows["arm"], strict=True))
    rows = rows.assign(departs=departs(rows))
    heads = "".join(f"<th>{_head(arms[run_id], labels[run_id])}</th>" for run_id in shown)
    costs = distances or {}
    heads += "".join(f"<th>Cost to English,<br>{escape(name)}</th>" for name in costs)
    lines = []
    for code, own in rows.groupby("language", sort=False):
        code = str(code)
        cells = own.set_index("run_id").to_dict("index")
        bars = "".join(f"<td>{_bars(cells[key]) if key in cells else ''}</td>" for key in shown)
        far = "".join(f'<td class="iso-number">{_cost(costs[name].get(code))}</td>' for name in costs)
        text = f'<td class="iso-pair">{_pair(found.get(code), code)}</td>' if found else ""
        lines.append(f"<tr>{_name(code, found, beside or [], doubted)}{text}{bars}{far}</tr>")
    middle = "<th>Premise, then hypothesis</th>" if found else ""
    head = f"<tr><th>Language</th>{middle}{heads}</tr>"
    return f'<div class="iso-scroll"><table class="iso-table">{head}{"".join(lines)}</table></div>'


def of_one_language(
    rows: pd.DataFrame, found: dict[str, NLIItem], labels: dict[str, str], code: str, beside: list[str]
) -> str:
    """HTML: the item's text in a language and in English, then every run's three probabilities in both. Arguments as
    for `in_all_languages`; `rows` has one item."""
    rows = rows.assign(departs=departs(rows))
    codes = [code] if code == "en" else [code, "en"]
    arms = dict(zip(rows["run_id"], rows["arm"], strict=True))
    cells = {(row["run_id"], row["language"]): row for row in rows.to_dict("records")}
    texts = "".join(
        f'<p class="iso-caption">{_name_of(one, found, beside)}</p><div class="iso-pair">{_pair(found[one], one)}</div>'
        for one in codes
        if one in found
    )
    heads = "".join(f"<th>{escape(language(one).name)}</th>" for one in codes)
    lines = "".join(
        f"<tr><td>{_head(arms[run_id], label)}</td>"
        + "".join(f"<td>{_bars(cells[run_id, one]) if (run_id, one) in cells else ''}</td>" for one in codes)
        + "</tr>"
        for run_id, label in labels.items()
        if run_id in arms
    )
    table = f'<table class="iso-table"><tr><th>Run</th>{heads}</tr>{lines}</table>'
    return f'<div class="iso-detail">{texts}<div class="iso-scroll">{table}</div></div>'


def tokens_link(english: str, other: str, runs: list[str]) -> str:
    """The address of the alignment page with a pair filled in and two runs (their names) beside each other.

    A sentence longer than that page reads is cut at a word.
    """
    link = {"sentences": alignment_pairs.TYPED, "source": _cut(english), "target": _cut(other)}
    link |= dict(zip(("left", "right"), runs, strict=False))
    if "group" in st.query_params:
        link["group"] = st.query_params["group"]
    return f"alignment?{urlencode(link)}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= alignment_pairs.LIMIT:
        return line
    start = line[: alignment_pairs.LIMIT]
    return start.rsplit(" ", 1)[0] if " " in start else start


def _name(code: str, found: dict[str, NLIItem], beside: list[str], doubted: bool) -> str:
    known = language(code)
    lines = [escape(known.label)]
    lines += _tokens(code, found, beside)
    if code in DOUBTED and doubted:
        title = "Errors were found in XNLI's translations into this language (arXiv 2402.02080)."
        lines.append(f'<span class="iso-mark" title="{escape(title)}">translation may err</span>')
    return f'<td class="iso-language" title="{escape(known.native)}">{"<br>".join(lines)}</td>'


def _name_of(code: str, found: dict[str, NLIItem], beside: list[str]) -> str:
    return ", ".join([escape(language(code).label), *_tokens(code, found, beside)])


def _tokens(code: str, found: dict[str, NLIItem], beside: list[str]) -> list[str]:
    """The ways to the tokens of premise and hypothesis beside the English ones."""
    if code == "en" or code not in found or "en" not in found:
        return []
    pairs = {
        "premise’s tokens": (found["en"].premise, found[code].premise),
        "hypothesis’ tokens": (found["en"].hypothesis, found[code].hypothesis),
    }
    return [
        f'<a href="{escape(tokens_link(*pair, beside))}" target="_self" style="color:inherit">{told}</a>'
        for told, pair in pairs.items()
    ]


def _pair(item: NLIItem | None, code: str) -> str:
    return f"{foreign(item.premise, code)}{foreign(item.hypothesis, code)}" if item else ""


def _head(arm: str, label: str) -> str:
    style = arm_style(arm)
    return f'<span style="color:{style.colour}">{style.glyph}</span> {escape(label)}'


def _cost(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _bars(cell: Mapping[Hashable, Any]) -> str:
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
    other = ' <span title="another label than in English">≠ en</span>' if cell["departs"] else ""
    return f'<span class="iso-bars">{"".join(marks)}</span> <span class="iso-mark">{mark}{other}</span>'


@st.cache_resource(show_spinner=False, max_entries=64)
def _by_id(kind: str, root: str, split: str, code: str, _catalog: Catalog) -> dict[int, NLIItem]:
    return {item.id: item for item in _catalog.xnli(split, code).items}


@st.cache_resource(show_spinner=False, max_entries=64)
def _two_labelled(
    kind: str, root: str, split: str, code: str, _items: dict[int, NLIItem]
) -> list[tuple[tuple[int, ...], list[str]]]:
    groups = two_labelled(list(_items.values()))
    return [(ids, list(dict.fromkeys(LABELS[_items[item].label] for item in ids))) for ids in groups]


def _how(found: Catalog) -> str:
    how = next((missing.how for missing in found.missing if missing.name.startswith("XNLI")), "")
    return f"XNLI's text is not on this machine, so items are shown by their number. {how}".strip()

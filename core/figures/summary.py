"""What a group of comparable runs shows, as tables and as one sentence computed from them.

Input is one row a run and language: arm, seed, language, items, correct, accuracy (x100). Nothing here tests
for significance; the sentence says so.
"""

from __future__ import annotations

import pandas as pd

from core.arms.names import sort_arms
from core.figures.style import arm_style
from core.languages import LOW_RESOURCE, language, sort_codes
from core.notation import plural, rate
from core.statistics.intervals import wilson

SPLITS = {"validation": "validation split", "test": "test split", "train": "training split"}


def place(split: str, data_name: str) -> str:
    """Split and data set as a sentence names them; a benchmark of a study is stored as NAME.SPLIT.

    >>> place("test", "XNLI"), place("americasnli.validation", "XNLI")
    ('test split of XNLI', 'validation split of americasnli')
    """
    if "." in split:
        data_name, split = split.split(".", 1)
    return f"{SPLITS.get(split, split)} of {data_name}"


def by_language(accuracy: pd.DataFrame) -> pd.DataFrame:
    """Seed means: arm, language, seeds, items, accuracy, low, high (x100).

    The interval is Wilson's 95 % at the items of one seed: seeds do not make more items.
    """
    rows = []
    for (arm, code), group in accuracy.groupby(["arm", "language"]):
        items = int(group["items"].max())
        mean = float(group["accuracy"].mean())
        low, high = wilson(round(mean * items / 100), items)
        rows.append((arm, code, len(group), items, mean, min(low, mean), max(high, mean)))
    table = pd.DataFrame(rows, columns=["arm", "language", "seeds", "items", "accuracy", "low", "high"])
    return _ordered(table)


def by_arm(languages: pd.DataFrame) -> pd.DataFrame:
    """One row an arm from `by_language`: low-resource mean, English, and their gap.

    Columns: arm, seeds, items (of one low-resource language), english_items, low_resource_languages, low_resource, low,
    high, english, english_low, english_high, gap (English minus low-resource mean). The mean's interval averages the
    languages' own bounds, the widest case: translations of an item rise and fall together. A mean is given only where
    every low-resource language that any arm has is there: arms are compared on the same languages.
    """
    shared = set(languages["language"]) & set(LOW_RESOURCE)
    rows = []
    for arm in sort_arms(languages["arm"]):
        own = languages[languages["arm"] == arm]
        poor = own[own["language"].isin(shared)]
        complete = bool(shared) and set(poor["language"]) == shared
        mean, low, high = _means(poor if complete else poor.iloc[:0])
        english_rows = int((own["language"] == "en").sum())
        english, english_low, english_high = _means(own[own["language"] == "en"])
        rows.append(
            {
                "arm": arm,
                "seeds": int(own["seeds"].max()),
                "items": int((poor if len(poor) else own)["items"].min()),
                "english_items": int(own.loc[own["language"] == "en", "items"].max()) if english_rows else 0,
                "low_resource_languages": len(poor),
                "low_resource": mean,
                "low": low,
                "high": high,
                "english": english,
                "english_low": english_low,
                "english_high": english_high,
                "gap": english - mean,
            }
        )
    return pd.DataFrame(rows)


def wide(languages: pd.DataFrame) -> pd.DataFrame:
    """Arms as rows: low-resource mean, English, their gap, then the other languages in order (x100)."""
    arms = by_arm(languages).set_index("arm")
    cells = languages.pivot(index="arm", columns="language", values="accuracy").reindex(arms.index)
    cells = cells[sort_codes([str(code) for code in cells.columns])]
    cells.columns = pd.Index([language(str(code)).label for code in cells.columns])
    english = language("en").label
    if english in cells:
        cells.insert(0, english, cells.pop(english))
        cells.insert(1, "Gap", arms["gap"])
    cells.insert(0, "Low-resource mean", arms["low_resource"])
    cells.insert(0, "Seeds", arms["seeds"])
    return cells.rename_axis("Arm").reset_index()


def finding(arms: pd.DataFrame, split: str, data_name: str) -> str:
    """One sentence on what is stored: which low-resource mean is highest, by how much, on how many items.

    Main arms are compared with each other; a control that reaches more is named beside them.
    """
    known = arms.dropna(subset=["low_resource"]).sort_values("low_resource", ascending=False, kind="stable")
    main = known[[not arm_style(arm).control for arm in known["arm"]]]
    controls, known = known.drop(main.index), main if len(main) else known
    where = f"On the {place(split, data_name)}"
    if known.empty:
        return f"{where}, no stored arm has results in every low-resource language yet."
    best = known.iloc[0]
    languages = plural(int(best["low_resource_languages"]), "low-resource language")
    size = f"{languages}, {plural(int(best['items']), 'item')} each"
    if len(known) == 1:
        return (
            f"{where} ({size}), {best['arm']} has a low-resource mean of {rate(best['low_resource'])}; "
            "no other stored arm covers the same languages, so there is nothing to compare it with."
        )
    second = known.iloc[1]
    lead = float(best["low_resource"]) - float(second["low_resource"])
    if rate(second["low_resource"]) == rate(best["low_resource"]):
        equal = sort_arms(known.loc[[rate(v) == rate(best["low_resource"]) for v in known["low_resource"]], "arm"])
        names = f"{', '.join(equal[:-1])} and {equal[-1]}"
        said = f"{names} share the highest low-resource mean, {rate(best['low_resource'])}"
    else:
        said = (
            f"{best['arm']} has the highest low-resource mean, {rate(best['low_resource'])}, which is "
            f"{rate(lead)} points above {second['arm']} ({rate(second['low_resource'])})"
        )
    if len(main) and len(controls) and controls["low_resource"].iloc[0] > best["low_resource"]:
        above = controls.iloc[0]
        said += f"; the control {above['arm']} reaches {rate(above['low_resource'])}"
    return f"{where} ({size}), {said}; {_caution(int(known['seeds'].min()))}"


def _means(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Mean accuracy and bounds; NaN without rows."""
    return float(rows["accuracy"].mean()), float(rows["low"].mean()), float(rows["high"].mean())


def _caution(seeds: int) -> str:
    if seeds < 2:
        return "with one seed an arm this is a description, not a test of significance."
    return f"means of {plural(seeds, 'seed')}; `python -m core verdict` says whether the difference stands."


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    arms = {arm: i for i, arm in enumerate(sort_arms(table["arm"]))}
    codes = {code: i for i, code in enumerate(sort_codes(list(set(table["language"]))))}
    order = table["arm"].map(arms) * (len(codes) + 1) + table["language"].map(codes)
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)

"""Suites: small behavioural sets of our own, run on arms that have their weights here, when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, METHODS
from core.figures.suite_heatmap import suite_heatmap
from core.languages import language
from core.notation import plural, rate, signed
from core.suites.items import CATEGORIES, Suite, content_hash, load_suite
from core.suites.summary import OVER, by_language, constant_passes, differences
from pages.parts import look, models, show
from pages.parts.errors.filters import ErrorSelection
from pages.parts.live import recent
from pages.parts.pairs import language_box
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, finding, foreign, note

#: Arms beside each other; each beyond the first costs the memory of its own layers.
MOST = 3
_CATEGORY, _LANGUAGE = "suite", "suite-language"


def draw(chosen: ErrorSelection, saved_as: str) -> None:
    """The view: which arms, the button, a map of accuracies an arm, differences, and the items of a cell."""
    available = models.choices(chosen.group)
    labels = {run: label for run, label in chosen.labels.items() if run in available}
    if not labels:
        note("No run here has its weights in this workspace, so there is no model to run the suites on.")
        return
    suite = load_suite()
    runs = st.multiselect(
        "Run the suites on", list(labels), _first(labels, chosen.group), format_func=lambda run: labels[run],
        max_selections=MOST, key="suite-runs", bind="query-params",
    )  # fmt: skip
    caption(
        "Items whose right labels follow from how they are made, the same in 15 languages. "
        + " ".join(f"{name}: {meaning}" for name, meaning in CATEGORIES.items())
        + " The filters above do not apply here."
    )
    if not runs:
        note("Choose an arm to run the suites on.")
    elif _ready(runs, suite):
        _results({run: _answers(run, suite) for run in runs}, labels, _arms(chosen.group), suite, saved_as)


def _first(labels: dict[str, str], group: pd.DataFrame) -> list[str]:
    """A run of the baseline and of each method that has weights; else the first."""
    arms = _arms(group)
    wanted = [next((run for run in labels if arms[run] == arm), "") for arm in dict.fromkeys((BASELINE, *METHODS))]
    return [run for run in wanted if run][:MOST] or list(labels)[:1]


def _arms(group: pd.DataFrame) -> dict[str, str]:
    return dict(zip(group["run_id"], group["arm"], strict=True))


def _key(run: str, suite: Suite) -> tuple[object, ...]:
    return models.reader_key(run), content_hash([item for every in suite.items.values() for item in every])


def _ready(runs: Sequence[str], suite: Suite) -> bool:
    """Whether every answer is in memory, or is asked for now; else the button that asks for them."""
    if all(_key(run, suite) in _done() for run in runs):
        return True
    items = sum(map(len, suite.items.values()))
    told = f"{plural(items, 'item')} with {plural(len(runs), 'model')}"
    if st.button(f"Run the suites: {told}", key="run-suites", type="primary", icon=":material/checklist:"):
        return True
    caption(
        "Nothing is computed before it is asked for, which takes about a quarter of a minute a model; answers are kept."
    )
    return False


def _answers(run: str, suite: Suite) -> pd.DataFrame:
    """The run's answers to every item (`core.suites.run`), computed once; says how far it is."""

    def compute() -> pd.DataFrame:
        from core.encoder.read_as import read_as
        from core.model.weights import read_model_as
        from core.suites.run import run_suite

        encoder = models.load_base(models.encoder_name(run))
        model = read_model_as(models.classifier(run), read_as(encoder).reading)
        bar = st.empty()

        def show_progress(done: int, total: int, text: str = "") -> None:
            bar.progress(done / total, f"Read {done:,} of {total:,} items…")

        with models.one_at_a_time():
            made = run_suite(model, encoder, suite, workspace().cache / "suites", show_progress)
        bar.empty()
        return made

    key = _key(run, suite)
    made: pd.DataFrame = recent("suites", 12).get(key, compute)
    _done().add(key)
    return made


def _results(
    answers: dict[str, pd.DataFrame], labels: dict[str, str], arms: dict[str, str], suite: Suite, saved_as: str
) -> None:
    summaries = {run: by_language(table) for run, table in answers.items()}
    finding(_lowest(answers, labels, suite))
    for column, (run, summary) in zip(look.columns("suites", len(answers), "medium"), summaries.items(), strict=True):
        with column:
            made = suite_heatmap(summary, arms[run], f"Suites: {labels[run]}")
            show.figure(made, f"suites-{run}", saved_as, on_click=_opened, alt=f"Accuracy on the suites: {labels[run]}")
    caption(f"Numbers of a cell: {OVER}.")
    if len(answers) > 1:
        _differences(answers, labels)
    with st.expander("The numbers"):
        numbers = pd.concat([table.assign(run=labels[run]) for run, table in summaries.items()], ignore_index=True)
        first = ["run", *(name for name in numbers.columns if name != "run")]
        columns = {name: show.number(name) for name in ("accuracy", "low", "high")}
        show.table(numbers[first], "suites", columns)
    _items(answers, labels, suite)


def _opened(cell: list[str]) -> None:
    st.session_state[_CATEGORY], st.session_state[_LANGUAGE] = cell[0], cell[1]


def _lowest(answers: dict[str, pd.DataFrame], labels: dict[str, str], suite: Suite) -> str:
    """Which category is failed most, by whom, beside what saying one label always would give."""
    rates = {
        (run, str(category)): 100.0 * float(rows["passed"].mean())
        for run, table in answers.items()
        for category, rows in table.groupby("category")
    }
    run, category = min(rates, key=lambda cell: rates[cell])
    constant = constant_passes(suite.of(category, "en"))
    best = max(constant, key=lambda name: constant[name])
    return (
        f"Lowest over all languages: {labels[run]} passes {rate(rates[run, category])} of 100 items of {category}; "
        f"saying {best} always would pass {rate(constant[best])}."
    )


def _differences(answers: dict[str, pd.DataFrame], labels: dict[str, str]) -> None:
    base, *others = answers
    tables = [differences(answers[run], answers[base]).assign(run=labels[run], minus=labels[base]) for run in others]
    table = pd.concat(tables, ignore_index=True)
    told = []
    for run, rows in table.groupby("run", sort=False):
        sums = rows.groupby("category", sort=False)[["gained", "lost", "items"]].sum()
        changes = 100.0 * (sums["gained"] - sums["lost"]) / sums["items"]
        told.append(f"{run}: " + ", ".join(f"{category} {signed(change)}" for category, change in changes.items()))
    with st.expander(f"Differences from {labels[base]} (descriptive)"):
        caption(f"Over all languages: {'; '.join(told)}. Gained: passed by the first alone; no test is made of it.")
        columns = {"difference": show.difference("difference")}
        show.table(table[["run", "minus", "category", "language", "difference", "gained", "lost", "items"]],
                   "suites-differences", columns)  # fmt: skip


def _items(answers: dict[str, pd.DataFrame], labels: dict[str, str], suite: Suite) -> None:
    """The items of one cell with every arm's answer, and all items as CSV."""
    left, right = look.columns("suite-cell", 2, "narrow")
    with left:
        category = str(st.selectbox("Items of", list(CATEGORIES), key=_CATEGORY, bind="query-params"))
    with right:
        code = language_box(list(suite.languages), "Items in", _LANGUAGE, "en")
    own = {
        run: table[(table["category"] == category) & (table["language"] == code)].set_index("id")
        for run, table in answers.items()
    }
    heads = "".join(f"<th>{escape(labels[run])}</th>" for run in own)
    lines = []
    for item in suite.of(category, code):
        cells = "".join(_answer(rows.at[item.id, "predicted"], rows.at[item.id, "passed"]) for rows in own.values())
        lines.append(
            f'<tr><td>{escape(item.form)}</td><td class="iso-pair">{foreign(item.premise, code)}'
            f"{foreign(item.hypothesis, code)}</td><td>{escape(item.expectation)}</td>{cells}</tr>"
        )
    st.html(
        '<div class="iso-scroll"><table class="iso-table"><thead><tr><th>form</th><th>premise, hypothesis</th>'
        f"<th>right</th>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
    caption(
        f"{plural(len(lines), 'item')} of {category} in {language(code).name}. The text is the project's own, "
        "machine-drafted; no native speaker has reviewed it."
    )
    show.download(_whole(answers, labels, suite), "suites-items", "CSV of every item and answer")


def _answer(predicted: object, passed: object) -> str:
    mark, words = ("✓", "passed") if passed else ("✗", "failed")
    return f'<td class="iso-mark"><span title="{words}">{mark}</span> {escape(predicted)}</td>'


def _whole(answers: dict[str, pd.DataFrame], labels: dict[str, str], suite: Suite) -> pd.DataFrame:
    texts = pd.DataFrame(
        [(i.language, i.id, i.premise, i.hypothesis) for every in suite.items.values() for i in every],
        columns=["language", "id", "premise", "hypothesis"],
    )
    tables = [table.assign(run_id=run, run=labels[run]) for run, table in answers.items()]
    return pd.concat(tables, ignore_index=True).merge(texts, on=["language", "id"])


@st.cache_resource(show_spinner=False)
def _done() -> set[tuple[object, ...]]:
    """What has been answered since the server began."""
    return set()

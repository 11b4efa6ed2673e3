"""The scores of a stored bitext: made in a process of their own, drawn with a cut, and the pairs beyond it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import streamlit as st

from core.bitext.noise import KINDS
from core.bitext.underway import progress_file
from core.figures.bitext_scores import detection_table, score_histogram
from core.notation import duration, plural, rate
from core.workspace import CHECKOUT
from pages.parts import look, show
from pages.parts.pairs import LIMIT
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, finding, note, passage
from store.user import bitexts

SAMPLE = 20_000
#: Pairs a second that one busy core scores, for the estimate before anything is measured.
SPEED = 25
#: Seconds without a sign after which a scoring counts as stopped.
_SILENT = 120
TITLES = {
    "transport": "transport distance",
    "leftover": "untransported mass",
    "cosine": "cosine",
    "length": "length ratio",
}
_SHOWN = 8


def scores(row: pd.Series, saved_as: str) -> None:
    """Start or watch the scoring; show what there is."""
    st.subheader("What it is worth", anchor=False)
    identity, pairs, scored = str(row["bitext_id"]), int(row["pairs"]), int(row["scored"])
    state = _running(identity)
    if state:
        _watch(identity)
    elif scored < pairs:
        _offer(identity, pairs, scored)
    document = bitexts.read_trust(workspace(), identity)
    if document is None or not scored:
        if not state:
            caption(
                "Not scored yet. Scoring reads every pair with the untrained encoder and measures how far apart its "
                "two sides are; then it spoils some pairs in known ways to see which of them each score finds."
            )
        return
    _calibration(row, document, saved_as)


def chosen_cut(bitext_id: str) -> tuple[str, float] | None:
    """The score and cut that the page shows, None before there are any."""
    name = st.session_state.get(f"score-{bitext_id}")
    cut = st.session_state.get(f"cut-{bitext_id}-{name}")
    return (name, float(cut)) if name and cut is not None else None


def beyond_cut(bitext_id: str, name: str, cut: float) -> frozenset[int]:
    """The numbers of the scored pairs whose noise score is above the cut."""
    from core.bitext.score_calibration import ScoreCalibration

    document = bitexts.read_trust(workspace(), bitext_id)
    table = bitexts.read_scores(workspace(), bitext_id)
    if document is None or table.empty:
        return frozenset()
    bad = _noise_score(table, name, ScoreCalibration.from_document(document).typical)
    return frozenset(table["number"].to_numpy()[bad > cut].tolist())


def _offer(identity: str, pairs: int, scored: int) -> None:
    first = min(pairs, SAMPLE)
    rest = scored >= first
    wanted = pairs - scored if rest else first - scored
    what = "Score the rest" if rest else f"Score {'a sample of ' if pairs > SAMPLE else ''}{plural(first, 'pair')}"
    label = f"{what} (about {duration(20 + wanted / SPEED)})"
    if pairs < 10:
        caption("With fewer than 10 pairs synthetic noise says nothing, so they are not scored.")
    elif st.button(label, key="start-scoring", icon=":material/straighten:", type="secondary" if scored else "primary"):
        _start(identity, everything=rest)
        st.rerun()


def _start(identity: str, everything: bool) -> None:
    """Begin a scoring that outlives this page; it says how far it is in its own file."""
    place = workspace()
    file = progress_file(place, identity)
    file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "core", "bitext", "score", identity, "--home", str(place.home), "--json"]
    command += ["--all"] if everything else ["--pairs", str(SAMPLE)]
    log = file.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    state = {"done": 0, "total": 0, "pid": process.pid, "began": time.time(), "now": time.time()}
    file.write_text(json.dumps(state), encoding="utf-8")
    _processes()[identity] = process


@st.cache_resource(show_spinner=False)
def _processes() -> dict[str, subprocess.Popen[bytes]]:
    """The scorings that this server began, so that their ends are noticed."""
    return {}


def _running(identity: str) -> dict[str, Any] | None:
    """What a scoring of this bitext says of itself, None if there is none alive."""
    own = _processes().get(identity)
    if own is not None and own.poll() is not None:
        del _processes()[identity]
        file = progress_file(workspace(), identity)
        if own.returncode != 0:
            said = file.with_suffix(".log").read_bytes()[-400:].decode("utf-8", "replace").strip().splitlines()
            st.session_state[f"scoring-failed-{identity}"] = said[-1] if said else "The scoring ended early."
            file.unlink(missing_ok=True)
        return None
    try:
        state: dict[str, Any] = json.loads(progress_file(workspace(), identity).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    alive = own is not None or (time.time() - state["now"] < _SILENT and _exists(int(state["pid"])))
    return state if alive else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _watch(identity: str) -> None:
    @st.fragment(run_every=1.0)
    def watched() -> None:
        state = _running(identity)
        if state is None:
            st.rerun()
        assert state is not None
        done, total = int(state["done"]), int(state["total"])
        if not total or not done:
            st.progress(0.0, "Scoring: loading the encoder and reading the first pairs…")
            return
        left = (state["now"] - state["began"]) * (total - done) / done
        st.progress(done / total, f"Scoring: {done:,} of {plural(total, 'pair')}, about {duration(left)} to go…")

    watched()


def _calibration(row: pd.Series, document: dict[str, Any], saved_as: str) -> None:
    from core.bitext.score_calibration import ScoreCalibration

    identity = str(row["bitext_id"])
    failed = st.session_state.pop(f"scoring-failed-{identity}", None)
    if failed:
        note(failed)
    calibration = ScoreCalibration.from_document(document)
    table = bitexts.read_scores(workspace(), identity)
    best = calibration.best
    left, middle, right = look.columns("score", [4, 3, 4], "narrow")
    names = list(TITLES)
    with left:
        name = st.selectbox(
            "Score", names, names.index(best), key=f"score-{identity}",
            format_func=lambda n: f"{TITLES[n]}{' (best)' if n == best else ''}",
            help="The best is the one that finds shuffled pairs of this bitext best, by F1.",
        )  # fmt: skip
    with middle:
        kind = st.selectbox("Beside synthetic noise", KINDS, key=f"kind-{identity}")
    bad = _noise_score(table, name, calibration.typical)
    synthetic = calibration.noise_score(calibration.spoilt[kind], name)
    low = float(np.floor(1000 * min(bad.min(), synthetic.min())) / 1000)
    high = float(np.ceil(1000 * max(bad.max(), synthetic.max())) / 1000)
    with right:
        cut = st.slider(
            "Cut", low, max(high, low + 0.001), min(max(calibration.cut(name), low), high), 0.001, format="%.3f",
            key=f"cut-{identity}-{name}", help="Pairs to the right of it are suspicious. It begins at the best F1.",
        )  # fmt: skip
    beyond = int((bad > cut).sum())
    metrics = {each: calibration.metrics(name, each, cut) for each in KINDS}
    at = metrics[kind]
    finding(
        f"{beyond:,} of {plural(len(table), 'scored pair')} ({rate(100 * beyond / len(table))} %) lie beyond the "
        f"cut; of synthetic {kind} pairs it finds {rate(at.recall)} %, and {rate(at.precision)} % of what it takes is "
        "synthetic noise."
    )
    title = f"{TITLES[name].capitalize()} of {plural(len(table), 'pair')} and of synthetic noise"
    show.figure(score_histogram(bad, synthetic, name, cut, title, kind), f"bitext-{name}", saved_as, alt=title)
    numbers = {
        column: show.number(column)
        for column in ("precision ×100", "95 % from", "95 % to", "recall ×100", "from", "to")
    }
    show.table(detection_table(metrics), "synthetic-noise", numbers)
    caption(
        "Synthetic noise: a fifth of the pairs judged is spoilt in one way, among "
        f"{plural(len(calibration.clean), 'pair')} of this very bitext that count as clean. Where some of those are "
        "bad already, precision is higher than shown. Encoder: multilingual-e5-small, untrained, layer 6 for "
        "transport. A copied source is near to itself: the filter for wrong languages finds it, these scores do not."
    )
    _pairs(row, table, bad)


def _noise_score(table: pd.DataFrame, name: str, typical: float) -> np.ndarray:
    from core.bitext.noise_score import NAMES, noise_score

    return noise_score(table[list(NAMES)].to_numpy(), name, typical)


def _pairs(row: pd.Series, table: pd.DataFrame, bad: np.ndarray) -> None:
    order = np.argsort(-bad, kind="stable")
    worst, best = order[:_SHOWN], order[::-1][:_SHOWN]
    wanted = [int(n) for n in table["number"].to_numpy()[np.concatenate([worst, best])]]
    texts = bitexts.pairs_by_number(workspace(), str(row["bitext_id"]), list(dict.fromkeys(wanted)))
    by_number = {int(record["number"]): record for record in texts.to_dict("records")}
    for title, chosen in (("Most suspicious pairs", worst), ("Nearest pairs", best)):
        with st.expander(title, expanded=title.startswith("Most")):
            st.html(_listed(row, table, bad, chosen, by_number))


def _listed(row: pd.Series, table: pd.DataFrame, bad: np.ndarray, chosen: Any, texts: dict[int, Any]) -> str:
    codes = ["" if code == "und" else str(code) for code in (row["source_language"], row["target_language"])]
    lines = []
    for i in chosen:
        record = texts[int(table["number"].iloc[i])]
        own = table.iloc[i]
        numbers = "".join(f'<td class="iso-number">{own[name]:.3f}</td>' for name in TITLES)
        link = ""
        if max(len(record["source"]), len(record["target"])) <= LIMIT:
            query = {"sentences": "Type a pair", "source": record["source"], "target": record["target"]}
            link = f'<a href="alignment?{escape(urlencode(query, quote_via=quote))}" target="_self">align</a>'
        lines.append(
            f'<tr><td class="iso-number">{int(record["line"]):,}</td><td class="iso-pair">'
            f"{passage(record['source'][:400], codes[0])}{passage(record['target'][:400], codes[1])}</td>{numbers}"
            f"<td>{link}</td></tr>"
        )
    names = ("Line", "Pair", "Transport", "Left over", "Cosine", "Log length ratio", "")
    head = f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>"
    return f'<div class="iso-scroll"><table class="iso-table">{head}{"".join(lines)}</table></div>'

"""The scores of a stored bitext: made in a process of their own, drawn with a cut, and the pairs beyond it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import streamlit as st

from core.bitext.noise import GIVEN, KINDS
from core.bitext.noise_score import NAMES
from core.bitext.underway import progress_file
from core.experiment.run_encoder import EMBEDDED, encoder_title
from core.figures.bitext_scores import NUMBERS, detection_table, score_histogram
from core.notation import duration, interval, plural, rate
from core.workspace import CHECKOUT
from pages.parts import encoders, look, show
from pages.parts.pairs import LIMIT
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, finding, note, passage
from store.user import bitext_scores, bitexts

if TYPE_CHECKING:
    from core.bitext.cut import DetectionMetrics
    from core.bitext.score_calibration import ScoreCalibration

SAMPLE = 20_000
#: Pairs a second that one busy core scores, for the estimate before anything is measured.
SPEED = 25
#: Seconds without a sign after which a scoring counts as stopped.
_SILENT = 120
TITLES = {
    "combined": "all scores combined",
    "transport": "transport distance",
    "leftover": "untransported mass",
    "cosine": "cosine",
    "length": "length ratio",
    "margin": "margin over neighbours",
}
_SHOWN = 8
_ASK = (
    " Of machine translations nothing is known here: `python -m core bitext score NAME --good FILE` takes some that "
    "are right, and tells how many of them the cut loses."
)


def scores(row: pd.Series, saved_as: str) -> None:
    """Start or watch the scoring; show what there is."""
    st.subheader("What it is worth", anchor=False)
    identity, pairs, scored = str(row["bitext_id"]), int(row["pairs"]), int(row["scored"])
    state = _running(identity)
    document = bitext_scores.read_trust(workspace(), identity)
    if state:
        _watch(identity)
    else:
        _offer(identity, pairs, scored, _reader(document)["encoder"] if document else None)
    calibration = _read(document)
    if calibration is None or not scored:
        if not state:
            earlier = "" if document is None else " It was scored by an earlier version, whose figures do not count."
            caption(
                f"Not scored yet.{earlier} Scoring reads every pair with the encoder that is chosen and measures how "
                "far apart its two sides are; then it damages some pairs in eight known ways to see which of them each "
                "score finds."
            )
        return
    _calibration(row, calibration, _reader(document), saved_as)


def _read(document: dict[str, Any] | None) -> ScoreCalibration | None:
    from core.bitext.score_calibration import ScoreCalibration

    return ScoreCalibration.from_document(document)


def chosen_cut(bitext_id: str) -> tuple[str, float] | None:
    """The score and cut that the page shows, None before there are any."""
    name = st.session_state.get(f"score-{bitext_id}")
    cut = st.session_state.get(f"cut-{bitext_id}-{name}")
    return (name, float(cut)) if name and cut is not None else None


def beyond_cut(bitext_id: str, name: str, cut: float) -> frozenset[int]:
    """The numbers of the scored pairs whose noise score is above the cut."""
    calibration = _read(bitext_scores.read_trust(workspace(), bitext_id))
    table = bitext_scores.read_scores(workspace(), bitext_id)
    if calibration is None or table.empty:
        return frozenset()
    bad = calibration.noise_score(table[list(NAMES)].to_numpy(), name)
    return frozenset(table["number"].to_numpy()[bad > cut].tolist())


def _reader(document: dict[str, Any] | None) -> dict[str, str]:
    """Who made the scores that the document belongs to; of one that does not say, the first reading there was."""
    return {"encoder": EMBEDDED, "precision": "float32", "backend": "torch"} | ((document or {}).get("read_by") or {})


def _offer(identity: str, pairs: int, scored: int, reader: str | None) -> None:
    """The button that scores what has no scores, or all again where another encoder than `reader` is chosen."""
    chosen = encoders.chosen_encoder()
    again = bool(scored) and reader is not None and chosen != reader
    if scored >= pairs and not again:
        return
    scored = 0 if again else scored
    first = min(pairs, SAMPLE)
    rest = scored >= first
    wanted = pairs - scored if rest else first - scored
    what = "Score the rest" if rest else f"Score {'a sample of ' if pairs > SAMPLE else ''}{plural(first, 'pair')}"
    if again:
        what = f"{what} again with {encoder_title(chosen)}"
    label = f"{what} (about {duration(20 + wanted / SPEED)})"
    if pairs < 10:
        caption("With fewer than 10 pairs planted damage says nothing, so they are not scored.")
    elif st.button(label, key="start-scoring", icon=":material/straighten:", type="secondary" if scored else "primary"):
        _start(identity, chosen, everything=rest)
        st.rerun()


def _start(identity: str, encoder: str, everything: bool) -> None:
    """Begin a scoring that outlives this page; it says how far it is in its own file."""
    place = workspace()
    file = progress_file(place, identity)
    file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "core", "bitext", "score", identity, "--home", str(place.home), "--json"]
    command += ["--encoder", encoder, *(["--all"] if everything else ["--pairs", str(SAMPLE)])]
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
        done, total, stage = int(state["done"]), int(state["total"]), str(state.get("stage", ""))
        what = f"{stage[:1].upper()}{stage[1:]}" or "Starting"
        if not total or not done:
            st.progress(0.0, f"{what}…")
            return
        left = (state["now"] - state["began"]) * (total - done) / done
        st.progress(done / total, f"{what}: {done:,} of {plural(total, 'pair')}, about {duration(left)} to go…")

    watched()


def _calibration(row: pd.Series, calibration: ScoreCalibration, reader: dict[str, str], saved_as: str) -> None:
    from core.bitext.cut import EXPECTED

    identity = str(row["bitext_id"])
    failed = st.session_state.pop(f"scoring-failed-{identity}", None)
    if failed:
        note(failed)
    table = bitext_scores.read_scores(workspace(), identity)
    best = calibration.best
    left, middle, right = look.columns("score", [4, 3, 4], "narrow")
    names = list(TITLES)
    with left:
        name = st.selectbox(
            "Score", names, names.index(best), key=f"score-{identity}",
            format_func=lambda n: f"{TITLES[n]}{' (best)' if n == best else ''}",
            help="The best has the highest F1 on what was planted in this bitext, each score at its own cut.",
        )  # fmt: skip
    with middle:
        kinds = [kind for kind in (*KINDS, *calibration.good) if len(calibration.planted[kind].at)]
        kind = st.selectbox("Beside planted pairs", kinds, key=f"kind-{identity}")
    bad = calibration.noise_score(table[list(NAMES)].to_numpy(), name)
    planted = calibration.planted_noise_score(kind, name)
    low = float(np.floor(1000 * min(bad.min(), planted.min())) / 1000)
    high = float(np.ceil(1000 * max(bad.max(), planted.max())) / 1000)
    with right:
        cut = st.slider(
            "Cut", low, max(high, low + 0.001), min(max(calibration.cut(name), low), high), 0.001, format="%.3f",
            key=f"cut-{identity}-{name}", help="Pairs to the right of it are suspicious. It begins at the best F1.",
        )  # fmt: skip
    beyond = int((bad > cut).sum())
    metrics = {each: calibration.metrics(name, each, cut) for each in KINDS}
    both = {each: calibration.metrics(name, each, cut, filters=True) for each in KINDS}
    finding(
        f"{beyond:,} of {plural(len(table), 'scored pair')} ({rate(100 * beyond / len(table))} %) lie beyond the cut. "
        f"{_good(calibration, name, cut)}"
    )
    if missing := _missed(calibration, name, cut, both):
        note(missing)
    title = f"{TITLES[name].capitalize()} of {plural(len(table), 'pair')} and of planted ones"
    show.figure(score_histogram(bad, planted, name, cut, title, kind), f"bitext-{name}", saved_as, alt=title)
    show.table(detection_table(metrics, both), "planted-damage", {column: show.number(column) for column in NUMBERS})
    caption(
        f"Each kind of damage was planted in up to {max(len(p.at) for p in calibration.planted.values())} of "
        f"{plural(len(calibration.own), 'pair')} of this very bitext; found ×100 is the share that the cut flags of "
        "those that it did not flag before. The interval holds for the bitext's own damage of that kind, if "
        f"{100 * EXPECTED:.0f} % of it is such, and reaches up to what is true if all that is flagged now were false "
        "alarms. Precision is that of a file of which a fifth is such damage: as if all that is flagged now were false "
        f"alarms, up to its bound if it is damage. Encoder: {encoder_title(reader['encoder'])}, untrained, "
        f"read in {reader['precision']} by {reader['backend']}, its middle layer for transport; "
        f"neighbours for the margin are sought in the sample.{'' if GIVEN in calibration.good else _ASK}"
    )
    _pairs(row, table, bad)


def _good(calibration: ScoreCalibration, name: str, cut: float) -> str:
    """What the cut loses of good pairs, in sentences."""
    lost = {kind: calibration.metrics(name, kind, cut) for kind in calibration.good}
    told = [
        f"{kind} {rate(m.recall)} % ({interval(m.recall_low, m.recall_high)})" for kind, m in lost.items() if m.planted
    ]
    return f"Of planted good pairs it loses: {', '.join(told)}." if told else "No good pairs could be planted."


def _missed(calibration: ScoreCalibration, name: str, cut: float, both: dict[str, DetectionMetrics]) -> str:
    """Which kinds of damage neither cut nor filters find, "" if there are none."""
    missed = calibration.missed(name, cut, filters=True)
    unknown = [kind for kind in missed if not both[kind].planted]
    told = [
        f"{kind} ({rate(m.recall)} %, {interval(m.recall_low, m.recall_high)})"
        for kind, m in missed.items()
        if m.planted
    ]
    sentences = []
    if told:
        sentences.append(
            f"Not found by this cut and the filters together: {', '.join(told)}. A file may be full of it and look "
            "clean here; the check lists numbers of two digits or more that differ."
        )
    if unknown:
        sentences.append(f"No pair of the sample can have {' or '.join(unknown)}, so nothing is known of it.")
    return " ".join(sentences)


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
        numbers = "".join(f'<td class="iso-number">{own[name]:.3f}</td>' for name in NAMES)
        link = ""
        if max(len(record["source"]), len(record["target"])) <= LIMIT:
            query = {"sentences": "Type a pair", "source": record["source"], "target": record["target"]}
            link = f'<a href="alignment?{escape(urlencode(query, quote_via=quote))}" target="_self">align</a>'
        lines.append(
            f'<tr><td class="iso-number">{int(record["line"]):,}</td><td class="iso-pair">'
            f"{passage(record['source'][:400], codes[0])}{passage(record['target'][:400], codes[1])}</td>{numbers}"
            f"<td>{link}</td></tr>"
        )
    names = ("Line", "Pair", "Transport", "Left over", "Cosine", "Log length ratio", "Margin", "")
    head = f"<tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>"
    return f'<div class="iso-scroll"><table class="iso-table">{head}{"".join(lines)}</table></div>'

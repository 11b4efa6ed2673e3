"""The maps: the same sentences as two models place them, linked, with what is chosen among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.evaluation.sentence_map import PROJECTIONS, SEED, explained, nearest, sentence_map
from core.figures.sentence_map import Sentence, map_figure, map_key, reach_of
from core.languages import language
from core.notation import plural, rate
from pages.parts import look, models, show
from pages.parts.live import recent
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from streamlit.delta_generator import DeltaGenerator

    from core.evaluation.sentence_layers import Below

LANGUAGE, LABEL = "language", "label"
NONE = "none"
#: Rows of the list of chosen sentences; neighbours of one.
ROWS, NEIGHBOURS = 200, 8
_CHOSEN = "map-chosen"


@dataclass(frozen=True)
class Asked:
    """What the controls ask for."""

    choices: tuple[str, ...]
    layer: int
    method: Any
    by: str


def colours(place: DeltaGenerator, labelled: bool) -> str:
    """By what points are coloured; by label where sentences have one."""
    kinds = [LANGUAGE, LABEL] if labelled else [LANGUAGE]
    return str(place.selectbox("Colour by", kinds, key="by", bind="query-params"))


def controls(labels: dict[str, str], first: tuple[str, str], by: str) -> Asked:
    """Whose map, at which layer and by which projection; all in the link."""
    keys = list(labels)
    one, two, three, four = look.columns("map", [2, 2, 2.2, 1.6], "narrow")
    with one:
        left = st.selectbox("Left", keys, keys.index(first[0]), format_func=lambda k: labels[k], key="left",
                            bind="query-params")  # fmt: skip
    with two:
        others = [*keys, NONE]
        right = st.selectbox("Right", others, others.index(first[1] or NONE), format_func=lambda k: labels.get(k, NONE),
                             key="right", bind="query-params")  # fmt: skip
    choices = tuple(dict.fromkeys(choice for choice in (left, right) if choice != NONE))
    with three:
        layers = models.layers_of(choices)
        if st.session_state.get("layer", 0) > layers:  # chosen for a deeper encoder
            st.session_state["layer"] = layers
        layer = st.slider("Layer", 0, layers, layers, key="layer", bind="query-params",
                          help="0 is what the embeddings give.")  # fmt: skip
    with four:
        method = st.selectbox("Map", PROJECTIONS, key="map", bind="query-params", help=(
            "PCA: the two directions in which sentences differ most; distances are true, some are hidden. t-SNE: who "
            "is near to whom (fixed seed); distances between groups mean little."
        ))  # fmt: skip
    return Asked(choices, int(layer), method, by)


def ready(sentences: Sequence[Sentence], choices: Sequence[str]) -> bool:
    """Whether the states are in memory, or were asked for in this session; else the button that asks for them."""
    texts = tuple(one.text for one in sentences)
    done = _done()
    known = all((models.reader_key(choice), _digest(texts)) in done for choice in choices)
    if known or st.session_state.get("map-asked"):
        return True
    told = f"{plural(len(texts), 'sentence')} with {plural(len(choices), 'model')}"
    if st.button(f"Draw the map: read {told}", key="draw-map", type="primary", icon=":material/scatter_plot:"):
        st.session_state["map-asked"] = True
        return True
    caption("Nothing is computed before it is asked for. What was read once is kept, for every layer.")
    return False


def draw(
    sentences: Sequence[Sentence], asked: Asked, labels: dict[str, str], collapsed: dict[str, list[int]], saved_as: str
) -> None:
    """The maps beside each other, their key, and what was chosen on one of them."""
    chosen = [i for i in st.session_state.get(_CHOSEN, []) if i < len(sentences)]
    marked = _with_translations(sentences, chosen) if len(chosen) == 1 else chosen
    _key(sentences, asked.by)
    places = [column.empty() for column in look.columns("maps", len(asked.choices), "medium")]
    below = _shared(sentences, asked.choices)
    found: dict[str, Any] = {}
    middles: dict[str, Any] = {}

    def show_map(choice: str, reach: float, early: bool) -> None:
        warned = asked.layer in collapsed.get(choice, ())
        shares = f"{rate(explained(found[choice]))} % of the variance" if asked.method == "PCA" else f"seed {SEED}"
        told = f"{asked.method}, layer {asked.layer}, {shares}{'; COLLAPSED at this layer' if warned else ''}"
        title = labels[choice][0].upper() + labels[choice][1:]
        made = map_figure(sentences, middles[choice], title, told, asked.by, reach, marked)
        at = asked.choices.index(choice)
        with places[at]:
            if early:
                show.figure(made, f"map-early-{at}", saved_as, alt=f"{title}: {told}")
            else:
                _selectable(made, f"map-{at}", saved_as, f"{title}: {told}")

    first: Any = None
    for choice in asked.choices:
        found[choice] = layers_of(choice, sentences, below)[asked.layer]
        points = _map(choice, sentences, found[choice], asked, first)
        first = points if first is None else first
        middles[choice] = points - points.mean(0)
        if below is not None and choice != asked.choices[-1]:  # while the other is read, on a scale of its own
            show_map(choice, reach_of([middles[choice]]), early=True)
    reach = reach_of(list(middles.values()))
    for choice in asked.choices:
        show_map(choice, reach, early=False)
    caption(
        "The same scale on both sides: what has drawn together looks so. Click a sentence for its translations, "
        "ringed, and its neighbours; with the box or the lasso of the figure's toolbar list several."
    )
    _list(sentences, chosen, found, labels)


def _shared(sentences: Sequence[Sentence], choices: Sequence[str]) -> Below | None:
    """What the second of two models need not compute again, where both are to be read now."""
    if len(choices) < 2 or any(_states_key(choice, sentences) in _done() for choice in choices):
        return None
    from core.evaluation.sentence_layers import Below, shared_layers

    one, other = (models.load(choice) for choice in choices)
    return Below(shared_layers(one, other))


def _states_key(choice: str, sentences: Sequence[Sentence]) -> tuple[object, str]:
    return models.reader_key(choice), _digest(tuple(one.text for one in sentences))


def layers_of(choice: str, sentences: Sequence[Sentence], below: Below | None = None) -> NDArray[np.float16]:
    """States of the sentences at every layer [layers + 1, n, d], read once; says how far it is. `below` is what two
    models that are read one after the other share."""
    texts = tuple(one.text for one in sentences)
    key = _states_key(choice, sentences)

    def compute() -> Any:
        from core.evaluation.sentence_layers import cached_layers, sentence_layers

        encoder = models.load(choice)
        bar = st.empty()

        def show_progress(done: int, total: int, text: str = "") -> None:
            bar.progress(done / total, f"Reading {done} of {total} sentences…")

        with models.one_at_a_time():
            if any(not one.code for one in sentences):  # typed here, and kept on no disk
                made = sentence_layers(encoder, texts, show_progress, below)
            else:
                made = cached_layers(workspace().cache / "states", encoder, texts, show_progress, below)
        bar.empty()
        return made

    made: NDArray[np.float16] = recent("sentence layers", 8).get(key, compute)
    _done().add(key)
    return made


def _map(choice: str, sentences: Sequence[Sentence], states: Any, asked: Asked, beside: Any) -> Any:
    texts = tuple(one.text for one in sentences)
    first = asked.choices[0] if beside is not None else ""
    key = (models.reader_key(choice), first, _digest(texts), asked.layer, asked.method)
    return recent("maps", 80).get(key, lambda: sentence_map(states, asked.method, beside))


def _selectable(made: Any, name: str, saved_as: str, alt: str) -> None:
    def clicked(points: list[int]) -> None:
        st.session_state[_CHOSEN] = points

    show.selection(made, name, saved_as, clicked, alt)


def _key(sentences: Sequence[Sentence], by: str) -> None:
    items = "".join(
        f'<span><span style="color:{colour}" aria-hidden="true">{glyph}</span> {escape(name)}</span>'
        for name, colour, glyph in map_key(sentences, by)
    )
    st.html(f'<div class="iso-mapkey" role="note">{items}</div>')


def _list(sentences: Sequence[Sentence], chosen: list[int], found: dict[str, Any], labels: dict[str, str]) -> None:
    if not chosen:
        return
    if len(chosen) == 1:
        _neighbours(sentences, chosen[0], found, labels)
    else:
        st.subheader(f"{plural(len(chosen), 'sentence')} chosen", anchor=False)
        rows = pd.DataFrame(
            {"language": [_name(sentences[i]) for i in chosen], "sentence": [sentences[i].text for i in chosen]}
        )
        show.dataframe(rows.head(ROWS), height=260)
        show.download(rows, "chosen-sentences")
    if st.button("Choose none", key="choose-none", type="tertiary"):
        st.session_state[_CHOSEN] = []
        st.rerun()


def _neighbours(sentences: Sequence[Sentence], index: int, found: dict[str, Any], labels: dict[str, str]) -> None:
    one = sentences[index]
    st.html(f'<div class="iso-query">{passage(one.text, one.code)}</div>')
    for column, (choice, states) in zip(look.columns("near", len(found), "medium"), found.items(), strict=True):
        with column:
            rows = "".join(
                f"<tr{' class=iso-right' if sentences[i].group == one.group and one.code else ''}>"
                f'<td class="iso-number">{100 * cosine:.1f}</td><td class="iso-language">{escape(_name(sentences[i]))}'
                f"</td><td>{passage(sentences[i].text, sentences[i].code)}</td></tr>"
                for i, cosine in nearest(states, index, NEIGHBOURS)
            )
            st.html(
                f'<h4 class="iso-arm">Nearest with {escape(labels[choice])}</h4><div class="iso-scroll">'
                f'<table class="iso-table"><thead><tr><th>cosine ×100</th><th>language</th><th>sentence</th></tr>'
                f"</thead><tbody>{rows}</tbody></table></div>"
            )
    caption("Shaded: translations of the sentence.")


def _with_translations(sentences: Sequence[Sentence], chosen: list[int]) -> list[int]:
    group = sentences[chosen[0]].group
    return [i for i, one in enumerate(sentences) if one.group == group and one.code] or chosen


def _name(one: Sentence) -> str:
    return language(one.code).label if one.code else "typed"


def _digest(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    return digest.hexdigest()


@st.cache_resource(show_spinner=False)
def _done() -> set[tuple[object, str]]:
    """What has been read since the server began."""
    return set()

"""Draw links of one's own: the board, whose links they are, how every arm does against them, and what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.alignment.drawn_scores import drawn_scores
from core.data.links import Link, SentenceLinks
from core.data.pharaoh import format_gold
from core.errors import IsoglossError
from pages.parts import look, models, show
from pages.parts.alignment import live as alignment_live
from pages.parts.alignment.board import board
from pages.parts.alignment.pairs import SentencePair
from pages.parts.alignment.word import Arm
from pages.parts.guard import guarded
from pages.parts.live import recent
from pages.parts.stored import read_own, workspace
from pages.parts.text import caption, note
from store.user.drawn_gold import DrawnGold, delete_gold, keep_gold, list_gold, pharaoh_files

if TYPE_CHECKING:
    from core.alignment.word_links import LinkSettings

#: Parameters of an address that ask for this section.
ASKED_BY = ("draw",)
NOTHING, GOLD = "nothing", "the gold links"
_EMPTY = SentenceLinks(frozenset(), frozenset())
_HOW = (
    "Click a word above, then its words below, or drag from one to the other; a click on a line makes it possible "
    "(dashed), another takes it away. Keys: arrows move, Enter picks and links, S and P choose sure or possible, "
    "Delete takes a word's links away, U undoes, Escape lets go."
)


def panel(
    pair: SentencePair, arms: Sequence[Arm], layer: int, settings: LinkSettings, labels: Mapping[str, str]
) -> None:
    """The switch, and behind it the board of the pair that the page shows."""
    st.subheader("Draw links of your own", anchor=False)
    if not st.toggle("Draw links between these words", key="draw", bind="query-params"):
        caption("Say which word belongs to which: your links are kept as gold, and every arm is scored against them.")
        return
    _drawn(pair, list(arms), layer, settings, dict(labels))


@st.fragment
def _drawn(pair: SentencePair, arms: list[Arm], layer: int, settings: LinkSettings, labels: dict[str, str]) -> None:
    """The board and what follows from it; a link that is drawn redraws this alone."""
    with guarded("drawn links"):
        sides = alignment_live.states(arms[0][0], pair)
        words = tuple(sides[0].words), tuple(sides[1].words)
        kept: list[DrawnGold] = read_own(list_gold)
        start = _start(pair, words, arms, layer, kept)
        caption(_HOW)
        links = board(words, pair.rtl, (pair.source_code, pair.target_code), start, _again())
        made = {choice: frozenset(plans[layer].links) for choice, _, _, plans in arms}
        shown = {choice: label for choice, label, _, _ in arms}
        every = len(labels) > len(shown) and st.toggle(
            f"Every arm with weights here ({len(labels)})", key="draw-every", help="Reads the pair with each, once."
        )
        if every:
            for choice in labels:
                if choice not in made:
                    made[choice] = frozenset(alignment_live.plans(choice, pair, settings)[layer].links)
        _scores({labels[choice]: found for choice, found in made.items()}, links)
        _keep(words, pair, links)
        _own(kept, labels if every else shown, layer, settings)


def _start(
    pair: SentencePair, words: tuple[tuple[str, ...], tuple[str, ...]], arms: Sequence[Arm], layer: int,
    kept: Sequence[DrawnGold],
) -> SentenceLinks:  # fmt: skip
    """The links that the board begins with: kept ones of this pair, else none; others may be chosen."""
    offered: dict[str, SentenceLinks] = {}
    for one in reversed(kept):
        if (one.source, one.target) == words:
            offered[f"what {one.author} kept"] = one.links
    offered[NOTHING] = _EMPTY
    for _, label, _, plans in arms:
        found = frozenset(plans[layer].links)
        offered[f"the links of {label}"] = SentenceLinks(found, found)
    if pair.gold:
        offered[GOLD] = SentenceLinks(pair.gold.sure, pair.gold.possible | pair.gold.sure)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    if st.session_state.get("draw-start") not in (*offered, None):
        st.session_state.pop("draw-start")
    chosen = left.selectbox("Begin with", list(offered), key="draw-start")
    right.button("Begin again", on_click=_begin_again, icon=":material/restart_alt:")
    return offered[chosen]


def _again() -> int:
    return int(st.session_state.get("draw-again", 0))


def _begin_again() -> None:
    st.session_state["draw-again"] = _again() + 1


def _scores(made: Mapping[str, frozenset[Link]], links: SentenceLinks) -> None:
    """The table of the pair at hand."""
    if not links.possible:
        caption("Nothing is drawn yet; with the first link each arm has its error here.")
        return
    table = drawn_scores([links], [(label, [found]) for label, found in made.items()])
    _table(table.drop(columns=["low", "high", "pairs"]), "drawn-pair")
    caption(
        f"{len(links.sure)} sure and {len(links.possible - links.sure)} possible links drawn. AER ×100 over this one "
        "pair (Och and Ney 2003), lower is better; missed are sure links, spurious not even possible ones."
    )


def _keep(words: tuple[tuple[str, ...], tuple[str, ...]], pair: SentencePair, links: SentenceLinks) -> None:
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    author = left.text_input("Author", key="draw-author", placeholder="Your name", max_chars=80)
    if middle.button("Keep these links", icon=":material/bookmark_add:", disabled=not links.possible):
        try:
            keep_gold(workspace(), *words, (pair.source_code, pair.target_code), links, author or "")
            st.session_state["draw-said"] = f"Kept: {len(links.possible)} links by {(author or '').strip()}."
            st.session_state.pop("draw-start", None)
        except IsoglossError as error:
            st.session_state["draw-said"] = str(error)
        st.rerun(scope="fragment")
    with right:
        show.save("These links (Pharaoh)", format_gold(links) + "\n", "drawn-links.txt")
    if said := st.session_state.pop("draw-said", None):
        note(said)


def _own(kept: Sequence[DrawnGold], labels: Mapping[str, str], layer: int, settings: LinkSettings) -> None:
    """All gold that was kept: the arms' error over it, its files, and what to delete."""
    if not kept:
        return
    st.html(f'<h4 class="iso-arm">Gold of your own: {len(kept)} {"pair" if len(kept) == 1 else "pairs"}</h4>')
    if st.toggle("Score the arms over all of it", key="draw-all"):
        made = [(label, _links(choice, kept, layer, settings)) for choice, label in labels.items()]
        _table(drawn_scores([one.links for one in kept], made), "drawn-gold")
        caption(
            f"AER ×100 over all pairs that are kept, with its 95 % interval over pairs; links as above, at layer "
            f"{layer}, of the words that were kept."
        )
    table = pd.DataFrame(
        [(one.author, " ".join(one.source), " ".join(one.target), len(one.links.sure),
          len(one.links.possible - one.links.sure), one.kept) for one in kept],
        columns=["author", "first text", "second text", "sure", "possible", "kept (UTC)"],
    )  # fmt: skip
    show.dataframe(table, height=min(36 * (len(table) + 1) + 3, 260))
    pharaoh, rows = pharaoh_files(kept)
    with show.side_by_side("drawn"):
        show.save("Gold links (Pharaoh)", pharaoh, "own-gold.txt")
        show.save("With its sentences (TSV)", rows, "own-gold.tsv")
        show.download(table, "own-gold")
    names = {one.gold_id: f"{one.author}: {' '.join(one.source)[:60]}" for one in kept}
    left, right = look.columns("drawn-delete", [3, 1], "narrow")
    chosen = left.selectbox("Kept links", list(names), format_func=lambda key: names.get(key, ""), key="draw-delete")
    if right.button("Delete", key="draw-delete-button", icon=":material/delete:"):
        try:
            delete_gold(workspace(), str(chosen))
            st.session_state["draw-said"] = "Deleted."
        except IsoglossError as error:
            st.session_state["draw-said"] = str(error)
        st.rerun(scope="fragment")


def _links(choice: str, kept: Sequence[DrawnGold], layer: int, settings: LinkSettings) -> list[frozenset[Link]]:
    """An arm's links of every kept pair, each computed once."""
    from dataclasses import replace

    from core.alignment.linking import link_pairs

    asked = replace(settings, layer=layer)
    found = []
    for one in kept:

        def compute(source: tuple[str, ...] = one.source, target: tuple[str, ...] = one.target) -> frozenset[Link]:
            encoder = models.load(choice)
            with models.one_at_a_time():
                return frozenset(link_pairs(encoder, [(source, target)], asked)[0].links)

        key = (models.reader_key(choice), one.source, one.target, asked)
        found.append(recent("drawn-links", 400).get(key, compute))
    return found


def _table(table: pd.DataFrame, name: str) -> None:
    numbers = {column: show.number(column) for column in ("AER", "low", "high", "precision", "recall")}
    show.table(table, name, {column: kind for column, kind in numbers.items() if column in table})

"""How candidates are scored on the retrieval page: by vectors or by tokens, with or without removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.languages import language
from core.retrieval.retrieval_set import RetrievalSet
from pages.parts import live, look, models
from pages.parts.retrieval.sets import Query
from pages.parts.text import note

if TYPE_CHECKING:
    from core.encoder.prompts import Role

DENSE, MAXSIM, CARRIED = "sentence vectors", "MaxSim", "transport"
SCORINGS = {
    DENSE: "cosine of the sentences' mean vectors",
    MAXSIM: "the mean over the query's tokens of the highest cosine among the candidate's (ColBERT)",
    CARRIED: "minus the cost of carrying the query's tokens onto the candidate's, <P, C> with C = 1 − cos",
}
#: Tokens are compared for so many of the dense ranking's first candidates.
RERANKED = 30


@dataclass(frozen=True)
class Scoring:
    """The controls: which score, whether means are removed, how many principal components."""

    kind: str
    centred: bool
    components: int

    @property
    def removes(self) -> bool:
        return self.centred or self.components > 0


def controls() -> Scoring:
    """The controls of scoring; each is in the link."""
    first, second, third = look.columns("scoring", [2.6, 1.6, 1.6], "narrow")
    with first:
        kind = st.segmented_control(
            "Score", list(SCORINGS), default=DENSE, required=True, key="score", wrap=True, bind="query-params",
            help="; ".join(f"{name}: {told}" for name, told in SCORINGS.items()),
        )  # fmt: skip
    with second:
        centred = st.toggle(
            "Centre languages", key="centred", bind="query-params",
            help="Each language's mean vector, from training bitext, is subtracted. It trains nothing and often wins.",
        )  # fmt: skip
    with third:
        components = st.number_input(
            "Components removed", 0, 8, 0, key="components", bind="query-params",
            help="Each language's directions of most variance, from training bitext, are taken out (LIR).",
        )  # fmt: skip
    return Scoring(str(kind), bool(centred), int(components))


def dense(
    choice: str, searched: RetrievalSet, queries: Sequence[str], code: str, scoring: Scoring, training: Catalog
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of queries and candidates, with what the controls remove taken out."""
    reader = models.reader_of_candidates(choice)
    query, document = roles(choice, searched)
    candidates = live.vectors(reader, searched.candidates, f"{len(searched.candidates):,} candidates", document)
    asked = live.vectors(choice, queries, "the query" if len(queries) == 1 else f"{len(queries):,} queries", query)
    if not scoring.removes:
        return asked, candidates
    return (
        _removed(asked, choice, query, [code] * len(queries), set(searched.languages), scoring, training),
        _removed(candidates, reader, document, searched.languages, {code}, scoring, training),
    )


def roles(choice: str, searched: RetrievalSet) -> tuple[Role, Role]:
    """After which prompts queries and candidates are read: their own where one side asks for the other; one for both
    where translations are compared, and of a query encoder, which was trained beside candidates that were read as
    queries are."""
    searches = searched.is_search and not choice.startswith(models.QUERY)
    return ("query", "document") if searches else ("text", "text")


def told_prompts(choice: str, searched: RetrievalSet) -> str:
    """After which prompts one choice reads, in words; training changes none."""
    from core.encoder.prompts import in_role

    encoder = models.load_base(models.encoder_name(choice))
    first, second = (in_role(encoder, role).prefix.strip() for role in roles(choice, searched))
    if first == second:
        return f"both sides are read after “{first}”" if first else "both sides are read without a prompt"
    return f"queries are read after “{first}”, candidates after “{second}”"


def rank(
    choice: str, searched: RetrievalSet, query: Query, scoring: Scoring, training: Catalog
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Candidates best first, and their scores in that order. Token scores rank the dense ranking's first again."""
    asked, candidates = dense(choice, searched, [query.text], query.code, scoring, training)
    cosines = candidates @ asked[0]
    if query.itself >= 0:
        cosines[query.itself] = -np.inf
    order = np.argsort(-cosines, kind="stable")[: len(cosines) - (query.itself >= 0)]
    if scoring.kind == DENSE:
        return order, np.asarray(cosines[order], np.float64)
    first = order[:RERANKED]
    texts = tuple(searched.candidates[row] for row in first)
    scores = _late(choice, query.text, texts, scoring.kind, roles(choice, searched))
    again = np.argsort(-scores, kind="stable")
    return first[again], scores[again]


def _late(
    choice: str, query: str, candidates: tuple[str, ...], kind: str, read_as: tuple[Role, Role]
) -> NDArray[np.float64]:
    def compute() -> NDArray[np.float64]:
        from core.encoder.prompts import in_role
        from core.retrieval.late import late_scores

        asked = in_role(models.load(choice), read_as[0])
        documents = in_role(models.load(models.reader_of_candidates(choice)), read_as[1])
        with st.spinner(f"Comparing the tokens of {len(candidates)} candidates…"), models.one_at_a_time():
            return late_scores(asked, documents, query, candidates, "maxsim" if kind == MAXSIM else "transport")

    key = (models.reader_key(choice), query, candidates, kind, read_as)
    scores: NDArray[np.float64] = live.recent("late", 120).get(key, compute)
    return scores


def _removed(
    vectors: NDArray[np.float32], choice: str, role: Role, codes: Sequence[str], beside: set[str], scoring: Scoring,
    training: Catalog,
) -> NDArray[np.float32]:  # fmt: skip
    """The vectors of texts in `codes` without their languages' means and components; as they are where no bitext tells
    them."""
    from core.retrieval.removal import Removals

    def read(texts: list[str]) -> NDArray[np.float32]:
        return live.vectors(choice, texts, "training bitext", role)

    def compute() -> Removals:
        return Removals(training, codes, beside, read, scoring.centred, scoring.components)

    languages = tuple(sorted(set(codes))), tuple(sorted(beside))
    key = (models.reader_key(choice), role, *languages, scoring, training.kind, training.root)
    removals: Removals = live.recent("removals", 24).get(key, compute)
    if removals.without:
        names = ", ".join(language(code).name if code else "a typed query" for code in removals.without)
        note(f"There is no training bitext to measure a mean on for {names}; those vectors stay as they are.")
    return removals(vectors, codes)

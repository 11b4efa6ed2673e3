"""Controls that train nothing: each language's mean, and its top principal components, taken out of its vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.errors import IsoglossError

#: Pairs of training bitext that give a language's mean and components.
TRAINING_PAIRS = 300

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Removal:
    """What is removed from one language's vectors: mean [d] and orthonormal components [k, d].

    Both come from training bitext, never from what is tested. Centring: Libovicky et al., arXiv 2004.05160; top
    components of each language (LIR): Yang et al., arXiv 2109.04727.
    """

    mean: NDArray[np.float64]
    components: NDArray[np.float64]

    def __call__(self, vectors: Vectors) -> Vectors:
        """Vectors [n, d] without them, of length 1 again."""
        left = vectors - self.mean
        left = left - (left @ self.components.T) @ self.components
        length = np.linalg.norm(left, axis=1, keepdims=True)
        return np.asarray(left / np.maximum(length, 1e-12), np.float32)


def fit_removal(vectors: Vectors, centre: bool, components: int) -> Removal:
    """From vectors [n, d] of training sentences of one language; `components` directions of most variance.

    Without `centre` the components are those of the raw vectors, as LIR takes them.
    """
    mean = vectors.mean(0, np.float64) if centre else np.zeros(vectors.shape[1])
    if components <= 0:
        return Removal(mean, np.zeros((0, vectors.shape[1])))
    directions = np.linalg.svd(np.asarray(vectors, np.float64) - mean, full_matrices=False)[2]
    return Removal(mean, np.asarray(directions[:components]))


def training_texts(catalog: Catalog, code: str, beside: Collection[str] = ()) -> list[str]:
    """Sentences of a language from training bitext; none where there is none.

    English has many bitexts: those of the languages `beside` it are taken, equally, so that both sides' means are of
    the same sentences; of all languages where none of them has bitext.
    """
    try:
        known = catalog.bitext_languages()
        if code != "en":
            return (
                [target for _, target in catalog.training_bitext(code).pairs[:TRAINING_PAIRS]] if code in known else []
            )
        chosen = [other for other in known if other in beside] or known
        share = -(-TRAINING_PAIRS // max(len(chosen), 1))
        return [english for other in chosen for english, _ in catalog.training_bitext(other).pairs[:share]]
    except IsoglossError:
        return []


class Removals:
    """A removal for each language, of one reader's vectors; vectors of a language without training bitext stay.

    `codes` are the languages of the texts and `beside` those of the other side of the search. `read` gives the vectors
    of training sentences; `without` names the languages that stay as they are.
    """

    def __init__(
        self, catalog: Catalog, codes: Iterable[str], beside: Collection[str],
        read: Callable[[list[str]], Vectors], centre: bool, components: int,
    ) -> None:  # fmt: skip
        texts = {code: training_texts(catalog, code, beside) for code in sorted(set(codes))}
        self.without = [code for code, found in texts.items() if not found]
        self._by_code = {code: fit_removal(read(found), centre, components) for code, found in texts.items() if found}
        told = hashlib.sha256(f"{centre} {components}".encode())
        for code, one in self._by_code.items():
            told.update(code.encode() + one.mean.tobytes() + one.components.tobytes())
        self.identity = told.hexdigest()[:24]

    def __call__(self, vectors: Vectors, codes: Sequence[str]) -> Vectors:
        """Vectors [n, d] of texts in `codes` [n], each without what is its language's."""
        left = vectors.copy()
        given = np.array(codes)
        for code, removal in self._by_code.items():
            rows = given == code
            if rows.any():
                left[rows] = removal(vectors[rows])
        return left

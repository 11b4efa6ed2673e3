"""A map of sentences: their states in two dimensions, and which lie nearest to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

Method = Literal["PCA", "t-SNE"]
PROJECTIONS: tuple[Method, ...] = ("PCA", "t-SNE")
#: Of t-SNE's optimisation; PCA has none.
SEED = 0
_PERPLEXITY = 30.0
Points = NDArray[np.float64]


def sentence_map(states: NDArray[np.floating], method: Method = "PCA", beside: Points | None = None) -> Points:
    """States [n, d] as points [n, 2]: principal components, or t-SNE (van der Maaten and Hinton 2008) from
    scikit-learn, started from them with a fixed seed.

    With `beside`, the map of the same sentences with another model, the points are turned and mirrored, not stretched,
    to lie as near to it as they can (orthogonal Procrustes): what is left of a difference is the models'. Raises
    `BadInput` for fewer than three sentences.
    """
    values = np.asarray(states, np.float64)
    if len(values) < 3:
        raise BadInput(f"A map takes at least three sentences, and there are {len(values)}; choose more.")
    points = _components(values)
    if method == "t-SNE":
        points = _tsne(values, points)
    return points if beside is None else points @ _turn(points, beside)


def nearest(states: NDArray[np.floating], index: int, count: int = 10) -> list[tuple[int, float]]:
    """The `count` sentences nearest to one by cosine of their states [n, d], itself left out, each with its cosine."""
    values = np.asarray(states, np.float64)
    units = values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-12)
    cosines = units @ units[index]
    order = [int(i) for i in np.argsort(-cosines, kind="stable") if i != index]
    return [(i, float(cosines[i])) for i in order[:count]]


def explained(states: NDArray[np.floating]) -> float:
    """The share (x100) of the states' variance that the first two principal components hold; NaN where none varies."""
    values = np.asarray(states, np.float64)
    centred = values - values.mean(0)
    shares = np.linalg.eigvalsh(centred.T @ centred)[::-1].clip(0)
    return 100.0 * float(shares[:2].sum() / shares.sum()) if shares.sum() > 0 else float("nan")


def _components(values: Points) -> Points:
    centred = values - values.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    chosen = axes[:, ::-1][:, :2]
    # A component has no sign of its own: its largest weight is positive.
    signs = np.sign(chosen[np.abs(chosen).argmax(0), [0, 1]])
    return np.asarray(centred @ (chosen * np.where(signs == 0, 1.0, signs)), float)


def _tsne(values: Points, start: Points) -> Points:
    from sklearn.manifold import TSNE

    spread = float(start[:, 0].std()) or 1.0
    perplexity = min(_PERPLEXITY, (len(values) - 1) / 3)
    made = TSNE(2, perplexity=perplexity, init=start / spread * 1e-4, random_state=SEED, max_iter=500)
    return np.asarray(made.fit_transform(values), float)


def _turn(points: Points, beside: Points) -> Points:
    """The rotation, perhaps with a mirror, that takes `points` nearest to `beside`, both about their means."""
    left, _, right = np.linalg.svd((points - points.mean(0)).T @ (beside - beside.mean(0)))
    return np.asarray(left @ right, float)


def sample(groups: Sequence[int], limit: int) -> list[int]:
    """Which of n sentences are drawn where there are more than `limit`: whole groups of translations, evenly over the
    collection. `groups` names each sentence's group."""
    names = list(dict.fromkeys(groups))
    size = max(len(groups) // max(len(names), 1), 1)
    keep = max(limit // size, 1)
    if len(names) <= keep:
        return list(range(len(groups)))
    chosen = {names[int(i * len(names) / keep)] for i in range(keep)}
    return [i for i, group in enumerate(groups) if group in chosen]

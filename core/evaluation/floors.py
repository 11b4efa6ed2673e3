"""What accuracies stand between: floors that need no understanding of the pair, and a ceiling that labels allow.

Floors are chance and a classifier that reads the hypothesis alone (Poliak et al., *SEM 2018; Gururangan et al., NAACL
2018), trained on the hypothesis side of the very training sets. The ceiling follows from items with identical texts and
different gold labels: whatever a classifier answers, it is wrong on one of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.records import LABELS, NLIItem, NLISet
from core.errors import BadInput
from core.evaluation.accuracy import fold
from core.evaluation.two_labels import by_text
from core.statistics.intervals import wilson

#: Hashed features of words and word pairs; more of them leave the result as it is.
_FEATURES = 2**18


@dataclass(frozen=True)
class Floor:
    """Accuracy x100 of the hypothesis alone in one language, with Wilson's 95 % interval over `items`."""

    language: str
    accuracy: float
    low: float
    high: float
    items: int


@dataclass(frozen=True)
class Ceiling:
    """Of `items`, groups of `identical` texts (premise and hypothesis), those of them with `two_labels`, and the
    highest accuracy x100 that any classifier of texts can reach."""

    language: str
    items: int
    identical: int
    two_labels: int
    ceiling: float


def hypothesis_only(
    training: Sequence[NLISet], repeats: Mapping[str, int], tests: Mapping[str, Sequence[NLIItem]],
    labels: int = len(LABELS),
) -> list[Floor]:  # fmt: skip
    """The floor in each language of `tests`: multinomial logistic regression on hashed words and word pairs of the
    English training hypotheses, a set counted as often as `repeats` says (1 for a set it does not name).

    Items of `tests` have so many `labels`; of two, answers are folded as a run's are (`core.evaluation.accuracy.fold`).
    The same sets give the same numbers: words are hashed, never drawn, and the solver runs in one thread. In a language
    whose words the training has not, the answers say what chance says. Raises `BadInput` without training items.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    items = [(item, repeats.get(one.name, 1)) for one in training for item in one.items]
    items = [(item, weight) for item, weight in items if weight > 0]
    if len({item.label for item, _ in items}) < len(LABELS):
        raise BadInput("A floor of the hypothesis alone needs training items of every label; name the sets by --data.")
    hashed = HashingVectorizer(n_features=_FEATURES, ngram_range=(1, 2), alternate_sign=False, norm="l2")
    model = LogisticRegression(C=4.0, max_iter=2000, tol=1e-3)
    texts, weights = [item.hypothesis for item, _ in items], np.array([weight for _, weight in items], float)
    # Sums are made in another order by more threads, and the solver then stops elsewhere: .8 points were seen.
    with threadpool_limits(1):
        model.fit(hashed.transform(texts), [item.label for item, _ in items], sample_weight=weights)
    found = []
    for code, own in tests.items():
        answered = fold(model.predict_proba(hashed.transform([item.hypothesis for item in own])), labels).argmax(1)
        right = int((answered == np.array([item.label for item in own])).sum())
        found.append(Floor(code, 100.0 * right / len(own), *wilson(right, len(own)), len(own)))
    return found


def label_ceiling(language: str, items: Sequence[NLIItem]) -> Ceiling:
    """The highest accuracy that the gold labels of `items` allow to anyone who is given their texts.

    >>> same = [NLIItem(0, "p", "h", 0), NLIItem(1, "p", "h", 2), NLIItem(2, "p", "k", 1), NLIItem(3, "q", "k", 1)]
    >>> label_ceiling("en", same)
    Ceiling(language='en', items=4, identical=1, two_labels=1, ceiling=75.0)
    """
    golds = [Counter(item.label for item in own) for own in by_text(items)]
    most = sum(max(labels.values()) for labels in golds)
    identical = [labels for labels in golds if labels.total() > 1]
    return Ceiling(
        language, len(items), len(identical), sum(len(labels) > 1 for labels in identical), 100.0 * most / len(items)
    )  # fmt: skip

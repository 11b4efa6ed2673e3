"""Arms that train nothing of their own: what each does to the english-only run of the same seed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from core.arms.erase_language import EraseLanguage
from core.errors import BadInput
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, pooled


class Applied(Protocol):
    """What is known of an arm that is applied to a finished run: its name, whose run, and whether it reads bitext."""

    name: ClassVar[str]
    starts_from: ClassVar[str]
    uses_bitext: ClassVar[bool]


class TranslateTest:
    """The english-only model reads the test set machine-translated into English: does alignment beat translation?

    No weight is changed. Only languages whose translated test set is there (Swahili and Urdu) have a number; premises
    and hypotheses are replaced by their English translations, item by item, and the labels stay.
    """

    name: ClassVar[str] = "translate-test"
    starts_from: ClassVar[str] = "english-only"
    uses_bitext: ClassVar[bool] = False


class Centring:
    """Each language's mean is subtracted and English's put in its place, in the english-only model: how much of the
    gap is a mere shift of the language's states?

    h' = h - mean_l + mean_en on pooled states of the last layer, with the means over single sentences of the training
    bitext; nothing is trained (mean centring as in Libovicky et al., arXiv 2004.05160). A language without bitext keeps
    its states.
    """

    name: ClassVar[str] = "centring"
    starts_from: ClassVar[str] = "english-only"
    uses_bitext: ClassVar[bool] = True

    def __init__(self, languages: tuple[str, ...], shifts: Tensor) -> None:
        """`shifts` [L, d] are mean_en - mean_l of `languages`, in their order (see `language_shifts`)."""
        if shifts.ndim != 2 or len(shifts) != len(languages):
            raise BadInput(f"There are {len(shifts)} shifts for {len(languages)} languages; measure them again.")
        self.languages = languages
        self.shifts = shifts

    def __call__(self, states: Tensor, language: str) -> Tensor:
        """Pooled states [B, d] of one language, shifted."""
        return states + self.shifts[self.languages.index(language)] if language in self.languages else states


class WarmStartOnly:
    """The warm start as it is, read like an arm: what did the updates after it do at all, in the baseline too?"""

    name: ClassVar[str] = "warm-start-only"
    starts_from: ClassVar[str] = "warm-start"
    uses_bitext: ClassVar[bool] = False


class BalancedPrior:
    """The english-only model's answers, shifted in each language until every label is answered as often: how much of an
    arm's difference is a mere shift of answers?

    p' = softmax(log p + b), with one bias b a class and language, fitted without any label so that the mean
    probabilities are uniform, as XNLI's labels are (`core.evaluation.prior`). The bias is fitted on the very items that
    are read; accuracy_other_items is that under a bias fitted on other items of the language alone.
    """

    name: ClassVar[str] = "balanced-prior"
    starts_from: ClassVar[str] = "english-only"
    uses_bitext: ClassVar[bool] = False


#: Arms that are applied to a finished run of `starts_from` rather than trained.
APPLIED: dict[str, type[Applied]] = {
    arm.name: arm for arm in (TranslateTest, Centring, EraseLanguage, BalancedPrior, WarmStartOnly)
}


@torch.no_grad()
def language_shifts(model: NLIModel, batches: Iterable[BitextBatch], languages: tuple[str, ...]) -> Tensor:
    """mean_en - mean_l of pooled last-layer states over `batches`, for each language: [L, d].

    Both means are over the same pairs. Raises `BadInput` for a language that no batch has.
    """
    sums = torch.zeros(len(languages), model.centre.shape[0], device=model.device)
    counts = torch.zeros(len(languages), device=model.device)
    for batch in (each.to(model.device) for each in batches):
        english, target = (
            pooled(model.last_states(part.ids, part.attention), part.own) for part in (batch.english, batch.target)
        )
        sums.index_add_(0, batch.language, english - target)
        counts.index_add_(0, batch.language, torch.ones(len(batch.language), device=model.device))
    absent = [code for code, count in zip(languages, counts.tolist(), strict=True) if not count]
    if absent:
        raise BadInput(f"No bitext of {', '.join(absent)} was given to measure its mean on.")
    return sums / counts[:, None]

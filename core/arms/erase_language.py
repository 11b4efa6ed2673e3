"""The linear trace of a sentence's language erased from states: does hiding the language help at all?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import torch
from torch import Tensor

from core.errors import BadInput
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel

#: Eigenvalues of a covariance below this share of its largest count as zero.
_RELATIVE = 1e-9


class EraseLanguage:
    """The english-only model reads pooled states of the last layer from which no linear classifier can tell the
    language any more; nothing is trained. If hiding the language is what adversarial training gains by, this gains it
    without a discriminator, and without the states shrinking.

    h' = h - W+ P W (h - mean), LEACE (Belrose et al., NeurIPS 2023, arXiv 2306.03819, theorem 4.3): W whitens the
    states, P projects onto the columns of W Cov(h, language), W+ goes back. Of all maps under which every linear probe
    falls to chance it moves the states least. Covariances are over the training bitext's sentences, read two by two as
    premise and hypothesis are, English among the languages, each with the same weight; the map is one for all
    languages and is applied to premise and hypothesis.
    """

    name: ClassVar[str] = "erase-language"
    starts_from: ClassVar[str] = "english-only"
    uses_bitext: ClassVar[bool] = True

    def __init__(self, mean: Tensor, erased: Tensor) -> None:
        """mean [d]; erased [d, d] is W+ P W, by which a state's difference from the mean is reduced."""
        self.mean = mean
        self.erased = erased

    def __call__(self, states: Tensor) -> Tensor:
        """Pooled states [B, d] of any language, without the trace of it."""
        mean, erased = self.mean.to(states.device), self.erased.to(states.device)
        return states - (states - mean) @ erased.T

    @classmethod
    def fit(cls, states: Tensor, language: Tensor) -> EraseLanguage:
        """The map for states [n, d] and their language [n], every language weighing the same.

        Raises `BadInput` for fewer than two languages.
        """
        codes, index = torch.unique(language, return_inverse=True)
        if len(codes) < 2:
            raise BadInput("Erasing the language needs sentences of at least two languages.")
        values = states.double()
        share = 1.0 / (torch.bincount(index)[index] * len(codes)).double()
        mean = share @ values
        centred = values - mean
        marks = torch.nn.functional.one_hot(index, len(codes)).double() - 1.0 / len(codes)
        weighted = centred * share[:, None]
        covariance, cross = centred.T @ weighted, weighted.T @ marks
        size, axes = torch.linalg.eigh(covariance)
        kept = size > _RELATIVE * size[-1]
        root = size.clamp_min(0.0).sqrt()
        whiten = (axes * torch.where(kept, 1.0 / root.clamp_min(1e-150), 0.0)) @ axes.T
        back = (axes * torch.where(kept, root, 0.0)) @ axes.T
        columns, strength, _ = torch.linalg.svd(whiten @ cross, full_matrices=False)
        columns = columns[:, strength > 1e-9]
        erased = back @ columns @ columns.T @ whiten
        return cls(mean.to(states.dtype), erased.to(states.dtype))


@torch.no_grad()
def joint_states(model: NLIModel, batches: Iterable[BitextBatch]) -> tuple[Tensor, Tensor]:
    """Pooled last-layer states [n, d] of the sentences of `batches`, read two by two where the batch has them so, and
    their language [n] (0 is English)."""
    states: list[Tensor] = []
    language: list[Tensor] = []
    for batch in batches:
        read = batch.read(True).to(model.device)
        for side, own in ((read.english, False), (read.target, True)):
            means = side.means(model.last_states(side.ids, side.attention))
            states.append(means)
            language.append((read.sentence_language + 1) * int(own))
    return torch.cat(states).cpu(), torch.cat(language).cpu()

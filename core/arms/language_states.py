"""What a discriminator of languages reads: sentence or token states with their language, standardised."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel

#: By what the states that a discriminator reads are standardised: statistics of the warm start's English pairs, kept as
#: they were; those of the batch; or each state's own over its dimensions.
Standardisation = Literal["frozen", "batch", "layer"]
#: Added to a batch's variance: far below that of any state that says something.
_LEAST_VARIANCE = 1e-10


def check_standardisation(name: str) -> Standardisation:
    """`name` if it is a known way; raises `BadInput` naming the ways."""
    if name not in get_args(Standardisation):
        raise BadInput(f"States are standardised {', '.join(get_args(Standardisation))}, not {name[:40]!r}.")
    return name  # type: ignore[return-value]


def labelled_states(model: NLIModel, bitext: BitextBatch, english: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Standardised mean states [2S, d] of states [B, n, d], and their language [2S] (0 is English)."""
    states, language = labelled_means(bitext, english, target)
    return (states - model.centre) / model.scale, language


def labelled_means(bitext: BitextBatch, english: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Mean states [2S, d] of states [B, n, d] as they are, and their language [2S] (0 is English)."""
    states = torch.cat([bitext.english.means(english), bitext.target.means(target)])
    own = bitext.sentence_language
    return states, torch.cat([torch.zeros_like(own), own + 1])


def labelled_tokens(bitext: BitextBatch, english: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Each own token's state, to mean 0 and variance 1 over its dimensions: [N, d], and its language [N]."""
    own = bitext.english.own, bitext.target.own
    states = torch.cat([english[own[0]], target[own[1]]])
    code = (bitext.language + 1).repeat_interleave(own[1].sum(1))
    language = torch.cat([torch.zeros(int(own[0].sum()), dtype=code.dtype, device=code.device), code])
    return nn.functional.layer_norm(states, states.shape[-1:]), language


def standardised_by_batch(states: Tensor, language: Tensor) -> Tensor:
    """States [N, d] less the batch's mean and over its standard deviation, dimension by dimension, with gradient
    through both: no change of the states' scale, about zero or about their mean, changes what is read.

    Every language of the batch weighs the same in mean and deviation, whatever its number of sentences.
    """
    counts = torch.bincount(language)
    share = (1.0 / counts.clamp_min(1).to(states.dtype))[language] / int((counts > 0).sum())
    centred = states - (share[:, None] * states).sum(0)
    variance = (share[:, None] * centred.square()).sum(0)
    return centred / (variance + _LEAST_VARIANCE).sqrt()

"""Words of two languages contrasted in an early layer."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.arms.alignment import Alignment, BitextStates, anchor, anchored_layers, teacher_states
from core.arms.base import Loss, Step
from core.errors import BadInput
from core.later import later
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, pooled


@dataclass(frozen=True)
class LexicalSettings:
    """Strengths and form of lexical injection.

    `layer` is where words are contrasted (None: the first whose states training moves); `link_layer` where the teacher
    finds which subwords translate each other; cosines are divided by `temperature`. The anchor is in
    `anchor_layers`; if empty, in `layer` and the last.
    """

    word_weight: float = 0.1
    sentence_weight: float = 0.1
    anchor_weight: float = 1.0
    layer: int | None = None
    link_layer: int = 8
    temperature: float = 0.1
    ramp: float = 0.1
    anchor_layers: tuple[int, ...] = later(())


class LexicalInjection(Alignment):
    """Teaches an early layer which words translate each other, and leaves it to the layers above to carry that on.

    Contrastive loss in an early layer (targeted lexical injection, arXiv 2506.15415, which trains LoRA with a
    contrastive loss on a list of Swahili-English word pairs in layer 2). Here words come from bitext: subwords that are
    each other's nearest by cosine in a middle layer of the frozen teacher (SimAlign's mutual argmax, arXiv 2004.08728).
    loss = CE + beta KL + w_word N(words) + w_sentence N(sentence means) + w_anchor A, with N the mean of
    -log exp(cos(s, t) / T) / sum_t' exp(cos(s, t') / T) over student states s and the teacher's English states t' of
    the same language's pairs in the batch; A keeps English in place as in transport.
    """

    name = "lexical-injection"
    settings_type = LexicalSettings
    settings: LexicalSettings

    def __init__(
        self, settings: LexicalSettings, teacher: NLIModel | None, languages: tuple[str, ...], seed: int
    ) -> None:
        super().__init__(settings, teacher, languages, seed)
        assert teacher is not None
        first = teacher.config.first_layer + 1
        if settings.layer is not None and settings.layer < first:
            raise BadInput(
                f"Training does not move the states of layer {settings.layer}; choose a layer from {first} on."
            )

    @property
    def lowest_layer(self) -> int:
        return min(self.contrasted_layer, *self.settings.anchor_layers, sys.maxsize)

    @property
    def lowest_of_teacher(self) -> int:
        return min(self.lowest_layer, self.settings.link_layer)

    @property
    def contrasted_layer(self) -> int:
        """The layer whose words are contrasted."""
        assert self.teacher is not None
        return self.settings.layer or self.teacher.config.first_layer + 1

    def loss(self, model: NLIModel, step: Step) -> Loss:
        # The teacher also reads the target, to find the links.
        step.count(self.pairs(step).target.tokens, backward=False)
        return super().loss(model, step)

    def parts(
        self, model: NLIModel, bitext: BitextBatch, states: BitextStates
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        assert self.teacher is not None
        english, target, fixed = bitext.english, bitext.target, states.teacher_english
        last, temperature = len(fixed) - 1, self.settings.temperature
        layer = min(self.contrasted_layer, last)
        link_layer = min(self.settings.link_layer, last)
        with torch.no_grad():
            read = teacher_states(self.teacher, target, self.lowest_of_teacher)
            links = mutual_links(fixed[link_layer], read[link_layer], english.own, target.own)
        means = pooled(states.student_target[layer], target.own), pooled(fixed[layer], english.own)
        alike = bitext.language[:, None] == bitext.language[None, :]
        parts = {
            "word": word_contrast(states.student_target[layer], fixed[layer], links, bitext, temperature),
            "sentence": contrast(*means, alike, temperature),
            "anchor": anchor(
                fixed, states.student_english, english.own, anchored_layers(self.settings, last, (layer, last))
            ),
        }
        logged = {f"lexical_{name}": float(value.detach()) for name, value in parts.items()}
        return parts, logged | {"lexical_links": float(len(links))}


def mutual_links(source: Tensor, target: Tensor, own_source: Tensor, own_target: Tensor) -> Tensor:
    """Own tokens that are each other's nearest by cosine, as rows (pair, source token, target token): [K, 3].

    source [B, n, d], target [B, m, d]; own_source [B, n] and own_target [B, m] mark tokens that are not special.
    """
    cosine = nn.functional.normalize(source, dim=-1) @ nn.functional.normalize(target, dim=-1).transpose(1, 2)
    real = own_source[:, :, None] & own_target[:, None, :]
    cosine = cosine.masked_fill(~real, -2.0)
    forward = nn.functional.one_hot(cosine.argmax(2), cosine.shape[2]).bool()
    backward = nn.functional.one_hot(cosine.argmax(1), cosine.shape[1]).bool().transpose(1, 2)
    return (forward & backward & real).nonzero()


def word_contrast(moved: Tensor, fixed: Tensor, links: Tensor, bitext: BitextBatch, temperature: float) -> Tensor:
    """Contrast of linked tokens, student's target state against the teacher's English one.

    The same English subword elsewhere in the batch is no negative.
    """
    pair, i, j = links.unbind(1)
    word, language = bitext.english.ids[pair, i], bitext.language[pair]
    itself = torch.eye(len(pair), dtype=torch.bool, device=pair.device)
    allowed = (language[:, None] == language[None, :]) & (itself | (word[:, None] != word[None, :]))
    return contrast(moved[pair, j], fixed[pair, i], allowed, temperature)


def contrast(anchors: Tensor, candidates: Tensor, allowed: Tensor, temperature: float) -> Tensor:
    """Mean negative log share of each anchor's own candidate among those allowed (van den Oord, arXiv 1807.03748).

    anchors and candidates [K, d] row by row; allowed [K, K] is true on the diagonal. In nats; 0 if K is 0.
    """
    if len(anchors) == 0:
        return anchors.sum() * 0.0
    cosine = nn.functional.normalize(anchors, dim=-1) @ nn.functional.normalize(candidates, dim=-1).T
    share = (cosine / temperature).masked_fill(~allowed, -torch.inf).log_softmax(-1)
    return -share.diagonal().mean()

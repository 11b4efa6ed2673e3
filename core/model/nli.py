"""The NLI model that every arm trains: encoder, posterior heads, classifier.

A pair is read jointly, `<s> premise </s></s> hypothesis </s>`. Premise and hypothesis are each pooled (mean of
their own token states in the last layer) and mapped by two linear heads to a Gaussian posterior
q(z | x) = N(mu, diag sigma^2). The classifier reads [z_p, z_h, |z_p - z_h|, z_p * z_h], with z sampled in training
and z = mu at test; KL(q || N(0, I)) is added with a small weight (MINOTAUR, arXiv 2307.04096, for the
posteriors; InferSent, arXiv 1705.02364, for the features). The same heads on a single sentence give the
posterior that is aligned across languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from core.config import ModelConfig
from core.errors import BadInput
from core.model.fused_layers import Layers
from core.model.layer_states import LayerStates
from core.reading.blocks import entrance
from core.reading.formats import Reading
from core.reading.precision import Precision, products_in
from core.reading.reader import Reader, reader
from core.reading.recorded import recorded_blocks
from core.reading.sharing import first_layers, last_layers

Batch = TypeVar("Batch", "PairBatch", "TextBatch")
#: What replaces the states [B, n, d] that enter the first trained layer.
Entry = Callable[[Tensor], Tensor]
#: What is done to pooled states [B, d] of one language: a vector [d] added, or a map.
Shift = Tensor | Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Posterior:
    """Diagonal Gaussians: mu and log sigma^2, both [B, k]."""

    mu: Tensor
    log_variance: Tensor

    @property
    def sigma(self) -> Tensor:
        return (0.5 * self.log_variance).exp()

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        # Drawn on the processor and moved: every device sees the same draws.
        noise = torch.randn(self.mu.shape, generator=generator).to(self.mu.device)
        return self.mu + self.sigma * noise

    def kl(self) -> Tensor:
        """KL(q || N(0, I)) in nats, [B]."""
        return 0.5 * (self.mu.square() + self.log_variance.exp() - 1.0 - self.log_variance).sum(-1)


@dataclass(frozen=True)
class PairBatch:
    """A padded batch of pairs: ids and attention [B, n]; premise and hypothesis mark own tokens; label [B].

    `frozen` [B, n, d] are the states that enter the first trained layer, where they are known.
    """

    ids: Tensor
    attention: Tensor
    premise: Tensor
    hypothesis: Tensor
    label: Tensor
    frozen: Tensor | None = None

    @property
    def tokens(self) -> int:
        return int(self.attention.sum())

    def to(self, device: torch.device) -> PairBatch:
        """The batch on `device`."""
        return _moved(self, device)


@dataclass(frozen=True)
class TextBatch:
    """A padded batch of texts: ids and attention [B, n]; `own` marks tokens that are not special.

    A row is one sentence, or two that are read jointly, as premise and hypothesis are; then `parts` marks the tokens of
    the first and of the second, [B, n] each. `frozen` [B, n, d] are the states that enter the student's first trained
    layer, where they are known.
    """

    ids: Tensor
    attention: Tensor
    own: Tensor
    parts: tuple[Tensor, ...] = ()
    frozen: Tensor | None = None

    @property
    def tokens(self) -> int:
        return int(self.attention.sum())

    def to(self, device: torch.device) -> TextBatch:
        """The batch on `device`."""
        return _moved(self, device)

    def rows(self, order: Tensor) -> TextBatch:
        """The rows `order`, in that order."""
        parts = tuple(p[order] for p in self.parts)
        frozen = None if self.frozen is None else self.frozen[order]
        return TextBatch(self.ids[order], self.attention[order], self.own[order], parts, frozen)

    def means(self, states: Tensor) -> Tensor:
        """Mean states of the sentences [S, d]: one of each row; of joint rows all first ones, then all second ones."""
        return torch.cat([pooled(states, part) for part in self.parts or (self.own,)])


def _moved(batch: Batch, device: torch.device) -> Batch:
    """A batch with every tensor of it on `device`."""
    changes: dict[str, Any] = {}
    for field in fields(batch):
        value = getattr(batch, field.name)
        if isinstance(value, Tensor):
            changes[field.name] = value.to(device)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(part.to(device) for part in value)
    return replace(batch, **changes)


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of states [B, n, d] over the true entries of mask [B, n]: [B, d]; zeros where there is none."""
    weight = mask.to(states.dtype)[..., None]
    return (states * weight).sum(1) / weight.sum(1).clamp_min(1.0)


def shifted(states: Tensor, shift: Shift) -> Tensor:
    """Pooled states [B, d] under `shift`."""
    return states + shift if isinstance(shift, Tensor) else shift(states)


class NLIModel(nn.Module):
    """Encoder with posterior heads and classifier.

    `backbone` is a transformers encoder whose trainable parts were chosen beforehand. `centre` and `scale` [d]
    standardise pooled states; they are measured once on the first training pairs (`fit_scale`) and kept.
    """

    centre: Tensor
    scale: Tensor
    #: In which format the encoder's matrix products run; what they give is float32.
    precision: Precision = "float32"
    #: Whose layers run: the library's, or those of `core.model.fused_layers`.
    layers: Layers = "library"
    #: Who reads where nothing is trained (`core.reading`); as it comes, `precision` and `layers` say how.
    reading: Reading = Reading()

    def __init__(self, backbone: nn.Module, config: ModelConfig, width: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.config = config
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.mu = nn.Linear(width, config.posterior_size)
        self.log_variance = nn.Linear(width, config.posterior_size)
        self.classifier = nn.Sequential(
            nn.Linear(4 * config.posterior_size, config.hidden_size),
            nn.GELU(),
            nn.Linear(config.hidden_size, 3),
        )
        nn.init.orthogonal_(self.mu.weight)
        nn.init.zeros_(self.mu.bias)
        nn.init.normal_(self.log_variance.weight, std=1e-3)
        nn.init.constant_(self.log_variance.bias, config.initial_log_variance)

    @property
    def device(self) -> torch.device:
        """Where the model's weights lie."""
        return self.centre.device

    @property
    def depth(self) -> int:
        """How many layers the encoder has."""
        config: Any = self.backbone.config
        return int(config.num_hidden_layers)

    def hidden_states(self, ids: Tensor, attention: Tensor, frozen: Tensor | None = None) -> LayerStates:
        """States of every layer, embeddings first: layers + 1 tensors [B, n, d].

        With `frozen` (what `frozen_states` gave) only the trained layers are run, and those below cannot be read.
        """
        engine, first = self._engine(), self.config.first_layer
        if frozen is not None and engine is not None:
            return LayerStates(engine.upper(frozen, attention, first, range(first, self.depth + 1)), first)
        if frozen is not None:
            with recorded_blocks(self.backbone, first) as reached:
                last = self.states_after(frozen, attention)
            states = [frozen, *reached]
            states[-1] = last  # after the last norm, where there is one
            return LayerStates(states, first)
        if engine is not None:
            return LayerStates(engine.states(ids, attention, range(self.depth + 1)))
        with products_in(self.precision, self.device):
            output = self.backbone(input_ids=ids, attention_mask=attention, output_hidden_states=True)
        return LayerStates([state.float() for state in output.hidden_states])

    def last_states(
        self, ids: Tensor, attention: Tensor, entry: Entry | None = None, frozen: Tensor | None = None
    ) -> Tensor:
        """States of the last layer [B, n, d]; `entry` replaces the states that enter the first trained layer, which
        are `frozen` where that is given."""
        if frozen is not None:
            return self.states_after(frozen if entry is None else entry(frozen), attention)
        if (engine := self._engine()) is not None and entry is None:
            return engine.states(ids, attention, [self.depth])[0]
        hook = None
        if entry is not None:
            hook = self.first_trained().register_forward_pre_hook(_replacing(entry), with_kwargs=True)
        try:
            with products_in(self.precision, self.device):
                output = self.backbone(input_ids=ids, attention_mask=attention)
        finally:
            if hook is not None:
                hook.remove()
        states: Tensor = output.last_hidden_state.float()
        return states

    def first_trained(self) -> nn.Module:
        """The first layer that training changes: below it all states are the frozen encoder's.

        Of an encoder whose layers share their weights, the first that shares trained ones.
        """
        found = entrance(self.backbone, self.config.first_layer)
        if found is None:
            raise BadInput("The layers of this kind of encoder cannot be found, so that none can be trained alone.")
        return found

    def posterior(self, pooled_states: Tensor) -> Posterior:
        """The posterior of pooled states [B, d]; log sigma^2 is kept in [-10, 4]."""
        standard = (pooled_states - self.centre) / self.scale
        return Posterior(self.mu(standard), self.log_variance(standard).clamp(-10.0, 4.0))

    def classify(self, premise: Tensor, hypothesis: Tensor) -> Tensor:
        """Logits [B, 3] (entailment, neutral, contradiction) from two latent vectors [B, k]."""
        features = [premise, hypothesis, (premise - hypothesis).abs(), premise * hypothesis]
        logits: Tensor = self.classifier(torch.cat(features, -1))
        return logits

    def frozen_states(self, ids: Tensor, attention: Tensor) -> Tensor | None:
        """States [B, n, d] that enter the first trained layer, the same for every arm; None for an encoder that cannot
        be cut there."""
        lower = first_layers(self.backbone, self.config.first_layer)
        if lower is None:
            return None
        if (engine := self._engine()) is not None:
            return engine.states(ids, attention, [self.config.first_layer])[0]
        with products_in(self.precision, self.device):
            states: Tensor = lower(input_ids=ids, attention_mask=attention).last_hidden_state
        return states

    def states_after(self, frozen: Tensor, attention: Tensor) -> Tensor:
        """`last_states` from `frozen_states`: only the trained layers are run."""
        if (engine := self._engine()) is not None:
            return engine.upper(frozen, attention, self.config.first_layer, [self.depth])[0]
        upper = last_layers(self.backbone, self.config.first_layer)
        if upper is None:  # the whole model, whose layers below run in vain: ids of nothing
            return self.last_states(torch.zeros_like(attention), attention, lambda _: frozen)
        with products_in(self.precision, self.device):
            output = upper(inputs_embeds=frozen, attention_mask=attention)
        states: Tensor = output.last_hidden_state.float()
        return states

    def _engine(self) -> Reader | None:
        """What reads instead of the backbone's own pass: nothing unless it was chosen, and never for a gradient."""
        if self.reading == Reading() or torch.is_grad_enabled():
            return None
        return reader(self.backbone, self.reading)

    def pair_posteriors(
        self, batch: PairBatch, entry: Entry | None = None, shift: Shift | None = None
    ) -> tuple[Posterior, Posterior]:
        """Posteriors of premise and hypothesis, read jointly."""
        batch = batch.to(self.device)
        states = self.last_states(batch.ids, batch.attention, entry, batch.frozen)
        premise, hypothesis = (pooled(states, own) for own in (batch.premise, batch.hypothesis))
        if shift is not None:
            premise, hypothesis = shifted(premise, shift), shifted(hypothesis, shift)
        return self.posterior(premise), self.posterior(hypothesis)

    def task_loss(
        self,
        batch: PairBatch,
        generator: torch.Generator | None = None,
        entry: Entry | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Cross-entropy, KL (both scalars, nats per pair) and logits of a batch, with sampled latents."""
        premise, hypothesis = self.pair_posteriors(batch, entry)
        logits = self.classify(premise.sample(generator), hypothesis.sample(generator))
        loss = nn.functional.cross_entropy(logits, batch.label.to(logits.device))
        return loss, (premise.kl() + hypothesis.kl()).mean(), logits

    def predict(self, batch: PairBatch, shift: Shift | None = None) -> Tensor:
        """Probabilities [B, 3] with z = mu; `shift` changes the pooled states of premise and hypothesis."""
        premise, hypothesis = self.pair_posteriors(batch, shift=shift)
        return self.classify(premise.mu, hypothesis.mu).softmax(-1)

    @torch.no_grad()
    def fit_scale(self, batches: list[PairBatch]) -> None:
        """Set `centre` and `scale` to the mean and deviation of the pooled states of `batches`."""
        rows = []
        for batch in (each.to(self.device) for each in batches):
            states = self.last_states(batch.ids, batch.attention)
            rows += [pooled(states, batch.premise), pooled(states, batch.hypothesis)]
        values = torch.cat(rows)
        self.centre.copy_(values.mean(0))
        self.scale.copy_(values.std(0).clamp_min(1e-4))


def _replacing(
    entry: Entry,
) -> Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], tuple[Any, dict[str, Any]] | None]:
    """Replace what enters a module the first time that it is called in a pass: layers may share it."""
    entered: list[bool] = []

    def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
        if entered:
            return None
        entered.append(True)
        if args:
            return (entry(args[0]), *args[1:]), kwargs
        return args, kwargs | {"hidden_states": entry(kwargs["hidden_states"])}

    return hook

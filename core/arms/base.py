"""What every arm is: a loss added to the English task loss, and the settings it needs."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, PairBatch

#: Which measure on held-out bitext tells whether an arm's objective improved.
Judge = Literal["transport", "language"]


@dataclass
class Step:
    """One update's inputs, and the counts that make unequal compute visible.

    share goes from 0 to 1 over training; `forward` and `backward` count real tokens as the arm uses them.
    """

    nli: PairBatch
    bitext: BitextBatch | None
    share: float
    generator: torch.Generator
    forward: int = 0
    backward: int = 0

    def count(self, tokens: int, backward: bool = True) -> None:
        self.forward += tokens
        self.backward += tokens if backward else 0


@dataclass(frozen=True)
class Loss:
    """The differentiable total of an update, and the numbers to log."""

    total: Tensor
    logged: dict[str, float]


@dataclass(frozen=True)
class NoSettings:
    """An arm without settings."""


@dataclass(frozen=True)
class LabelledItems:
    """`items` of XNLI validation with ids `first` to `last`, over all aligned languages; `an_update` of them an
    update."""

    items: int
    an_update: int
    first: int
    last: int


class Arm(nn.Module):
    """One recipe. A subclass's docstring is its text in the app.

    `teacher` is the frozen warm start of the same seed. Parameters that an arm owns (a discriminator) belong to the
    module, so that a checkpoint holds them.

    A part or a control names in `inherits` the main arms whose chosen strengths it takes over, and in `off` the
    weights that are 0 in it whatever those are. `judged_by` says which measure on held-out bitext tells whether the
    objective improved: "transport" (the transport cost of pairs), "language" (a fresh language probe), or None.
    """

    name: ClassVar[str]
    uses_bitext: ClassVar[bool] = False
    settings_type: ClassVar[type] = NoSettings
    inherits: ClassVar[tuple[str, ...]] = ()
    off: ClassVar[tuple[str, ...]] = ()
    judged_by: ClassVar[Judge | None] = None

    def __init__(self, settings: Any, teacher: NLIModel | None, languages: tuple[str, ...], seed: int) -> None:
        super().__init__()
        self.settings = settings
        self.languages = languages
        self.seed = seed
        # Not a registered submodule: the teacher is never trained nor saved with the arm.
        object.__setattr__(self, "teacher", teacher)

    teacher: NLIModel | None

    @property
    def lowest_layer(self) -> int:
        """The lowest layer of the model in training that the loss reads, as the settings say: here the lowest of those
        whose names end in `_layer` or `_layers`. One above the last stands for the last.

        Training may begin at this layer, from kept states: a loss that reads a layer below it ends in an error.
        """
        layers: list[int] = []
        for field in dataclasses.fields(self.settings):
            if field.name.endswith("_layer"):
                layers.append(getattr(self.settings, field.name))
            elif field.name.endswith("_layers"):
                layers += getattr(self.settings, field.name)
        return min(layers, default=sys.maxsize)

    def loss(self, model: NLIModel, step: Step) -> Loss:
        """The arm's whole loss for one update; by default the task loss alone."""
        return self.task(model, step)

    def task(self, model: NLIModel, step: Step) -> Loss:
        """Cross-entropy plus the weighted KL term, which is in every arm."""
        cross_entropy, kl, logits = model.task_loss(step.nli, step.generator)
        step.count(step.nli.tokens)
        right = (logits.detach().argmax(-1) == step.nli.label).float().mean()
        logged = {
            "task_loss": float(cross_entropy.detach()),
            "kl": float(kl.detach()),
            "train_accuracy": 100.0 * float(right),
        }
        return Loss(cross_entropy + model.config.kl_weight * kl, logged)

    def extra_state(self) -> dict[str, Tensor]:
        """Tensors besides parameters that a checkpoint must hold (an inner optimiser's moments)."""
        return {}

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        """Put back what `extra_state` gave."""

    @classmethod
    def parse_settings(cls, given: dict[str, Any]) -> Any:
        """Settings from plain values; raises `BadInput` for a name that the arm does not have, or a weight that is
        off in it."""
        known = {f.name for f in dataclasses.fields(cls.settings_type)} - set(cls.off)
        unknown = sorted(set(given) - known)
        if unknown:
            raise BadInput(
                f"The arm {cls.name} has no setting {unknown[0]!r}; it has {', '.join(sorted(known)) or 'none'}."
            )
        lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
        return cls.settings_type(**given | lists, **dict.fromkeys(cls.off, 0.0))

    @classmethod
    def pairs_an_update(cls, settings: Any, planned: int) -> int:
        """How many English pairs the arm reads an update, where `planned` are those of every arm."""
        return planned

    @classmethod
    def labelled_items(cls, settings: Any) -> LabelledItems | None:
        """The labelled items of other languages that the arm reads beside the English pairs; None for none."""
        return None

    @classmethod
    def inherit(cls, chosen: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Of the settings chosen for the main arms (by arm), those that this arm takes over."""
        known = {f.name for f in dataclasses.fields(cls.settings_type)} - set(cls.off)
        taken = {name: value for arm in cls.inherits for name, value in chosen.get(arm, {}).items()}
        return {name: value for name, value in taken.items() if name in known}


def ramp(share: float, length: float) -> float:
    """Rises linearly from 0 to 1 over the first `length` of training, then stays."""
    return 1.0 if length <= 0 else min(1.0, share / length)


def sigmoid_ramp(share: float) -> float:
    """Rises from 0 towards 1 over all of training, 2 / (1 + exp(-10 p)) - 1 at the share p (Ganin et al., JMLR 2016,
    arXiv 1505.07818): .46 after a tenth, .99 at the middle."""
    return 2.0 / (1.0 + math.exp(-10.0 * share)) - 1.0

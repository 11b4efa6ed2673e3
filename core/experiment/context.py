"""What every measure of a run is given: the models, the data, the configuration, and what several measures share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.arms.erase_language import EraseLanguage
from core.arms.without_training import Centring
from core.config import RunConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.experiment.held_out import HeldOutComparison
from core.model.nli import NLIModel, Shift
from core.model.weights import adapted_encoder, in_precision
from core.reading.precision import check_precision


@dataclass(frozen=True)
class EvaluationContext:
    """What is evaluated: a frozen model, the frozen warm start it came from (None for a warm start), the folder for
    what other runs can use again, and what is done to the model's pooled states by language, if anything is.

    With `sealed` the labels of the split that is read are written nowhere, and no score rests on them
    (`core.experiment.studies.seal`)."""

    model: NLIModel
    teacher: NLIModel | None
    encoder: Encoder
    catalog: Catalog
    config: RunConfig
    cache: Path
    edit: Centring | EraseLanguage | None = None
    sealed: bool = False

    @property
    def kept(self) -> tuple[Path, str]:
        """Where the frozen layers' states are kept, and whose they are."""
        return self.cache / "frozen-states", encoder_identity(self.encoder)

    @property
    def has_extended_evaluation(self) -> bool:
        """Whether the run is one that is also read under harder inputs, layer by layer and plan by plan."""
        reading = self.config.evaluation
        everywhere = not reading.everywhere or self.config.name in reading.everywhere
        return self.config.seed in reading.robust_seeds and everywhere

    @cached_property
    def reader(self) -> NLIModel:
        """The model in the precision that it is evaluated in."""
        return in_precision(self.model, check_precision(self.config.evaluation.precision))

    @property
    def adapted(self) -> Encoder:
        """The encoder with the model's weights."""
        return adapted_encoder(self.model, self.encoder)

    @cached_property
    def held_out(self) -> HeldOutComparison:
        """The model beside its warm start on bitext that neither has seen."""
        return HeldOutComparison(self.model, self.teacher or self.model, self.encoder, self.catalog, self.config)

    def shift(self, language: str) -> Shift | None:
        """What is done to pooled states of a language."""
        if not isinstance(self.edit, Centring):
            return self.edit
        if language not in self.edit.languages:
            return None
        return self.edit.shifts[self.edit.languages.index(language)]

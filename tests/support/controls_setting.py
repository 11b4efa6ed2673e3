"""What the tests of the controls share: a tiny encoder over the starter set, arms built and trained on it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from core.data.catalog import starter_catalog
from core.encoder.encoder import Encoder
from tests.support.late import COLLECTING, bring_in
from tests.support.tiny import MODEL, configuration, tiny_encoder

if not COLLECTING:
    from core.arms.base import Arm, Step
    from core.arms.registry import find_arm
    from core.model.bitext_batch import BitextBatch, collate_bitext
    from core.model.nli import NLIModel
    from core.model.weights import frozen, new_model
    from core.training.arm import train_arm, update_generator
    from core.training.bitext_pairs import BitextBatches
    from core.training.english import EnglishBatches
    from core.training.loop import TrainingState

LANGUAGES = ("sw", "th")
CONTROLS = (
    "transport-token", "transport-posterior", "adversarial-language", "adversarial-perturbation", "mean-matching",
    "transport-shuffled", "hybrid", "adversarial-critic", "adversarial-contrastive", "lexical-injection",
    "anchor-only", "english-compute", "smoothing", "few-shot",
)  # fmt: skip


@dataclass
class Setting:
    """Forty updates' batches of English pairs and of bitext in two languages."""

    tiny: Encoder
    english: EnglishBatches
    bitext: BitextBatches
    done: dict[str, tuple[NLIModel, NLIModel, Arm]] = field(default_factory=dict)

    def model(self) -> NLIModel:
        model = new_model(self.tiny, MODEL, 0)
        model.fit_scale([self.english.pairs(k) for k in range(4)])
        return model

    def arm(self, name: str, settings: dict[str, Any], model: NLIModel, teacher: NLIModel | None = None) -> Arm:
        """The arm with the frozen `model` as its teacher, unless another is given."""
        kind = find_arm(name)
        return kind(kind.parse_settings(settings), teacher or frozen(model), LANGUAGES, 0)

    def step(self, update: int = 0, share: float = 1.0) -> Step:
        return Step(self.english.pairs(update), self.bitext(update), share, update_generator(0, update))

    def batches(self, update: int) -> Any:
        return self.english.pairs(update), self.bitext(update)

    def trained(
        self, name: str, settings: dict[str, Any], updates: int = 40, repeat: bool = False
    ) -> tuple[NLIModel, NLIModel, Arm]:
        """The teacher, the model trained from it, and the arm that did it; `repeat`: always on the first batches.

        The same training is done once; tests read its model and do not train it further.
        """
        key = repr((name, sorted(settings.items()), updates, repeat))
        if key not in self.done:
            self.done[key] = self._train(name, settings, updates, repeat)
        return self.done[key]

    def _train(self, name: str, settings: dict[str, Any], updates: int, repeat: bool) -> tuple[NLIModel, NLIModel, Arm]:
        model = self.model()
        arm = self.arm(name, settings, model)
        config = dataclasses.replace(configuration(name).training, updates=updates)
        batches = (lambda update: self.batches(0)) if repeat else self.batches
        train_arm(model, arm, batches, config, 0, TrainingState())
        assert arm.teacher is not None
        return arm.teacher, model, arm

    def whole_bitext(self) -> BitextBatch:
        rows = [row for rows in self.bitext.pairs for row in rows]
        return collate_bitext(rows, [code for code in (0, 1) for _ in self.bitext.pairs[code]], self.bitext.pad)


def make_setting(encoder: Encoder) -> Setting:
    bring_in(__name__)
    tiny, catalog = tiny_encoder(encoder), starter_catalog()
    config = configuration("transport", updates=40)
    bitexts = [catalog.training_bitext(code) for code in LANGUAGES]
    data = dataclasses.replace(config.data, bitext_batch=8)
    return Setting(tiny, EnglishBatches(tiny, catalog, config.training, 0), BitextBatches(tiny, bitexts, data, 40, 0))

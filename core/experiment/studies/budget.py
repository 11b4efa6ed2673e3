"""What a study takes: minutes of processor time and megabytes, from a probe of this machine and the study's runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.arms.registry import find_arm
from core.arms.without_training import APPLIED, TranslateTest
from core.config import ModelConfig, RunConfig, content_hash
from core.data.catalog import Catalog
from core.experiment.items_read import main_reading
from core.experiment.studies.probe import Probe, TrainingCost, lengths, training_kind
from core.experiment.train_run import pairs_an_update

#: The arm whose items are other texts than everybody's.
TRANSLATED = TranslateTest.name
#: The embedded encoder's width, that of its feed-forward maps, and its layers; a run's tables and an item's prediction.
_WIDTH, _INNER, _LAYERS = 384, 1536, 12
TABLES_MB, ITEM_MB = 0.6, 15e-6


@dataclass(frozen=True)
class RunCost:
    """Processor minutes and megabytes of one run."""

    config: RunConfig
    minutes: float
    disk_mb: float


#: Seconds to be counted the first time that what they make is asked for by its key, and 0 once it is there.
Once = Callable[[object, float], float]


def run_costs(planned: Sequence[RunConfig], catalog: Catalog, probe: Probe) -> list[RunCost]:
    """The planned runs' costs, in the order in which they are made: what one keeps for the next is made once.

    Not counted: the parts of the extended evaluation that a few runs take beside items (word alignment and language by
    layer, plans of premises), and starting a process.
    """
    seen: set[object] = set()

    def once(key: object, seconds: float) -> float:
        new = key not in seen
        seen.add(key)
        return seconds if new else 0.0

    read: dict[str, dict[tuple[str, str, int], tuple[int, int]]] = {}
    costs = []
    for config in planned:
        cost = probe.trainings[training_kind(config)]
        trained = config.arm not in APPLIED
        what = content_hash([config.arm if not trained else "", config.name, config.as_dict()["evaluation"],
                             config.warm_start is None])  # fmt: skip
        if what not in read:
            read[what] = lengths(catalog, config)
        seconds = cost.setup + cost.fit + (2 if config.warm_start and trained else 1) * probe.load
        if trained:
            seconds += _training(config, cost, probe, once)
            seconds += sum((probe.measures if config.warm_start else probe.start_measures).values())
        translated = config.arm == TRANSLATED
        for key, (characters, _) in read[what].items():
            seconds += characters * probe.character
            seconds += once(("items", translated, *key), characters * probe.character_fill)
        items = sum(number for _, number in read[what].values())
        if trained and items:
            each = sum(characters for characters, _ in read[what].values()) / items
            seconds += _beside(config, catalog, probe, each, once)
        size = items * probe.item_mb + (probe.weights_mb + probe.tables_mb if trained else 0.0)
        costs.append(RunCost(config, seconds / 60.0, size))
    return costs


def _training(config: RunConfig, cost: TrainingCost, probe: Probe, once: Once) -> float:
    """Seconds of the updates; the arms of a seed share what the frozen layers give."""
    updates, pairs = config.training.updates, pairs_an_update(config)
    seconds = updates * cost.update + updates * pairs * probe.encode
    key = (config.seed, pairs, updates, config.training.max_tokens, config.warm_start is None)
    seconds += once(("english", *key), updates * cost.english_fill)
    if find_arm(config.arm).uses_bitext:
        joint = bool(config.settings.get("joint"))
        seconds += once(("bitext", joint, *key), updates * cost.bitext_fill)
    return seconds


def _beside(config: RunConfig, catalog: Catalog, probe: Probe, characters: float, once: Once) -> float:
    """Seconds of items read beside the benchmark, of so many characters each: English validation for calibration, and
    harder inputs."""
    reading, seconds = config.evaluation, 0.0
    if reading.calibrate:
        size = len(catalog.xnli("validation", "en").items) * characters
        seconds += size * probe.character + once("calibration", size * probe.character_fill)
    if config.seed in reading.robust_seeds and config.name in reading.everywhere:
        languages = len(main_reading(catalog, config).languages)
        harder = reading.generalised_items * languages**2
        harder += reading.robust_items * 3 * (1 + len(config.aligned_languages))
        seconds += harder * characters * probe.character
        seconds += once("harder", harder * characters * probe.character_fill)
    return seconds


def disk_without_probe(planned: Sequence[RunConfig], catalog: Catalog) -> float:
    """Megabytes of the runs' folders on the embedded encoder, from the sizes of their weights and tables."""
    whole = 0.0
    for config in planned:
        items = sum(number for _, number in lengths(catalog, config).values())
        weights = _weights_mb(config.model) + TABLES_MB if config.arm not in APPLIED else 0.0
        whole += items * ITEM_MB + weights
    return whole


def _weights_mb(model: ModelConfig) -> float:
    """What training changes, in half precision: adapters or layers, two posterior heads and the classifier."""
    maps = 4 * (_WIDTH + _WIDTH), 2 * (_WIDTH + _INNER)
    layer = sum(maps) * model.rank if model.tuning == "lora" else 4 * _WIDTH * _WIDTH + 2 * _WIDTH * _INNER
    heads = 2 * _WIDTH * model.posterior_size + 4 * model.posterior_size * model.hidden_size
    return 2 * ((_LAYERS - model.first_layer) * layer + heads) / 1e6

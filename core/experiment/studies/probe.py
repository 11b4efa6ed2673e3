"""What a study's runs cost on this machine, in seconds of processor time: a few updates and items of each, measured.

The project's own training and reading are run as they are, in a workspace of their own that is removed afterwards: each
kind of training for `UPDATES` updates at its real batches, each measure once. `core.experiment.studies.budget` makes
minutes of it.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from os import cpu_count
from pathlib import Path

import torch

from core.arms.names import WARM_START
from core.arms.registry import find_arm
from core.arms.without_training import APPLIED
from core.config import RunConfig, content_hash
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.errors import BadInput
from core.experiment.context import EvaluationContext
from core.experiment.items_read import items_to_read
from core.experiment.measures.registry import MEASURES
from core.experiment.run_tables import write_json
from core.experiment.train_run import pairs_an_update, train_run
from core.experiment.untrained_arms import apply_arm
from core.files import atomic_write
from core.model.batches import encode_items
from core.model.weights import WEIGHTS, load_arm
from core.progress import Progress, silent
from core.run_folder.tables import RECORD
from core.training.english import training_pairs
from core.workspace import CHECKOUT, Workspace

#: Updates of each kind of training, items read in all, and sentence pairs of the measures that count them, at most.
UPDATES, ITEMS, PAIRS = 6, 180, 30
#: Measures that read NLI items, or that only a few runs take: counted by items, or left out and said.
_BY_ITEMS = ("predictions", "calibration", "robustness")
_EXTENDED = ("alignment", "probe by layer")
#: Measures that set a run beside its warm start, and so cost a warm start less.
_BESIDE_START = ("held-out bitext", "collapse")
_FORMAT = 1


@dataclass(frozen=True)
class TrainingCost:
    """Seconds of one kind of training: `setup` once, `update` each where the frozen layers' states are there, and what
    making those adds to an update, of English and of bitext. `fit` is what an arm without training does first."""

    setup: float
    update: float = 0.0
    english_fill: float = 0.0
    bitext_fill: float = 0.0
    fit: float = 0.0


@dataclass(frozen=True)
class Probe:
    """Seconds of processor time, measured. `trainings` by `training_kind`; `encode` a pair of training; `character` of
    an item read, `character_fill` more where the frozen layers' states are made; `load` a model; `measures` by name,
    of a run with a warm start and of a warm start. `weights_mb` and `tables_mb` a run's folder takes, without
    predictions; `item_mb` an item of them."""

    trainings: dict[str, TrainingCost]
    encode: float
    character: float
    character_fill: float
    load: float
    measures: dict[str, float]
    start_measures: dict[str, float]
    weights_mb: float
    tables_mb: float
    item_mb: float
    threads: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def training_kind(config: RunConfig) -> str:
    """Equal for runs whose updates cost the same: one arm with its settings, batches and sizes, whatever the seed."""
    content = config.as_dict()
    kept = {key: content[key] for key in ("arm", "settings", "model", "training")}
    data = {key: value for key, value in content["data"].items() if key not in ("fingerprint", "nli_pairs")}
    return content_hash([kept, data])


def probe(
    planned: Sequence[RunConfig], workspace: Workspace, catalog: Catalog, encoder: Encoder, progress: Progress = silent
) -> Probe:
    """Measure what the planned runs cost, or find it measured before: it is kept by all that changes it, and measured
    anew when data, code, settings, machine or the number of torch's threads are others."""
    path = workspace.cache / "probes" / f"{_identity(planned, catalog, encoder)}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        trainings = {kind: TrainingCost(**cost) for kind, cost in found.pop("trainings").items()}
        return Probe(trainings=trainings, **found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".probe-", dir=workspace.cache) as folder:
        measured = _Measuring(Path(folder), catalog, encoder, progress).all(planned)
    atomic_write(path, json.dumps(measured.as_dict()))
    return measured


class _Measuring:
    """One probe: its workspace, and the trained models that it leaves there."""

    def __init__(self, home: Path, catalog: Catalog, encoder: Encoder, progress: Progress) -> None:
        self.home, self.catalog, self.encoder, self.progress = home, catalog, encoder, progress
        self.workspace = Workspace(home)
        for folder in (self.workspace.runs, self.workspace.cache):
            folder.mkdir(exist_ok=True)

    def all(self, planned: Sequence[RunConfig]) -> Probe:
        began = time.process_time()
        kinds = {training_kind(config): config for config in reversed(planned)}
        ordered = [config for config in planned if kinds.get(training_kind(config)) is config]
        steps = len(ordered) + 2
        self.starts = {config.run_id: config for config in planned}
        trainings: dict[str, TrainingCost] = {}
        fills: dict[bool, float] = {}
        self._train(planned[0], 1, self._fresh("first"))  # what a process does at its first update is not measured
        for done, config in enumerate(ordered):
            self.progress(done, steps, f"{UPDATES} updates of {config.name}")
            trainings[training_kind(config)] = (
                self._applied(config) if config.arm in APPLIED else self._trained(config, fills)
            )
        read = next((config for config in ordered if config.arm not in (*APPLIED, WARM_START)), planned[-1])
        self.progress(len(ordered), steps, "reading items")
        character, fill, item_mb = self._read(read)
        self.progress(len(ordered) + 1, steps, "the measures")
        measures = self._measured(read, True)
        tables = sum(path.stat().st_size for path in (self.home / "measured").glob("*.parquet")) / 1e6
        start_measures = measures | self._measured(read, False)
        found = Probe(
            trainings, self._encode(read), character, fill, self._load(), measures, start_measures,
            (self.workspace.run(read.run_id) / WEIGHTS).stat().st_size / 1e6, tables, item_mb,
            torch.get_num_threads(), time.process_time() - began,
        )  # fmt: skip
        self.progress(steps, steps, "")
        return found

    def _train(self, config: RunConfig, updates: int, folder: Path) -> list[float]:
        """Train so many updates into `folder`; the processor time when it began, after each update, and at the end."""
        folder.mkdir(exist_ok=True)
        short = replace(
            config, training=replace(config.training, updates=updates),
            data=replace(config.data, nli_pairs=updates * config.training.batch_pairs),
        )  # fmt: skip
        times = [time.process_time()]

        def note(done: int, total: int, text: str = "") -> None:
            times.append(time.process_time())

        train_run(short, self.workspace, self.catalog, self.encoder, folder, note)
        # A run that begins from this one skips the pairs that it would have read whole.
        write_json(folder / RECORD, {"nli_pairs": config.training.updates * pairs_an_update(config)})
        return [*times, time.process_time()]

    def _trained(self, config: RunConfig, fills: dict[bool, float]) -> TrainingCost:
        """`fills` gives what making the frozen states takes: a pair of English (False), an update's bitext (True)."""
        self._start_of(config)
        updates = min(UPDATES, max(2, config.training.updates))
        shutil.rmtree(self.workspace.cache, ignore_errors=True)
        self.workspace.cache.mkdir()
        cold = self._train(config, updates, self.workspace.run(config.run_id))
        update = (cold[-2] - cold[1]) / (updates - 1)
        setup = cold[1] - cold[0] - update + cold[-1] - cold[-2]
        bitext, pairs = find_arm(config.arm).uses_bitext, pairs_an_update(config)
        if bitext not in fills:  # once with bitext and once without: the same layers for every arm
            warm = self._train(config, updates, self._fresh("again"))
            fill = max(0.0, update - (warm[-2] - warm[1]) / (updates - 1))
            fills[bitext] = max(0.0, fill - fills.get(False, 0.0) * pairs) if bitext else fill / pairs
        english_fill = min(update, fills.get(False, 0.0) * pairs)
        bitext_fill = min(update - english_fill, fills[True]) if bitext else 0.0
        return TrainingCost(max(0.0, setup), update - english_fill - bitext_fill, english_fill, bitext_fill)

    def _start_of(self, config: RunConfig) -> None:
        """Make sure of the model that the run begins from."""
        start = self.starts.get(str(config.warm_start))
        if start is not None and not (self.workspace.run(start.run_id) / WEIGHTS).is_file():
            self._start_of(start)
            self._train(start, 2, self.workspace.run(start.run_id))

    def _applied(self, config: RunConfig) -> TrainingCost:
        """What the arm does before it reads, by its cost a pair: from the difference between few pairs and more."""
        self._start_of(config)
        pairs = config.data.bitext_pairs
        if not APPLIED[config.arm].uses_bitext or not pairs:
            return TrainingCost(0.0)
        spent, used = [], []
        for size in (min(pairs, PAIRS // 3), min(pairs, PAIRS)):
            short = replace(self._few_items(config, 3), data=replace(config.data, bitext_pairs=size))
            folder = self._fresh("applied")
            with _seconds() as seconds:
                used.append(apply_arm(short, self.workspace, self.catalog, self.encoder, folder))
            spent.append(seconds())
        each = (spent[1] - spent[0]) / (used[1] - used[0]) if used[1] > used[0] else spent[1] / max(1, used[1])
        return TrainingCost(0.0, fit=max(0.0, each) * pairs * len(config.data.bitext_languages))

    def _few_items(self, config: RunConfig, items: int) -> RunConfig:
        reading = replace(config.evaluation, english_items=items, other_items=items, calibrate=False, robust_seeds=())
        return replace(config, evaluation=reading)

    def _read(self, config: RunConfig) -> tuple[float, float, float]:
        """Seconds a character read, and more where the frozen states are made; megabytes an item of predictions."""
        languages = max(1, len(lengths(self.catalog, config)))
        short = self._few_items(config, max(6, ITEMS // languages))
        read = lengths(self.catalog, short).values()
        characters, items = max(1, sum(one for one, _ in read)), sum(number for _, number in read)
        spent = []
        for name in ("cold", "warm"):
            folder = self._fresh(name)
            context = self._context(short, True)
            with _seconds() as seconds:
                MEASURES["predictions"](context, folder, silent)
            spent.append(seconds())
        size = (self.home / "warm" / "predictions.parquet").stat().st_size / 1e6
        return spent[1] / characters, max(0.0, spent[0] - spent[1]) / characters, size / max(1, items)

    def _measured(self, config: RunConfig, teacher: bool) -> dict[str, float]:
        """Seconds of every measure that is not counted by items, at the study's own sizes."""
        reading = config.evaluation
        held_out, retrieval = (min(PAIRS, n) for n in (reading.held_out_pairs, reading.retrieval_pairs))
        searched = [c for c in config.data.bitext_languages if c in self.catalog.retrieval_languages()]
        pairs = [min(reading.retrieval_pairs, len(self.catalog.retrieval(code).pairs)) for code in searched]
        whole_retrieval = max(pairs, default=retrieval)
        scale = {
            "held-out bitext": reading.held_out_pairs / max(1, held_out),
            "collapse": reading.held_out_pairs / max(1, held_out),
            "retrieval": max(1.0, whole_retrieval / max(1, retrieval)),
        }
        short = self._few_items(config, 0)
        short = replace(
            short, evaluation=replace(short.evaluation, held_out_pairs=held_out, retrieval_pairs=retrieval)
        )  # fmt: skip
        if not teacher:
            short = replace(short, warm_start=None, arm=WARM_START, settings={})
        folder = self._fresh("measured")
        write_json(folder / "training.json", {"update": 1, "curves": [], "seconds": 0.0})
        context = self._context(short, teacher)
        seconds: dict[str, float] = {}
        for name, measure in MEASURES.items():
            if name in _BY_ITEMS or name in _EXTENDED or not (teacher or name in _BESIDE_START):
                continue
            with _seconds() as spent:
                measure(context, folder, silent)
            seconds[name] = spent() * scale.get(name, 1.0)
        return seconds

    def _context(self, config: RunConfig, teacher: bool) -> EvaluationContext:
        model = load_arm(self.workspace.run(self._model), self.encoder)
        start = load_arm(self.workspace.run(self._model), self.encoder) if teacher else None
        # Sealed: what is read of a test split is timed, and nothing is learned of how well it was answered.
        return EvaluationContext(
            model, start, self.encoder, self.catalog, config, self.workspace.cache, sealed=True
        )  # fmt: skip

    @property
    def _model(self) -> str:
        return next(path.parent.name for path in sorted(self.workspace.runs.glob(f"*/{WEIGHTS}")))

    def _encode(self, config: RunConfig) -> float:
        items = training_pairs(self.catalog, 256, config.seed, 0, config.data.nli_repeats)
        with _seconds() as spent:
            encode_items(self.encoder, items, config.training.max_tokens)
        return spent() / len(items)

    def _load(self) -> float:
        with _seconds() as spent:
            load_arm(self.workspace.run(self._model), self.encoder)
        return spent()

    def _fresh(self, name: str) -> Path:
        """An empty folder."""
        shutil.rmtree(self.home / name, ignore_errors=True)
        (self.home / name).mkdir()
        return self.home / name


def lengths(catalog: Catalog, config: RunConfig) -> dict[tuple[str, str, int], tuple[int, int]]:
    """Characters and number of the items that a run reads, by what they are: split, language and number."""
    return {
        (read.split, read.language, len(read.items)): (
            sum(len(item.premise) + len(item.hypothesis) for item in read.items), len(read.items),
        )
        for read in items_to_read(catalog, config)
    }  # fmt: skip


@contextmanager
def _seconds() -> Iterator[Callable[[], float]]:
    """Processor seconds of this process in the context, told by what it gives."""
    began = time.process_time()
    ended: list[float] = []
    yield lambda: ended[0] - began
    ended.append(time.process_time())


def _identity(planned: Sequence[RunConfig], catalog: Catalog, encoder: Encoder) -> str:
    if not planned:
        raise BadInput("The study has no run to measure.")
    kinds = sorted({training_kind(config) for config in planned})
    readings = sorted({content_hash(config.as_dict()["evaluation"]) for config in planned})
    machine = [platform.processor() or platform.machine(), platform.node(), cpu_count(), torch.get_num_threads()]
    return content_hash(
        [
            _FORMAT,
            kinds,
            readings,
            catalog.fingerprint(),
            encoder_identity(encoder),
            machine,
            torch.__version__,
            _code(),
        ]
    )


def _code() -> str:
    """A hash of the code: what training and reading import lies in most folders of `core`."""
    digest = sha256()
    for path in sorted((CHECKOUT / "core").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()

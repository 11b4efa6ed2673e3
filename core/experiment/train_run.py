"""Training the model of a run: from its warm start, or from a checkpoint, to weights in its folder."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

from core.arms.base import Arm
from core.arms.registry import find_arm
from core.config import RunConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.experiment.finished import Finished
from core.experiment.run_tables import write_json
from core.experiment.same_training import COUNTS
from core.files import atomic_draft
from core.model.bitext_batch import BitextBatch
from core.model.entry_states import EntryStates
from core.model.fused_layers import check_layers
from core.model.nli import NLIModel, PairBatch
from core.model.weights import WEIGHTS, frozen, in_precision, load_trainable, new_model, save_model
from core.progress import Progress
from core.reading.precision import check_precision
from core.training.arm import train_arm
from core.training.bitext_pairs import BitextBatches
from core.training.checkpoint import load_checkpoint, save_checkpoint
from core.training.english import EnglishBatches
from core.training.labelled import LabelledBatches, check_unread
from core.training.loop import TrainingState
from core.workspace import Workspace

#: Updates between checkpoints: a kill costs less than two minutes.
SAVE_EVERY = 20


def train_run(
    config: RunConfig,
    workspace: Workspace,
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    progress: Progress,
) -> TrainingState:
    """Leave the trained model in `folder`, going on from its checkpoint; the state tells what training counted.

    What is counted also lies in `folder` / training.json, so that a run that was stopped later is not trained again.
    """
    arm_type = find_arm(config.arm)
    wanted = arm_type.labelled_items(arm_type.parse_settings(config.settings))
    if wanted:
        check_unread(wanted, config.evaluation, catalog.kind)
    counted = folder / COUNTS
    if counted.exists() and (folder / WEIGHTS).exists():
        counts = json.loads(counted.read_text(encoding="utf-8"))
        curves = [(s, n, v) for s, n, v in counts["curves"]]
        return TrainingState(counts["update"], counts["forward"], counts["backward"], counts["seconds"], curves)
    teacher: NLIModel | None = None
    if config.warm_start is None:
        model = new_model(encoder, config.model, config.seed)
    else:
        source = workspace.run(config.warm_start)
        model = load_trainable(source, encoder)
        teacher = frozen(model)
    training = replace(config.training, batch_pairs=pairs_an_update(config))
    before = pairs_before(config, workspace)
    english = EnglishBatches(encoder, catalog, training, config.seed, before, config.data.nli_repeats)
    labelled: LabelledBatches | None = None
    if wanted:
        labelled = LabelledBatches(encoder, catalog, wanted, config.data.bitext_languages, training, config.seed)
    bitext: BitextBatches | None = None
    if arm_type.uses_bitext:
        bitexts = [catalog.training_bitext(code, config.data.bitext_sources) for code in config.data.bitext_languages]
        bitext = BitextBatches(encoder, bitexts, config.data, config.training.updates, config.seed)
    precision = check_precision(config.training.precision)
    layers = check_layers(config.training.layers)
    model = in_precision(model, precision, layers)
    teacher = in_precision(teacher, precision, layers) if teacher else None
    if teacher is None:
        model.fit_scale([english.pairs(k) for k in range(min(8, config.training.updates))])
    arm: Arm = arm_type(arm_type.parse_settings(config.settings), teacher, config.data.bitext_languages, config.seed)

    entry: EntryStates | None = None
    if config.model.first_layer <= arm.lowest_layer:
        entry = EntryStates(workspace.cache / "entry-states", encoder_identity(encoder), model)

    def batches(update: int) -> tuple[PairBatch, BitextBatch | None]:
        pairs = english.pairs(update, labelled(update) if labelled else ())
        sentences = bitext(update) if bitext else None
        if entry is None:
            return pairs, sentences
        joint = getattr(arm.settings, "joint", False)
        return entry.fill(pairs), entry.fill_bitext(sentences, joint) if sentences else None

    state = load_checkpoint(folder) or TrainingState()
    began, seconds_before = time.monotonic(), state.seconds

    def save(current: TrainingState) -> None:
        current.seconds = seconds_before + time.monotonic() - began
        save_checkpoint(folder, current)

    def report(done: int, total: int, text: str = "") -> None:
        progress(done, total, f"training {text}")

    state = train_arm(
        model,
        arm,
        batches,
        config.training,
        config.seed,
        state,
        save=save,
        save_every=SAVE_EVERY,
        progress=report,
    )
    state.seconds = seconds_before + time.monotonic() - began
    save_model(folder, model, encoder)
    with atomic_draft(counted) as draft:
        write_json(
            draft,
            {
                "update": state.update, "forward": state.forward, "backward": state.backward,
                "seconds": state.seconds, "curves": state.curves,
            },
        )  # fmt: skip
    state.seconds = seconds_before
    return state


def pairs_an_update(config: RunConfig) -> int:
    """English pairs that the run's arm reads an update."""
    arm_type = find_arm(config.arm)
    return arm_type.pairs_an_update(arm_type.parse_settings(config.settings), config.training.batch_pairs)


def pairs_before(config: RunConfig, workspace: Workspace) -> int:
    """English pairs that the run's warm start was trained on."""
    if config.warm_start is None:
        return 0
    warm_start = Finished(workspace.run(config.warm_start), True).describe()
    return int(warm_start["nli_pairs"])

"""Arms that train nothing: applied to a finished run of the baseline, and evaluated."""

from __future__ import annotations

from pathlib import Path

from core.arms.erase_language import EraseLanguage, joint_states
from core.arms.without_training import APPLIED, Centring, language_shifts
from core.config import RunConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.experiment.context import EvaluationContext
from core.experiment.measures import predictions
from core.experiment.run_tables import write_curves, write_scores
from core.model.nli import NLIModel
from core.model.weights import load_arm
from core.progress import Progress, silent
from core.training.bitext_pairs import BitextBatches
from core.training.schedule import ONE_LANGUAGE
from core.workspace import Workspace


def apply_arm(
    config: RunConfig, workspace: Workspace, catalog: Catalog, encoder: Encoder, folder: Path,
    progress: Progress = silent, sealed: bool = False,
) -> int:  # fmt: skip
    """Evaluate the arm on the run that `config.warm_start` names, into `folder`; how many bitext pairs it used. Gold
    labels are left out where they are `sealed`.

    Raises `BadInput` if no run is named or it is not there.
    """
    if config.warm_start is None:
        raise BadInput(f"The arm {config.arm} is applied to a finished run, and none was named.")
    model = load_arm(workspace.run(config.warm_start), encoder)
    edit: Centring | EraseLanguage | None = None
    used = 0
    if APPLIED[config.arm].uses_bitext:
        edit, used = _fitted(model, config, catalog, encoder, progress)
    context = EvaluationContext(model, None, encoder, catalog, config, workspace.cache, edit, sealed)
    scores = predictions.measure(context, folder, progress)
    write_scores(folder / "scores.parquet", scores)
    write_curves(folder / "curves.parquet", [])
    return used


def _fitted(
    model: NLIModel, config: RunConfig, catalog: Catalog, encoder: Encoder, progress: Progress
) -> tuple[Centring | EraseLanguage, int]:
    """What the arm does to pooled states, fitted over one pass of the bitext that the trained arms see."""
    data = config.data
    bitexts = [catalog.training_bitext(code, data.bitext_sources) for code in data.bitext_languages]
    passes = BitextBatches(encoder, bitexts, data, 1, config.seed)
    fewest = min(len(rows) for rows in passes.pairs)
    least = len(bitexts) if data.bitext_order == ONE_LANGUAGE else 1  # every language is read, however little there is
    count = max(least, fewest * len(bitexts) // max(data.bitext_batch, len(bitexts)))
    batches = BitextBatches(encoder, bitexts, data, count, config.seed)
    used = sum(len(batch) for batch in batches.order)

    def reported(update: int) -> int:
        progress(update, count, "states of the languages")
        return update

    read = (batches(reported(update)) for update in range(count))
    if config.arm == EraseLanguage.name:
        return EraseLanguage.fit(*joint_states(model, read)), used
    return Centring(data.bitext_languages, language_shifts(model, read, data.bitext_languages)), used

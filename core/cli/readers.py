"""What the verbs read with: the encoder as it comes, or as a stored run trained it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.arms.names import UNTRAINED
from core.errors import BadInput
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.nli import NLIModel


@dataclass(frozen=True)
class Classifier:
    """The model of a stored run, and the frozen encoder that it shares its lower layers with."""

    run_id: str
    arm: str
    model: NLIModel
    encoder: Encoder


def load_classifier(workspace: Workspace, encoder: str, arm: str, run: str | None) -> Classifier:
    """The model of the run, else of the arm's newest run of seed 0; a shipped run's too.

    Raises `MissingData` if there is no such run or its weights are not here, `BadInput` if the arm trains nothing or
    the run is another encoder's.
    """
    from store.results.runs import newest_run

    row = newest_run(workspace, arm, run)
    from core.arms.without_training import APPLIED
    from core.encoder.load import load_encoder
    from core.reference.weights import load_run

    run_id, trained_as = str(row["run_id"]), str(row["arm"])
    if trained_as in APPLIED:
        raise BadInput(f"{trained_as} trains nothing, so that run {run_id} has no weights; name another arm or run.")
    loaded = load_encoder(encoder)
    return Classifier(run_id, trained_as, load_run(workspace, run_id, loaded), loaded)


def load_reader(workspace: Workspace, encoder: str, arm: str, run: str | None) -> tuple[Encoder, str | None]:
    """The encoder as the arm, or the run, has trained it, with the run's identity (None: untrained).

    Raises as `load_classifier` does.
    """
    if run is None and arm == UNTRAINED:
        from core.encoder.load import load_encoder

        return load_encoder(encoder), None
    from core.model.weights import adapted_encoder

    trained = load_classifier(workspace, encoder, arm, run)
    return adapted_encoder(trained.model, trained.encoder), trained.run_id

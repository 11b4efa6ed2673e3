"""What the verbs share: options, output, and the model of a stored run to read with."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.arms.names import UNTRAINED
from core.errors import BadInput
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.nli import NLIModel

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Data folder; else ISOGLOSS_DATA, else data/ in the workspace, else the starter set.",
    ),
]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="Workspace for runs and results; else ISOGLOSS_HOME, else workspace/."),
]
#: For the verbs that read no data set, and for those that keep nothing in a workspace: every verb takes every option.
NoData = Annotated[Path | None, typer.Option("--data", help="Has no effect in this verb.")]
NoHome = Annotated[Path | None, typer.Option("--home", help="Has no effect in this verb.")]
#: Where a model is trained or read (`core.encoder.device`).
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    typer.Option("--device", help="auto, cpu, cuda or mps; auto: cuda where there is one, else cpu."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def emit(payload: dict[str, Any], as_json: bool, text: str) -> None:
    """Print the result: the document, or the text for people."""
    print(json.dumps(payload, ensure_ascii=False) if as_json else text)


def tell(message: str) -> None:
    """A message on standard error."""
    print(message, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Classifier:
    """The model of a stored run, and the frozen encoder that it shares its lower layers with."""

    run_id: str
    arm: str
    model: NLIModel
    encoder: Encoder


def load_classifier(workspace: Workspace, encoder: str, arm: str, run: str | None, device: str = "cpu") -> Classifier:
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
    loaded = load_encoder(encoder, device)
    return Classifier(run_id, trained_as, load_run(workspace, run_id, loaded), loaded)


def load_reader(
    workspace: Workspace, encoder: str, arm: str, run: str | None, device: str = "cpu"
) -> tuple[Encoder, str | None]:
    """The encoder as the arm, or the run, has trained it, with the run's identity (None: untrained).

    Raises as `load_classifier` does.
    """
    if run is None and arm == UNTRAINED:
        from core.encoder.load import load_encoder

        return load_encoder(encoder, device), None
    from core.model.weights import adapted_encoder

    trained = load_classifier(workspace, encoder, arm, run, device)
    return adapted_encoder(trained.model, trained.encoder), trained.run_id

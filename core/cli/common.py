"""What the verbs share: options, output, and the model of a stored run to read with."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import astuple, dataclass
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
#: Of the verbs that read: a run is read by the encoder that it was trained on.
ReadingEncoder = Annotated[
    str | None, typer.Option("--encoder", help="embedded, a folder, or a Hub name; else the run's own, or embedded.")
]
#: How an encoder is read (`core.reading`).
Precision = Annotated[
    Literal["auto", "float32", "bfloat16", "int8"],
    typer.Option("--precision", help="auto, float32, bfloat16 or int8; auto: bfloat16 where the device has it."),
]
Backend = Annotated[
    Literal["auto", "torch", "packed"],
    typer.Option("--backend", help="auto, torch (the library's layers) or packed (faster, on a processor)."),
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


def load_classifier(
    workspace: Workspace, encoder: str | None, arm: str, run: str | None, device: str = "cpu"
) -> Classifier:
    """The model of the run, else of the arm's newest run of seed 0; a shipped run's too. `encoder` None: its own.

    `encoder` None: the one that the run's record names. Raises `MissingData` if there is no such run or its weights
    are not here, `BadInput` if the arm trains nothing or the run is another encoder's.
    """
    from store.results.runs import newest_run

    row = newest_run(workspace, arm, run)
    from core.arms.without_training import APPLIED
    from core.encoder.load import load_encoder
    from core.experiment.run_encoder import run_encoder
    from core.reference.weights import load_run

    run_id, trained_as = str(row["run_id"]), str(row["arm"])
    if trained_as in APPLIED:
        raise BadInput(f"{trained_as} trains nothing, so that run {run_id} has no weights; name another arm or run.")
    loaded = load_encoder(encoder or run_encoder(dict(row)), device)
    return Classifier(run_id, trained_as, load_run(workspace, run_id, loaded), loaded)


@dataclass(frozen=True)
class Read:
    """An encoder as it is read, the arm that trained it, and the run (None: untrained)."""

    encoder: Encoder
    arm: str
    run_id: str | None

    @property
    def sentence(self) -> str:
        """Who read, for people."""
        run = "" if self.run_id is None else f" (run {self.run_id})"
        prompt = f", prompt {self.encoder.prefix!r}" if self.encoder.prefix else ""
        return f"Read by {self.encoder.name}, {self.arm}{run}: {self.encoder.reading}{prompt}."

    def tag(self, query_encoder: str | None = None) -> str:
        """Who read in one word, for the last column of a TREC run."""
        parts = (Path(self.encoder.name).name, query_encoder or self.arm, self.run_id, *astuple(self.encoder.reading))
        return "/".join(re.sub(r"[^\w.-]+", "-", part) for part in parts if part)

    def as_dict(self) -> dict[str, Any]:
        """What a result says of who read."""
        from core.encoder.read_as import describe

        return {"arm": self.arm, "run_id": self.run_id} | describe(self.encoder)


def load_reader(
    workspace: Workspace, encoder: str | None, arm: str, run: str | None, device: str = "cpu", precision: str = "auto",
    backend: str = "auto",
) -> Read:  # fmt: skip
    """The encoder as the arm, or the run, has trained it, read in `precision` by `backend` (`core.encoder.read_as`).

    Raises as `load_classifier` does, and `BadInput` for a reading that this encoder or its device has not.
    """
    from core.encoder.read_as import read_as

    if run is None and arm == UNTRAINED:
        from core.encoder.load import EMBEDDED, load_encoder

        return Read(read_as(load_encoder(encoder or EMBEDDED, device), precision, backend), UNTRAINED, None)
    from core.model.weights import adapted_encoder

    trained = load_classifier(workspace, encoder, arm, run, device)
    adapted = read_as(adapted_encoder(trained.model, trained.encoder), precision, backend)
    return Read(adapted, trained.arm, trained.run_id)

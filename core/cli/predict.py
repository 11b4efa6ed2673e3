"""`predict`: an arm's probabilities for one pair of sentences."""

from __future__ import annotations

from typing import Annotated

import typer

from core.arms.names import BASELINE
from core.cli.common import Home, Json, NoData, emit
from core.data.records import LABELS
from core.errors import BadInput, MissingData
from core.workspace import open_workspace


def predict(
    premise: Annotated[str, typer.Option("--premise", help="The first sentence, in any language.")],
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="The second sentence.")],
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 answers.")] = BASELINE,
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: Annotated[str, typer.Option("--encoder")] = "embedded",
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Does the premise entail or contradict the hypothesis, or neither?"""
    for name, text in (("premise", premise), ("hypothesis", hypothesis)):
        if not text.strip():
            raise BadInput(f"The {name} is empty; give a sentence.")
    from store.results.runs import list_runs

    workspace = open_workspace(home)
    runs = list_runs(workspace)
    known = runs[runs["run_id"] == run] if run else runs[(runs["arm"] == arm) & (runs["seed"] == 0)]
    if known.empty:
        raise MissingData(
            f"There is no run {run or 'of ' + arm} in the store; make one with `python -m core run --preset quick`."
        )
    chosen = known.sort_values("created").iloc[-1]
    from core.encoder.load import load_encoder
    from core.evaluation.predict import predict_pairs
    from core.model.weights import load_arm
    from core.reference.weights import weights_folder

    loaded = load_encoder(encoder)
    model = load_arm(weights_folder(workspace, str(chosen["run_id"])), loaded)
    probabilities = predict_pairs(model, loaded, [(premise, hypothesis)])[0]
    named = {label: round(float(p), 6) for label, p in zip(LABELS, probabilities, strict=True)}
    text = "\n".join(f"{label:<14}{100 * p:5.1f}" for label, p in named.items())
    emit({"probabilities": named, "run_id": str(chosen["run_id"]), "arm": str(chosen["arm"])}, json, text)

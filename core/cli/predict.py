"""`predict`: an arm's probabilities for one pair of sentences."""

from __future__ import annotations

from typing import Annotated

import typer

from core.arms.names import BASELINE
from core.cli.common import Device, Home, Json, NoData, emit, load_classifier
from core.data.records import LABELS
from core.errors import BadInput
from core.workspace import open_workspace


def predict(
    premise: Annotated[str, typer.Option("--premise", help="The first sentence, in any language.")],
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="The second sentence.")],
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 answers.")] = BASELINE,
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: Annotated[str, typer.Option("--encoder")] = "embedded",
    device: Device = "auto",
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Does the premise entail or contradict the hypothesis, or neither?"""
    for name, text in (("premise", premise), ("hypothesis", hypothesis)):
        if not text.strip():
            raise BadInput(f"The {name} is empty; give a sentence.")
    asked = load_classifier(open_workspace(home), encoder, arm, run, device)
    from core.evaluation.predict import predict_pairs

    probabilities = predict_pairs(asked.model, asked.encoder, [(premise, hypothesis)])[0]
    named = {label: round(float(p), 6) for label, p in zip(LABELS, probabilities, strict=True)}
    text = "\n".join(f"{label:<14}{100 * p:5.1f}" for label, p in named.items())
    emit({"probabilities": named, "run_id": asked.run_id, "arm": asked.arm}, json, text)

"""`predict`: an arm's probabilities for one pair of sentences."""

from __future__ import annotations

from typing import Annotated

import typer

from core.arms.names import BASELINE
from core.cli.common import (
    Backend,
    Device,
    Home,
    Json,
    NoData,
    Precision,
    Read,
    ReadingEncoder,
    emit,
    load_classifier,
)
from core.data.records import LABELS
from core.errors import BadInput
from core.workspace import open_workspace


def predict(
    premise: Annotated[str, typer.Option("--premise", help="The first sentence, in any language.")],
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="The second sentence.")],
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 answers.")] = BASELINE,
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: ReadingEncoder = None,
    precision: Precision = "float32",
    backend: Backend = "torch",
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
    from core.encoder.read_as import read_as
    from core.evaluation.predict import LONGEST, is_cut, predict_pairs
    from core.model.weights import adapted_encoder, read_model_as

    read = read_as(adapted_encoder(asked.model, asked.encoder), precision, backend)
    probabilities = predict_pairs(read_model_as(asked.model, read.reading), asked.encoder, [(premise, hypothesis)])[0]
    named = {label: round(float(p), 6) for label, p in zip(LABELS, probabilities, strict=True)}
    text = "\n".join(f"{label:<14}{100 * p:5.1f}" for label, p in named.items())
    who = Read(read, asked.arm, asked.run_id)
    cut = is_cut(asked.encoder, premise, hypothesis)
    if cut and not json:
        text += f"\nThe pair is longer than {LONGEST} tokens; the end of its longer side does not count."
    emit({"probabilities": named, **who.as_dict(), "cut": cut}, json, f"{text}\n{who.sentence}")

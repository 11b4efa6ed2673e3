"""Models for live computing: one copy of the frozen weights for the whole server, loaded when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.arms.names import METHODS, UNTRAINED
from core.errors import IsoglossError, MissingData
from core.experiment.run_encoder import EMBEDDED, run_encoder
from core.experiment.studies.depth import EMBEDDED_LAYERS
from core.query_encoders.results import WEIGHTS, experiment_runs
from core.reference.weights import load_run, weights_folder
from pages.parts.encoders import chosen_encoder, stamp_of
from pages.parts.groups import run_labels
from pages.parts.stored import read, workspace
from store.results.runs import list_runs

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.nli import NLIModel

#: Begins the choice of a query encoder.
QUERY = "query-"


def choices(runs: pd.DataFrame) -> dict[str, str]:
    """What may be computed live: the untrained encoder and every stored run that has its weights here."""
    labels = {UNTRAINED: "untrained encoder"}
    if len(runs):
        labels |= {key: name for key, name in run_labels(runs).items() if _has_weights(key)}
    return labels


def first_pair(labels: Mapping[str, str], runs: pd.DataFrame) -> tuple[str, str]:
    """What stands side by side at first: a run of each method where both have their weights, else the first choices."""
    methods = [next((run for run in labels if run in set(runs.loc[runs["arm"] == arm, "run_id"])), "")
               for arm in METHODS] if len(runs) else [""]  # fmt: skip
    if all(methods):
        return methods[0], methods[1]
    keys = list(labels)
    return keys[0], keys[1] if len(keys) > 1 else ""


def query_choices() -> dict[str, str]:
    """Query encoders of the retrieval experiment that have their weights here: they read the query alone."""
    found = {}
    for path, told in experiment_runs(workspace()):
        if (path / WEIGHTS).is_file():
            seed = f", seed {told['seed']}" if told["seed"] else ""
            found[f"{QUERY}{path.name}"] = f"{told['arm']} (query encoder{seed})"
    return found


def reader_of_candidates(choice: str) -> str:
    """The choice that reads the candidates: the untrained encoder beside a query encoder."""
    return UNTRAINED if choice.startswith(QUERY) else choice


def arm_of(choice: str, runs: pd.DataFrame) -> str:
    """The arm of a choice, for its colour and name."""
    if choice == UNTRAINED:
        return UNTRAINED
    if choice.startswith(QUERY):
        return query_choices().get(choice, choice).partition(" (")[0]
    return str(runs.loc[runs["run_id"] == choice, "arm"].iloc[0])


def load(choice: str) -> Encoder:
    """The encoder of a choice, the arm's own weights merged in, read as fast as it can be here (`read_as`). Says what
    it waits for."""
    from core.encoder.read_as import read_as

    base = load_base(encoder_name(choice))
    if choice == UNTRAINED:
        return read_as(base)
    if choice.startswith(QUERY):
        return read_as(_query_encoder(choice))
    from core.model.weights import adapted_encoder

    return read_as(adapted_encoder(classifier(choice), base))


def load_base(name: str) -> Encoder:
    """An encoder as it comes, by what names it; everything that reads with it shares one copy."""
    with st.spinner("Loading the encoder (some seconds, once)…"):
        return _encoder(name, stamp_of(name))


def classifier(run_id: str) -> NLIModel:
    """The whole model of a run, for inference; all share the frozen weights. Says what it waits for."""
    base = load_base(encoder_name(run_id))
    with st.spinner("Loading the run's weights…"):
        return load_run(workspace(), run_id, base)


def encoder_name(choice: str) -> str:
    """The encoder that a choice reads with: a run's is the one that its record names, the untrained one is chosen
    (`pages.parts.encoders`)."""
    if choice == UNTRAINED:
        return chosen_encoder()
    if choice.startswith(QUERY):
        return EMBEDDED
    runs = read(list_runs)
    rows = runs[runs["run_id"] == choice]
    return run_encoder(rows.iloc[0].to_dict()) if len(rows) else EMBEDDED


def reader_key(choice: str) -> tuple[str, str, object]:
    """What tells the results of one choice from those of others: the untrained encoder changes with what is chosen."""
    name = encoder_name(choice)
    return choice, name, stamp_of(name)


def layers_of(choices: Iterable[str]) -> int:
    """The layers that all of these choices have."""
    depths = []
    for name in {encoder_name(choice) for choice in choices}:
        try:
            depths.append(EMBEDDED_LAYERS if name == EMBEDDED else load_base(name).layers)
        except IsoglossError:  # told where its plans would be
            continue
    return min(depths, default=EMBEDDED_LAYERS)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the processor: two people's questions are computed one after the other, not both at half speed."""
    with _lock():
        yield


def base() -> Encoder:
    """The embedded encoder as it comes, in single precision: the copy that everything shares."""
    return load_base(EMBEDDED)


@st.cache_resource(show_spinner=False)
def _lock() -> threading.RLock:
    return threading.RLock()


@st.cache_resource(show_spinner=False, max_entries=3)
def _encoder(name: str, stamp: object) -> Encoder:
    from core.encoder.load import load_encoder

    return load_encoder(name)


@st.cache_resource(show_spinner=False, max_entries=4)
def _query_encoder(choice: str) -> Encoder:
    from core.query_encoders.query_encoder import load_query_encoder

    folder = next((path for path, _ in experiment_runs(workspace()) if f"{QUERY}{path.name}" == choice), None)
    if folder is None:
        raise MissingData("This query encoder is no longer here; choose another.")
    return load_query_encoder(folder, base())


def _has_weights(run_id: str) -> bool:
    return weights_folder(workspace(), run_id) is not None

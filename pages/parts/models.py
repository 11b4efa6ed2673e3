"""Models for live computing: one copy of the frozen weights for the whole server, loaded when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.arms.names import METHODS, UNTRAINED
from core.errors import MissingData
from core.query_encoders.results import WEIGHTS, experiment_runs
from core.reference.weights import load_run, weights_folder
from pages.parts.groups import run_labels
from pages.parts.stored import workspace

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

    with st.spinner("Loading the encoder (some seconds, once)…"):
        base = _base()
    if choice == UNTRAINED:
        return read_as(base)
    if choice.startswith(QUERY):
        return read_as(_query_encoder(choice))
    from core.model.weights import adapted_encoder

    return read_as(adapted_encoder(classifier(choice), base))


def classifier(run_id: str) -> NLIModel:
    """The whole model of a run, for inference; all share the frozen weights. Says what it waits for."""
    with st.spinner("Loading the run's weights…"):
        return load_run(workspace(), run_id, _base())


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the processor: two people's questions are computed one after the other, not both at half speed."""
    with _lock():
        yield


def base() -> Encoder:
    """The embedded encoder as it comes, in single precision: the copy that everything shares."""
    return _base()


@st.cache_resource(show_spinner=False)
def _lock() -> threading.RLock:
    return threading.RLock()


@st.cache_resource(show_spinner=False, max_entries=1)
def _base() -> Encoder:
    from core.encoder.load import load_encoder

    return load_encoder("embedded")


@st.cache_resource(show_spinner=False, max_entries=4)
def _query_encoder(choice: str) -> Encoder:
    from core.query_encoders.query_encoder import load_query_encoder

    folder = next((path for path, _ in experiment_runs(workspace()) if f"{QUERY}{path.name}" == choice), None)
    if folder is None:
        raise MissingData("This query encoder is no longer here; choose another.")
    return load_query_encoder(folder, _base())


def _has_weights(run_id: str) -> bool:
    return weights_folder(workspace(), run_id) is not None

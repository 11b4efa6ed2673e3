"""Libraries that reading takes, loaded beside a page that waits to be asked: none of its models."""

from __future__ import annotations

import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def load_beside() -> threading.Thread:
    """Begin to load them, once a server; what needs them waits for the rest of it by importing them itself."""
    thread = threading.Thread(target=_load, name="libraries", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    import sklearn.decomposition  # noqa: F401
    import transformers.models.bert.modeling_bert  # noqa: F401

    import core.encoder.load
    import core.evaluation.sentence_layers  # noqa: F401

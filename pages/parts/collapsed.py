"""A warning where a chosen layer of a chosen run has collapsed: near means nothing where everything is near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

import streamlit as st

from core.arms.names import UNTRAINED
from pages.parts.models import QUERY
from pages.parts.stored import read
from pages.parts.text import escape
from store.results.collapse import collapsed_layers


def warn(choices: Iterable[str], labels: Mapping[str, str], layer: int) -> bool:
    """Say which of the choices have collapsed at `layer`, with the way to their map; whether any has."""
    runs = (choice for choice in dict.fromkeys(choices) if choice != UNTRAINED and not choice.startswith(QUERY))
    chosen = [choice for choice in runs if choice in labels]
    found = read(collapsed_layers, chosen) if chosen else {}
    broken = [labels[choice] for choice in chosen if layer in found.get(choice, ())]
    if not broken:
        return False
    link = urlencode({"right": broken[0], "layer": layer}, quote_via=quote)
    names = escape(" and ".join(broken))
    st.html(
        f'<div class="iso-note" role="note">{names} collapsed at layer {layer}: its sentences lie '
        "almost in one place, so that a low cost or a high similarity says nothing of the words or the translation. "
        f'<a href="representations?{escape(link)}" target="_self">See the map</a></div>'
    )
    return True

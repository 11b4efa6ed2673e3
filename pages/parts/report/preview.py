"""A whole HTML document shown within a page.

Browsers refuse data addresses of more than 2 MB, which a document with its own library of figures exceeds.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "isogloss_preview",
    html='<iframe sandbox="allow-scripts allow-downloads" title="Preview of the report"></iframe>',
    css="iframe { width: 100%; height: 900px; border: 1px solid color-mix(in srgb, currentColor 18%, transparent); }",
    js=(Path(__file__).parent / "preview.js").read_text(encoding="utf-8"),
)


def preview(document: str) -> None:
    """Show `document` in a frame that cannot reach the app."""
    digest = hashlib.sha256(document.encode()).hexdigest()[:16]
    _mount(key="preview", data={"document": document, "digest": digest})

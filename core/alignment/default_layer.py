"""The layer whose plan links words best, of an encoder of so many: `core.alignment.defaults` tells how it was found."""

from __future__ import annotations

CHOSEN_LAYER, CHOSEN_DEPTH = 7, 12

"""The layer whose plan links words best, of an encoder of so many; `core.evaluation.chosen` tells how it was chosen."""

from __future__ import annotations

CHOSEN_LAYER, CHOSEN_DEPTH = 7, 12

"""The layer, cost, regularisation and decoding that were chosen once, and are the default wherever words are linked.

Chosen on XL-WA dev, its ten languages pooled (1,033 pairs), with the embedded encoder as it comes. `defaults.tsv` is
the table of the choice, the best setting of each layer and decoding; the command that makes it, with ISOGLOSS_DATA set:

    python -m core alignment-error --choose --table core/alignment/defaults.tsv

The best row reads the plan at layer 7 of 12 with Euclidean cost; SimAlign's argmax on the same states stands 2.1 points
of AER above it. `test_defaults.py` holds the constants to the table.
"""

from __future__ import annotations

import dataclasses

from core.alignment.word_links import LinkSettings
from core.transport.plans import PlanSettings

#: `layer` None is `word_links.CHOSEN_LAYER`, in proportion to an encoder's depth.
CHOSEN = LinkSettings(
    decoding="transport-threshold", layer=None, plan=PlanSettings(epsilon=0.05, cost="euclidean"), threshold=0.35
)


#: The regularisation that the table gives each decoding of the plan; layer and cost are the same for all of them.
_EPSILON = {"transport-threshold": 0.05, "transport-argmax": 0.1, "transport-itermax": 0.1, "transport-match": 0.12}


def chosen_settings(decoding: str | None = None) -> LinkSettings:
    """The chosen settings, or what was chosen for another decoding (softmax has its paper's threshold)."""
    if decoding is None:
        return CHOSEN
    threshold = 1e-3 if decoding == "softmax" else CHOSEN.threshold
    plan = dataclasses.replace(CHOSEN.plan, epsilon=_EPSILON.get(decoding, CHOSEN.plan.epsilon))
    return dataclasses.replace(CHOSEN, decoding=decoding, threshold=threshold, plan=plan)

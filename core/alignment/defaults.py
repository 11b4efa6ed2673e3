"""The layer, cost, regularisation and decoding that were chosen once, and are the default wherever words are linked.

Chosen on XL-WA dev, ten languages (1,033 pairs) that count alike, sentences one by one and joined by four, with the
embedded encoder as it comes. `defaults.tsv` is the table of the choice, of each layer and rule the best setting; the
command that makes it, with ISOGLOSS_DATA set:

    python -m core alignment-error --choose --layer 7 --table core/alignment/defaults.tsv

(The layer is that of the search before, over layers 4 to 9, in which 7 was best for every rule of the plan.)

Of the safe rows (no language loses half a point against the default before) two lie within .2 of each other, a fifth of
an error's interval; the one with fewer knobs is taken, a balanced plan whose mutual links grow. It leads the default
before by .3 on sentences alone and by 1.9 on joined ones; grow-diag leads by .8 on the former and not on the latter.

`test_defaults.py` holds the constants to the table. `FIRST_CHOSEN` was the default before, chosen for sentences one by
one: the errors that ship with the reference runs were measured with it, and every run still is, beside the new one.
"""

from __future__ import annotations

import dataclasses

from core.alignment.word_links import LinkSettings
from core.transport.plans import PlanSettings

#: `layer` None is `word_links.CHOSEN_LAYER`, in proportion to an encoder's depth.
CHOSEN = LinkSettings(
    decoding="transport-grow", layer=None, plan=PlanSettings(epsilon=0.08, cost="euclidean"), threshold=0.25
)
FIRST_CHOSEN = LinkSettings(
    decoding="transport-threshold", layer=None, plan=PlanSettings(epsilon=0.05, cost="euclidean"), threshold=0.35
)

#: The regularisation, and the least share where a rule has one, that were best for each other decoding of the plan
#: with the chosen cost at the chosen layer.
_OTHERS = {
    "transport-argmax": (0.08, 0.0), "transport-itermax": (0.08, 0.0), "transport-match": (0.08, 0.0),
    "transport-grow-diag": (0.08, 0.2), "transport-near-best": (0.12, 0.9),
}  # fmt: skip
#: The threshold of awesome-align's paper.
_SOFTMAX = 1e-3


def chosen_settings(decoding: str | None = None) -> LinkSettings:
    """The chosen settings, or what was chosen for another decoding (softmax has its paper's threshold)."""
    if decoding is None or decoding == CHOSEN.decoding:
        return CHOSEN
    if decoding == FIRST_CHOSEN.decoding:
        return FIRST_CHOSEN
    epsilon, threshold = _OTHERS.get(decoding, (CHOSEN.plan.epsilon, _SOFTMAX if decoding == "softmax" else 0.0))
    plan = dataclasses.replace(CHOSEN.plan, epsilon=epsilon)
    return dataclasses.replace(CHOSEN, decoding=decoding, threshold=threshold, plan=plan)

"""English with some labelled items of other languages: the positive control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.arms.base import Arm, LabelledItems
from core.errors import BadInput


@dataclass(frozen=True)
class FewShotSettings:
    """`items` labelled items over all aligned languages together, as many of each; every update reads `an_update` of
    them beside its English pairs. They are items `first_id` to `last_id` of XNLI validation."""

    items: int = 1000
    an_update: int = 8
    first_id: int = 0
    last_id: int = 1493


class FewShot(Arm):
    """English NLI pairs and labelled items of the aligned languages: a remedy that is known to help (few-shot transfer,
    Lauscher et al., EMNLP 2020, arXiv 2005.00633), so that a study shows by it what it can see. A null of another arm
    means something only where this one is found ahead.

    loss = CE + beta KL(q || N(0, I)) over the English pairs that every arm of the seed reads, and `an_update` labelled
    items more. The items are drawn by the seed from XNLI validation, which nothing else may read in these languages: a
    run that would is refused. They are passed through as often as the updates ask for.
    """

    name = "few-shot"
    settings_type: ClassVar[type] = FewShotSettings
    settings: FewShotSettings

    @classmethod
    def labelled_items(cls, settings: Any) -> LabelledItems:
        if settings.items < 1 or settings.an_update < 1:
            raise BadInput(f"The arm {cls.name} reads at least one labelled item, and one an update.")
        if not 0 <= settings.first_id <= settings.last_id:
            raise BadInput(f"The arm {cls.name} takes items first_id to last_id, in that order, from 0 on.")
        return LabelledItems(settings.items, settings.an_update, settings.first_id, settings.last_id)

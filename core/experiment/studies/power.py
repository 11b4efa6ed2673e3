"""How many seeds a study needs: variance components from predictions there are, and what k seeds could show."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadInput
from core.statistics.crossed import Components, components
from core.statistics.power import Plan, plan
from core.verdict.answers import Answers, Clusters
from core.verdict.paired_values import consecutive, paired_values


@dataclass(frozen=True)
class PowerPlan:
    """`rows` for k = 3 to 10 from `found`, the mean over `pairs` of arms; `note` says what they rest on."""

    found: Components
    premises: int
    pairs: int
    seeds: int
    rows: list[Plan]
    note: str


def plan_power(
    answers: Answers,
    languages: tuple[str, ...] = (),
    cluster: int = 1,
    family: int = 1,
    seed_sd: float | None = None,
    seeds: range = range(3, 11),
    clusters: Clusters | None = None,
) -> PowerPlan:
    """What studies of k seeds could show of a difference between two arms like those in `answers`.

    Components are means over all pairs of arms that share two seeds or more, over `languages` (all); `cluster` counts
    consecutive items that belong together, unless `clusters` says which do. `seed_sd`, in
    points, gives the paired standard deviation between seeds instead, where the file has a single seed or warm start.
    Raises `BadInput` where there is one arm, or one seed and no `seed_sd`.
    """
    codes = languages or answers.languages
    clusters = clusters or consecutive(max(cluster, 1))
    arms = answers.arms
    pairs = [(a, b) for k, a in enumerate(arms) for b in arms[k + 1 :]]
    tables = [found for a, b in pairs if (found := paired_values(answers, a, b, codes, clusters)) and not found.same]
    if not tables:
        raise BadInput(
            "Power is planned from the difference between two arms: the predictions need two or more arms that share a "
            "seed, languages and items."
        )
    fewest = 1 if seed_sd is not None else 2
    usable = [one for one in tables if len(one.seeds) >= fewest]
    if not usable:
        raise BadInput(
            "All arms have one seed, so how seeds vary is not known; give it by --seed-sd (paired, in points; .75 to "
            "1.25 is usual on XNLI)."
        )
    parts = [components(one.values) for one in usable]
    mean = Components(*(sum(getattr(p, name) for p in parts) / len(parts) for name in ("seed", "premise", "residual")))
    note = f"variances of {len(usable)} pair(s) of arms, {min(len(one.seeds) for one in usable)} shared seeds or more"
    premises = min(one.values.shape[1] for one in usable)
    if seed_sd is not None:
        # What is given is the observed deviation between seeds, which holds the residual's part.
        between = max(seed_sd**2 - mean.residual / premises, 0.0)
        mean = Components(between, mean.premise, mean.residual)
        note = f"a paired standard deviation of {seed_sd:g} points between seeds, as given; items as in the predictions"
    return PowerPlan(
        mean, premises, len(usable), max(len(one.seeds) for one in usable), plan(mean, premises, family, seeds), note
    )

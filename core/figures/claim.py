"""A number as a claim: one sentence with value, interval, n, the runs it is of and the command that gives it again."""

from __future__ import annotations

from collections.abc import Iterable

from core.notation import rate, signed


def claim(
    what: str, value: float, low: float, high: float, n: str, runs: Iterable[str], command: str, change: bool = True
) -> str:
    """The sentence. `what` is its subject with the verb's meaning ("accuracy of transport minus english-only in
    Swahili"), `n` what was counted ("1,002 items"); value and interval are x100; `change` writes signs.

    >>> claim("accuracy of b minus a in Swahili", 1.25, -0.5, 3.0, "1,002 items", ["ab12"], "python -m core errors ...")
    'accuracy of b minus a in Swahili: +1.2 points (95 % interval −0.5 to +3.0; 1,002 items; runs ab12; `python -m core errors ...`).'
    """  # noqa: E501
    write = signed if change else rate
    unit = " points" if change else ""
    between = "no interval" if low != low or high != high else f"95 % interval {write(low)} to {write(high)}"
    told = ", ".join(dict.fromkeys(runs))
    return f"{what}: {write(value)}{unit} ({between}; {n}; runs {told}; `{command}`)."

"""The verbs, a row each, and a group of commands that imports a verb's module only when it is run."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

#: By name, what `--help` says of the verb: the first line of its function's docstring, or the help of its typer `app`.
#: The module in `core.cli`, and the function in it, are called like the verb, with underscores (`import_`).
VERBS = {
    "doctor": "Check the encoder's weights, the data and the store; each problem comes with what to do.",
    "data": "List the data sets that were found, with their items, and say how to get the missing ones.",
    "run": "Train, evaluate and store the arms of a preset; what is already done is not done again.",
    "predict": "Does the premise entail or contradict the hypothesis, or neither?",
    "suites": "Behavioural suites of our own in 15 languages: list, show, run.",
    "predictions": "Another model's predictions beside the stored runs: add, list, remove.",
    "verdict": "Say for each question who is ahead, whether the arms are equivalent, or that it is undecided.",
    "import": "Import finished runs; importing twice changes nothing, and one that cannot be read keeps no other out.",
    "backup": "Copy what people made (marks, bitexts' reports, drawn links) to a file of its own, while the app runs.",
    "restore": "Put a backup of what people made in its place; what is there is backed up, or set aside if damaged.",
    "runs": "The stored runs: list them, take one out, put it back.",
    "trial": "Train the English task once under the given settings and read English validation.",
    "tune": "Train one form of an arm from the warm start; read English validation and held-out bitext, test never.",
    "align": "Link the words of sentence pairs, one line of links a pair, in constant memory.",
    "score-alignment": "AER, precision, recall and F1, x100, micro-averaged, with a 95 % interval of the AER.",
    "alignment-error": "AER x100 with its interval on every gold set, for each decoding.",
    "patch": "Put the English translation's states in place of an item's own; count the answers that become right.",
    "errors": "Print what stored predictions show under filters: counts, accuracy, changes, flips, slices and more.",
    "diagnose": "Measure runs' states on held-out bitext beside a reference's, and say which have collapsed.",
    "export-reference": "Pack the finished runs of the reference preset into the results that ship with the project.",
    "report": "Write a report of the stored results: verdict, figures, tables, examples, method, limits, provenance.",
    "verify-reference": "Check the shipped results' sums, their verdict and, with XNLI, a sample of their predictions.",
    "retrieval-experiment": "Query encoders trained on bitext alone, documents left frozen: every run not there yet.",
    "retrieve": "Rank a collection for every query, and measure how well where judgements are known.",
    "rankings": "TREC run files: measure, compare, fuse.",
    "study": "Studies: list, new, check, plan, strengths, lock, run, status, verdict, card, compare, bundle and more.",
    "bitext": "Your own bitext: check, clean, store, score, export, delete.",
}


class LazyVerbs(TyperGroup):
    """Verbs listed from their rows; `resolve_command`, which is what runs one or shows its help, loads it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, load_verb(str(name)) if listed else None, rest


def load_verb(name: str) -> Any:
    """The command of a verb of `VERBS`, its module imported."""
    called = name.replace("-", "_")
    called += "_" if iskeyword(called) else ""
    module = import_module(f"core.cli.{called}")
    if isinstance(verbs := getattr(module, "app", None), typer.Typer):
        return get_command(verbs)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(getattr(module, called))
    return get_command(alone)


def listed_verbs() -> typer.Typer:
    """The verbs, known by name and line alone."""
    app = typer.Typer(cls=LazyVerbs, add_completion=False, no_args_is_help=True, help="Isogloss from the command line.")
    for name, line in VERBS.items():
        app.command(name, help=line)(_listed)
    return app


def _listed() -> None:
    """Stands in the listing for a verb that is not loaded."""

"""`alignment-error`: AER of an arm on the gold sets of the data folder, or the choice of the defaults on dev."""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Backend, Data, Home, Json, Precision, ReadingEncoder, emit, load_reader
from core.errors import BadInput
from core.files import atomic_draft
from core.workspace import open_workspace

if TYPE_CHECKING:
    from core.alignment.alignment_error import AlignmentScore
    from core.alignment.choice import Choice
    from core.alignment.peers import PeerLinks
    from core.alignment.word_links import LinkSettings
    from core.data.catalog import Catalog
    from core.data.gold_alignment import GoldSet
    from core.encoder.encoder import Encoder


def alignment_error(
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 reads.")] = "untrained",
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: ReadingEncoder = None,
    layer: Annotated[int | None, typer.Option("--layer", min=0, help="0: embeddings; else the chosen one.")] = None,
    decoding: Annotated[
        list[str] | None, typer.Option("--decoding", help="Repeat for several; else the chosen one and the baselines.")
    ] = None,
    pair: Annotated[
        list[str] | None, typer.Option("--pair", help="Only these language pairs, such as en-fr; repeat for several.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="test or validation")] = "test",
    choose: Annotated[
        bool, typer.Option("--choose", help="Search the grid on the validation sets instead of measuring.")
    ] = False,
    gold: Annotated[
        Path | None, typer.Option("--gold", help="Your own gold links with their sentences, instead of the data's.")
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option("--peer", help="Measure eflomal (also with more bitext), fast_align or simalign too; repeat."),
    ] = None,
    peer_python: Annotated[
        str, typer.Option("--peer-python", help="The Python that has the peers' packages; else this one.")
    ] = sys.executable,
    table: Annotated[Path | None, typer.Option("--table", help="Write the table as TSV.")] = None,
    precision: Precision = "float32",
    backend: Backend = "torch",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """AER x100 with its interval on every gold set, for each decoding.

    States are kept in the workspace's cache/alignment-states, so that another decoding reads no text again.
    """
    from core.alignment.alignment_sets import measure_sets
    from core.alignment.defaults import FIRST_CHOSEN, chosen_settings
    from core.alignment.peers import LEARNING, check_peer
    from core.data.catalog import open_catalog
    from core.data.gold_alignment import gold_sets, own_set
    from core.progress import bar

    peers = [check_peer(name) for name in peer or []]
    workspace, catalog = open_workspace(home), open_catalog(data)
    sets = gold_sets(catalog, "validation" if choose else split) if gold is None else [own_set(gold)]
    if pair:
        known = [gold.label for gold in sets]
        for label in pair:
            if label not in known:
                raise BadInput(f"There is no gold set of {label[:20]!r}; there are {', '.join(known)}.")
        sets = [gold for gold in sets if gold.label in pair]
    read = load_reader(workspace, encoder, arm, run, precision=precision, backend=backend)
    reader = read.encoder
    rows: list[dict[str, Any]]
    kept = workspace.cache / "alignment-states"
    if choose:
        from core.alignment.choice import choose as choose_settings
        from core.alignment.kept_states import StateShelf

        layers = None if layer is None else [layer]
        rows = _choices(choose_settings(StateShelf(reader, kept), sets, layers, bar("choose")))
    else:
        names: Sequence[str | None] = decoding or [None, FIRST_CHOSEN.decoding, "argmax", "itermax", "match", "softmax"]
        settings = [dataclasses.replace(chosen_settings(name), layer=layer) for name in names]
        for setting in settings:
            setting.check()
        rows = [
            {
                "set": measured.gold.name,
                "pair": measured.gold.label,
                **_row(measured.settings, measured.score),
                "pairs_a_second": round(len(measured.counts) / max(measured.seconds, 1e-9), 1),
            }
            for measured in measure_sets(reader, sets, settings, bar("align"), kept)
        ]
        for one in sets:
            rows += _peer_rows(one, [name for name in peers if name in LEARNING], peer_python, catalog)
        if "simalign" in peers:
            rows += _simalign_rows(reader, layer, sets, peer_python)
        rows.sort(key=lambda row: [one.name + one.label for one in sets].index(row["set"] + row["pair"]))
    if table is not None:
        with (
            atomic_draft(table, what=f"The table {table}", advice="name another with --table") as draft,
            draft.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    lines = ["  ".join(f"{name:>{_width(rows, name)}}" for name in rows[0])]
    lines += ["  ".join(f"{row[name]!s:>{_width(rows, name)}}" for name in row) for row in rows]
    emit(read.as_dict() | {"rows": rows}, json, "\n".join([read.sentence, *lines]))


def _simalign_rows(encoder: Encoder, layer: int | None, sets: Sequence[GoldSet], python: str) -> list[dict[str, Any]]:
    """What the simalign package reaches with the same weights at the same layer."""
    from core.alignment.alignment_sets import words_of
    from core.alignment.defaults import chosen_settings
    from core.alignment.simalign_peer import saved, simalign_links
    from core.alignment.word_links import layer_of

    at = layer_of(encoder, dataclasses.replace(chosen_settings(None), layer=layer))
    rows = []
    with saved(encoder, at) as model:
        for gold in sets:
            for rule, found in simalign_links(python, model, words_of(gold)).items():
                rows.append(_peer_row(gold, f"simalign, {rule}", at, found))
    return rows


def _peer_row(gold: GoldSet, label: str, layer: int | str, found: PeerLinks) -> dict[str, Any]:
    from core.alignment.alignment_error import alignment_error as error_of_links

    score = error_of_links(gold.file.links, found.links)
    numbers = {key: round(value, 2) for key, value in dataclasses.asdict(score).items()}
    rate = len(found.links) / max(found.seconds, 1e-9)
    return {
        "set": gold.name, "pair": gold.label, "decoding": label, "layer": layer, "cost": "", "epsilon": "",
        "threshold": "", **numbers, "pairs_a_second": round(rate, 1),
    }  # fmt: skip


def _peer_rows(gold: GoldSet, peers: Sequence[str], python: str, catalog: Catalog) -> list[dict[str, Any]]:
    """What peers reach on a gold set, trained on its own sentences, and on further bitext where there is some."""
    from core.alignment.alignment_sets import words_of
    from core.alignment.peers import WITH_EXTRA, extra_bitext, peer_links

    pairs = words_of(gold)
    texts = catalog.training_bitext(gold.other).pairs if peers and gold.other in _bitext_languages(catalog) else ()
    extra = extra_bitext(gold, texts) if peers else []
    rows = []
    for name in peers:
        for label, further in ((name, []), (f"{name}, {len(extra):,} pairs more", extra)):
            if label != name and (not extra or name not in WITH_EXTRA):
                continue
            rows.append(_peer_row(gold, label, "", peer_links(name, python, pairs, further)))
    return rows


def _bitext_languages(catalog: Catalog) -> list[str]:
    try:
        return catalog.bitext_languages()
    except BadInput:
        return []


def _choices(found: Sequence[Choice]) -> list[dict[str, Any]]:
    """The rows of a search, best first, each with how many settings a layer of its rule had."""
    rows = []
    for choice in found:
        settings, plan = choice.settings, choice.settings.plan
        extra = {
            "transport": plan.kind if settings.decoding.startswith("transport") else "",
            "strength": plan.strength if plan.kind == "unbalanced" else "",
            "position": settings.position or "",
            "macro": round(choice.macro, 2),
            "joined": round(choice.joined, 2),
            "merit": round(choice.merit, 2),
            "worst": round(choice.worst, 2),
            "tried": choice.tried,
            **{label: round(error, 2) for label, error in choice.by_set.items()},
        }
        rows.append(_row(settings, choice.score) | extra)
    return rows


def _row(settings: LinkSettings, score: AlignmentScore) -> dict[str, Any]:
    from core.transport.links import THRESHOLDED

    plan = settings.plan
    transport = settings.decoding.startswith("transport")
    thresholded = settings.decoding == "softmax" or settings.decoding.removeprefix("transport-") in THRESHOLDED
    numbers = {name: round(value, 2) for name, value in dataclasses.asdict(score).items()}
    return {
        "decoding": settings.decoding,
        "layer": "chosen" if settings.layer is None else settings.layer,
        "cost": plan.cost if transport else "",
        "epsilon": plan.epsilon if transport else "",
        "threshold": settings.threshold if thresholded else "",
        **numbers,
    }


def _width(rows: Sequence[dict[str, Any]], name: str) -> int:
    return max(len(name), *(len(str(row[name])) for row in rows))

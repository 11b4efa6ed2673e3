"""`study card|compare|bundle`: results that others can merge with theirs, and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Home, Json, NoData, NoHome, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput


@app.command()
def card(
    study: Named,
    run: Annotated[list[str] | None, typer.Option("--run", help="A run of the study; else all. Repeatable.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for the cards; else cards/STUDY in the workspace.")
    ] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write a card for each stored run of a study: JSON on what it is and scored, Parquet with its predictions."""
    from core.cli.study.stored import stored_results
    from core.data.catalog import open_catalog
    from core.exchange.card import write_card
    from core.files import refusing
    from core.workspace import open_workspace

    workspace = open_workspace(home)
    results = stored_results(study, workspace, open_catalog(data), answered=False)
    chosen = [record for record in results.records if not run or record["run_id"] in run]
    unknown = [name for name in run or [] if name not in results.run_ids]
    if unknown:
        raise BadInput(
            f"{unknown[0][:40]!r} is no stored run of {results.study.name}; its runs are {', '.join(results.run_ids)}."
        )
    folder = out or workspace.home / "cards" / results.study.name
    with refusing(f"The folder {folder}", "name another with --out"):
        folder.mkdir(parents=True, exist_ok=True)
    cards = [write_card(results, record, folder) for record in chosen]
    emit(
        {"ok": True, "study": results.study.name, "out": str(folder), "cards": [path.name for path in cards]},
        json,
        f"Wrote {len(cards)} card(s) to {folder}; `python -m core study compare {folder}` compares them, with those of "
        "others beside them too.",
    )


@app.command()
def compare(
    cards: Annotated[list[Path], typer.Argument(metavar="CARD|FOLDER...", help="Cards, or folders of cards.")],
    against: Annotated[str, typer.Option("--against", help="The arm to compare with; else the cards' baseline.")] = "",
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare every two arms.")] = False,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A language to average over; else by group. Repeatable.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Also write the board as CSV to this file.")] = None,
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """A board of contrasts with intervals from many runs' cards, whoever made them; no bare mean.

    Runs are paired by benchmark, split, items and seed; what cannot be paired is named with the reason. With fewer than
    three seeds a contrast is descriptive and has no mark.
    """
    from core.exchange.board import make_board
    from core.exchange.board_text import board_csv, board_text, row_record
    from core.exchange.card_reader import find_cards
    from core.files import atomic_write

    found, told = find_cards(cards)
    for sentence in told:
        tell(sentence)
    board = make_board(found, against, tuple(languages or ()), pairs=pairs)
    if csv is not None:
        atomic_write(csv, board_csv(board), what=f"The board {csv}", advice="name another file with --csv")
    payload = {
        "cards": len(found), "contrasts": [row_record(row) for row in board.rows], "unpaired": list(board.unpaired),
        "notes": list(board.notes), "left_out": told,
    }  # fmt: skip
    emit(payload, json, board_text(board))


@app.command()
def bundle(
    study: Named,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write, or a file that ends in .zip.")],
    author: Annotated[
        list[str] | None, typer.Option("--author", help="An author, for the citation. Repeatable.")
    ] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write a study's results for others to check: predictions, lock, cards, and a file that recomputes every contrast.

    `recompute.py` in it needs pandas and numpy alone and ends with status 1 if a printed number is not what the
    predictions give. No sentence of a benchmark is passed on.
    """
    from core.cli.study.stored import stored_results
    from core.data.catalog import open_catalog
    from core.exchange.bundle import write_bundle
    from core.workspace import open_workspace

    results = stored_results(study, open_workspace(home), open_catalog(data))
    files = write_bundle(results, out, tuple(author or ()))
    emit(
        {"ok": True, "study": results.study.name, "out": str(out), "files": files, "runs": results.run_ids,
         "missing": list(results.missing)},
        json,
        f"Wrote {out}: {len(files)} files, {sum(files.values()) / 1e6:.1f} MB. `python recompute.py` in it checks it.",
    )  # fmt: skip

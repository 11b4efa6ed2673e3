"""Studies from files: shipped ones by name, anyone's by path."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.experiment.studies.check import check
from core.experiment.studies.lines import key_lines
from core.experiment.studies.schema import Study
from core.experiment.studies.typed import Where, from_table

FOLDER = Path(__file__).parent
#: A study's file is a few thousand characters; nobody's is larger than this.
LIMIT = 1_000_000
#: The study that was preregistered before there were locks: its protocols stand in its file.
FIRST_STUDY = "xnli-first"
#: Studies that were fixed without a lock, to the day: that of the commit that fixed them.
FIXED_ON = {FIRST_STUDY: "2026-11-23"}
#: The names that runs of shipped studies are stored under and asked for on the command line, to the study's name.
PRESETS = {"quick": "quick", "reference": FIRST_STUDY}
_KEYS = {"benchmark": "benchmarks", "arm": "arms", "question": "questions"}


def shipped_names() -> tuple[str, ...]:
    """The studies that come with the project, by name."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def stored_name(name: str) -> str:
    """What runs of a study are stored under: its name, but for the first study, whose runs were a preset's."""
    return next((preset for preset, study in PRESETS.items() if study == name), name)


def find_preset(name: str, kind: str) -> Study:
    """The study of a preset, for data of that kind ("real" or "starter").

    Raises `BadInput` if there is none of that name, or it cannot be made on such data.
    """
    if name not in PRESETS:
        raise BadInput(f"There is no preset {name!r}; the presets are {', '.join(PRESETS)}.")
    if PRESETS[name] == FIRST_STUDY and kind == "starter":
        raise BadInput("The reference preset needs XNLI, NLI training sets and bitext: name them by --data.")
    return find_study(PRESETS[name])


def study_path(name: str | Path) -> Path:
    """The file of a shipped study's name, or the file named. Raises `BadInput` if there is neither."""
    if str(name) in shipped_names():
        return FOLDER / f"{name}.toml"
    path = Path(name).expanduser()
    if not path.is_file():
        raise BadInput(
            f"There is no study {str(name)[:80]!r}: give a file, or one of {', '.join(shipped_names())}; "
            "`python -m core study new --from quick --out FILE` makes one."
        )
    return path


def find_study(name: str | Path) -> Study:
    """The study of that name or file. Raises `BadInput`, with the line of what is wrong."""
    return read_study(study_path(name))


def read_study(path: Path) -> Study:
    """The study that a file says. Raises `BadInput`, with the line of what is wrong."""
    try:
        content = path.read_bytes()[: LIMIT + 1]
    except OSError as error:
        raise BadInput(f"The study {path} cannot be read ({error.strerror}).") from error
    if len(content) > LIMIT:
        raise BadInput(f"{path} has more than {LIMIT:,} bytes and is no study; name the right file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text; save it as UTF-8.") from error
    return parse_study(text, path.name)


def parse_study(text: str, file: str = "study.toml") -> Study:
    """The study that a TOML text says, checked; `file` names it in errors."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{file} is not valid TOML: {error}.") from error
    where = Where(file, key_lines(text))
    share = _taken_share(table, where)
    study = from_table(Study, _lists(table, where), where, _KEYS)
    study = dataclasses.replace(study, first_layer_share=share)
    check(study, where)
    return study


def _taken_share(table: dict[str, Any], where: Where) -> float | None:
    """Take `model.first_layer` out of the table where it is a share of depth."""
    if "first_layer_share" in table:
        raise where.at("first_layer_share").wrong("it is said as first_layer in [model], with a point: 0.5.")
    model = table.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("first_layer"), float):
        return None
    share: float = model["first_layer"]
    if not 0 <= share < 1:
        raise where.at("model", "first_layer").wrong(f"first_layer is {share:g}; as a share of depth it is below 1.0.")
    table["model"] = {key: value for key, value in model.items() if key != "first_layer"}
    return share


def _lists(table: dict[str, Any], where: Where) -> dict[str, Any]:
    for key in _KEYS:
        if key in table and not (isinstance(table[key], list) and all(isinstance(one, dict) for one in table[key])):
            raise where.at(key).wrong(f"each {key} is a table of its own, headed [[{key}]].")
    return table

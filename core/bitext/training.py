"""A stored bitext as training bitext of an experiment: written into the data folder, with its entry in sources.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from core.bitext.records import without_line_ends
from core.data.registry import known_sources, read_declarations
from core.errors import BadInput
from core.files import atomic_draft
from core.languages import language


def add_to_data(
    folder: Path, name: str, bitext_id: str, languages: tuple[str, str], licence: str, pairs: Iterator[tuple[str, str]]
) -> Path:
    """Write `pairs` as a Moses pair under `own/<bitext_id>/` and declare it as training bitext; returns that folder.

    English has to be one side. Nothing is declared before both files are whole, and declaring again changes nothing.
    Raises `BadInput` for a folder that is not there, a bitext without English, and a name that is another source's.
    """
    if not folder.is_dir():
        raise BadInput(f"The data folder {folder} is not there; name another with --data or ISOGLOSS_DATA.")
    codes = tuple(language(tag).code for tag in languages)
    if "en" not in codes or codes[0] == codes[1] or "und" in codes:
        raise BadInput(f"Training bitext has English on one side and a known language on the other, not {codes}.")
    swap = codes[1] == "en"
    other = codes[0] if swap else codes[1]
    place = f"own/{re.sub('[^0-9a-z]', '', bitext_id.lower())}"
    declared = {source.name: source for source in known_sources(folder)}
    entry = declared.get(name)
    if entry is not None and entry.files != (f"{place}/text.{{lang}}",):
        raise BadInput(f"The data folder has a source called {name[:60]!r} already; rename the bitext.")
    target = folder / place
    try:
        target.mkdir(parents=True, exist_ok=True)
        with atomic_draft(target / "text.en") as english_draft, atomic_draft(target / f"text.{other}") as other_draft:
            with english_draft.open("w", encoding="utf-8") as english, other_draft.open("w", encoding="utf-8") as rest:
                for source, translation in pairs:
                    english.write(without_line_ends(translation if swap else source) + "\n")
                    rest.write(without_line_ends(source if swap else translation) + "\n")
        if entry is None:
            _declare(folder / "sources.toml", name, place, licence)
    except OSError as error:
        raise BadInput(f"{target} cannot be written ({error.strerror}).") from error
    return target


def _declare(path: Path, name: str, place: str, licence: str) -> None:
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    lines = [
        "[[source]]",
        f"name = {_toml(name)}",
        'kind = "bitext"',
        'role = "bitext-training"',
        f'files = ["{place}/text.{{lang}}"]',
        'english = "text.en"',
        f"licence = {_toml(licence or 'not stated')}",
        'how = "It was brought in the app and stored there."',
    ]
    with atomic_draft(path) as draft:
        draft.write_text(f"{before.rstrip()}\n\n".lstrip() + "\n".join(lines) + "\n", encoding="utf-8")
        read_declarations(draft)


def _toml(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's too, but for DEL."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("\x7f", "")

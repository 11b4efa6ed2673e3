"""Where the fifteen languages of XNLI and the project's five may be named: nowhere that a study decides them."""

from __future__ import annotations

import re

from tests.support.paths import ROOT

NAMES = re.compile(r"\b(LOW_RESOURCE|XNLI_CODES)\b")
#: The first study's own questions, and what is drawn and written of their answers.
FIRST_STUDY = {
    "core/exchange/first_contrasts.py", "core/reference/floors.py", "core/report/method.py", "store/report/items.py",
    "store/report/plans.py",
    *(f"core/verdict/{name}.py" for name in
      ("controls", "further_questions", "levels", "questions", "sentences", "transfer")),
    *(f"core/figures/{name}.py" for name in ("accuracy_table", "controls", "further", "generalised", "summary")),
}  # fmt: skip
#: Names and codes of languages, the order in which they are shown, and what the starter sentences recognise.
LANGUAGES = {
    "core/data/bitext.py", "core/data/detect.py", "core/languages.py",
    "pages/parts/bitext/upload.py", "store/results/query.py",
}  # fmt: skip


def test_no_other_file_names_the_languages_of_the_first_study():
    named = {
        path.relative_to(ROOT).as_posix()
        for folder in ("core", "store", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if NAMES.search(path.read_text(encoding="utf-8"))
    }
    assert named <= FIRST_STUDY | LANGUAGES, "take the languages from the study's configuration"
    gone = {path for path in FIRST_STUDY | LANGUAGES if path not in named}
    assert not gone, "these name them no more: take them off the list"

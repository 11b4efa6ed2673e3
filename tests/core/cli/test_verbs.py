"""Every verb: listed without being imported, light to ask for help, and no option that silently does nothing."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.cli.verbs import VERBS, load_verb
from tests.support.paths import ROOT

#: Too heavy for help. Checking bitext reads Parquet, whose filters its options name.
HEAVY = {
    "torch", "transformers", "tokenizers", "pandas", "scipy", "statsmodels", "sklearn", "duckdb", "faiss", "numpy",
    "pyarrow", "streamlit",
}  # fmt: skip
NONE = "Has no effect in this verb."

ASK = """
import sys
from core.cli import main
assert main(sys.argv[1:]) == 0
print("\\n" + " ".join(sys.modules))
"""


def imported(*arguments: str) -> set[str]:
    """The packages in memory after the verb has been run with these arguments, and that verb modules."""
    run = subprocess.run([sys.executable, "-c", ASK, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def leaves(command: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """A verb, or the verbs of a verb that has some."""
    commands = getattr(command, "commands", None)
    return (
        [(path, command)]
        if commands is None
        else [leaf for name in commands for leaf in leaves(commands[name], (*path, name))]
    )


LEAVES = dict(leaf for name in VERBS for leaf in leaves(load_verb(name), (name,)))


def options(path: tuple[str, ...]) -> dict[str, Any]:
    return {parameter.name: parameter for parameter in LEAVES[path].params if parameter.name != "help"}


def has_effect(path: tuple[str, ...], option: str) -> bool:
    return NONE not in (options(path)[option].help or "")


def test_help_imports_no_verb():
    modules = imported("--help")
    assert not modules & HEAVY
    assert not {name for name in modules if name.startswith("core.cli.")} - {"core.cli.verbs"}


@pytest.mark.parametrize("verb", ["run", "verdict", "doctor", "verify-reference", "errors"])
def test_a_verbs_help_is_light(verb):
    assert not imported(verb, "--help") & HEAVY


def test_no_verb_is_heavy_before_it_runs():
    """All of them in one process, so that one that is not is named by bisecting the list above."""
    names = [name for name in VERBS if name != "bitext"]
    code = f"import sys\nfrom core.cli.verbs import load_verb\nfor name in {names!r}:\n    load_verb(name)\n"
    code += "    assert not (heavy := sys.modules.keys() & set(sys.argv[1:])), f'{name} imports {sorted(heavy)}'"
    run = subprocess.run([sys.executable, "-c", code, *HEAVY], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr.splitlines()[-1]
    assert not imported("bitext", "check", "--help") & (HEAVY - {"numpy", "pyarrow"})


@pytest.mark.parametrize("name", VERBS)
def test_the_row_of_a_verb_says_what_its_own_help_says(name):
    help_text = inspect.cleandoc(load_verb(name).help)
    assert " ".join(help_text.split("\n\n")[0].split()) == VERBS[name]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_verb_takes_the_options_of_the_contract(path):
    flags = {flag for parameter in LEAVES[path].params for flag in parameter.opts}
    assert {"--data", "--home", "--json"} <= flags


def _reads(function: Any) -> set[str]:
    """The names that a function's body reads."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    names = (node for statement in tree.body for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _silent(function: Any, without_effect: set[str]) -> tuple[set[str], set[str]]:
    """Parameters that do nothing and do not say so; and those that say so and are read."""
    parameters, read = set(inspect.signature(function).parameters), _reads(function)
    return parameters - read - without_effect, without_effect & read


def _function(path: tuple[str, ...]) -> Any:
    return inspect.unwrap(LEAVES[path].callback)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_an_option_is_read_or_says_that_it_has_no_effect(path):
    without = {name for name in options(path) if not has_effect(path, name)}
    assert _silent(_function(path), without) == (set(), set())


def test_an_option_that_is_not_read_is_seen():
    def verb(data: str, home: str, json: bool) -> None:
        print(home, json)

    assert _silent(verb, set()) == ({"data"}, set())
    assert _silent(verb, {"data", "home"}) == (set(), {"home"})


#: What a verb needs beside the option that is tried; FILE is a small TSV of sentence pairs, OUT a file to write.
NEEDED: dict[tuple[str, ...], list[str]] = {
    ("data", "get"): ["TaxiNLI"],
    ("predict",): ["--premise", "a", "--hypothesis", "b"],
    ("predictions", "add"): ["FILE", "--name", "theirs"],
    ("predictions", "remove"): ["theirs"],
    ("tune",): ["--arm", "hybrid"],
    ("align",): ["FILE"],
    ("errors",): ["count", "--runs", "none"],
    ("report",): ["--out", "OUT.html"],
    ("retrieve",): ["--queries", "FILE", "--collection", "FILE"],
    ("rankings", "measure"): ["FILE", "--qrels", "FILE"],
    ("rankings", "fuse"): ["FILE", "FILE", "--out", "OUT.run"],
    ("runs", "remove"): ["a1", "--yes"],
    ("runs", "restore"): ["a1"],
    ("diagnose",): ["--shipped"],
    ("study", "new"): ["--out", "OUT.toml"],
    ("study", "check"): ["quick"],
    ("study", "plan"): ["quick", "--no-probe"],
    ("study", "lock"): ["quick"],
    ("study", "run"): ["quick"],
    ("study", "status"): ["quick"],
    ("study", "pause"): ["quick"],
    ("study", "verdict"): ["quick"],
    ("study", "floors"): ["quick"],
    ("study", "card"): ["quick"],
    ("study", "compare"): ["FILE"],
    ("study", "bundle"): ["quick", "--out", "OUT.zip"],
    ("bitext", "store"): ["FILE"],
    ("bitext", "delete"): ["pairs"],
    ("bitext", "score"): ["pairs"],
    ("bitext", "gold"): ["pairs", "FILE"],
    ("bitext", "export"): ["pairs"],
}


def _call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(list(arguments))
    return status, capsys.readouterr().err


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The arguments that a verb needs, in a workspace with one stored bitext and no data set but the starter's."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path / "home"))
    file = tmp_path / "pairs.tsv"
    file.write_text("en\tsw\nThe dog sleeps.\tMbwa analala.\nThe cat eats.\tPaka anakula.\n", encoding="utf-8")

    def of(path: tuple[str, ...]) -> list[str]:
        if path[0] == "bitext" and path[1] in ("export", "delete", "score", "gold"):
            _call(capsys, "bitext", "store", str(file), "--name", "pairs")
        words = {
            "FILE": str(file),
            "OUT.html": str(tmp_path / "out.html"),
            "OUT.zip": str(tmp_path / "out.zip"),
            "OUT.run": str(tmp_path / "out.run"),
        }
        return [*path, *(words.get(word, word) for word in NEEDED.get(path, []))]

    return of


def _with_effect(option: str) -> list[tuple[str, ...]]:
    return [path for path in LEAVES if has_effect(path, option)]


@pytest.mark.parametrize("path", _with_effect("data"), ids=" ".join)
def test_a_data_folder_that_is_not_there_is_refused(path, arguments, capsys, tmp_path):
    given = arguments(path)
    status, err = _call(
        capsys, *given, "--data", str(tmp_path / "nowhere"), *(["--json"] if path == ("doctor",) else [])
    )
    if path == ("doctor",):  # it reports what is wrong, each with what to do
        assert status == 1
        return
    assert status == 2 and "nowhere is not there; name another with --data" in err
    assert len(err.strip().splitlines()) == 1


def test_doctor_names_the_data_folder_that_is_not_there(arguments, capsys, tmp_path):
    assert main([*arguments(("doctor",)), "--data", str(tmp_path / "nowhere"), "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert any("nowhere is not there" in problem for problem in problems)


@pytest.mark.parametrize("path", _with_effect("home"), ids=" ".join)
def test_a_workspace_that_cannot_be_made_is_refused(path, arguments, capsys, tmp_path):
    given = arguments(path)
    (tmp_path / "file").touch()
    if path == ("bitext", "export"):
        given += ["--out", str(tmp_path / "pairs.tmx")]
    status, err = _call(capsys, *given, "--home", str(tmp_path / "file" / "home"))
    assert status == 2 and "home cannot be written" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("path", [("data",), ("bitext", "check")], ids=" ".join)
def test_an_option_without_effect_is_taken(path, arguments, capsys, tmp_path):
    given = arguments(path) + ([str(tmp_path / "pairs.tsv")] if path[0] == "bitext" else [])
    (tmp_path / "file").touch()
    assert main(given) == 0
    plain = capsys.readouterr().out
    assert main([*given, "--home", str(tmp_path / "file" / "home")]) == 0
    assert capsys.readouterr().out == plain and not (tmp_path / "home").exists()

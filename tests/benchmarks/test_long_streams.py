"""Long files through the verbs: peak memory, time, and what a kill costs. Nothing fails on time:

    ISOGLOSS_PAIRS=100000 python -m pytest tests/benchmarks/test_long_streams.py -m benchmark -s -k align
    ISOGLOSS_LINES=1000000 python -m pytest tests/benchmarks/test_long_streams.py -m benchmark -s -k "retrieve or store"

The files are generated. `retrieve` reads with the embedded encoder's first layer alone: memory, what a kill costs and
the time of a query do not depend on the number of layers, and a million lines are read in minutes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(4 * 3600)]
PAIRS = int(os.environ.get("ISOGLOSS_PAIRS", "2000"))
LINES = int(os.environ.get("ISOGLOSS_LINES", "20000"))
ENGLISH = (
    "rain bread school market doctor goats river song late early blue heavy buys reads sells repairs today here".split()
)
SWAHILI = (
    "mvua mkate shule soko daktari mbuzi mto wimbo mapema leo hapa nzito ananunua anasoma anauza sasa kesho".split()
)


@dataclass
class Outcome:
    """A command's JSON answer (None: killed), its seconds, and its peak resident memory in MB."""

    told: dict[str, Any] | None
    seconds: float
    peak: float


def run(arguments: list[str], home: Path, kill_when: Any = None) -> Outcome:
    """Run a verb; when `kill_when()` is true it is killed with the signal that nothing can catch."""
    environment = os.environ | {"ISOGLOSS_HOME": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "core", *arguments, "--json"]
    began, peak = time.monotonic(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
    said: list[tuple[str, str]] = []
    reader = threading.Thread(target=lambda: said.append(process.communicate()))
    reader.start()
    killed = False
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, *(int(s.split()[1]) / 1024 for s in status.splitlines() if s.startswith("VmRSS")), 0.0)
        except (OSError, ValueError, TypeError):
            pass
        if kill_when is not None and not killed and kill_when():
            process.send_signal(signal.SIGKILL)
            killed = True
        time.sleep(0.2)
    reader.join()
    out, error = said[0]
    assert killed or process.returncode == 0, error
    return Outcome(None if killed else json.loads(out), time.monotonic() - began, peak)


def sentence(random: np.random.Generator, words: list[str], number: int) -> str:
    """Some words and a number that makes the line its own."""
    return " ".join([*random.choice(words, random.integers(3, 8)), str(number)])


def test_align_in_constant_memory_killed_and_resumed(tmp_path):
    random = np.random.default_rng(0)
    lines = [f"{sentence(random, ENGLISH, n)}\t{sentence(random, SWAHILI, n)}\n" for n in range(PAIRS)]
    whole, tenth, around = (tmp_path / name for name in ("whole.tsv", "tenth.tsv", "around.tsv"))
    whole.write_text("".join(lines), encoding="utf-8")
    tenth.write_text("".join(lines[: PAIRS // 10]), encoding="utf-8")
    small = run(["align", str(tenth), "--out", str(tmp_path / "tenth.links")], tmp_path / "home")
    out = tmp_path / "links"
    enough = 3 * (tmp_path / "tenth.links").stat().st_size

    def underway() -> bool:
        return sum(path.stat().st_size for path in tmp_path.glob("links*") if path.exists()) > enough

    run(["align", str(whole), "--out", str(out)], tmp_path / "home", underway)
    second = run(["align", str(whole), "--out", str(out)], tmp_path / "home")
    assert second.told is not None
    at = int(second.told["resumed_after"])
    links = out.read_text(encoding="utf-8").splitlines()
    assert len(links) == PAIRS and 0 < at < PAIRS
    first, last = max(0, at - 300), min(PAIRS, at + 300)
    around.write_text("".join(lines[first:last]), encoding="utf-8")
    again = tmp_path / "around.links"
    run(["align", str(around), "--out", str(again)], tmp_path / "home")
    same = np.mean([a == b for a, b in zip(links[first:last], again.read_text("utf-8").splitlines(), strict=True)])
    assert same > 0.99, "no line is lost, doubled or moved where the kill fell"
    assert all(links), "every pair has links"
    print(
        f"{PAIRS:,} pairs: killed and resumed after {at:,}, then {(PAIRS - at) / second.seconds:.0f} pairs a second; "
        f"peak {second.peak:.0f} MB, {small.peak:.0f} MB for a tenth; {100 * same:.1f} of 100 lines around the kill as "
        "when read apart"
    )


def test_retrieve_in_bounded_memory_killed_and_resumed(tmp_path, encoder):
    from core.reading.sharing import first_layers

    cut = first_layers(encoder.model, 1)
    cut.config = type(cut.config).from_dict(encoder.model.config.to_dict() | {"num_hidden_layers": 1})
    state = {k: v.contiguous() for k, v in encoder.model.state_dict().items() if ".layer." not in k or ".layer.0." in k}
    cut.save_pretrained(tmp_path / "encoder", state_dict=state)
    encoder.tokenizer.save_pretrained(tmp_path / "encoder")
    random = np.random.default_rng(0)
    collection, queries, out = tmp_path / "collection.jsonl", tmp_path / "queries.tsv", tmp_path / "run.trec"
    texts = {}
    asked = set(random.choice(LINES, 50, replace=False).tolist())
    with collection.open("w", encoding="utf-8") as file:
        for n in range(LINES):
            text = sentence(random, ENGLISH, n)
            file.write(json.dumps({"id": f"d{n}", "text": text, "lang": "en"}) + "\n")
            if n in asked:
                texts[n] = text
    queries.write_text("".join(f"d{n}\t{text}\n" for n, text in texts.items()), encoding="utf-8")
    home = tmp_path / "home"
    verb = [
        "retrieve",
        "--queries",
        str(queries),
        "--collection",
        str(collection),
        "--encoder",
        str(tmp_path / "encoder"),
    ]
    verb += ["--depth", "10", "--out", str(out), "--precision", "float32"]

    def underway() -> bool:
        made = [path.stat().st_size for path in (home / "cache").glob("indexes/*/*") if path.exists()]
        return sum(made) > 2 * encoder.hidden_size * LINES * 0.3

    first = run(verb, home, underway)
    second = run(verb, home)
    assert first.told is None and second.told is not None
    hits = [line.split() for line in out.read_text().splitlines()]
    right = [query == document for query, _, document, rank, _, _ in hits if rank == "1"]
    assert len(right) == 50 and np.mean(right) > 0.9, "each line is where its offset says"
    third = run(verb, home)
    assert third.told is not None
    print(
        f"{LINES:,} lines: killed at 30 of 100 after {first.seconds:.0f} s, whole after {second.seconds:.0f} s more; "
        f"peak {max(first.peak, second.peak):.0f} MB; {1000 * third.told['seconds']['a_query']:.0f} ms a query (one "
        f"thread); {sum(right)} of 50 lines found themselves first; asked again: {third.seconds:.0f} s"
    )


def test_bitext_store(tmp_path):
    random = np.random.default_rng(0)
    file = tmp_path / "pairs.tsv"
    with file.open("w", encoding="utf-8") as out:
        out.write("en\tsw\n")
        out.writelines(f"{sentence(random, ENGLISH, n)}\t{sentence(random, SWAHILI, n)}\n" for n in range(LINES))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = run(["bitext", "store", str(file), "--name", "long"], tmp_path / "home")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert made.told is not None
    kept = made.told["kept"]
    print(
        f"{LINES:,} pairs read, checked and stored in {made.seconds:.0f} s, {processor:.0f} s of a processor; "
        f"peak {made.peak:.0f} MB; {kept:,} kept"
    )
    assert kept > 0.9999 * LINES  # chance makes a line that says one word over and over

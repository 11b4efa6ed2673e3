"""A second process judges as this one does, in order, and is gone whatever happens."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.bitext import check as checking
from core.bitext import worker as beside
from core.bitext.check import Settings, check, judging
from core.bitext.reading import open_bitext
from core.bitext.records import Layout, Pair, Remark, Unreadable
from core.bitext.staging import examine
from core.bitext.worker import Worker, worked_off
from core.errors import BadInput
from tests.support.paths import ROOT

EN_DE = Layout("en", "de", "en", "de")
SETUP = ("en", "de", 0.0, 1000, 3.0)
PIECES = [
    "The river froze early this year.", "Der Fluss fror dieses Jahr früh zu.", "Die Bibliothek schließt früh",
    "La biblioteca cierra temprano los viernes", "Kivuko kinaondoka saa tatu asubuhi", "1,250", "١٢٥٠", "12", "1987",
    "...", "…", "_____ 3", "|", "Home | About | Products | Contact", "<b>", "</p>", "&amp;", "&amp;lt;", "www.a.org",
    "info@example.org", "\x08", "\x1c", "\x85", "\ufffd", "schlieÃŸt", "â€™", "Рreis", "rеs", "की", "ไทยแลนด์", "中文",
    "Ha ha ha ha ha ha ha ha ha", "这是这是这是这是这是这是这是这是", "\u200b", "\xad", "²", "½", "ß", "İ", "\u3000",
    "©",
    "d41d8cd98f00b204e9800998ecf8427e", "word " * 250, "", " ", "!", "a", "Windows Server 2019",
]  # fmt: skip


def nasty(count: int, seed: int = 5) -> list[Pair | Unreadable | Remark]:
    """Pairs of odd pieces with duplicates of every kind, and what is no pair between them."""
    drawn = random.Random(seed)
    rows: list[Pair | Unreadable | Remark] = []
    for line in range(1, count + 1):
        kind = drawn.random()
        if kind < 0.02:
            rows.append(Unreadable(line, "broken") if kind < 0.01 else Remark(line, "odd"))
            continue
        earlier = [row for row in rows[-50:] if isinstance(row, Pair)]
        if kind < 0.2 and earlier:
            old = drawn.choice(earlier)
            source = drawn.choice([old.source, f"{old.source}!", old.source.upper(), f"Not {old.source}"])
            rows.append(Pair(line, source, old.target))
            continue
        source, target = (" ".join(drawn.choices(PIECES, k=drawn.randint(0, 4))).strip() for _ in range(2))
        rows.append(Pair(line, source, target, ("fuzzy",) if kind > 0.97 else ()))
    return rows


@pytest.fixture
def started(monkeypatch):
    """Two cores and small batches; the workers that were started."""
    workers: list[Worker] = []

    class Watched(Worker):
        def __init__(self, setup):
            super().__init__(setup)
            workers.append(self)
            assert self.ready.wait(60)

    monkeypatch.setattr(beside, "Worker", Watched)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    monkeypatch.setattr(beside, "ALONE", 1)
    monkeypatch.setattr(checking, "_BATCH", 100)
    return workers


def gone(workers: list[Worker]) -> bool:
    return bool(workers) and all(worker.process.poll() is not None for worker in workers)


def test_two_processes_find_what_one_does(started, monkeypatch):
    rows = nasty(4000)
    answered = []
    monkeypatch.setattr(
        Worker, "answer", lambda self, wait, own=Worker.answer: (answered.append(1), own(self, wait))[1]
    )
    two = list(check(rows, EN_DE, 0.1, Settings()))
    assert gone(started) and answered
    monkeypatch.setattr(beside, "cores", lambda: 1)
    assert two == list(check(rows, EN_DE, 0.1, Settings()))
    assert len(started) == 1, "one core, one process"
    assert len({mask for one in two if isinstance(one[0], Pair) for mask in one[1:]}) > 50


def test_report_and_staged_file_are_the_same_too(started, monkeypatch, tmp_path):
    file = tmp_path / "pairs.tsv"
    rows = [
        row for row in nasty(3000) if isinstance(row, Pair) and not set("\t\x85\x1c") & set(row.source + row.target)
    ]
    file.write_text("en\tde\n" + "".join(f"{row.source}\t{row.target}\n" for row in rows), encoding="utf-8")
    opened, told = open_bitext([file]), []
    first = examine(opened, EN_DE, Settings(), tmp_path / "two.parquet", lambda *told_: told.append(told_[:2]))
    assert gone(started) and told[-1][1] == 1.0
    monkeypatch.setattr(beside, "cores", lambda: 1)
    assert dataclasses.asdict(first) == dataclasses.asdict(examine(opened, EN_DE, Settings(), tmp_path / "one.parquet"))
    assert first.read > 2000 and len(started) == 1
    assert pq.read_table(tmp_path / "two.parquet").equals(pq.read_table(tmp_path / "one.parquet"))


def test_a_short_file_starts_none(started, monkeypatch):
    monkeypatch.setattr(beside, "ALONE", 4)
    assert len(list(check(nasty(300), EN_DE, 0.0, Settings()))) == 300
    assert not started


@pytest.mark.parametrize("error", [BadInput("The file is damaged."), KeyboardInterrupt()])
def test_an_error_while_reading_ends_it(started, error):
    def damaged():
        yield from nasty(1500)
        raise error

    with pytest.raises(type(error)):
        list(check(damaged(), EN_DE, 0.0, Settings()))
    assert gone(started)


def test_who_stops_listening_ends_it(started):
    checked = check(nasty(3000), EN_DE, 0.0, Settings())
    for _ in range(500):
        next(checked)
    assert started and started[0].process.poll() is None
    checked.close()
    assert gone(started)


def test_an_error_of_who_watches_ends_it_and_leaves_no_file(started, tmp_path):
    file = tmp_path / "pairs.tsv"
    file.write_text("en\tde\n" + "".join(f"Line {n} is here.\tZeile {n} ist hier.\n" for n in range(5000)), "utf-8")

    def stopped(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(open_bitext([file]), EN_DE, Settings(), tmp_path / "staged.parquet", stopped)
    assert gone(started)
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.tsv"]


def test_where_no_process_can_be_started_one_does_it_all(started, monkeypatch):
    def refused(setup):
        raise OSError("no more processes")

    monkeypatch.setattr(beside, "Worker", refused)
    rows = nasty(1000)
    assert [one[0] for one in check(rows, EN_DE, 0.0, Settings())] == [
        row if isinstance(row, Pair) else row[0] for row in rows
    ]
    assert beside._only.acquire(blocking=False), "another check may have one"
    beside._only.release()


def test_one_that_is_killed_is_done_without(started):
    rows = nasty(3000)
    expected = [mask for batch in (rows,) for mask in judging(*SETUP)(checking._sides(batch))[0]]
    batches = iter([rows[at : at + 100] for at in range(0, 3000, 100)])
    masks = []
    for n, (_, judged) in enumerate(worked_off(batches, checking._sides, judging(*SETUP), SETUP)):
        masks += judged[0]
        if n == 5:
            started[0].process.kill()
    assert masks == expected and gone(started)


def test_a_second_check_at_once_goes_without(started):
    first = check(nasty(2000), EN_DE, 0.0, Settings())
    for _ in range(400):
        next(first)
    assert len(list(check(nasty(1000), EN_DE, 0.0, Settings()))) == 1000
    assert len(started) == 1
    first.close()
    assert gone(started)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_it_does_not_outlive_a_killed_process():
    code = (
        "from core.bitext.worker import Worker\nimport time\n"
        f"worker = Worker({SETUP!r})\nassert worker.ready.wait(60)\n"
        "print(worker.process.pid, flush=True)\ntime.sleep(99)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent:
        pid = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.1)
    else:
        pytest.fail("the worker is still there")


def test_it_loads_nothing_that_it_does_not_need():
    code = (
        "import sys, core.bitext.worker_main\n"
        "print([name for name in ('torch', 'duckdb', 'streamlit') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

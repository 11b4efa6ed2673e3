"""Data sets brought into a folder: whole or not at all, checked, once, by the first way that gives them."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from core.data.fetch import get
from core.data.fetch.get import Fetched, fetch
from core.data.fetch.http import NotFetched, Unreachable
from core.data.fetch.manifest import DOWNLOADS, Download, chosen_sources, read_downloads
from core.data.fetch.tables import table_bytes
from core.data.records import NLIItem
from core.data.registry import KNOWN, find, matches, read_declarations
from core.data.xnli import read_language
from core.errors import BadInput
from tests.support.paths import ROOT
from tests.support.publisher import COMMIT

ONE, TWO = b"one" * 20_000, b"two" * 30_000


def names(folder: Path) -> list[str]:
    """Every file of a data folder but the lock."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != "lock"
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_files_come_whole_with_one_progress_and_are_not_asked_for_again(listed, publisher, folder):
    wanted, seen = listed(a=ONE, b=TWO), []
    done = fetch(wanted, folder, lambda done, total, _="": seen.append((done, total)))
    assert done == Fetched(2, 0, f"{publisher.url}/")
    assert names(folder) == ["TaxiNLI/a", "TaxiNLI/b"] and (folder / "TaxiNLI/b").read_bytes() == TWO
    assert seen == sorted(seen) and seen[-1] == (150_000, 150_000)
    asked = len(publisher.asked)
    assert fetch(wanted, folder) == Fetched(0, 2, "") and len(publisher.asked) == asked


def test_files_of_the_same_content_come_once_and_are_all_there(listed, publisher, folder):
    fetch(listed(a=ONE, b=TWO, c=ONE), folder)
    assert names(folder) == ["TaxiNLI/a", "TaxiNLI/b", "TaxiNLI/c"] and (folder / "TaxiNLI/a").read_bytes() == ONE
    assert (folder / "TaxiNLI/c").read_bytes() == ONE and publisher.ranges_of("/c") == []


def test_a_set_of_which_one_file_does_not_come_is_not_half_there(listed, publisher, folder):
    wanted = listed(a=ONE, b=TWO)
    publisher.cut["/b"] = 50_000
    with pytest.raises(NotFetched, match="are kept"):
        fetch(wanted, folder, attempts=1)
    assert not (folder / "TaxiNLI").exists() and len(names(folder)) == 2
    publisher.cut.clear()
    fetch(wanted, folder, attempts=1)
    assert names(folder) == ["TaxiNLI/a", "TaxiNLI/b"]
    assert publisher.ranges_of("/a") == [""] and publisher.ranges_of("/b")[1].startswith("bytes=")


def test_a_wrong_file_is_told_and_leaves_nothing(listed, publisher, folder):
    wanted = listed(a=ONE)
    publisher.files["/a"] = ONE[:-1] + b"x"
    with pytest.raises(NotFetched, match="is not the file that was expected .*not taken"):
        fetch(wanted, folder)
    assert names(folder) == []


def test_an_old_file_is_kept_unless_it_is_to_be_replaced(listed, publisher, folder):
    wanted = listed(a=ONE)
    (folder / "TaxiNLI").mkdir()
    (folder / "TaxiNLI" / "a").write_bytes(b"mine")
    with pytest.raises(BadInput, match="is kept: move it away, or give --replace"):
        fetch(wanted, folder)
    publisher.files["/a"] = b"x" * len(ONE)
    with pytest.raises(NotFetched):
        fetch(wanted, folder, replace=True)
    assert (folder / "TaxiNLI" / "a").read_bytes() == b"mine"
    publisher.files["/a"] = ONE
    fetch(wanted, folder, replace=True)
    assert (folder / "TaxiNLI" / "a").read_bytes() == ONE


def test_a_part_of_another_file_costs_one_more_download(listed, publisher, folder):
    wanted = listed(a=ONE)
    (folder / get.INCOMPLETE).mkdir()
    (folder / get.INCOMPLETE / f"{wanted.files[0].sha256}.part").write_bytes(b"x" * 1000)
    fetch(wanted, folder)
    assert (folder / "TaxiNLI/a").read_bytes() == ONE and publisher.ranges_of("/a") == ["bytes=1000-", ""]


def test_a_disk_without_room_is_told_before_anything_comes(listed, publisher, folder, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("core.data.fetch.get.shutil.disk_usage", lambda _: usage)
    with pytest.raises(BadInput, match="1 MB of free disk, and 100 MB are needed"):
        fetch(listed(a=ONE), folder)
    assert publisher.asked == []


def test_a_host_that_gave_no_answer_is_not_asked_again(listed, publisher, folder):
    host = publisher.url.split("://")[1]
    with pytest.raises(Unreachable, match="as before"):
        fetch(listed(a=ONE), folder, unreachable=[host])
    assert publisher.asked == []


def test_two_processes_fetch_once(listed, publisher, folder, tmp_path):
    wanted = listed(a=ONE)
    publisher.held.add("/a")
    code = (
        "import sys\nfrom pathlib import Path\nfrom core.data.fetch.get import fetch\n"
        "from core.data.fetch.manifest import read_downloads\n"
        "print(fetch(read_downloads(Path(sys.argv[1]))['TaxiNLI'], Path(sys.argv[2])).came)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "downloads.toml"), str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert publisher.begun.wait(30)
    told: list[str] = []
    threading.Timer(0.5, publisher.go_on.set).start()
    assert fetch(wanted, folder, tell=told.append).came == 0
    assert first.communicate(timeout=30)[0].strip() == "1" and len(publisher.ranges_of("/a")) == 1
    assert told == [f"Another process fetches into {folder}; waiting for it."]


def _items(language: str, split: str) -> list[NLIItem]:
    return [NLIItem(row, f"{language} {split} “{row // 3}”", f'no "{row}"', row % 3) for row in range(6)]


def _parquet(items: list[NLIItem]) -> bytes:
    columns = {
        "premise": [i.premise for i in items], "hypothesis": [i.hypothesis for i in items],
        "label": [i.label for i in items],
    }  # fmt: skip
    buffer = BytesIO()
    parquet.write_table(arrow.table(columns), buffer)
    return buffer.getvalue()


def _archive() -> bytes:
    labels = ("entailment", "neutral", "contradiction")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for split, name in (("validation", "dev"), ("test", "test")):
            lines = ["language\tgold_label\tsentence1\tsentence2\tgenre"]
            for language in ("sw", "ur"):
                lines += [
                    f"{language}\t{labels[i.label]}\t{i.premise}\t{i.hypothesis}\tx" for i in _items(language, split)
                ]
            file.writestr(f"XNLI-1.0/xnli.{name}.tsv", "\n".join(lines) + "\n")
    return buffer.getvalue()


@pytest.fixture
def xnli(publisher, tmp_path, monkeypatch) -> Download:
    """XNLI in two languages, on a Hub and as an archive."""
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_ENDPOINT", publisher.url)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    rows = []
    for split in ("test", "validation"):
        for language in ("sw", "ur"):
            items = _items(language, split)
            place = f"/datasets/facebook/xnli/resolve/{COMMIT}/{language}/{split}-00000-of-00001.parquet"
            publisher.files[place] = _parquet(items)
            content = table_bytes(items)
            rows.append(
                f'{{ name = "xnli_{split}_{language}.tsv", bytes = {len(content)}, '
                f'sha256 = "{sha256(content).hexdigest()}" }},'
            )
    publisher.files["/XNLI-1.0.zip"] = _archive()
    text = "\n".join(
        ["[[download]]", 'source = "XNLI"', 'hub = "facebook/xnli"', f'revision = "{COMMIT}"', 'to = "xnli/"']
        + [
            'tables = "{lang}/{split}-00000-of-00001.parquet"',
            'hash_of = "table"',
            'seen = ""',
            "files = [",
            *rows,
            "]",
        ]
        + ["[[download]]", 'source = "XNLI"', f'url = "{publisher.url}/XNLI-1.0.zip"', 'to = "xnli/"']
        + ['members = "XNLI-1.0/xnli.{split}.tsv"']
    )
    (tmp_path / "xnli.toml").write_text(text)
    return read_downloads(tmp_path / "xnli.toml")["XNLI"]


TABLES = [f"xnli/xnli_{split}_{language}.tsv" for split in ("test", "validation") for language in ("sw", "ur")]


def test_tables_come_from_the_hub_and_are_read_by_our_loader(xnli, publisher, folder):
    assert fetch(xnli, folder).origin == "facebook/xnli"
    assert names(folder) == TABLES
    read = read_language([folder / "xnli/xnli_test_sw.tsv"])
    assert list(read.items) == _items("sw", "test")
    assert not any(path == "/XNLI-1.0.zip" for _, path, _ in publisher.asked)


def test_what_the_hub_has_changed_is_refused_and_the_archive_read(xnli, publisher, folder):
    place = next(name for name in publisher.files if "sw/test" in name)
    publisher.files[place] = _parquet(_items("sw", "other"))
    told: list[str] = []
    assert fetch(xnli, folder, tell=told.append).origin.endswith("/XNLI-1.0.zip")
    assert names(folder) == TABLES
    assert len(told) == 1 and "are not those that were expected" in told[0] and "Trying http" in told[0]


def test_a_hub_and_an_archive_that_are_not_there_leave_nothing(xnli, publisher, folder):
    publisher.files.clear()
    with pytest.raises(NotFetched, match="XNLI-1.0.zip answers 404"):
        fetch(xnli, folder)
    assert names(folder) == []


@pytest.mark.parametrize("broken", [b"<html></html>", None])
def test_an_archive_that_cannot_be_read_leaves_nothing(xnli, publisher, folder, broken):
    archive = publisher.files["/XNLI-1.0.zip"]
    if broken is None:
        buffer = BytesIO(archive)
        with zipfile.ZipFile(buffer, "a") as file:
            file.writestr("../evil", "x")
        broken = buffer.getvalue()
    publisher.files.clear()
    publisher.files["/XNLI-1.0.zip"] = broken
    with pytest.raises(NotFetched, match="What came of .* cannot be read"):
        fetch(xnli, folder)
    assert names(folder) == [] and not (folder.parent / "evil").exists()


def test_a_sentence_that_no_plain_table_can_hold_is_refused():
    with pytest.raises(BadInput, match="Item 4 holds a tab or a line break"):
        table_bytes([NLIItem(4, "a\tb", "c", 0)])


def test_names_are_read_in_any_case_and_a_beginning_means_all():
    known = read_declarations(KNOWN)
    assert [one.name for one in chosen_sources(["taxinli", "xl-wa"], known)] == ["TaxiNLI", "XL-WA"]
    assert len(chosen_sources(["NewProtocols"], known)) == 5
    with pytest.raises(BadInput, match="no data set 'SQuAD'; the known ones are XNLI,"):
        chosen_sources(["SQuAD"], known)


def test_every_address_is_of_a_known_source_and_every_file_is_found_by_it():
    """A file lies where the source looks for it, or beside one that does (its English side, the text of gold links)."""
    known = {source.name: source for source in read_declarations(KNOWN)}
    downloads = read_downloads(DOWNLOADS)
    assert set(known) - set(downloads) == {"XNLI training part (MultiNLI)", "NewProtocols paragraph"}
    for name, one in downloads.items():
        folders = {str(Path(f.path).parent) for f in one.files if any(matches(p, f.path) for p in known[name].files)}
        assert {str(Path(file.path).parent) for file in one.files} == folders, name
        assert len({file.path for file in one.files}) == len(one.files)
        for file in one.files:
            assert ".." not in file.path and len(file.sha256) == 64 and 0 < file.bytes < 50_000_000
            assert one.hash_of == "table" or file.address.startswith("https://"), file.path
        assert one.seen and all(way.revision or "://" in way.origin for way in one.ways)


@pytest.mark.data
def test_hashes_are_those_of_the_data_that_the_first_study_read(data_dir):
    """Every file of every download, and of each found source every file that its loader reads."""
    known = {source.name: source for source in read_declarations(KNOWN)}
    for name, one in read_downloads(DOWNLOADS).items():
        for file in one.files:
            content = (data_dir / file.path).read_bytes()
            assert (len(content), sha256(content).hexdigest()) == (file.bytes, file.sha256), file.path
            if one.hash_of == "table":
                assert table_bytes(read_language([data_dir / file.path]).items) == content, file.path
        found = find(known[name], data_dir)
        assert found is not None
        read = {path for file in found.files for path in (file.path, file.english) if path is not None}
        assert {path.relative_to(data_dir).as_posix() for path in read} <= {file.path for file in one.files}, name


def test_a_file_of_the_folder_that_cannot_be_read_is_one_sentence(listed, tmp_path, monkeypatch):
    wanted = listed(a=b"one")
    (tmp_path / "TaxiNLI").mkdir()
    (tmp_path / "TaxiNLI" / "a").write_bytes(b"one")

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(get, "file_digest", refused)
    with pytest.raises(BadInput, match=r"TaxiNLI/a cannot be read \(Permission denied\)"):
        get.missing_files(wanted, tmp_path)

"""Archives that somebody else made: what they may not hold, however they say it."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from core.data.fetch.archive import extract
from core.errors import BadInput


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_a_member_is_unpacked_under_its_last_name(tmp_path):
    archive = _zip(tmp_path / "a.zip", {"X-1.0/a.tsv": b"one", "X-1.0/b.tsv": b"two", "X-1.0/": b""})
    (tmp_path / "out").mkdir()
    paths = extract(archive, ["X-1.0/b.tsv"], tmp_path / "out")
    assert paths == [tmp_path / "out" / "b.tsv"] and paths[0].read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.tsv"]


@pytest.mark.parametrize("name", ["../b", "a/../../b", "/etc/b", "\\b", "a\\..\\..\\b", "C:/b"])
def test_a_path_that_leads_out_is_refused_with_all_else(tmp_path, name):
    archive = _zip(tmp_path / "a.zip", {"a.tsv": b"one", name: b"evil"})
    with pytest.raises(BadInput, match="leads out of its folder"):
        extract(archive, ["a.tsv"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("a.tsv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(BadInput, match="a link or a device"):
        extract(tmp_path / "a.zip", ["a.tsv"], tmp_path)


def test_a_bomb_is_refused_by_what_it_says(tmp_path):
    archive = _zip(tmp_path / "a.zip", {"a.tsv": b"0" * 5_000_000})
    assert archive.stat().st_size < 10_000
    with pytest.raises(BadInput, match="unpacks to more than the 1,000,000 bytes"):
        extract(archive, ["a.tsv"], tmp_path, limit=1_000_000)
    assert not (tmp_path / "a.tsv").exists()


def test_a_bomb_that_lies_about_its_length_is_stopped(tmp_path):
    """The lengths in both headers say 1,000; zlib would unpack five million."""
    content = b"0" * 5_000_000
    archive = _zip(tmp_path / "a.zip", {"a.tsv": content})
    said, lie = len(content).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    changed = archive.read_bytes().replace(said, lie)
    archive.write_bytes(
        changed.replace(zlib.crc32(content).to_bytes(4, "little"), zlib.crc32(content[:1000]).to_bytes(4, "little"))
    )
    paths = extract(archive, ["a.tsv"], tmp_path, limit=1_000_000)
    assert paths[0].stat().st_size == 1000


def test_several_members_share_one_limit(tmp_path):
    archive = _zip(tmp_path / "a.zip", {"a": b"0" * 600, "b": b"0" * 600})
    with pytest.raises(BadInput, match="more than the 1,000 bytes"):
        extract(archive, ["a", "b"], tmp_path, limit=1000)


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.data.fetch.archive.MEMBERS", 3)
    archive = _zip(tmp_path / "a.zip", {f"{number}.tsv": b"" for number in range(4)})
    with pytest.raises(BadInput, match="lists more than 3 members"):
        extract(archive, ["0.tsv"], tmp_path)


def test_what_is_no_archive_and_what_lacks_the_member(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"<html>Not found</html>")
    with pytest.raises(BadInput, match="not a readable archive"):
        extract(tmp_path / "a.zip", ["a.tsv"], tmp_path)
    with pytest.raises(BadInput, match="has no a.tsv"):
        extract(_zip(tmp_path / "b.zip", {"b.tsv": b""}), ["a.tsv"], tmp_path)


def test_a_broken_member_is_refused(tmp_path):
    archive = _zip(tmp_path / "a.zip", {"a.tsv": bytes(range(256)) * 50})
    content = bytearray(archive.read_bytes())
    content[60] ^= 255
    archive.write_bytes(content)
    with pytest.raises(BadInput, match="not a readable archive"):
        extract(archive, ["a.tsv"], tmp_path)

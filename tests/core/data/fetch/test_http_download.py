"""One file from an address: whole, cut off and gone on with, from servers that know no Range, and wrong ones."""

from __future__ import annotations

import gc
import socket

import pytest

from core.data.fetch.http import NotFetched, Unreachable, download
from core.errors import BadInput

CONTENT = bytes(range(256)) * 1024


def test_a_whole_file_with_its_progress(publisher, tmp_path):
    publisher.files["/a"] = CONTENT
    seen = []
    download(
        f"{publisher.url}/a", tmp_path / "part", len(CONTENT), lambda done, total, _="": seen.append((done, total))
    )
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and seen == sorted(seen)
    assert publisher.ranges_of("/a") == [""]


def test_what_is_whole_already_is_not_asked_for(publisher, tmp_path):
    (tmp_path / "part").write_bytes(CONTENT)
    download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT))
    assert publisher.asked == []


@pytest.mark.parametrize("lengths", [True, False])
def test_a_cut_connection_is_gone_on_with(publisher, tmp_path, lengths):
    publisher.files["/a"], publisher.cut["/a"], publisher.lengths = CONTENT, 100_000, lengths
    with pytest.raises(NotFetched, match="broke off 1 times .* bytes that came are kept"):
        download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT), attempts=1)
    came = (tmp_path / "part").stat().st_size
    assert 80_000 < came <= 100_000
    publisher.cut.clear()
    download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT), attempts=1)
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert publisher.ranges_of("/a") == ["", f"bytes={came}-"]


def test_one_call_tries_again_by_itself(publisher, tmp_path):
    publisher.files["/a"], publisher.cut["/a"] = CONTENT, 100_000
    with pytest.raises(NotFetched, match="broke off 3 times"):
        download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT), wait=0.001)
    assert len(publisher.ranges_of("/a")) == 3


def test_a_server_without_ranges_sends_all_again(publisher, tmp_path):
    publisher.files["/a"], publisher.ranges = CONTENT, False
    (tmp_path / "part").write_bytes(b"x" * 1000)
    download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT))
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert publisher.ranges_of("/a") == ["bytes=1000-"]


def test_a_part_that_is_longer_than_the_file_is_begun_anew(publisher, tmp_path):
    publisher.files["/a"] = CONTENT
    (tmp_path / "part").write_bytes(CONTENT + b"x")
    download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT))
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_file_that_has_become_shorter_is_begun_anew(publisher, tmp_path):
    publisher.files["/a"] = CONTENT[:1000]
    (tmp_path / "part").write_bytes(CONTENT[:5000])
    download(f"{publisher.url}/a", tmp_path / "part", wait=0.001)
    assert (tmp_path / "part").read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize("lengths", [True, False])
def test_a_longer_file_than_expected_is_stopped(publisher, tmp_path, lengths):
    publisher.files["/a"], publisher.lengths = CONTENT, lengths
    with pytest.raises(NotFetched, match="another file than it was"):
        download(f"{publisher.url}/a", tmp_path / "part", 50_000)


def test_a_file_of_no_known_length_has_a_limit(publisher, tmp_path, monkeypatch):
    publisher.files["/a"], publisher.lengths = CONTENT, False
    monkeypatch.setattr("core.data.fetch.http.LIMIT", 100_000)
    with pytest.raises(NotFetched, match="sends more than 100,000 bytes"):
        download(f"{publisher.url}/a", tmp_path / "part")
    assert (tmp_path / "part").stat().st_size <= 100_000


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (503, 3)])
def test_an_answer_that_another_attempt_may_change_is_asked_for_again(publisher, tmp_path, status, requests):
    publisher.files["/a"], publisher.answers["/a"] = CONTENT, status
    with pytest.raises(NotFetched, match=str(status)):
        download(f"{publisher.url}/a", tmp_path / "part", wait=0.001)
    assert len(publisher.asked) == requests


def test_no_connection_is_told_at_once(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable, match="could not be reached .*refused") as caught:
            download(f"http://{host}/a", tmp_path / "part", attempts=1)
    assert caught.value.host == host


def test_a_full_disk_is_told(publisher, tmp_path):
    publisher.files["/a"] = CONTENT
    (tmp_path / "part").symlink_to("/dev/full")
    with pytest.raises(BadInput, match="cannot be written .*No space left.*make room"):
        download(f"{publisher.url}/a", tmp_path / "part", len(CONTENT))
    gc.collect()

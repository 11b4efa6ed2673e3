"""A publisher, and the list of downloads that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from core.data.fetch.manifest import Download, read_downloads
from tests.support.publisher import Publisher, publishing


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as one:
        yield one


@pytest.fixture
def listed(tmp_path: Path, publisher: Publisher) -> Callable[..., Download]:
    """`listed(a=b"...")` publishes files and gives the data set that they are: TaxiNLI/a and so on."""

    def make(**contents: bytes) -> Download:
        rows = []
        for name, content in contents.items():
            publisher.files[f"/{name}"] = content
            rows.append(f'{{ name = "{name}", bytes = {len(content)}, sha256 = "{sha256(content).hexdigest()}" }},')
        text = "\n".join(
            ["[[download]]", 'source = "TaxiNLI"', f'url = "{publisher.url}/"', 'to = "TaxiNLI/"', 'hash_of = "file"']
            + ['seen = "a test"', "files = [", *rows, "]"]
        )
        path = tmp_path / "downloads.toml"
        path.write_text(text)
        return read_downloads(path)["TaxiNLI"]

    return make

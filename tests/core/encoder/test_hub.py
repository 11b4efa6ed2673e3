"""The Hub, played by a small server on this machine; each visit is a process of its own, as the client reads its
endpoint only when it is imported."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.encoder.load import load_encoder

COMMIT = "0123456789abcdef0123456789abcdef01234567"

VISIT = """
import json, sys
from core.encoder.load import load_encoder
from core.errors import BadInput
from tests.support.paths import ROOT
for spec in sys.argv[1:]:
    try:
        found = load_encoder(spec)
        print(json.dumps({"spec": spec, "name": found.name, "fingerprint": found.fingerprint}))
    except BadInput as error:
        print(json.dumps({"spec": spec, "error": str(error)}))
"""


class Hub(BaseHTTPRequestHandler):
    """Answers as the Hub does for the folders in `models`; `gated` ones are refused."""

    models: dict[str, dict[str, bytes]] = {}
    asked: list[str] = []

    def _answer(self, status: int, body: bytes, headers: dict[str, str], head: bool) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if not head:
            self.wfile.write(body)

    def _serve(self, head: bool = False) -> None:
        path = urlparse(self.path).path.strip("/")
        self.asked.append(path)
        parts = path.removeprefix("api/models/").split("/")
        name = "/".join(parts[:2])
        if name == "org/gated":
            return self._answer(403, b"{}", {"X-Error-Code": "GatedRepo"}, head)
        files = self.models.get(name)
        if files is None:
            return self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"}, head)
        if path.startswith("api/") and parts[2:3] == ["tree"]:
            tree = [
                {"type": "file", "path": file, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for file, data in files.items()
            ]
            return self._answer(200, json.dumps(tree).encode(), {"Content-Type": "application/json"}, head)
        if path.startswith("api/"):
            listed = [{"rfilename": file} for file in files]
            about = {"id": name, "modelId": name, "sha": COMMIT, "private": False, "tags": [], "siblings": listed}
            return self._answer(200, json.dumps(about).encode(), {"Content-Type": "application/json"}, head)
        data = files.get("/".join(parts[4:]))
        if data is None:
            return self._answer(404, b"", {"X-Error-Code": "EntryNotFound"}, head)
        etag = f'"{hashlib.sha1(data).hexdigest()}"'
        self._answer(200, data, {"ETag": etag, "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}, head)

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve(head=True)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(small_bert: Path) -> Iterator[ThreadingHTTPServer]:
    files = {file.name: file.read_bytes() for file in small_bert.iterdir()}
    pickled = {**files, "pytorch_model.bin": b"never read"}
    del pickled["model.safetensors"]
    Hub.models = {"org/small": {**files, "README.md": b"no", "code.py": b"no"}, "org/pickled": pickled}
    Hub.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def visit(home: Path, endpoint: str, specs: list[str]) -> list[dict[str, str]]:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("HF_") and "proxy" not in key.lower()},
        "HF_HOME": str(home),
        "HF_ENDPOINT": endpoint,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", VISIT, *specs], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_model_of_the_hub_is_downloaded_once(hub: ThreadingHTTPServer, small_bert: Path, tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{hub.server_address[1]}"
    found, pickled, unknown, gated = visit(tmp_path, endpoint, ["org/small", "org/pickled", "org/nothing", "org/gated"])
    assert found["name"] == "org/small"
    assert found["fingerprint"] == hashlib.sha256((small_bert / "model.safetensors").read_bytes()).hexdigest()
    fetched = {path.rsplit("/", 1)[-1] for path in Hub.asked if "/resolve/" in path}
    assert "model.safetensors" in fetched and not fetched & {"pytorch_model.bin", "code.py", "README.md"}
    assert "pickled weights" in pickled["error"] or "no model.safetensors" in pickled["error"]
    assert "no model org/nothing" in unknown["error"]
    assert "accept" in gated["error"]

    hub.shutdown()
    hub.server_close()
    cached, absent = visit(tmp_path, endpoint, ["org/small", "org/other"])
    assert cached["fingerprint"] == found["fingerprint"]
    assert "cannot be reached" in absent["error"] and endpoint in absent["error"]
    assert not any("\n" in one.get("error", "") for one in (pickled, unknown, gated, absent))


def test_offline_and_not_in_the_cache_is_one_sentence() -> None:
    from huggingface_hub import constants

    if not constants.HF_HUB_OFFLINE:
        pytest.skip("HF_HUB_OFFLINE was not set when the client was imported")
    with pytest.raises(BadInput, match="HF_HUB_OFFLINE is set"):
        load_encoder("isogloss-tests/absent")

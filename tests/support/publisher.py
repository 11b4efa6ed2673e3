"""A publisher of files on this machine: a small server that can be told to cut off, or to know no Range."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Publisher:
    """`files` by path. A GET of a path in `cut` closes the connection after so many bytes of the file; `ranges` says
    whether a part can be asked for, `lengths` whether Content-Length is sent, `answers` which paths have a status of
    their own. `asked` are the requests so far: method, path and Range."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    lengths: bool = True
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    #: Set to let a GET of a path in `held` go on after its first bytes.
    held: set[str] = field(default_factory=set)
    go_on: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def ranges_of(self, path: str) -> list[str]:
        return [asked for method, name, asked in self.asked if method == "GET" and name == path]


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A publisher at an address of its own, until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            asked = self.headers.get("Range", "")
            publisher.asked.append((self.command, self.path, asked))
            content = publisher.files.get(self.path)
            status = publisher.answers.get(self.path, 200 if content is not None else 404)
            if content is None or status != 200:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(asked[len("bytes=") : -1]) if asked and publisher.ranges else 0
            if start >= len(content) > 0:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            if publisher.lengths:
                self.send_header("Content-Length", str(len(content) - start))
            self.send_header("ETag", f'"{sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if not body:
                return
            end = publisher.cut.get(self.path, len(content))
            if self.path in publisher.held:
                self.wfile.write(content[start : start + 40_000])
                self.wfile.flush()
                publisher.begun.set()
                publisher.go_on.wait(20)
                start += 40_000
            self.wfile.write(content[start:end])
            if end < len(content):
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that has gone away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    publisher = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        publisher.go_on.set()
        server.shutdown()
        server.server_close()

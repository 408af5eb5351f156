"""A hub of one's own on this machine: the few answers that the hub's client asks for, over real HTTP."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SHA = "0123456789abcdef0123456789abcdef01234567"
_SMALL = 1000  # bytes: what is no file of weights
_RESOLVE = re.compile(r"/(?P<id>[\w.-]+/[\w.-]+)/resolve/[^/]+/(?P<file>.+)")
_INFO = re.compile(r"/api/models/(?P<id>[\w.-]+/[\w.-]+)(/revision/[^?]+)?(\?.*)?")


class Hub(ThreadingHTTPServer):
    """Serves `models`: files by name, by hub id."""

    daemon_threads = True

    def __init__(self, models: Mapping[str, Mapping[str, bytes]], *, gated: bool, stops_after: int | None) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.models = models
        self.gated = gated
        self.stops_after = stops_after  # bytes of a file that are sent before the connection breaks, once
        self.waits_after: int | None = None  # bytes of a file that are sent before nothing comes any more
        self.waits = threading.Event()  # set when that many were sent
        self.ended = threading.Event()
        self.asked: list[tuple[str, str, str]] = []  # (method, path, range)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fetched(self) -> set[str]:
        """Names of the files that were asked for."""
        matches = (_RESOLVE.fullmatch(path) for method, path, _ in self.asked if method == "GET")
        return {match["file"] for match in matches if match is not None}


@contextmanager
def hub(
    models: Mapping[str, Mapping[str, bytes]], *, gated: bool = False, stops_after: int | None = None
) -> Iterator[Hub]:
    """The hub, answering until the block ends."""
    with Hub(models, gated=gated, stops_after=stops_after) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


class _Answers(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def _answer(self, *, with_body: bool) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Range", "")))
        info, file = _INFO.fullmatch(self.path), _RESOLVE.fullmatch(self.path)
        files = self.server.models.get((info or file or {"id": ""})["id"])
        if files is None or (file is not None and file["file"] not in files):
            self._refused(404, "RepoNotFound" if files is None else "EntryNotFound")
        elif self.server.gated and file is not None:
            self._refused(403, "GatedRepo")
        elif info is not None:
            siblings = [{"rfilename": name, "size": len(content)} for name, content in files.items()]
            body = json.dumps({"id": info["id"], "sha": SHA, "siblings": siblings}).encode()
            self._send(200, {"Content-Type": "application/json"}, body, with_body=with_body)
        elif file is not None:
            self._file(files[file["file"]], with_body=with_body)

    def _refused(self, code: int, why: str) -> None:
        self._send(code, {"X-Error-Code": why, "X-Error-Message": why}, b"", with_body=False)

    def _file(self, content: bytes, *, with_body: bool) -> None:
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": SHA, "Accept-Ranges": "bytes"}
        given = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if given is None:
            self._send(200, headers, content, with_body=with_body)
            return
        start = int(given[1])
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206, headers, content[start:], with_body=with_body)

    def _send(self, code: int, headers: Mapping[str, str], body: bytes, *, with_body: bool) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not with_body:
            return
        stops, waits = self.server.stops_after, self.server.waits_after
        if len(body) <= _SMALL or (stops is None and waits is None):
            self.wfile.write(body)
            return
        self.wfile.write(body[: stops or waits])
        self.server.stops_after, self.close_connection = None, True
        if waits is not None:
            self.server.waits.set()
            self.server.ended.wait()

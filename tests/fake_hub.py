"""A small server on the loopback that speaks what a download needs of the hub's protocol, and misbehaves."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from course_utils.painters.hub.table import MODELS

COMMIT = MODELS["sd15"].revision
PORTION, PAUSE = 500_000, 0.2  # bytes, and seconds between them for a slow server
STALL = 3.0  # seconds without a sign of life
REFUSED = {401: "GatedRepo", 403: "GatedRepo", 404: "RevisionNotFound"}  # how the hub calls it


class Hub:
    """What the server holds and how it behaves.

    `files` maps repository -> {path: bytes}; `faults` maps a repository or path to a status to answer, or a
    path to "short" (half of what was announced), "wrong size" (less than the listing says), "slow" (in
    little portions) or "stalled" (nothing for longer than anybody waits).
    """

    def __init__(self, files, faults=()):
        self.files, self.faults, self.asked = files, dict(faults), []
        self.address = ""


class _Answer(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, body):
        hub = self.hub
        hub.asked.append(f"{self.command} {self.path}")
        parts = self.path.split("?")[0].strip("/").split("/")
        listing = parts[:2] == ["api", "models"]
        repository = "/".join(parts[2:4] if listing else parts[:2])
        if repository not in hub.files:
            return self._refuse(404, "RepoNotFound")
        fault = hub.faults.get(repository)
        if isinstance(fault, int):
            return self._refuse(fault, REFUSED.get(fault, ""))
        if parts[4:5] == ["tree"]:
            entries = [
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in hub.files[repository].items()
            ]
            return self._send(json.dumps(entries).encode(), {"Content-Type": "application/json"}, body)
        if listing:
            siblings = [
                {"rfilename": name, "size": len(data)} for name, data in hub.files[repository].items()
            ]
            found = {"id": repository, "sha": COMMIT, "siblings": siblings, "private": False, "tags": []}
            return self._send(json.dumps(found).encode(), {"Content-Type": "application/json"}, body)
        name = "/".join(parts[4:])
        if name not in hub.files[repository]:
            return self._refuse(404, "EntryNotFound")
        self._file(hub.files[repository][name], name, body)

    def _file(self, data, name, body):
        fault = self.hub.faults.get(name)
        if isinstance(fault, int):
            return self._refuse(fault, "")
        start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].split("-")[0] or 0)
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
        headers["Accept-Ranges"] = "bytes"
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        rest = data[start:]
        if body and fault == "stalled":
            time.sleep(STALL)
        if body and fault == "wrong size":
            return self._send(rest[: len(rest) // 2], headers, body, status=206 if start else 200)
        if body and fault == "short":
            return self._send(
                rest[: len(rest) // 2], headers, body, claimed=len(rest), status=206 if start else 200
            )
        self._send(rest, headers, body, status=206 if start else 200)

    def _refuse(self, status, code):
        headers = {"X-Error-Code": code} if code else {}
        self._send(b'{"error": "no"}', headers, self.command == "GET", status=status)

    def _send(self, data, headers, body, claimed=None, status=200):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if claimed is None else claimed))
        self.send_header("Connection", "close")
        self.end_headers()
        for at in range(0, len(data) if body else 0, PORTION):
            self.wfile.write(data[at : at + PORTION])
            if "slow" in self.hub.faults.values():
                time.sleep(PAUSE)
        self.close_connection = True


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Serve on a free port of the loopback, and stop."""
    handler = type("Answer", (_Answer,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()

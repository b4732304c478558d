"""Just enough of S3 for the job, over a folder of files, so that the store costs next to nothing beside the job.

Emulators of S3 hold objects in memory and copy a whole one for each range that is read. This server is a process of
its own: `python -m benchmarks.object_store FOLDER` prints its port. Objects are the files `FOLDER/{bucket}/{key}`.
"""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape  # nosec B406 # writes XML and reads none

ETAG = "benchmark"
_UPLOADS = ".uploads"


class ObjectStore(ThreadingHTTPServer):
    """Serves a folder on a port of its own choice; one thread per connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ObjectStore

    def do_GET(self) -> None:
        if "list-type" in self._query:
            self._answer(_listing(self.server.root / self._name, self._query.get("prefix", "")))
        else:
            self._send_object()

    def do_HEAD(self) -> None:
        self._send_object()

    def do_PUT(self) -> None:
        part = self._query.get("partNumber")
        with self._appearing(self._upload / f"{int(part):05}" if part else self.server.root / self._name) as file:
            file.write(self._body())
        self._answer("")

    def do_POST(self) -> None:
        self._body()
        if "uploads" in self._query:
            self._answer(f"<Result><UploadId>{uuid.uuid4().hex}</UploadId></Result>")
        elif "delete" in self._query:  # what the job staged ends with the benchmark's folder
            self._answer("<Result></Result>")
        else:
            self._join_parts()
            self._answer("<Result></Result>")

    def log_message(self, *_: object) -> None:
        pass

    @property
    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    @property
    def _query(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    @property
    def _upload(self) -> Path:
        return self.server.root / _UPLOADS / self._query["uploadId"]

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("the client is gone")
        return body

    @contextmanager
    def _appearing(self, path: Path) -> Iterator[BinaryIO]:
        """A file that is there once it is complete."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.server.root / f"{_UPLOADS}-{uuid.uuid4().hex}"
        with partial.open("wb") as file:
            yield file
        partial.rename(path)

    def _join_parts(self) -> None:
        with self._appearing(self.server.root / self._name) as whole:
            for part in sorted(self._upload.iterdir()):
                with part.open("rb") as body:
                    shutil.copyfileobj(body, whole, 1 << 20)
        shutil.rmtree(self._upload)

    def _send_object(self) -> None:
        path = self.server.root / self._name
        if not path.is_file():
            self._answer("", 404)
            return
        size = path.stat().st_size
        first, last = 0, size - 1
        if wanted := self.headers.get("Range"):
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True))
        self.send_header("ETag", f'"{ETAG}"')
        self.end_headers()
        if self.command == "GET" and last >= first:
            with path.open("rb") as file:
                self.connection.sendfile(file, first, last - first + 1)

    def _answer(self, body: str, status: int = 200) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("ETag", f'"{ETAG}"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _listing(bucket: Path, prefix: str) -> str:
    names = (str(path.relative_to(bucket)) for path in sorted(bucket.rglob("*")) if path.is_file())
    found = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in names if name.startswith(prefix))
    return f"<Result><IsTruncated>false</IsTruncated>{found}</Result>"


if __name__ == "__main__":
    store = ObjectStore(Path(sys.argv[1]))
    print(store.server_port, flush=True)
    store.serve_forever()

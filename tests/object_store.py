"""A small object store on this machine: as much of S3's REST as reading needs, for tests."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

#: Keys in one answer to a list; few, so that lists come in pages.
PAGE = 2


@dataclass
class ObjectStore:
    """Objects by ``bucket/key``, and what was asked for."""

    objects: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    port: int = 0
    is_closed: bool = False

    def put(self, path: str, content: bytes) -> None:
        """Write an object."""
        self.objects[path] = content
        self.times[path] = self.times.get(path, 1_700_000_000) + 60

    @property
    def bytes_read(self) -> int:
        """Bytes of objects that were sent."""
        return sum(int(size) for method, _, size in self.asked if method == "GET")


class _Handler(BaseHTTPRequestHandler):
    store: ObjectStore
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        url = urlsplit(self.path)
        path, query = unquote(url.path).strip("/"), parse_qs(url.query, keep_blank_values=True)
        if self.store.is_closed:
            self._send(403, b"<Error><Code>AccessDenied</Code></Error>", with_body=with_body)
        elif "/" not in path:
            self._list(path, {k: v[0] for k, v in query.items()}, with_body=with_body)
        elif path in self.store.objects:
            self._object(path, with_body=with_body)
        else:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", with_body=with_body)

    def _object(self, path: str, *, with_body: bool) -> None:
        content = self.store.objects[path]
        head = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        head |= {"Last-Modified": formatdate(self.store.times[path], usegmt=True), "Accept-Ranges": "bytes"}
        status, asked = 200, self.headers.get("Range")
        if asked:
            first, last = asked.removeprefix("bytes=").split("-")
            start = int(first) if first else len(content) - int(last)
            end = min(int(last), len(content) - 1) if first and last else len(content) - 1
            head["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
            status, content = 206, content[start : end + 1]
        self.store.asked.append((self.command, path, str(len(content) if with_body else 0)))
        self._send(status, content, head, with_body=with_body)

    def _list(self, bucket: str, query: dict[str, str], *, with_body: bool) -> None:
        keys = sorted(p.removeprefix(f"{bucket}/") for p in self.store.objects if p.startswith(f"{bucket}/"))
        if not keys:
            self._send(404, b"<Error><Code>NoSuchBucket</Code></Error>", with_body=with_body)
            return
        self.store.asked.append(("LIST", bucket, "0"))
        found = [k for k in keys if k.startswith(query.get("prefix", ""))]
        start = int(query.get("continuation-token", "0"))
        page = found[start : start + PAGE]
        more = start + PAGE < len(found)
        items = "".join(
            f"<Contents><Key>{escape(k)}</Key><Size>{len(self.store.objects[f'{bucket}/{k}'])}</Size>"
            f"<LastModified>{_iso(self.store.times[f'{bucket}/{k}'])}</LastModified></Contents>"
            for k in page
        )
        body = (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
            + (f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else "")
            + f"{items}</ListBucketResult>"
        )
        self._send(200, body.encode(), {"Content-Type": "application/xml"}, with_body=with_body)

    def _send(self, status: int, body: bytes, head: dict[str, str] | None = None, *, with_body: bool) -> None:
        self.send_response(status)
        for name, value in (head or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _iso(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Serve an empty store until the block ends."""
    store = ObjectStore()
    handler = type("Handler", (_Handler,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    store.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

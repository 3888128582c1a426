"""A LicenseKit that has products and policies to read, over real HTTP on a free port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKEN = "lk_test_admin"
META = {"request_id": "req_1", "timestamp": "2026-11-21T12:00:00Z"}


@dataclass
class Shelf:
    """What is in it may be changed while it runs."""

    url: str = ""
    products: set[str] = field(default_factory=lambda: {"prod_lk"})
    policies: dict[str, tuple[str, str]] = field(  # id: (product, license type)
        default_factory=lambda: {"pol_1": ("prod_lk", "perpetual")}
    )
    features: dict[str, str] = field(default_factory=dict)  # id: product
    answers_instead: tuple[int, str] | None = None  # a status and a body, for every request

    def answer(self, path: str, authorization: str | None) -> tuple[int, str]:
        if self.answers_instead is not None:
            return self.answers_instead
        if authorization != f"Bearer {TOKEN}":
            return 401, _error("UNAUTHORIZED")
        _, kind, record_id = path.removeprefix("/api/v1").split("/")
        if kind == "products" and record_id in self.products:
            return 200, _data({"id": record_id, "name": "Editor", "code": "editor"})
        if kind == "policies" and record_id in self.policies:
            product_id, license_type = self.policies[record_id]
            found = {"id": record_id, "product_id": product_id, "license_type": license_type}
            return 200, _data(found)
        if kind == "features" and record_id in self.features:
            return 200, _data({"id": record_id, "product_id": self.features[record_id]})
        return 404, _error("NOT_FOUND")


def _data(data: object) -> str:
    return json.dumps({"data": data, "meta": META})


def _error(code: str) -> str:
    return json.dumps({"error": {"code": code, "message": "no"}, "meta": META})


@contextmanager
def serve_shelf() -> Iterator[Shelf]:
    """The socket listens before this returns, so there is nothing to wait for."""
    shelf = Shelf()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = shelf.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing in the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        shelf.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield shelf
        finally:
            server.shutdown()
            thread.join()

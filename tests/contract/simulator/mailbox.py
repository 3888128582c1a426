"""A receiver of deliveries that keeps what it got, and can refuse the next ones on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery as it came in."""

    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


@dataclass(slots=True)
class Mailbox:
    """Deliveries in the order in which they were accepted."""

    url: str = ""
    refuse_next: int = 0
    refused: list[Received] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [one.event["type"] for one in self.received]

    @property
    def ids(self) -> list[str]:
        return [one.event["id"] for one in self.received]

    def clear(self) -> None:
        self.received.clear()

    def take(self, received: Received) -> int:
        """The status to answer with."""
        if self.refuse_next:
            self.refuse_next -= 1
            self.refused.append(received)
            return 503
        self.received.append(received)
        return 200


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """A mailbox on a free port."""
    mailbox = Mailbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = mailbox.take(Received(body, self.headers["Stripe-Signature"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mailbox.url = f"http://127.0.0.1:{server.server_port}/stripe/webhook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""A collector of traces as others run one: OTLP over HTTP, read with OpenTelemetry's own words."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """One span as it came over the wire. Ids are hexadecimal."""

    trace: str
    id: str
    parent: str  # "" = none
    name: str
    links: tuple[str, ...]  # ids of the spans it is linked to
    attributes: dict[str, Any]


@dataclass(slots=True)
class Collector:
    """What was sent so far."""

    url: str
    spans: list[SeenSpan] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, start: str) -> list[SeenSpan]:
        return [span for span in self.spans if span.name.startswith(start)]

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        message = ExportTraceServiceRequest.FromString(body)
        for resource in message.resource_spans:
            for scope in resource.scope_spans:
                self.spans += [_seen(span) for span in scope.spans]


def _seen(span: Any) -> SeenSpan:
    values = {one.key: one.value for one in span.attributes}
    return SeenSpan(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        links=tuple(link.span_id.hex() for link in span.links),
        attributes={key: getattr(v, v.WhichOneof("value")) for key, v in values.items()},
    )


@contextmanager
def serve_collector() -> Iterator[Collector]:
    """On a free port of this machine."""

    class Inlet(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            assert self.path == "/v1/traces"
            collector.take(gzip.decompress(body) if zipped else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inlet)
    collector = Collector(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

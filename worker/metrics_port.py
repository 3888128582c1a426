"""A program without a web server shows its metrics on a port of their own, by the same token."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shared.logs import get_logger
from shared.metrics import CONTENT_TYPE, exposition, lets_in
from shared.secrets import Secret

log = get_logger("metrics")

EVERYWHERE = "0.0.0.0"  # noqa: S104 - Prometheus asks from another machine; the token is asked for
LONGEST_WAIT_SECONDS = 10  # for a request that does not come to its end


def serve_metrics(port: int, token: Secret) -> ThreadingHTTPServer | None:
    """`/metrics` on this port, until the program ends. A port that is taken costs a log line."""

    class Page(BaseHTTPRequestHandler):
        timeout = LONGEST_WAIT_SECONDS

        def do_GET(self) -> None:
            right = lets_in(self.headers.get("Authorization", ""), token)
            found = self.path == "/metrics"
            body = exposition() if right and found else b""
            self.send_response(401 if not right else 200 if found else 404)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None  # who scrapes every few seconds is no news

    try:
        server = ThreadingHTTPServer((EVERYWHERE, port), Page)
    except OSError as error:
        log.warning("metrics.not_shown", port=port, error=error.strerror)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics.shown", port=server.server_address[1])
    return server

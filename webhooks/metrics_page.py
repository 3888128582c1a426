"""`GET /metrics`: for whoever brings FULFILL_METRICS_TOKEN, and nobody else.

Also not for loopback: behind a proxy on the same machine every request comes from there.
"""

from __future__ import annotations

from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.metrics import CONTENT_TYPE, exposition, lets_in
from shared.secrets import Secret

PATH = "/metrics"
CLOSED = (
    "This page needs the header Authorization: Bearer <FULFILL_METRICS_TOKEN>. "
    "While that setting is empty, nobody is let in.\n"
)


def metrics_route(token: Secret, gauges: Collector) -> Route:
    """The page is made in a thread: it asks database and Redis."""

    def page(request: Request) -> Response:
        if lets_in(request.headers.get("authorization", ""), token):
            return Response(exposition(gauges), media_type=CONTENT_TYPE)
        return PlainTextResponse(CLOSED, 401, headers={"WWW-Authenticate": "Bearer"})

    return Route(PATH, page, methods=["GET"])

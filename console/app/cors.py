"""Which pages' scripts may read our answers: Stripe's dashboard, and the sandbox of its apps.

A sandboxed view has the origin `null`, as has any other sandbox; so this guards nothing by itself,
and the signature does. Cookies are never asked for.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response

ORIGINS = ("https://dashboard.stripe.com", "null")
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, OPTIONS",
    "Access-Control-Allow-Headers": "Stripe-Signature, Content-Type, Accept",
    "Access-Control-Max-Age": "600",
}


def allow_origin(response: Response, asked: Headers) -> Response:
    """Let the page that asked read it, when it is one of those."""
    response.headers["Vary"] = "Origin"
    origin = asked.get("origin", "")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def preflight(asked: Headers) -> Response:
    """The answer to a browser that asks before it asks."""
    return allow_origin(Response(status_code=204, headers=PREFLIGHT), asked)

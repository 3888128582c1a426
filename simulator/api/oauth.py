"""The two doors of Stripe Apps OAuth: the install link for a browser, the token endpoint for us."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulator.api.forms import read_form
from simulator.errors import StripeFault, unauthorized
from simulator.oauth import GrantFault
from simulator.stripe import Stripe


def oauth_routes(stripe: Stripe) -> list[Route]:
    async def authorize(request: Request) -> Response:
        """Whoever follows the link accepts at once, as the account that is signed in."""
        asked = request.query_params
        livemode = stripe.oauth.mode_of_link(asked.get("client_id", ""))
        if livemode is None or "redirect_uri" not in asked:
            return Response("The provided OAuth link is invalid.", 400)
        with stripe.world.turn():
            code = stripe.oauth.authorize(livemode=livemode)
        back = {"code": code, **{k: asked[k] for k in ("state",) if k in asked}}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def token(request: Request) -> Response:
        body = await request.body()
        try:
            livemode = _mode_of_key(stripe, request)
            with stripe.world.turn():
                status, shown = (
                    200,
                    stripe.oauth.grant(read_form(body.decode("latin-1")), livemode=livemode),
                )
        except GrantFault as refused:
            status, shown = 400, refused.body()
        except StripeFault as refused:
            status, shown = refused.status, refused.body("req_oauth")
        headers = {"Request-Id": "req_oauth"}
        return Response(msgspec.json.encode(shown), status, headers, "application/json")

    return [
        Route("/oauth/v2/authorize", authorize, methods=["GET"]),
        Route("/v1/oauth/token", token, methods=["POST"]),
    ]


def _mode_of_key(stripe: Stripe, request: Request) -> bool:
    """The developer's own secret key, by basic authentication; no restricted key, no token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        key = base64.b64decode(given).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        key = ""
    known = stripe.keys.find(key)
    if scheme.lower() != "basic" or known is None:
        raise unauthorized("Invalid API Key provided.")
    if not key.startswith("sk_"):
        text = "The provided key does not have the required permissions for this endpoint."
        raise StripeFault(403, text)
    return known.livemode

"""What is measured: a bare route, the receiver, and the receiver with a commit for each event."""

from __future__ import annotations

import os
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared import logs
from shared.settings import read_settings
from webhooks.app import WEBHOOK_PATH, make_app
from webhooks.signature import BadSignature, verify

logs.configure("json")
settings = read_settings(os.environ, role="receiver")


async def _bare(request: Request) -> JSONResponse:
    body = await request.body()
    header = request.headers.get("stripe-signature", "").encode("latin-1")
    secrets = [secret.reveal().encode() for secret in settings.stripe_webhook_secrets]
    try:
        verify(body, header, secrets=secrets, now=time.time())
    except BadSignature:
        return JSONResponse({"status": "bad"}, status_code=400)
    return JSONResponse({"status": "ok"})


bare = Starlette(routes=[Route(WEBHOOK_PATH, _bare, methods=["POST"])])
grouped = make_app(settings)
ungrouped = make_app(settings, batch_limit=1)

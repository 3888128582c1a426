"""What all admin routes share: the envelope of LicenseKit's API and the bearer token at the door.

What a route answers is its own business.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.moments import rfc3339
from shared.secrets import Secret

BODY_LIMIT_BYTES = 1_048_576  # as the receiver's; an admin body is a few hundred

Endpoint = Callable[[Request], Awaitable[Response]]


class HttpError(Exception):
    """Answers with the error envelope. No part of it may hold a secret."""

    def __init__(self, status: int, code: str, message: str, detail: str | None = None) -> None:
        self.status, self.code, self.message, self.detail = status, code, message, detail
        super().__init__(message)


def data_response(
    data: object, *, status: int = 200, meta: Mapping[str, object] | None = None
) -> JSONResponse:
    """`{"data": …, "meta": {"request_id", "timestamp"}}`; `meta` adds fields, such as a cursor."""
    return _response(status, {"data": data}, meta or {})


def error_response(error: HttpError) -> JSONResponse:
    """`{"error": {"code", "message", "detail"?}, "meta": {"request_id", "timestamp"}}`."""
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if error.detail is not None:
        body["detail"] = error.detail
    return _response(error.status, {"error": body}, {})


def _response(status: int, body: dict[str, object], meta: Mapping[str, object]) -> JSONResponse:
    request_id = f"req_{uuid.uuid4().hex}"
    all_meta = {"request_id": request_id, "timestamp": rfc3339(datetime.now(UTC)), **meta}
    return JSONResponse(
        {**body, "meta": all_meta}, status_code=status, headers={"X-Request-Id": request_id}
    )


def admin_only(token: Secret) -> Callable[[Endpoint], Endpoint]:
    """Let an endpoint answer only to `Authorization: Bearer <token>`, and its errors in envelopes.

    With an empty token nobody is let in.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            try:
                _check_bearer(request, token)
                return await endpoint(request)
            except HttpError as error:
                return error_response(error)

        return guarded

    return decorate


def _check_bearer(request: Request, token: Secret) -> None:
    if not token:
        raise HttpError(
            401,
            "UNAUTHORIZED",
            "FULFILL_ADMIN_TOKEN is not set, so the admin routes let nobody in. "
            "Set it and start the web process again.",
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    # compared as the bytes that came: compare_digest raises TypeError on a text beyond ASCII
    right = hmac.compare_digest(given.strip().encode("latin-1"), token.reveal().encode())
    if scheme.lower() != "bearer" or not right:
        raise HttpError(
            401,
            "UNAUTHORIZED",
            "This route needs the header Authorization: Bearer <FULFILL_ADMIN_TOKEN>.",
        )


async def read_json(request: Request) -> object:
    """The body as JSON. Raises HttpError 400 for anything else and 413 above 1 MiB."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise HttpError(413, "TOO_LARGE", f"The body is over {BODY_LIMIT_BYTES} bytes.")
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise HttpError(400, "INVALID_JSON", "The body is not JSON.") from None
    return parsed

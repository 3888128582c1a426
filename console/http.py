"""What the routes for programs share: the envelope of LicenseKit's API, and bodies with a limit.

Who is let in, and what a route answers, is not known here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse

from shared.moments import rfc3339

BODY_LIMIT_BYTES = 1_048_576  # as the receiver's; an admin body is a few hundred
NO_HEADERS: Mapping[str, str] = {}


class HttpError(Exception):
    """Answers with the error envelope. No part of it may hold a secret."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        self.status, self.code, self.message, self.detail = status, code, message, detail
        self.headers = headers
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
    answer = _response(error.status, {"error": body}, {})
    answer.headers.update(error.headers)
    return answer


def _response(status: int, body: dict[str, object], meta: Mapping[str, object]) -> JSONResponse:
    request_id = f"req_{uuid.uuid4().hex}"
    all_meta = {"request_id": request_id, "timestamp": rfc3339(datetime.now(UTC)), **meta}
    return JSONResponse(
        {**body, "meta": all_meta}, status_code=status, headers={"X-Request-Id": request_id}
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

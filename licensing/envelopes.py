"""The contract's envelopes around data and errors.

Source: licensekit.dev/docs/reference/api-contract. What stands inside is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from starlette.responses import Response

from licensing.errors import Refusal

Meta = dict[str, object]
JSON = "application/json"


def meta(request_id: str, now: datetime) -> Meta:
    """Which request this answers, and when."""
    return {"request_id": request_id, "timestamp": now}


def success(
    status: int, data: bytes, stamp: Meta, signature: Mapping[str, str] | None = None
) -> Response:
    """`{data, meta}` or `{data, signature, meta}`; `data` is sent byte for byte."""
    body: dict[str, object] = {"data": msgspec.Raw(data)}
    if signature is not None:
        body["signature"] = signature
    return Response(msgspec.json.encode(body | {"meta": stamp}), status, media_type=JSON)


def error(
    refusal: Refusal, request_id: str, now: datetime, headers: Mapping[str, str] | None = None
) -> Response:
    """`{error: {code, message, detail?}, meta}`."""
    fault = {"code": refusal.code, "message": refusal.message}
    if refusal.detail is not None:
        fault["detail"] = refusal.detail
    body = msgspec.json.encode({"error": fault, "meta": meta(request_id, now)})
    return Response(body, refusal.status, headers, media_type=JSON)

"""What a delivery is answered with. Which answer it gets is decided in `receiver`.

A 2xx means that the event is durably in the inbox; anything else makes Stripe deliver it again.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import assert_never

import msgspec
from starlette.types import Message, Send

from shared.inbox import Duplicate, Ignored, Outcome, Recorded, Refused

Answer = tuple[Message, Message]  # the two messages of an ASGI response


def _answer(status: int, body: bytes) -> Answer:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


# Made once: thousands of deliveries a second get the same few bytes.
RECORDED = _answer(200, b'{"status":"recorded"}')
DUPLICATE = _answer(200, b'{"status":"duplicate"}')
IGNORED = _answer(200, b'{"status":"ignored"}')
REFUSED = _answer(200, b'{"status":"refused"}')


def answer_for(outcome: Outcome) -> Answer:
    match outcome:
        case Recorded():
            return RECORDED
        case Duplicate():
            return DUPLICATE
        case Ignored():
            return IGNORED
        case Refused():
            return REFUSED
        case _:
            assert_never(outcome)


def fault(status: int, code: str, message: str, detail: str) -> Answer:
    """An error in LicenseKit's envelope. `detail` says what it means and what to do."""
    meta = {
        "request_id": f"req_{secrets.token_hex(12)}",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    error = {"code": code, "message": message, "detail": detail}
    return _answer(status, msgspec.json.encode({"error": error, "meta": meta}))


async def say(answer: Answer, send: Send) -> None:
    for message in answer:
        await send(message)

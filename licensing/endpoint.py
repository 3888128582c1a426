"""One path of the API over HTTP: admit, decode, act in one transaction, answer in the envelope."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from licensing import envelopes
from licensing.access import LICENSE_KEY
from licensing.call import Call
from licensing.decoding import decode_body
from licensing.errors import Refusal, conflict
from licensing.idempotency import once, require_key
from licensing.identifiers import new_id
from licensing.operations import Operation
from licensing.service import Service

MAX_BODY_BYTES = 1 << 20  # 1 MiB: a request here has some hundred bytes

log = logging.getLogger("licensing")

_TAKEN = {
    "licensekit_products": "a product with this code exists",
    "licensekit_policies": "the product has a policy with this code",
    "licensekit_features": "the product has a feature with this code",
    "licensekit_customers": "a customer with this code exists",
    "licensekit_orders": "the product has an order with this external_system and external_id",
    "licensekit_subscriptions": (
        "the product has a subscription with this external_system and external_id"
    ),
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request whose body was read."""

    request: Request
    body: bytes
    now: datetime
    request_id: str = field(default_factory=lambda: new_id("req"))

    @property
    def ip_address(self) -> str | None:
        return self.request.client.host if self.request.client else None


class Endpoint:
    """The operations of one path, as an ASGI app: whatever comes gets the contract's envelope."""

    def __init__(self, service: Service, operations: Mapping[str, Operation]) -> None:
        self._service = service
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        incoming = Incoming(request, await _read_body(request), self._service.config.clock())
        response = await run_in_threadpool(self._answer, incoming)
        await response(scope, receive, send)

    def _answer(self, incoming: Incoming) -> Response:
        operation = self._operations.get(incoming.request.method)
        if operation is None:
            refusal = Refusal(405, "METHOD_NOT_ALLOWED", "the path has no such method")
            allow = {"Allow": ", ".join(sorted(self._operations))}
            return envelopes.error(refusal, incoming.request_id, incoming.now, allow)
        try:
            return self._run(operation, incoming)
        except Exception as fault:
            return envelopes.error(
                _refusal(fault, operation, incoming), incoming.request_id, incoming.now
            )

    def _run(self, operation: Operation, incoming: Incoming) -> Response:
        headers = incoming.request.headers
        caller = self._service.gate.admit(
            operation.scope, headers.get("authorization"), incoming.ip_address, incoming.now
        )
        if operation.action is None:
            raise Refusal(501, "NOT_IMPLEMENTED", f"{operation.name} is not built yet")
        if operation.shows_key:
            self._service.signer.ready()  # a key is published before it signs anything
        key = require_key(headers.get("idempotency-key")) if operation.is_keyed else ""
        arguments = _arguments(operation, incoming.body)
        database = self._service.database
        with database.writing() if operation.writes else database.reading() as tx:
            call = Call(
                tx,
                caller,
                incoming.now,
                incoming.request_id,
                incoming.ip_address,
                incoming.request.path_params,
                incoming.request.query_params,
            )
            data = _data(operation, call, arguments, key, incoming.body)
        return self._enveloped(operation, incoming, data)

    def _enveloped(self, operation: Operation, incoming: Incoming, data: bytes) -> Response:
        if operation.status == 204:
            return Response(status_code=204)
        signature = None
        if operation.scope == LICENSE_KEY:
            data, signature = self._service.signer.sign(msgspec.json.decode(data))
        stamp = envelopes.meta(incoming.request_id, incoming.now)
        return envelopes.success(operation.status, data, stamp, signature)


def _arguments(operation: Operation, body: bytes) -> tuple[Any, ...]:
    return () if operation.body is None else (decode_body(body, operation.body),)


def _data(
    operation: Operation, call: Call, arguments: tuple[Any, ...], key: str, body: bytes
) -> bytes:
    action = operation.action
    assert action is not None

    def act() -> bytes:
        return msgspec.json.encode(action(call, *arguments))

    return once(call, operation.name, key, body, act) if operation.is_keyed else act()


def _refusal(fault: Exception, operation: Operation, incoming: Incoming) -> Refusal:
    match fault:
        case Refusal():
            return fault
        case IntegrityError():
            return _taken_or_linked(str(fault.orig))
        case OperationalError():
            # No traceback: it would name the database, and the request id leads here.
            log.error("database failed in %s, %s", operation.name, incoming.request_id)
            return Refusal(503, "UNAVAILABLE", "the database can't be reached; try again")
        case _:
            log.error("%s failed, %s", operation.name, incoming.request_id, exc_info=fault)
            return Refusal(500, "INTERNAL_ERROR", "the operation failed; nothing was changed")


def _taken_or_linked(text: str) -> Refusal:
    if "unique" in text.lower():
        for table, message in _TAKEN.items():
            if table in text:
                return conflict(message)
    return conflict("other records link to it, or a linked record is gone")


async def _read_body(request: Request) -> bytes:
    """The body; nothing when it is too large, which is refused wherever a body is read."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= MAX_BODY_BYTES:  # the rest is read and dropped: the answer must find its way
            parts.append(part)
    return b"".join(parts) if size <= MAX_BODY_BYTES else b""

"""From the table to routes: who asks, what is asked, a thread for the work, errors in envelopes.

Deliveries come first: all that may wait, for the database or a service, waits in a few threads that
the receiver shares with nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import DBAPIError
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from console.admin.access import admit, bearer_of
from console.admin.desk import Desk
from console.admin.faults import database_fault, our_fault, service_fault
from console.admin.fields import Faults, read_texts, read_values
from console.admin.values import PREFIX, Answer, Body, Call, Operation
from console.http import HttpError, data_response, error_response, read_json
from shared.logs import get_logger
from worker.errors import PermanentError, TemporaryError

READERS = 4  # requests that ask the database at once; as many connections
VISITORS = 4  # requests that ask Stripe or LicenseKit at once, and may wait for a minute

T = TypeVar("T")
log = get_logger("admin")


class SaleConvertor(Convertor[str]):
    """An id, or a sale's key with its three slashes, as it is or percent-encoded."""

    regex = "[^/]+(?:/(?:live|test)/[^/]+/[^/]+)?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("sale", SaleConvertor())


class Threads:
    """Few threads for each kind of waiting, so that slow services hold up no look at the log."""

    def __init__(self) -> None:
        self._readers = CapacityLimiter(READERS)
        self._visitors = CapacityLimiter(VISITORS)

    async def read(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._readers)

    async def visit(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._visitors)


def admin_routes(desk: Desk, operations: Sequence[Operation], described: Response) -> list[Route]:
    """A route for each operation, the description of them all, and last what answers 404 and 405.

    `described` is the OpenAPI document, which is open to everybody: it holds no secret.
    """
    threads = Threads()

    async def openapi(_request: Request) -> Response:
        return described

    routes = [
        Route(PREFIX + pattern(one.path), _endpoint(one, desk, threads), methods=[one.method])
        for one in operations
    ]
    routes.append(Route(f"{PREFIX}/openapi.json", openapi, methods=["GET"]))
    return [*routes, Route(PREFIX + "{rest:path}", _NothingHere(routes))]


def pattern(path: str) -> str:
    """The table's path as Starlette has it."""
    return path.replace("{sale}", "{sale:sale}").replace("{number}", "{number:int}")


def _endpoint(operation: Operation, desk: Desk, threads: Threads) -> Callable[..., Any]:
    async def answer(request: Request) -> Response:
        try:
            return await _answer(operation, desk, threads, request)
        except HttpError as error:
            return error_response(error)
        except TemporaryError as error:
            return error_response(service_fault(error))
        except PermanentError as error:
            return error_response(HttpError(422, "REFUSED", str(error)))
        except DBAPIError as error:
            log.error("admin.failed", operation=operation.name, error=type(error).__name__)
            return error_response(database_fault())
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("admin.broke", operation=operation.name)
            return error_response(our_fault())

    return answer


async def _answer(operation: Operation, desk: Desk, threads: Threads, request: Request) -> Response:
    now = desk.clock.now()
    token = bearer_of(request, operation.scope)
    caller = await threads.read(lambda: admit(desk, token, operation.scope, now=now))
    call: Call[Any, Any] = Call(
        desk=desk,
        caller=caller,
        now=now,
        path_id=str(next(iter(request.path_params.values()), "")),
        query=_query(operation, request, now=now),
        body=await _body(operation, request, now=now),
    )
    run = threads.visit if operation.asks_services else threads.read
    answer: Answer = await run(lambda: operation.action(call))
    return data_response(answer.data, status=answer.status, meta=answer.meta)


def _query(operation: Operation, request: Request, *, now: datetime) -> Any:
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    faults = [f"{name}: is given twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    try:
        query = read_texts(operation.query, dict(pairs), now=now)
    except Faults as error:
        faults += error.faults
    if faults:
        detail = "; ".join(faults)
        raise HttpError(400, "INVALID_QUERY", "The query has faults, so nothing was read.", detail)
    return query


async def _body(operation: Operation, request: Request, *, now: datetime) -> Any:
    if operation.body is None:
        return None
    given = await read_json(request)
    if isinstance(operation.body, Body):
        return given
    if not isinstance(given, dict):
        raise HttpError(422, "VALIDATION_ERROR", "The body must be an object of fields.")
    try:
        return read_values(operation.body, given, now=now)
    except Faults as error:
        raise HttpError(
            400 if error.unknown else 422,
            "UNKNOWN_FIELD" if error.unknown else "VALIDATION_ERROR",
            "The body has faults, so nothing was changed.",
            str(error),
        ) from None


class _NothingHere:
    """405 for a path that is there, with the methods it knows; else 404. An ASGI app of its own:
    Starlette gives a function GET alone.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        there = [one for one in self._routes if one.matches(scope)[0] is not Match.NONE]
        methods = {method for route in there for method in route.methods or ()}
        if methods:
            error = _not_taken(str(scope["method"]), ", ".join(sorted(methods)))
        else:
            error = HttpError(404, "NOT_FOUND", "There is no such route.")
        await error_response(error)(scope, receive, send)


def _not_taken(method: str, allow: str) -> HttpError:
    return HttpError(
        405,
        "METHOD_NOT_ALLOWED",
        f"This path does not take {method}.",
        f"it takes {allow}",
        headers={"Allow": allow},
    )

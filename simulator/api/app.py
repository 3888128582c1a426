"""The HTTP face of the simulator: the route table, and the way of a request in `_Door`."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.api import actions
from simulator.api.actions import Action
from simulator.api.billing import BILLING
from simulator.api.call import Call, common_headers, read_call
from simulator.api.control import control_routes
from simulator.api.expand import expanded
from simulator.api.faults import Faults, fault, fault_headers
from simulator.api.idempotency import Answer, Replays
from simulator.api.money import MONEY
from simulator.api.oauth import oauth_routes
from simulator.api.resources import BELOW, RESOURCES
from simulator.errors import StripeFault
from simulator.stripe import Stripe


def make_app(stripe: Stripe, *, seed: int | None = None) -> Starlette:
    """The API and the control routes of one simulator."""
    door = _Door(stripe, seed)
    routes = [*oauth_routes(stripe), *_api_routes(door), *control_routes(stripe)]
    return Starlette(routes=[*routes, door.anything_else()])


class _Door:
    """Latency, faults, key, replay, action, expansion, answer: in this order."""

    def __init__(self, stripe: Stripe, seed: int | None) -> None:
        self._stripe = stripe
        self._faults = Faults(stripe, seed)
        self._replays = Replays()

    def route(self, path: str, action: Action, *methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, action)

        return Route(path, endpoint, methods=list(methods))

    def anything_else(self) -> Route:
        def unknown(call: Call) -> dict[str, object]:
            text = f"Unrecognized request URL ({call.method}: {call.path})."
            raise StripeFault(404, text)

        return self.route("/{rest:path}", unknown, "GET", "POST", "DELETE")

    async def _answer(self, request: Request, action: Action) -> Response:
        body = await request.body()
        switches = self._stripe.switches
        if switches.latency_seconds:
            await asyncio.sleep(switches.latency_seconds)
        with self._stripe.world.turn():
            request_id = self._stripe.world.ids.new("request")
            failing = self._faults.choose()
            answer = None
            if failing is None or (failing == 500 and switches.fail_after_write):
                answer = self._act(request, body, request_id, action)
        headers = common_headers(request, request_id) | {"Date": self._date()}
        if failing is not None:
            answer = _refusal(fault(failing), request_id)
            headers |= fault_headers(switches)
        assert answer is not None
        return Response(answer.body, answer.status, headers, "application/json")

    def _date(self) -> str:
        """The real time, as Stripe's servers have it, wherever a test clock stands."""
        return formatdate(time.time() + self._stripe.switches.skew_seconds, usegmt=True)

    def _act(self, request: Request, body: bytes, request_id: str, action: Action) -> Answer:
        try:
            call = read_call(self._stripe, request, body, request_id)
            with self._stripe.world.turn(call.cause):
                return self._once(call, action)
        except StripeFault as refused:
            return _refusal(refused, request_id)
        except ValueError as wrong:
            return _refusal(StripeFault(400, str(wrong)), request_id)

    def _once(self, call: Call, action: Action) -> Answer:
        keyed = call.method == "POST" and call.cause.idempotency_key is not None
        before = self._replays.find(call) if keyed else None
        if before is not None:
            return before
        shown = expanded(call.books, action(call), call.expand, call.access.require_kind)
        answer = Answer(200, msgspec.json.encode(shown))
        if keyed:
            self._replays.keep(call, answer)
        return answer


def _refusal(refused: StripeFault, request_id: str) -> Answer:
    return Answer(refused.status, msgspec.json.encode(refused.body(request_id)))


def _api_routes(door: _Door) -> list[Route]:
    routes = [
        door.route("/v1/account", actions.read_account, "GET"),
        door.route("/v1/accounts/{id}", actions.read_account, "GET"),
        door.route("/v1/checkout/sessions/{id}/expire", actions.expire_session, "POST"),
    ]
    routes += [door.route(path, action, method) for path, action, method in (*MONEY, *BILLING)]
    for kind, path, name in BELOW:
        routes.append(door.route(path, actions.below(kind, name), "GET"))
    for resource in RESOURCES:
        path = resource.path
        routes.append(door.route(path, actions.collection(resource), "GET", "POST"))
        routes.append(
            door.route(f"{path}/{{id}}", actions.single(resource), "GET", "POST", "DELETE")
        )
    return routes

"""`POST /_simulator/…`: the stories and the switches as JSON, for a simulator elsewhere.

The body of a story is the arguments of the Python method of the same name, and may name
`account` and `livemode` too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.api.billing import BILLING_STORIES
from simulator.errors import StripeFault
from simulator.stripe import Stripe
from simulator.values import Obj

# Methods of `Shop`, and the name under which each shows a plain result.
STORIES = {
    "price": "price",
    "customer": "customer",
    "buy": "",
    "subscribe": "",
    "pay": "",
    "settle": "",
    "fail_payments": "",
    "unfail": "",
    "pay_invoice": "paid",
    "refund": "refund",
    "invoice": "invoice",
    "void_invoice": "",
    "give_up_invoice": "",
    "pay_invoice_elsewhere": "",
    "credit": "",
    "payment_intent": "payment_intent",
    "settle_payment": "",
    "settle_refund": "",
    "fail_refund": "",
    "dispute": "dispute",
    "answer_dispute": "",
    "close_dispute": "",
    "withdraw_dispute": "",
    "archive": "",
    "feature": "feature",
    "attach_feature": "",
    "detach_feature": "",
    "coupon": "coupon",
    "discount": "discount",
    "rename": "",
    "change_customer": "",
    "card": "payment_method",
    "delete_customer": "",
    "cancel": "",
    "resend": "",
    "read": "",
}


def control_routes(stripe: Stripe) -> list[Route]:
    stories = [
        _route(f"/_simulator/{name}", _story(stripe, name, shown), "POST")
        for name, shown in (STORIES | BILLING_STORIES).items()
    ]
    return [
        *stories,
        _route("/_simulator/key", stripe.add_key, "POST"),
        _route("/_simulator/advance", _named("now", stripe.advance), "POST"),
        _route("/_simulator/switches", _switches(stripe), "GET", "POST"),
        _route("/_simulator/sign_in", stripe.sign_in, "POST"),
        _route("/_simulator/uninstall", stripe.uninstall, "POST"),
        _route("/_simulator/flush", _named("released", stripe.flush), "POST"),
        _route("/_simulator/idle", _named("idle", lambda: stripe.idle), "GET"),
        _route("/_simulator/state", stripe.state, "GET"),
    ]


def _route(path: str, act: Callable[..., Any], *methods: str) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            arguments = msgspec.json.decode(body or b"{}", type=dict[str, Any])
            inspect.signature(act).bind(**arguments)
            status, shown = 200, act(**arguments)
        except StripeFault as refused:
            status, shown = refused.status, refused.body("")
        except (ValueError, TypeError, KeyError, msgspec.DecodeError) as wrong:
            status, shown = 400, {"error": {"message": str(wrong)}}
        return Response(msgspec.json.encode(shown), status, media_type="application/json")

    return Route(path, endpoint, methods=list(methods))


def _story(stripe: Stripe, name: str, shown: str) -> Callable[..., Any]:
    def tell(*, account: str | None = None, livemode: bool = False, **arguments: Any) -> Any:
        verb = getattr(stripe.shop_of(account, livemode=livemode), name)
        inspect.signature(verb).bind(**arguments)
        result = verb(**arguments)
        return {shown: result} if shown else result

    return tell


def _named(name: str, ask: Callable[..., Any]) -> Callable[..., Obj]:
    def asked(**arguments: Any) -> Obj:
        return {name: ask(**arguments)}

    return asked


def _switches(stripe: Stripe) -> Callable[..., Any]:
    def switch(**values: Any) -> Any:
        return stripe.switch(**values) if values else stripe.switches

    return switch

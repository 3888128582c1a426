"""What each route does, given a call: list, read, create, change, and the few special verbs."""

from __future__ import annotations

from collections.abc import Callable

from simulator.api.call import Call
from simulator.api.lists import list_page
from simulator.api.pages import page
from simulator.api.resources import Resource
from simulator.books import Books
from simulator.checkout import expire
from simulator.customers import delete_customer
from simulator.endings import cancel
from simulator.errors import StripeFault, missing
from simulator.params import Params
from simulator.shapes.people import account
from simulator.subscription_requests import delete_item
from simulator.values import Obj
from simulator.webhook_endpoints import delete_endpoint

Action = Callable[[Call], Obj]
# What DELETE does; everything else can't be deleted.
ENDS: dict[str, Callable[[Books, Obj], Obj]] = {
    "customer": delete_customer,
    "subscription": cancel,
    "subscription_item": delete_item,
    "webhook_endpoint": delete_endpoint,
}


def collection(resource: Resource) -> Action:
    """GET lists, POST creates."""

    def act(call: Call) -> Obj:
        params = Params(call.given)
        if call.method == "GET":
            return list_page(call.books, resource, params)
        if resource.create is None:
            raise _unrecognized(call)
        return resource.create(call.books, params)

    return act


def single(resource: Resource) -> Action:
    """GET reads, POST changes, DELETE ends what can end."""

    def act(call: Call) -> Obj:
        found = call.books.get(resource.kind, call.path_id)
        if call.method == "GET":
            return found
        if found.get("deleted"):
            raise missing(resource.kind, call.path_id)
        if call.method == "DELETE" and resource.kind in ENDS:
            return ENDS[resource.kind](call.books, found)
        if call.method == "DELETE" or resource.update is None:
            raise _unrecognized(call)
        return resource.update(call.books, found, Params(call.given))

    return act


def below(kind: str, name: str) -> Action:
    """The rows of an object's own list, in their order."""

    def act(call: Call) -> Obj:
        parent = call.books.get(kind, call.path_id)
        params = Params(call.given)
        result = page(call.books.children(parent["id"], name), params, call.path)
        params.refuse_unknown()
        return result

    return act


def expire_session(call: Call) -> Obj:
    return expire(call.books, call.books.get("checkout.session", call.path_id))


def read_account(call: Call) -> Obj:
    wanted = call.path_id or call.books.account
    if wanted != call.books.account:
        raise missing("account", wanted)
    return account(wanted, call.stripe.started_at)


def _unrecognized(call: Call) -> StripeFault:
    return StripeFault(404, f"Unrecognized request URL ({call.method}: {call.path}).")

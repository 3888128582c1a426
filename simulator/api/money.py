"""The special verbs about money: below an object, `POST /v1/disputes/{id}/close`."""

from __future__ import annotations

from collections.abc import Callable

from simulator import balance, bills, disputes, entitlements, intents, writeoffs
from simulator.api.call import Call
from simulator.api.pages import page
from simulator.books import Books
from simulator.params import Params
from simulator.values import Obj

ENTITLEMENT = "entitlements.active_entitlement"
Verb = Callable[[Books, Obj, Params], Obj]


def on(kind: str, verb: Verb) -> Callable[[Call], Obj]:
    """Do that to the object that the path names, with the parameters given."""

    def act(call: Call) -> Obj:
        found = call.books.get(kind, call.path_id)
        return verb(call.books, found, Params(call.given))

    return act


def _bare(verb: Callable[[Books, Obj], Obj]) -> Verb:
    """A verb without parameters."""

    def act(books: Books, found: Obj, params: Params) -> Obj:
        params.refuse_unknown()
        return verb(books, found)

    return act


def _detach(call: Call) -> Obj:
    product = call.books.get("product", call.outer_id)
    attached = call.books.get("product_feature", call.path_id)
    return entitlements.detach(call.books, product, attached)


def _list_active(call: Call) -> Obj:
    params = Params(call.given)
    customer = call.books.refer("customer", params.needed("customer"), "customer")
    result = page(call.books.children(customer["id"], "entitlements"), params, call.path)
    params.refuse_unknown()
    return result


def _read(kind: str) -> Callable[[Call], Obj]:
    return lambda call: call.books.get(kind, call.path_id)


_uncollectible = _bare(writeoffs.mark_uncollectible)
# Path, what it does, methods.
MONEY: tuple[tuple[str, Callable[[Call], Obj], str], ...] = (
    ("/v1/customers/{id}/balance_transactions", on("customer", balance.create_transaction), "POST"),
    ("/v1/disputes/{id}/close", on("dispute", _bare(disputes.accept)), "POST"),
    ("/v1/entitlements/active_entitlements", _list_active, "GET"),
    ("/v1/entitlements/active_entitlements/{id}", _read(ENTITLEMENT), "GET"),
    ("/v1/products/{id}/features", on("product", entitlements.attach), "POST"),
    ("/v1/products/{outer}/features/{id}", _read("product_feature"), "GET"),
    ("/v1/products/{outer}/features/{id}", _detach, "DELETE"),
    ("/v1/invoices/{id}/finalize", on("invoice", bills.finalize_invoice), "POST"),
    (
        "/v1/invoices/{id}/mark_uncollectible",
        on("invoice", _bare(writeoffs.mark_uncollectible)),
        "POST",
    ),
    ("/v1/invoices/{id}/pay", on("invoice", bills.pay_invoice), "POST"),
    ("/v1/payment_intents/{id}/cancel", on("payment_intent", intents.cancel), "POST"),
    ("/v1/payment_intents/{id}/confirm", on("payment_intent", intents.confirm_intent), "POST"),
    ("/v1/invoices/{id}/void", on("invoice", _bare(writeoffs.void)), "POST"),
)

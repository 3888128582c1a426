"""Both kinds of pause: of collecting money, where invoices go on, and of the subscription.

Source: docs.stripe.com/billing/subscriptions/pause-payment and /pause
"""

from __future__ import annotations

from simulator.billing import Bill, settle_now
from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.params import Params
from simulator.prorations import credit, debit, hold
from simulator.renewing import next_period
from simulator.rows import full
from simulator.statuses import paused, resumed
from simulator.updates import changing
from simulator.values import Obj
from simulator.writeoffs import void

BEHAVIORS = ("keep_as_draft", "mark_uncollectible", "void")
RESUME_SECONDS = 23 * 3600  # then an unpaid resumption is given up
PAUSABLE = ("active", "past_due", "trialing", "unpaid")


def collection_wish(given: object) -> Obj | None:
    """`pause_collection` as the API has it; None, from "", collects again."""
    if given == "":
        return None
    params = Params(given if isinstance(given, dict) else {})
    behavior = params.needed("behavior")
    if behavior not in BEHAVIORS:
        choices = ", ".join(BEHAVIORS)
        raise bad_parameter("pause_collection[behavior]", f"Invalid behavior: one of {choices}")
    resumes_at = params.number("resumes_at", 0) or None
    params.refuse_unknown()
    return {"behavior": behavior, "resumes_at": resumes_at}


def collection_due(books: Books, subscription: Obj) -> int | None:
    """When collecting goes on by itself."""
    wish = subscription["pause_collection"]
    moment: int | None = wish and wish["resumes_at"]
    return moment


def collect_again(books: Books, subscription: Obj) -> None:
    with changing(books, subscription):
        subscription["pause_collection"] = None


def pause(books: Books, subscription: Obj, params: Params) -> Obj:
    """As `POST /v1/subscriptions/{id}/pause`. Unused time is credited unless told otherwise."""
    params.text("type")
    at_once = params.text("invoicing_behavior", "pending_invoice_item") == "invoice"
    bill_for = params.group("bill_for")
    unused = bill_for.group("unused_time_from").text("type", "now")
    bill_for.take("outstanding_usage_through")
    bill_for.refuse_unknown()
    params.refuse_unknown()
    if subscription["status"] not in PAUSABLE or subscription["schedule"] is not None:
        text = f"{subscription['id']} can't be paused: it is {subscription['status']}"
        raise bad_parameter("id", f"{text} or follows a schedule.")
    items = books.children(subscription["id"], "items")
    credits = [credit(books, subscription, item) for item in items if unused != "none"]
    hold(books, subscription, [row for row in credits if row is not None and row.amount])
    paused(books, subscription, "pause_requested")
    if at_once and books.agreed.waiting.get(subscription["id"]):
        settle_now(books, Bill(subscription, []))
    return subscription


def resume(books: Books, subscription: Obj, params: Params) -> Obj:
    """As `POST /v1/subscriptions/{id}/resume`: with a new period, or in the old one."""
    anew = params.group("billing_cycle_anchor").text("type", "now") == "now"
    waits = params.text("payment_behavior") == "resume_on_payment_success"
    prorate = params.text("proration_behavior", "create_prorations")
    params.take("proration_date")
    params.refuse_unknown()
    if subscription["status"] != "paused":
        text = f"{subscription['id']} is {subscription['status']}, not paused."
        raise bad_parameter("id", text)
    if anew:
        _begin_anew(books, subscription, waits=waits)
    else:
        _go_on(books, subscription, str(prorate))
    return subscription


def resume_deadline(books: Books, subscription: Obj) -> int | None:
    invoice = books.find(books.agreed.resuming.get(subscription["id"]))
    return invoice["created"] + RESUME_SECONDS if invoice else None


def give_up_resuming(books: Books, subscription: Obj) -> None:
    """Nobody paid: the invoice is void, and the subscription stays paused."""
    invoice = books.get("invoice", books.agreed.resuming.pop(subscription["id"]))
    if invoice["status"] == "open":
        void(books, invoice)


def _begin_anew(books: Books, subscription: Obj, *, waits: bool) -> None:
    items = books.children(subscription["id"], "items")
    if not waits:
        resumed(books, subscription)
    with changing(books, subscription):
        subscription["billing_cycle_anchor"] = books.now
        for item in items:
            books.agreed.anchors.pop(item["id"], None)
            next_period(books, subscription, item, books.now)
    bill = Bill(subscription, [full(books, item) for item in items], resumes=waits)
    settle_now(books, bill)


def _go_on(books: Books, subscription: Obj, prorate: str) -> None:
    """In the period that runs now by the old count; what is left of it is billed in part."""
    items = books.children(subscription["id"], "items")
    resumed(books, subscription)
    with changing(books, subscription):
        for item in items:
            if item["current_period_end"] <= books.now:
                next_period(books, subscription, item, books.now)
    left = [debit(books, subscription, item) for item in items if prorate != "none"]
    hold(books, subscription, [row for row in left if row is not None])
    if prorate == "always_invoice":
        settle_now(books, Bill(subscription, []))

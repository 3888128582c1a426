"""Checkout sessions: open, completed, settled later, expired. Subscriptions start elsewhere."""

from __future__ import annotations

from typing import Any

from simulator.amounts import amount_of
from simulator.bills import receipt
from simulator.books import Books
from simulator.catalog import create_customer
from simulator.discounts import cut, with_coupon
from simulator.errors import bad_parameter
from simulator.orders import Order, Purchase, make_order, priced
from simulator.params import Params
from simulator.payments import attempt, decline, open_intent, pay
from simulator.shapes import checkout as shapes
from simulator.subscriptions import start
from simulator.values import Obj


def open_session(books: Books, order: Order, mode: str) -> Obj:
    """An open session with its line items; the buyer has not paid yet."""
    order = with_coupon(books, order)
    coupon = books.find(order.coupon)
    percent = coupon["percent_off"] if coupon else 0
    rows = priced(books, order)
    session = shapes.session(books, mode, rows[0][0]["currency"])
    lines = books.children(session["id"], "line_items")
    for price, quantity in rows:
        _refuse_wrong_kind(price, mode)
        due = 0 if _is_free_now(order, price) else amount_of(books, price, quantity)
        name = books.get("product", price["product"])["name"]
        line = shapes.line(books, price, quantity, name, due)
        line["amount_discount"] = cut(due, percent)
        line["amount_total"] = due - line["amount_discount"]
        lines.append(books.add(line))
    _add_up(session, lines)
    if coupon:
        session["discounts"] = [{"coupon": coupon["id"], "promotion_code": None}]
    if mode == "subscription":
        session["payment_method_collection"] = order.payment_method_collection
    if order.invoice_creation:
        session["invoice_creation"] = shapes.invoice_creation()
    session["metadata"] = dict(order.metadata)
    session["client_reference_id"] = order.client_reference_id
    session["customer"] = order.customer
    session["customer_email"] = None if order.customer else order.email
    books.orders[session["id"]] = order
    return books.add(session)


def complete(books: Books, session: Obj) -> Purchase:
    """The buyer fills in the page and pays; with a declined card the session stays open."""
    if session["status"] != "open":
        raise bad_parameter("session", f"{session['id']} is {session['status']}, not open.")
    order = books.orders[session["id"]]
    _welcome(books, session, order)
    if session["mode"] == "subscription":
        done = _subscribe(books, session, order)
    else:
        done = _pay_once(books, session, order)
    if done:
        session.update(status="complete", url=None)
        books.emit("checkout.session.completed", session)
    return _purchase(books, session)


def settle(books: Books, session: Obj, *, succeed: bool) -> Obj:
    """A method that takes days brings the money, or does not."""
    if session["status"] != "complete" or session["payment_status"] != "unpaid":
        raise bad_parameter("session", f"{session['id']} does not wait for a payment.")
    intent = books.get("payment_intent", session["payment_intent"])
    if succeed:
        pay(books, intent)
        session["payment_status"] = "paid"
        _write_receipt(books, session, intent)
        books.emit("checkout.session.async_payment_succeeded", session)
    else:
        decline(books, intent)
        books.emit("checkout.session.async_payment_failed", session)
    return session


def expire(books: Books, session: Obj) -> Obj:
    if session["status"] != "open":
        text = f'Only Checkout Sessions with a status in ["open"] can be expired: {session["id"]}'
        raise bad_parameter("session", text)
    session.update(status="expired", url=None)
    books.emit("checkout.session.expired", session)
    return session


def create_session(books: Books, params: Params) -> Obj:
    """As `POST /v1/checkout/sessions`: the page is open until the story's buyer pays."""
    mode = params.needed("mode")
    details: dict[str, Any] = {
        "customer": params.text("customer"),
        "email": params.text("customer_email", "buyer@example.com"),
        "guest": mode == "payment" and params.text("customer_creation") != "always",
        "client_reference_id": params.text("client_reference_id"),
        "metadata": params.take("metadata") or {},
        "coupon": _coupon(params),
        "invoice_creation": params.group("invoice_creation").flag("enabled", default=False),
    }
    inner = params.group("subscription_data" if mode == "subscription" else "payment_intent_data")
    details["inner_metadata"] = inner.take("metadata") or {}
    if mode == "subscription":
        details |= _trial(inner)
        details["payment_method_collection"] = params.text("payment_method_collection", "always")
    inner.refuse_unknown()
    urls = {name: params.text(name) for name in ("success_url", "cancel_url")}
    order = make_order(params.rows("line_items"), details)
    params.refuse_unknown()
    session = open_session(books, order, mode)
    session.update(urls)
    return session


def _trial(inner: Params) -> dict[str, Any]:
    settings = inner.group("trial_settings").group("end_behavior")
    missing = settings.text("missing_payment_method", "create_invoice")
    settings.refuse_unknown()
    end = inner.number("trial_end", 0) or None
    days = inner.number("trial_period_days", 0)
    return {"trial_days": days, "trial_end": end, "missing_payment_method": missing}


def _is_free_now(order: Order, price: Obj) -> bool:
    """In a trial nothing that recurs is due yet."""
    return bool(price["recurring"]) and bool(order.trial_days or order.trial_end)


def _coupon(params: Params) -> str | None:
    """Of `discounts[0][coupon]`: a checkout takes one."""
    rows = params.rows("discounts")
    if len(rows) > 1:
        raise bad_parameter("discounts", "You may only specify one of discounts.")
    return Params(rows[0]).needed("coupon") if rows else None


def _pay_once(books: Books, session: Obj, order: Order) -> bool:
    if not session["amount_total"]:
        session["payment_status"] = "no_payment_required"
        _write_receipt(books, session, None)
        return True
    intent = open_intent(books, session["amount_total"], session["currency"], session["customer"])
    intent["metadata"] = dict(order.inner_metadata)
    session["payment_intent"] = intent["id"]
    if order.unpaid:
        intent["status"] = "processing"
        books.emit("payment_intent.processing", intent)
        return True
    paid = attempt(books, intent)
    session["payment_status"] = "paid" if paid else "unpaid"
    if paid:
        _write_receipt(books, session, intent)
    return paid


def _write_receipt(books: Books, session: Obj, intent: Obj | None) -> None:
    if (session["invoice_creation"] or {}).get("enabled"):
        session["invoice"] = receipt(books, session, intent)["id"]


def _subscribe(books: Books, session: Obj, order: Order) -> bool:
    if order.payment_method_collection == "if_required" and not session["amount_total"]:
        books.agreed.cardless.add(session["customer"])
    subscription = start(books, session["customer"], order)
    session["subscription"] = subscription["id"]
    session["invoice"] = subscription["latest_invoice"]
    if subscription["status"] == "incomplete":
        return False
    session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"
    return True


def _welcome(books: Books, session: Obj, order: Order) -> None:
    """Who buys: someone known, someone new, or a guest, who stays without a customer."""
    known = order.customer and books.refer("customer", order.customer, "customer")
    guest = order.guest and session["mode"] == "payment" and not order.invoice_creation
    if not known and not guest:
        buyer = {"email": order.email, "name": order.name}
        known = create_customer(books, Params(buyer))
        session["customer_creation"] = "always" if session["mode"] == "payment" else None
    if known:
        session["customer"] = known["id"]
    email, name = (known["email"], known["name"]) if known else (order.email, order.name)
    session["customer_details"] = shapes.customer_details(email, name)


def _add_up(session: Obj, lines: list[Obj]) -> None:
    session["amount_subtotal"] = sum(line["amount_subtotal"] for line in lines)
    session["amount_total"] = sum(line["amount_total"] for line in lines)
    off = session["amount_subtotal"] - session["amount_total"]
    session["total_details"]["amount_discount"] = off


def _refuse_wrong_kind(price: Obj, mode: str) -> None:
    if mode == "payment" and price["type"] == "recurring":
        text = "You specified `payment` mode but passed a recurring price."
        raise bad_parameter("line_items", text)


def _purchase(books: Books, session: Obj) -> Purchase:
    subscription = session["subscription"]
    if subscription:
        rows = books.children(subscription, "items")
    else:
        rows = books.children(session["id"], "line_items")
    return Purchase(
        session=session["id"],
        customer=session["customer"],
        payment_intent=session["payment_intent"],
        subscription=subscription,
        invoice=session["invoice"],
        items=tuple(row["id"] for row in rows),
    )

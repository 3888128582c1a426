"""Payment intents of their own, without a checkout or an invoice: made, confirmed, canceled.

Source: docs.stripe.com/payments/paymentintents/lifecycle
"""

from __future__ import annotations

from simulator.books import Books
from simulator.errors import StripeFault, bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.payments import attempt, cancel_intent, decline, open_intent, pay
from simulator.values import Obj

# Parameters on which nothing hangs here.
UNUSED = ("automatic_payment_methods", "off_session", "payment_method_types", "return_url")
DECLINED = "chargeDeclined"  # in the name of a test card: pm_card_chargeDeclined
OUTCOMES = ("succeeded", "failed", "canceled", "processing")


def create_intent(books: Books, params: Params) -> Obj:
    """Waits for a payment method; with `confirm` it is paid at once, or declined."""
    amount, currency = int(params.needed("amount")), params.needed("currency").lower()
    customer = params.text("customer")
    if customer is not None:
        books.refer("customer", customer, "customer")
    texts = {name: params.text(name) for name in ("description", "receipt_email")}
    metadata = merged({}, params.take("metadata") or {})
    confirm = params.flag("confirm", default=False)
    method = params.text("payment_method")
    _ignore_and_refuse(params)
    intent = open_intent(books, amount, currency, customer, metadata=metadata, **texts)
    if method is not None:
        intent.update(status="requires_confirmation", payment_method=method)
    return _confirm(books, intent) if confirm else intent


def confirm_intent(books: Books, intent: Obj, params: Params) -> Obj:
    """As `POST /v1/payment_intents/{id}/confirm`: 402 when the card is declined."""
    intent["payment_method"] = params.text("payment_method", intent["payment_method"])
    params.text("receipt_email")
    _ignore_and_refuse(params)
    return _confirm(books, intent)


def cancel(books: Books, intent: Obj, params: Params) -> Obj:
    reason = params.text("cancellation_reason")
    params.refuse_unknown()
    return cancel_intent(books, intent, reason)


def bring_to(books: Books, intent: Obj, outcome: str) -> None:
    """How a story wants it to end."""
    match outcome:
        case "succeeded":
            attempt(books, intent)
        case "failed":
            decline(books, intent)
        case "canceled":
            cancel_intent(books, intent, "requested_by_customer")
        case "processing":
            intent["status"] = "processing"
            books.emit("payment_intent.processing", intent)
        case _:
            raise ValueError(f"a payment ends {', '.join(OUTCOMES)}; not {outcome}")


def settle_intent(books: Books, intent: Obj, *, succeed: bool) -> None:
    """What was under way for days arrives, or fails."""
    if intent["status"] != "processing":
        raise bad_parameter("intent", f"{intent['id']} is {intent['status']}, not processing.")
    pay(books, intent) if succeed else decline(books, intent)


def _confirm(books: Books, intent: Obj) -> Obj:
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        text = f"This PaymentIntent's status is {intent['status']}: it can't be confirmed."
        raise bad_parameter("intent", text, "payment_intent_unexpected_state")
    if intent["payment_method"] is None:
        text = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise bad_parameter("payment_method", text, "payment_intent_unexpected_state")
    refused = DECLINED in intent["payment_method"] or intent["customer"] in books.declined
    if not refused:
        pay(books, intent)
        return intent
    decline(books, intent)
    text = "Your card was declined."
    raise StripeFault(402, text, type="card_error", code="card_declined")


def _ignore_and_refuse(params: Params) -> None:
    for name in UNUSED:
        params.take(name)
    params.refuse_unknown()

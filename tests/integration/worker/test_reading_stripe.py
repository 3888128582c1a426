"""What a sale looks like when it is read from Stripe, every page of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.keys import ObjectKind, SaleKey, StripeId
from tests.integration.worker.conftest import LiveStripe
from worker.errors import PermanentError, TemporaryError
from worker.snapshot.facts import need
from worker.snapshot.stripe import read_bought
from worker.state import Bought, Stage

MONTH = {"interval": "month"}


def key(kind: ObjectKind, object_id: str | None) -> SaleKey:
    assert object_id is not None
    return SaleKey("", False, kind, StripeId(object_id))


def read(live: LiveStripe, kind: ObjectKind, object_id: str | None) -> Bought:
    found = read_bought(key(kind, object_id), live.gateway)
    assert isinstance(found, Bought)
    return found


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_paid_checkout_is_read_with_its_buyer_lines_payment_and_places_to_write(
    live: LiveStripe,
) -> None:
    """One read tells all that a one-time sale needs."""
    price = live.shop.price("Editor", 4900)
    sale = live.shop.buy({"price": price, "quantity": 2}, email="ada@example.com", name="Ada")

    bought = read(live, "checkout_session", sale.session)

    assert bought.stage == "paid"
    assert bought.buyer is not None
    assert (bought.buyer.id, bought.buyer.email) == (sale.customer, "ada@example.com")
    assert [(line.id, line.price_id, line.quantity) for line in bought.lines] == [
        (sale.items[0], price, 2)
    ]
    assert bought.lines[0].paid_until is None
    payment = bought.payments[0]
    assert (payment.id, payment.payment_intent_id) == (sale.session, sale.payment_intent)
    assert payment.charge_id is not None
    assert [(target.kind, target.id) for target in bought.targets] == [
        ("customer", sale.customer),
        ("checkout_session", sale.session),
        ("payment_intent", sale.payment_intent),
    ]


def test_pain_21_a_checkout_of_many_lines_is_read_to_the_last(live: LiveStripe) -> None:
    """An event carries no lines and an object only ten: all pages are read from the API."""
    prices = [live.shop.price(f"Part {n}", 100) for n in range(23)]
    sale = live.shop.buy(prices)

    bought = read(live, "checkout_session", sale.session)

    assert [line.price_id for line in bought.lines] == prices
    assert [line.product_id for line in bought.lines] == [
        live.shop.read(price)["product"] for price in prices
    ]


def test_pain_12_a_checkout_over_nothing_is_paid(live: LiveStripe) -> None:
    """A full coupon needs no payment, so there is no payment intent either."""
    sale = live.shop.buy(live.shop.price("Editor", 4900), discount_percent=100)

    bought = read(live, "checkout_session", sale.session)

    assert (bought.stage, bought.payments[0].payment_intent_id) == ("paid", None)
    assert [target.kind for target in bought.targets] == ["customer", "checkout_session"]


def test_pain_14_a_guest_is_named_by_the_session(live: LiveStripe) -> None:
    """No customer: the session is the identity, its details are only for writing to them."""
    sale = live.shop.buy(live.shop.price("Editor", 4900), guest=True, name="Eve")

    bought = read(live, "checkout_session", sale.session)

    assert bought.buyer is not None
    assert (bought.buyer.id, bought.buyer.name) == (sale.session, "Eve")
    assert "customer" not in [target.kind for target in bought.targets]


@pytest.mark.parametrize(("succeed", "stage"), [(True, "paid"), (False, "closed")])
def test_pain_13_a_payment_under_way_is_waited_for(
    live: LiveStripe, succeed: bool, stage: Stage
) -> None:
    """Nothing is given before the money came, and a failed payment closes the sale."""
    sale = live.shop.buy(live.shop.price("Editor", 4900), unpaid=True)
    assert read(live, "checkout_session", sale.session).stage == "awaiting_payment"

    live.shop.settle(sale.session, succeed=succeed)

    assert read(live, "checkout_session", sale.session).stage == stage


def test_a_subscription_is_read_with_every_paid_invoice(live: LiveStripe) -> None:
    """What was paid, in the order of payment, and through when."""
    price = live.shop.price("Editor", 900, recurring=MONTH)
    sale = live.shop.subscribe(price)
    live.stripe.advance(days=62)

    bought = read(live, "subscription", sale.subscription)

    assert len(bought.payments) == 3
    assert bought.payments[0].id == sale.invoice
    current = live.shop.read(sale.items[0])["current_period_end"]
    assert [(line.id, line.paid_until) for line in bought.lines] == [(sale.items[0], at(current))]
    assert {target.kind for target in bought.targets} == {
        "customer",
        "subscription",
        "checkout_session",
        "invoice",
        "payment_intent",
    }


def test_pain_09_the_paid_end_is_the_lines_and_not_the_invoices(live: LiveStripe) -> None:
    """An invoice's own period looks back: on the first one it ends when it begins."""
    sale = live.shop.subscribe(live.shop.price("Editor", 900, recurring=MONTH))
    assert sale.invoice is not None
    invoice = live.shop.read(sale.invoice)

    bought = read(live, "subscription", sale.subscription)

    assert bought.lines[0].paid_until == at(invoice["lines"]["data"][0]["period"]["end"])
    assert bought.lines[0].paid_until != at(invoice["period_end"])


def test_a_subscription_of_years_is_read_past_a_hundred_invoices(live: LiveStripe) -> None:
    """Stripe gives a hundred a page; the newest must not hide the oldest, nor the reverse."""
    sale = live.shop.subscribe(live.shop.price("Editor", 900, recurring={"interval": "week"}))
    live.stripe.advance(days=7 * 110 + 1)

    payments = read(live, "subscription", sale.subscription).payments

    assert len(payments) == 111
    assert payments[0].id == sale.invoice


def test_pain_19_a_subscription_of_many_items_is_read_to_the_last(live: LiveStripe) -> None:
    """Items come ten at a time, lines of an invoice too."""
    prices = [live.shop.price(f"Part {n}", 100, recurring=MONTH) for n in range(25)]
    sale = live.shop.subscribe(prices)

    bought = read(live, "subscription", sale.subscription)

    assert [line.price_id for line in bought.lines] == prices
    assert all(line.paid_until is not None for line in bought.lines)
    assert len(bought.payments[0].items) == 25


def test_a_subscription_whose_first_payment_failed_is_waited_for(live: LiveStripe) -> None:
    """Incomplete: nothing was paid, nothing is given."""
    customer = live.shop.customer(email="ada@example.com")
    live.shop.fail_payments(customer)
    sale = live.shop.subscribe(live.shop.price("Editor", 900, recurring=MONTH), customer=customer)

    assert read(live, "subscription", sale.subscription).stage == "awaiting_payment"

    live.stripe.advance(days=2)

    assert read(live, "subscription", sale.subscription).stage == "closed"


def test_pain_08_an_invoice_leads_to_its_subscription(live: LiveStripe) -> None:
    """Its subscription stands under `parent`, where Stripe moved it."""
    sale = live.shop.subscribe(live.shop.price("Editor", 900, recurring=MONTH))

    found = read_bought(key("invoice", sale.invoice), live.gateway)

    assert found == key("subscription", sale.subscription)


def test_pain_01_a_checkout_leads_to_the_subscription_that_it_began(live: LiveStripe) -> None:
    """Session and subscription are one sale, whichever is heard of first."""
    sale = live.shop.subscribe(live.shop.price("Editor", 900, recurring=MONTH))

    found = read_bought(key("checkout_session", sale.session), live.gateway)

    assert found == key("subscription", sale.subscription)


@pytest.mark.parametrize(
    "key_",
    [
        key("subscription", "sub_gone"),
        key("checkout_session", "cs_gone"),
        key("invoice", "in_gone"),
    ],
)
def test_an_object_that_stripe_does_not_know_is_a_fact_and_no_error(
    live: LiveStripe, key_: SaleKey
) -> None:
    """A tombstone, not a retry loop."""
    found = read_bought(key_, live.gateway)

    assert isinstance(found, Bought)
    assert found.stage == "missing"


def test_a_payment_that_names_no_price_is_ignored_and_says_so(live: LiveStripe) -> None:
    """Money for something else is no sale of ours."""
    intent = live.gateway._v1.payment_intents.create({"amount": 500, "currency": "eur"})

    bought = read(live, "payment_intent", intent.id)

    assert bought.stage == "not_licensed"
    assert bought.reason == f"{intent.id} is ignored: its metadata names no price"


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "two", "1000001"])
def test_a_payment_counts_units_only_in_whole_numbers(live: LiveStripe, quantity: str) -> None:
    """Nothing is guessed from a slip: a person is told what to mend."""
    named = {"price": live.shop.price("Editor", 4900), "quantity": quantity}
    paid = live.shop.payment_intent(4900, metadata=named)

    with pytest.raises(PermanentError, match=f'the quantity in its metadata is "{quantity}"') as no:
        read(live, "payment_intent", paid)

    assert (no.value.cause, no.value.subject) == ("bad_metadata", paid)


def test_the_payment_of_a_checkout_belongs_to_its_session(live: LiveStripe) -> None:
    """Refunds and disputes name a payment: the sale is found from there."""
    sale = live.shop.buy(live.shop.price("Editor", 4900))

    found = read_bought(key("payment_intent", sale.payment_intent), live.gateway)

    assert found == key("checkout_session", sale.session)


def test_a_stripe_that_fails_is_tried_again_and_read_whole(live: LiveStripe) -> None:
    """The client repeats a read by itself once or twice; after that the sale waits."""
    sale = live.shop.buy(live.shop.price("Editor", 4900))
    live.stripe.switch(answer_429=1.0, should_retry=False)

    with pytest.raises(TemporaryError):
        read(live, "checkout_session", sale.session)

    live.stripe.switch(answer_429=0.0)
    assert read(live, "checkout_session", sale.session).stage == "paid"


def test_pain_08_a_field_that_moved_is_an_error_and_never_nothing() -> None:
    """Reading at another shape stops the sale and says which field is missing."""
    with pytest.raises(PermanentError, match="no current_period_end") as caught:
        need({"object": "subscription_item", "id": "si_1"}, "current_period_end")

    assert (caught.value.cause, caught.value.subject) == ("unexpected_shape", "si_1")

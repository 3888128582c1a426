"""Which object an event leads to, whatever its age and shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.parsing import NotAnEvent, Served, read_delivery
from shared.events.routing import ROUTES
from shared.events.targets import Payload
from shared.inbox import BUYER_WAITS, NO_HURRY, NORMAL, Delivery
from shared.settings import Settings
from tests.deliveries import event, thin

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def read(body: bytes, *, served: bool | None = False) -> Delivery:
    return read_delivery(
        body, secret=0, served=Served(served, frozenset({"acct_1", "acct_2"})), now=NOW
    )


def leads_to(event_type: str, payload: dict[str, Any]) -> str:
    """The sale key of a snapshot event, or the reason why there is none."""
    delivery = read(event("evt_1", event_type, payload))
    return str(delivery.key) if delivery.key else str(delivery.reason)


INTENT = {"payment_intent": "pi_1"}
NAMED = {"metadata": {"price_id": "price_1"}}  # a bare payment intent
ENTITLED = "entitlements.active_entitlement_summary.updated"
SCHEDULED = "subscription_schedule.updated"
BASIL = {"parent": {"subscription_details": {"subscription": "sub_1"}}}


@pytest.mark.parametrize(
    ("event_type", "payload", "expected"),
    [
        ("invoice.paid", {"id": "in_1", **BASIL}, "subscription/sub_1"),
        ("invoice.paid", {"id": "in_1", "subscription": "sub_1"}, "subscription/sub_1"),
        ("invoice.paid", {"id": "in_1", "subscription": {"id": "sub_1"}}, "subscription/sub_1"),
        ("invoice.paid", {"id": "in_1", "subscription": None, "parent": None}, "invoice/in_1"),
        ("invoice.paid", {"id": "in_1", "parent": {"type": "quote_details"}}, "invoice/in_1"),
        ("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"}, "invoice/in_1"),
        ("customer.subscription.deleted", {"id": "sub_1"}, "subscription/sub_1"),
        ("payment_intent.succeeded", {"id": "pi_1", **NAMED}, "payment_intent/pi_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"}, "payment_intent/pi_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": None}, "charge/ch_1"),
        ("refund.created", {"id": "re_1", "charge": "ch_1", **INTENT}, "payment_intent/pi_1"),
        ("charge.refund.updated", {"id": "re_1", "charge": "ch_1"}, "charge/ch_1"),
        ("refund.failed", {"id": "re_1", "charge": {"id": "ch_1"}}, "charge/ch_1"),
        ("refund.updated", {"id": "re_1"}, "refund/re_1"),
        ("charge.dispute.created", {"id": "dp_1", **INTENT}, "payment_intent/pi_1"),
        ("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"}, "charge/ch_1"),
        ("charge.dispute.updated", {"id": "dp_1"}, "dispute/dp_1"),
        ("customer.updated", {"id": "cus_1"}, "customer/cus_1"),
        ("customer.deleted", {"id": "cus_1", "deleted": True}, "customer/cus_1"),
        (ENTITLED, {"customer": "cus_1", "entitlements": {"data": []}}, "customer/cus_1"),
        (SCHEDULED, {"id": "sub_sched_1", "subscription": "sub_1"}, "subscription/sub_1"),
        (
            "subscription_schedule.released",
            {"id": "sub_sched_1", "subscription": None, "released_subscription": "sub_1"},
            "subscription/sub_1",
        ),
    ],
)
def test_an_event_leads_to_its_sale_whatever_version_wrote_it(
    event_type: str, payload: dict[str, Any], expected: str
) -> None:
    """An invoice of a subscription hints at the subscription, in its old and its new place."""
    assert leads_to(event_type, payload) == f"own/test/{expected}"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"id": "cs_1", "mode": "payment"}, "own/test/checkout_session/cs_1"),
        (
            {"id": "cs_1", "mode": "subscription", "subscription": "sub_1"},
            "own/test/subscription/sub_1",
        ),
        ({"id": "cs_1", "mode": "subscription"}, "own/test/checkout_session/cs_1"),
        ({"id": "cs_1", "mode": "setup"}, "names no object that a sale could hang on"),
    ],
)
def test_a_checkout_leads_to_what_it_sold(payload: dict[str, Any], expected: str) -> None:
    """A subscription-mode session is its subscription; a setup session sells nothing."""
    assert leads_to("checkout.session.completed", payload) == expected


def test_a_buyer_who_waits_comes_before_a_renewal() -> None:
    """Urgency 0 is served first; a completed checkout has somebody looking at a page."""
    checkout = read(event("evt_1", "checkout.session.completed", {"id": "cs_1"}))
    renewal = read(event("evt_2", "invoice.paid", {"id": "in_1"}))

    assert (checkout.urgency, renewal.urgency) == (BUYER_WAITS, NORMAL)


@pytest.mark.parametrize(
    ("event_type", "object_id"),
    [("payment_intent.succeeded", "pi_1"), ("customer.updated", "cus_1")],
)
def test_what_is_seldom_a_sale_of_its_own_delays_no_other(event_type: str, object_id: str) -> None:
    """Each checkout brings a payment intent along; the session itself is looked at first."""
    assert read(event("evt_1", event_type, {"id": object_id, **NAMED})).urgency == NO_HURRY


def test_a_payment_that_names_no_price_is_ignored_and_says_so() -> None:
    """Every checkout and invoice brings one along: it is no sale by itself."""
    told = read(event("evt_1", "payment_intent.succeeded", {"id": "pi_1", "metadata": {}}))

    assert (told.state, told.key) == ("ignored", None)
    assert told.reason == "its metadata names no price, so it is no sale by itself"


@pytest.mark.parametrize(
    ("before", "state"),
    [({"metadata": {}}, "ignored"), ({"email": "old@example.com"}, "recorded")],
)
def test_our_own_note_on_a_customer_makes_no_work(before: dict[str, object], state: str) -> None:
    """Our ids in its metadata echo as an event; a new name or e-mail is worth a look."""
    echo = event("evt_1", "customer.updated", {"id": "cus_1"})
    told = json.loads(echo)
    told["data"]["previous_attributes"] = before

    assert read(json.dumps(told).encode()).state == state


def test_a_schedule_that_drives_no_subscription_yet_hints_at_nothing() -> None:
    """It makes one when it starts, and that has an event of its own."""
    assert leads_to(SCHEDULED, {"id": "sub_sched_1", "subscription": None}) == (
        "names no object that a sale could hang on"
    )


@pytest.mark.parametrize(
    ("event_type", "related", "expected"),
    [
        ("v1.refund.failed", "re_1", "refund/re_1"),
        ("v1.refund.failed", "pyr_1", "refund/pyr_1"),
        ("v1.charge.refunded", "ch_1", "charge/ch_1"),
        ("v1.charge.dispute.created", "du_1", "dispute/du_1"),
        ("v1.payment_intent.succeeded", "pi_1", "payment_intent/pi_1"),
        ("v1.customer.deleted", "cus_1", "customer/cus_1"),
    ],
)
def test_a_thin_event_leads_to_the_object_it_names(
    event_type: str, related: str, expected: str
) -> None:
    """It holds no more than the object's id; the worker asks Stripe for the rest."""
    assert str(read(thin("evt_1", event_type, related)).key) == f"own/test/{expected}"


def test_a_thin_event_about_a_schedule_is_not_taken_for_a_subscription() -> None:
    """Their ids look alike. What the schedule does to its subscription is told by that itself."""
    delivery = read(thin("evt_1", "v1.subscription_schedule.updated", "sub_sched_1"))

    assert (delivery.state, delivery.key) == ("ignored", None)


def test_an_event_of_an_account_that_is_not_served_is_refused_with_what_to_do() -> None:
    """A stranger's sale makes nothing due, and the reason says how to let it in."""
    delivery = read(event("evt_1", "invoice.paid", {"id": "in_1"}, account="acct_9"))

    assert (delivery.state, delivery.account, delivery.key) == ("refused", "acct_9", None)
    assert delivery.reason == (
        "acct_9 is not in STRIPE_ACCOUNTS and does not have our app installed, so nothing was made "
        "due: add it there and start the receiver again, or have it install the app, then "
        '"fulfill retry" this event'
    )


def test_the_settings_say_which_mode_and_accounts_are_served(
    make_settings: Callable[..., Settings],
) -> None:
    """The key tells the mode; the accounts are named."""
    settings = make_settings(STRIPE_SECRET_KEY="sk_live_1", STRIPE_ACCOUNTS="acct_1,acct_2")

    assert Served.by(settings) == Served(True, frozenset({"acct_1", "acct_2"}))
    assert Served.by(make_settings(STRIPE_SECRET_KEY=None)) == Served(None, frozenset())


def test_a_thin_event_is_its_snapshot_twin() -> None:
    """The type loses its prefix, and the twin's id is the one that counts."""
    delivery = read(thin("evt_t", "v1.invoice.paid", "in_1", snapshot_event="evt_1"))

    assert (delivery.event_id, delivery.thin_id, delivery.type) == (
        "evt_1",
        "evt_t",
        "invoice.paid",
    )
    assert str(delivery.key) == "own/test/invoice/in_1"


@pytest.mark.parametrize(
    ("context", "account"),
    [("acct_1", "acct_1"), ("org_1/acct_2", "acct_2"), ("ctx_1", ""), (None, "")],
)
def test_a_thin_event_tells_its_account_in_its_context(context: str | None, account: str) -> None:
    """Only an account counts; any other context is our own account's."""
    assert read(thin("evt_1", "v1.invoice.paid", "in_1", context=context)).account == account


def test_pain_17_an_event_of_a_connected_account_keeps_it_in_the_key() -> None:
    """Two accounts' sales never meet; the first years called the account user_id."""
    new = read(event("evt_1", "invoice.paid", {"id": "in_1"}, account="acct_1"))
    old = read(event("evt_1", "invoice.paid", {"id": "in_1"}, user_id="acct_1"))

    assert str(new.key) == str(old.key) == "acct_1/test/invoice/in_1"


def test_what_an_event_does_not_tell_is_taken_from_us() -> None:
    """Without livemode, created or version it is of our mode and of now."""
    delivery = read(b'{"id":"evt_1","type":"payout.paid"}', served=True)

    assert (delivery.livemode, delivery.created_at, delivery.api_version) == (True, NOW, None)


# few letters, of all kinds: the table of all takes longer to make than the test may last
texts = st.text("a1_\0 é中\U0001f600", max_size=5)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(ROUTES)),
    st.dictionaries(st.sampled_from(Payload.__struct_fields__), any_json),
    st.dictionaries(
        st.sampled_from(["created", "livemode", "account", "context", "api_version"]), any_json
    ),
)
def test_no_shape_of_an_event_raises(
    event_type: str, payload: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Whatever stands in the fields we read, the event is recorded, ignored or refused."""
    delivery = read(event("evt_1", event_type, payload, **fields))

    assert delivery.state in ("recorded", "ignored", "refused")


@given(st.binary(max_size=60))
def test_bytes_that_are_no_event_are_called_so(body: bytes) -> None:
    """Only NotAnEvent is ever raised."""
    with pytest.raises(NotAnEvent):
        read(body)


def test_every_type_we_listen_to_says_why() -> None:
    """The table is the documentation: each line has its reason."""
    assert all(hint.why for hint in ROUTES.values())

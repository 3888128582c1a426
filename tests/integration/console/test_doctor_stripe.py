"""What the check tells of the Stripe key: whose it is, what it may do, and whether clocks agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.doctor.accounts import look_at_accounts
from console.doctor.permission_looks import look_at_permissions
from console.doctor.permissions import PERMISSIONS
from console.doctor.stripe_key import look_at_clock, look_at_stripe
from mappings.store import retire_mapping
from mappings.values import MappingKey
from shared.database import transaction
from tests.integration.console.healthy import ALL_PERMISSIONS, RESTRICTED, House

KEY = "rk_test_less_0123456789abcdef"
# the permission that is taken away, whose line tells of it, and what a sale lacks then
LACKING = [
    ("rak_checkout_session_write", "Checkout Sessions", "no checkout is fulfilled"),
    ("rak_customer_write", "Customers", "no buyer gets a license"),
    ("rak_subscription_write", "Subscriptions", "no subscription is fulfilled"),
    ("rak_invoice_write", "Invoices", "no paid period moves the end"),
    ("rak_payment_intent_write", "PaymentIntents", "no payment outside a checkout"),
    ("rak_charge_read", "Charges and Refunds", "no refund takes its license back"),
    ("rak_dispute_read", "Disputes", "no dispute holds"),
    ("rak_plan_read", "Prices", "no line of a sale is recognised"),
    ("rak_product_read", "Products", "no line of a sale is recognised"),
    ("rak_billing_clock_read", "Test clocks", "sales on a test clock"),
    ("rak_event_read", "Events", "whose events never arrived"),
]


@pytest.fixture
def with_key(house: House) -> Iterator[None]:
    """KEY may do what the shop's own may, until a test says otherwise."""
    house.shop.stripe.add_key(KEY, ALL_PERMISSIONS)
    yield
    house.shop.stripe.switch(skew_seconds=0, answer_500=0.0)


@pytest.mark.usefixtures("with_key")
@pytest.mark.parametrize(("permission", "name", "means"), LACKING)
def test_each_permission_that_is_lacking_is_named_with_what_does_not_work(
    house: House, permission: str, name: str, means: str
) -> None:
    """Only its own line fails, so that a person ticks one box."""
    house.shop.stripe.add_key(KEY, set(ALL_PERMISSIONS) - {permission})

    found = house.look(look_at_permissions, STRIPE_SECRET_KEY=KEY)

    (failing,) = [one for one in found if one.status != "ok"]
    assert (failing.name, failing.status) == (f"permission {name}", "fail")
    assert means in failing.told
    assert f'Set "{name}" to' in failing.todo


@pytest.mark.usefixtures("with_key")
def test_a_key_that_may_only_read_lacks_what_has_to_be_written(house: House) -> None:
    """Write is tried at an object that nobody has, so nothing is changed by it."""
    house.shop.stripe.add_key(KEY, {one.replace("_write", "_read") for one in ALL_PERMISSIONS})
    before = house.shop.stripe.state()["shops"]

    found = house.look(look_at_permissions, STRIPE_SECRET_KEY=KEY)

    lacking = [one.name for one in found if "lacks write" in one.told]
    assert lacking == [f"permission {one.name}" for one in PERMISSIONS if one.level == "write"]
    assert house.shop.stripe.state()["shops"] == before


@pytest.mark.usefixtures("with_key")
def test_what_only_the_check_itself_needs_is_a_warning(house: House) -> None:
    """Sales are fulfilled without it."""
    house.shop.stripe.add_key(KEY, set(ALL_PERMISSIONS) - {"rak_webhook_read"})

    found = house.look(look_at_permissions, STRIPE_SECRET_KEY=KEY)

    (one,) = [one for one in found if one.status != "ok"]
    assert (one.name, one.status) == ("permission Webhook Endpoints", "warn")


def test_what_no_mapping_needs_is_not_asked_for(house: House) -> None:
    """Entitlements are tried only where a mapping names them; a live key knows no test clocks."""
    house.shop.stripe.add_key("rk_live_x", ALL_PERMISSIONS)

    test_mode = {one.name for one in house.look(look_at_permissions)}
    live = {one.name for one in house.look(look_at_permissions, STRIPE_SECRET_KEY="rk_live_x")}

    assert "permission Entitlements" not in test_mode
    assert test_mode - live == {"permission Test clocks"}


@pytest.mark.usefixtures("with_key")
def test_entitlements_are_tried_where_a_mapping_names_them(house: House) -> None:
    """Without the permission the features of a license stand still."""
    price = house.shop.stripe.shop.price("With features", 900)
    house.shop.map_price(price, entitlements={"export": "feat_1"})
    house.shop.stripe.add_key(KEY, set(ALL_PERMISSIONS) - {"rak_entitlement_read"})

    found = house.look(look_at_permissions, STRIPE_SECRET_KEY=KEY)

    (failing,) = [one for one in found if one.status != "ok"]
    assert failing.name == "permission Entitlements"
    with transaction(house.engine) as tx:
        key = MappingKey("", False, "price", price)
        retire_mapping(tx, key, now=house.clock.now(), by="test")


def test_a_secret_key_is_not_tried(house: House) -> None:
    """It may do everything; that a restricted one is safer is told."""
    status, told = house.one(look_at_permissions, STRIPE_SECRET_KEY="sk_test_123")

    assert status == "ok"
    assert "a restricted one does less harm" in told


@pytest.mark.usefixtures("with_key")
def test_a_permission_that_can_not_be_told_is_no_fault(house: House) -> None:
    """Stripe has a bad moment: nothing is known of the key by that."""
    with house.visit(STRIPE_SECRET_KEY=KEY) as visit:
        house.shop.stripe.switch(answer_500=1.0)
        found = list(look_at_permissions(visit))

    assert {one.status for one in found} == {"warn"}
    assert "can't be told: Stripe answers 500" in found[0].told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sk_test_123", "a secret key in test mode, of acct_1Simulator"),
        ("sk_live_simulator", "a secret key in live mode, of acct_1Simulator"),
        (RESTRICTED, "a restricted key in test mode, of acct_1Simulator"),
    ],
)
def test_the_kind_the_mode_and_the_account_of_the_key_are_told(
    house: House, key: str, told: str
) -> None:
    """A test key in production looks like success; a restricted one may not read its account, and
    Stripe's refusal names it.
    """
    assert house.one(look_at_stripe, STRIPE_SECRET_KEY=key) == ("ok", told)


@pytest.mark.usefixtures("with_key")
@pytest.mark.parametrize(
    ("skew_seconds", "status", "told"),
    [
        (0, "ok", "agrees with Stripe's"),
        (60, "warn", "behind Stripe's"),
        (-60, "warn", "ahead of Stripe's"),
        (300, "fail", "deliveries are refused"),
    ],
)
def test_a_clock_that_is_wrong_is_told_before_signatures_fail(
    house: House, skew_seconds: int, status: str, told: str
) -> None:
    """A signature may be five minutes off; nobody looks for the reason at the clock."""
    house.shop.stripe.switch(skew_seconds=skew_seconds)
    house.clock.moment = house.clock.moment.now(house.clock.moment.tzinfo)

    found, text = house.one(look_at_clock)

    assert found == status
    assert told in text


def test_each_connected_account_is_tried(house: House) -> None:
    """An account that took its permission back is noticed before its buyers notice."""
    house.shop.stripe.shop_of("acct_theirs")

    good, gone = house.look(look_at_accounts, STRIPE_ACCOUNTS="acct_theirs,acct_gone")

    assert (good.name, good.status) == ("account acct_theirs", "ok")
    assert (gone.name, gone.status) == ("account acct_gone", "fail")
    assert "so its sales wait" in gone.told
    assert house.look(look_at_accounts) == []

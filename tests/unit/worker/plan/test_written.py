"""What our links keep of a record is what LicenseKit tells of it, word for word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.moments import from_unix, rfc3339, stamp
from tests.worlds.sales import ADA, on
from worker.plan.steps import SubscriptionRecord
from worker.plan.written import (
    customer_as_it_stands,
    order_as_it_stands,
    read_moment,
    read_written,
    subscription_as_it_stands,
    written_customer,
    written_subscription,
)
from worker.state import Written

RECORD = SubscriptionRecord("active", on(2026), on(2027), False, None)


def told(record: SubscriptionRecord, **metadata: object) -> dict[str, Any]:
    """The record as LicenseKit answers it, with what else it tells."""
    return {
        "id": "lks_1",
        "product_id": "prod_app",
        "status": record.status,
        "current_period_start": rfc3339(record.current_period_start),
        "current_period_end": rfc3339(record.current_period_end),
        "cancel_at_period_end": record.cancel_at_period_end,
        "canceled_at": rfc3339(record.canceled_at) if record.canceled_at else None,
        "metadata": metadata,
    }


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        replace(RECORD, status="trialing", cancel_at_period_end=True),
        replace(RECORD, status="canceled", canceled_at=on(2026, 7)),
    ],
    ids=["running", "a trial that will end", "canceled"],
)
def test_a_subscription_that_we_wrote_reads_as_we_wrote_it(record: SubscriptionRecord) -> None:
    """Else a record that was adopted would be written again by every pass."""
    facts = told(record, quantity=3)

    assert subscription_as_it_stands(facts) == written_subscription(record, {"quantity": 3})


def test_another_offset_of_the_same_moment_is_no_difference() -> None:
    """A hosted LicenseKit may write a moment in another zone."""
    facts = {**told(RECORD), "current_period_end": "2027-01-01T02:00:00+02:00"}

    assert subscription_as_it_stands(facts)["current_period_end"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize("facts", [{"metadata": None}, {"metadata": {}}, {}])
def test_a_record_without_metadata_has_no_quantity(facts: dict[str, object]) -> None:
    """Another integration made it."""
    whole = {**told(RECORD), **facts}
    whole.pop("canceled_at")

    assert subscription_as_it_stands(whole) == written_subscription(RECORD, {})


@pytest.mark.parametrize(
    ("facts", "email"),
    [
        ({"name": "Ada", "email": "ada@example.com"}, "ada@example.com"),
        ({"name": "Ada", "email": ""}, None),
        ({"name": "Ada", "email": None}, None),
        ({"name": "Ada"}, None),
    ],
)
def test_a_customer_without_an_address_has_none(facts: dict[str, Any], email: str | None) -> None:
    """Whichever way LicenseKit says so, it is what we keep of such a buyer."""
    assert customer_as_it_stands(facts) == {"name": "Ada", "email": email}
    assert written_customer(replace(ADA, email=email)) == {"name": "Ada", "email": email}


def test_an_order_keeps_the_subscription_it_is_under() -> None:
    """Its licenses are in that one's list too, so that one list is enough."""
    assert order_as_it_stands({"status": "paid", "subscription_id": "lks_1"}) == {
        "status": "paid",
        "subscription": "lks_1",
    }
    assert order_as_it_stands({"status": "refunded"}) == {
        "status": "refunded",
        "subscription": None,
    }


def test_a_link_that_says_nothing_says_that_we_did_nothing() -> None:
    """An older version of ours may have written it."""
    assert read_written({}) == Written()


def test_a_link_is_read_whole() -> None:
    """Each word of it, and what stands beside it is no harm."""
    link = {
        "expires_at": "2027-01-01T00:00:00Z",
        "policy_id": "pol_sub",
        "hold": "unpaid",
        "lifted": "disputed",
        "revoked": "refunded",
        "stands_for": "pol_pro",
        "end_moves": 4,
        "features": {"feat_seats": 3, "feat_api": None},
        "intended": {"hold": ""},
        "adopted": "found on order ord_1",
    }

    assert read_written(link) == Written(
        expires_at=on(2027),
        hold="unpaid",
        lifted="disputed",
        revoked="refunded",
        stands_for="pol_pro",
        end_moves=4,
        features={"feat_seats": 3, "feat_api": None},
        intended={"hold": ""},
    )


@pytest.mark.parametrize("text", [None, "never"])
def test_a_license_that_never_ends_has_no_moment(text: str | None) -> None:
    """LicenseKit leaves it out, and our links say "never"."""
    assert read_moment(text) is None


@given(st.integers(0, int(on(9000).timestamp())), st.integers(0, 999_999))
@settings(max_examples=50)
def test_a_moment_that_was_stamped_is_read_back_to_the_second(seconds: int, rest: int) -> None:
    """It is compared with what LicenseKit tells: a second off would be a person's doing."""
    moment = from_unix(seconds)

    assert read_moment(stamp(moment.replace(microsecond=rest))) == moment

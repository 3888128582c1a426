"""Which objects of Stripe's lists a sweep looks at, and which it leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.accounts import ServedAccount
from worker.sweep.kinds import KINDS, Kind, Moments, lists_of

OWN, PARTNER = ServedAccount("", False), ServedAccount("acct_1", True)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE, AT = int(SINCE.timestamp()) - 1, int(SINCE.timestamp())
BY_NAME = {kind.name: kind for kind in KINDS}


def kind(name: str) -> Kind:
    return BY_NAME[name]


def named(
    name: str, *, since: datetime | None = SINCE, of: ServedAccount = OWN, **row: object
) -> str:
    """The sale's key, or "" for a row that is left."""
    found = kind(name).key(json.dumps(row).encode(), of, since)
    return str(found) if found else ""


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("checkout_session", 30),
        ("invoice", 365),
        ("payment_intent", 30),
        ("refund", 60),
        ("dispute", 180),
    ],
)
def test_a_list_begins_before_the_window_by_as_long_as_such_an_object_may_change(
    name: str, days: int
) -> None:
    """Stripe filters by when an object was made; what is older can't have changed since."""
    created = int((SINCE - timedelta(days=days)).timestamp())

    assert kind(name).asked(SINCE) == {"created": {"gte": created}}


def test_subscriptions_are_listed_whole_whatever_the_window() -> None:
    """One that was made years ago may change its quantity today."""
    assert (
        kind("subscription").asked(SINCE) == kind("subscription").asked(None) == {"status": "all"}
    )


def test_without_a_window_no_list_is_cut() -> None:
    """A first import reads everything there is."""
    assert [one.asked(None) for one in KINDS if one.name != "subscription"] == [{}] * 5


def test_what_one_list_was_asked_never_reaches_the_next() -> None:
    """The parameters are a value of their own each time."""
    asked = kind("subscription").asked(None)
    asked["status"] = "active"

    assert kind("subscription").asked(None) == {"status": "all"}


@pytest.mark.parametrize(
    ("status", "moments", "found"),
    [
        ("active", {"created": 1}, True),
        ("unpaid", {"created": 1}, True),
        ("canceled", {"created": 1, "ended_at": BEFORE}, False),
        ("canceled", {"created": 1, "ended_at": AT}, True),
        ("canceled", {"created": 1, "canceled_at": AT, "ended_at": None}, True),
        ("incomplete_expired", {"created": BEFORE}, False),
        ("incomplete_expired", {"created": AT}, True),
        ("a_status_of_next_year", {"created": 1}, True),
    ],
)
def test_a_subscription_is_left_only_when_it_was_over_before_the_window(
    status: str, moments: dict[str, object], found: bool
) -> None:
    """No field of a running one tells when it changed last, so each of them is looked at."""
    row = {"id": "sub_1", "status": status, **moments}

    assert named("subscription", **row) == ("own/test/subscription/sub_1" if found else "")


@pytest.mark.parametrize(
    ("transitions", "found"),
    [
        (None, False),
        ({}, False),
        ({"paid_at": None, "voided_at": None}, False),
        ({"paid_at": BEFORE}, False),
        ({"paid_at": AT}, True),
        ({"paid_at": BEFORE, "marked_uncollectible_at": AT}, True),
    ],
)
def test_an_old_invoice_is_looked_at_when_it_moved_within_the_window(
    transitions: dict[str, object] | None, found: bool
) -> None:
    """Paid, voided or written off: each has a moment, and the newest of them counts."""
    row = {"id": "in_1", "status": "paid", "created": 1, "status_transitions": transitions}

    assert named("invoice", **row) == ("own/test/invoice/in_1" if found else "")


@pytest.mark.parametrize(
    ("name", "row", "key"),
    [
        ("checkout_session", {"id": "cs_1", "status": "complete"}, "checkout_session/cs_1"),
        ("checkout_session", {"id": "cs_1", "status": "open"}, ""),
        ("checkout_session", {"id": "cs_1", "status": None}, ""),
        (
            "checkout_session",
            {"id": "cs_1", "status": "complete", "subscription": "sub_1"},
            "subscription/sub_1",
        ),
        ("checkout_session", {"id": "cs_1", "status": "complete", "mode": "setup"}, ""),
        (
            "invoice",
            {
                "id": "in_1",
                "created": AT,
                "parent": {"subscription_details": {"subscription": "sub_1"}},
            },
            "subscription/sub_1",
        ),
        (
            "payment_intent",
            {"id": "pi_1", "status": "succeeded", "metadata": {"price_id": "price_1"}},
            "payment_intent/pi_1",
        ),
        ("payment_intent", {"id": "pi_1", "status": "succeeded", "metadata": {}}, ""),
        ("payment_intent", {"id": "pi_1", "status": "processing"}, ""),
        ("refund", {"id": "re_1", "payment_intent": "pi_1"}, "payment_intent/pi_1"),
        ("refund", {"id": "re_1", "charge": "ch_1", "payment_intent": None}, "charge/ch_1"),
        ("refund", {"id": "re_1", "status": "failed"}, "refund/re_1"),
        ("dispute", {"id": "dp_1", "charge": {"id": "ch_1"}}, "charge/ch_1"),
        ("dispute", {"id": "dp_1"}, "dispute/dp_1"),
    ],
)
def test_each_row_leads_to_its_sale_or_to_what_a_pass_finds_it_by(
    name: str, row: dict[str, object], key: str
) -> None:
    """Whatever sold nothing is left, and so is a row that names no object."""
    assert named(name, **row) == (f"own/test/{key}" if key else "")


@pytest.mark.parametrize("name", BY_NAME)
def test_a_row_whose_status_is_null_stops_no_sweep(name: str) -> None:
    """Stripe leaves it empty for old refunds, sessions and drafts of invoices."""
    row = {"id": "x_1", "status": None, "created": AT, "canceled_at": None, "ended_at": None}

    assert named(name, **row) in ("", f"own/test/{name}/x_1")


def test_a_connected_account_and_its_mode_stand_in_the_key() -> None:
    """The row itself does not say whose it is."""
    assert named("subscription", of=PARTNER, id="sub_1") == "acct_1/live/subscription/sub_1"


def test_everything_is_looked_at_where_there_is_no_window() -> None:
    """Also what was over long ago: it may hold a license that it should not."""
    assert named("subscription", since=None, id="sub_1", status="canceled") != ""
    assert named("invoice", since=None, id="in_1") != ""


def test_every_account_has_each_list_under_a_name_of_its_own() -> None:
    """The names under which a sweep keeps how far it is."""
    names = [name for name, _, _ in lists_of([OWN, PARTNER])]

    assert names == [
        *(f"own/test/{name}" for name in BY_NAME),
        *(f"acct_1/live/{name}" for name in BY_NAME),
    ]


@given(
    st.dictionaries(
        st.sampled_from(["created", "canceled_at", "ended_at"]), st.integers(0, 2**40), max_size=3
    ),
    st.dictionaries(st.text(max_size=5), st.none() | st.integers(0, 2**40), max_size=4),
)
@settings(max_examples=50)
def test_the_newest_moment_is_one_that_stands_there_and_none_is_newer(
    moments: dict[str, int], moved: dict[str, int | None]
) -> None:
    """An object that tells no moment at all is as old as can be."""
    known = [0, *moments.values(), *(one for one in moved.values() if one is not None)]

    assert Moments(**moments, status_transitions=moved).newest() == max(known)

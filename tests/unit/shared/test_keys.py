"""Names of sales and objects: as text and back, and what an id's first letters say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys import KIND_BY_PREFIX, ObjectKind, SaleKey, StripeId, kind_of, parse_key

letters = st.text("abcXYZ019", min_size=1, max_size=12)
keys = st.builds(
    SaleKey,
    account=st.one_of(st.just(""), letters.map("acct_{}".format)),
    livemode=st.booleans(),
    kind=st.sampled_from(sorted(set(KIND_BY_PREFIX.values()))),
    id=letters.map(lambda text: StripeId(f"sub_{text}")),
)


def test_a_sale_key_reads_from_the_account_down_to_the_object() -> None:
    """Our own account has a name too, so that no part is ever empty."""
    ours = SaleKey("", False, "subscription", StripeId("sub_1"))
    theirs = SaleKey("acct_1", True, "checkout_session", StripeId("cs_live_a1"))

    assert str(ours) == "own/test/subscription/sub_1"
    assert str(theirs) == "acct_1/live/checkout_session/cs_live_a1"


@given(keys)
def test_a_sale_key_can_be_read_back(key: SaleKey) -> None:
    """What a page shows can be typed into a command."""
    assert parse_key(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sub_1",
        "own/test/sub_1",
        "own/prod/subscription/sub_1",
        "a/live/b/c/d",
        "own//b/c",
        "own/test/subscription/",
        "own/test/subscription/sub_1/",
        "/test/subscription/sub_1",
        "own/test/price/price_1",
        "own/Test/subscription/sub_1",
    ],
)
def test_a_text_that_is_no_sale_key_is_refused_with_an_example(text: str) -> None:
    """So is a key without a mode: test and live never meet."""
    with pytest.raises(ValueError, match="own/test/subscription/sub_1"):
        parse_key(text)


def test_test_and_live_are_different_sales() -> None:
    """The same id in another mode or account is another sale."""
    one = SaleKey("", False, "subscription", StripeId("sub_1"))
    live = SaleKey("", True, "subscription", StripeId("sub_1"))
    connected = SaleKey("acct_1", False, "subscription", StripeId("sub_1"))

    assert len({one, live, connected}) == 3
    assert (one.mode, live.mode) == ("test", "live")


@given(st.text("aow/nlivets_1", max_size=30))
def test_whatever_is_read_as_a_key_is_written_back_the_same(text: str) -> None:
    """No two texts name one sale, so none is found under another name."""
    try:
        key = parse_key(text)
    except ValueError:
        return
    assert str(key) == text


@pytest.mark.parametrize(
    ("object_id", "kind"),
    [
        ("sub_1", "subscription"),
        ("cs_test_a1", "checkout_session"),
        ("in_1", "invoice"),
        ("pi_1", "payment_intent"),
        ("ch_1", "charge"),
        ("py_1", "charge"),
        ("re_1", "refund"),
        ("pyr_1", "refund"),
        ("dp_1", "dispute"),
        ("du_1", "dispute"),
        ("cus_1", "customer"),
        ("sub_sched_1", None),  # a schedule, whose id only looks like a subscription's
        ("price_1", None),
        ("il_1", None),
        ("subscription", None),
        ("", None),
    ],
)
def test_an_ids_first_letters_say_what_it_is(object_id: str, kind: ObjectKind | None) -> None:
    """Charges and refunds have two prefixes each, by payment method."""
    assert kind_of(object_id) == kind

"""What links tell of a record by LicenseKit's own id, and the terms that sales were sold under."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.keys import SaleKey, StripeId
from shared.links import (
    AT_ONCE,
    SoldUnder,
    intend_change,
    is_taken,
    keep_terms,
    left_licenses,
    move_terms,
    note_change,
    note_feature,
    read_links,
    read_sold_under,
    read_taken,
    read_terms,
    rewrite_record,
)
from tests.integration.console.journal import Journal


@pytest.fixture
def journal(engine: Engine) -> Journal:
    return Journal(engine)


def licensed(journal: Journal, name: str = "sub_1", license_id: str = "lic_1", **more: Any) -> int:
    """A sale with one license."""
    written = more.pop("written", {"expires_at": "never"})
    sale = journal.sale(name, **more)
    journal.link("license", f"si_{name}/1", license_id, sale_id=sale, written=written)
    return sale


def written(journal: Journal, sale: int) -> dict[str, Any]:
    with reading(journal.engine) as tx:
        (link,) = read_links(tx, sale)
    return dict(link.written)


def test_what_is_about_to_be_done_is_added_to_what_was(journal: Journal) -> None:
    """Two steps may be under way at once; what stands in LicenseKit is not claimed yet."""
    sale = licensed(journal)
    with transaction(journal.engine) as tx:
        intend_change(tx, "lic_1", {"hold": "unpaid"})
        intend_change(tx, "lic_1", {"revoked": "canceled"})

    assert written(journal, sale) == {
        "expires_at": "never",
        "intended": {"hold": "unpaid", "revoked": "canceled"},
    }


def test_what_was_done_settles_its_own_intent_and_leaves_the_others(journal: Journal) -> None:
    """A crash between two steps leaves just the one that is in doubt."""
    sale = licensed(journal)
    with transaction(journal.engine) as tx:
        intend_change(tx, "lic_1", {"hold": "unpaid", "revoked": "canceled"})
        note_change(tx, "lic_1", {"hold": "unpaid"})

    assert written(journal, sale) == {
        "expires_at": "never",
        "hold": "unpaid",
        "intended": {"revoked": "canceled"},
    }


def test_a_feature_is_noted_with_its_limit_until_it_is_taken_off(journal: Journal) -> None:
    """No limit is not the same as not given, and taking off what is not there is fine."""
    sale = licensed(journal)
    seen = []
    for feature, limit, given in (
        ("feat_1", 5, True),
        ("feat_2", None, True),
        ("feat_1", 7, True),
        ("feat_1", None, False),
        ("feat_3", None, False),
    ):
        with transaction(journal.engine) as tx:
            note_feature(tx, "lic_1", feature, limit, given=given)
        seen.append(written(journal, sale)["features"])

    assert seen == [
        {"feat_1": 5},
        {"feat_1": 5, "feat_2": None},
        {"feat_1": 7, "feat_2": None},
        {"feat_2": None},
        {"feat_2": None},
    ]


def test_a_sale_that_gave_its_license_away_writes_to_it_no_more(journal: Journal) -> None:
    """The license is another sale's case now."""
    old = licensed(journal, "sub_1", written={"moved_to": "si_sub_2/1"})
    new = licensed(journal, "sub_2")

    with transaction(journal.engine) as tx:
        note_change(tx, "lic_1", {"hold": "unpaid"})
        rewrite_record(tx, "license", "lic_1", {"seats": 3})

    assert written(journal, old) == {"moved_to": "si_sub_2/1"}
    assert written(journal, new) == {
        "expires_at": "never",
        "hold": "unpaid",
        "intended": {},
        "seats": 3,
    }


def test_a_record_is_known_by_its_kind_too(journal: Journal) -> None:
    """An order's id is nobody's license; a license that moved on is free where it was."""
    licensed(journal, "sub_1", "lic_1")
    licensed(journal, "sub_2", "lic_2", written={"moved_to": "si_sub_3/1"})

    with transaction(journal.engine) as tx:
        asked = [("license", "lic_1"), ("order", "lic_1"), ("license", "lic_2")]
        taken = [is_taken(tx, kind, name) for kind, name in asked]  # type: ignore[arg-type]

    assert taken == [True, False, False]


def test_many_licenses_are_asked_for_at_once(journal: Journal) -> None:
    """More than a statement takes; those without a link that counts are missing."""
    licensed(journal, "sub_1", "lic_00001")
    licensed(journal, "sub_2", f"lic_{2 * AT_ONCE:05}")
    licensed(journal, "sub_3", "lic_00003", written={"moved_to": "si_sub_2/1"})
    asked = {f"lic_{number:05}" for number in range(2 * AT_ONCE + 1)}

    with reading(journal.engine) as tx:
        assert read_taken(tx, ()) == {}
        assert read_taken(tx, asked) == {
            "lic_00001": "si_sub_1/1",
            f"lic_{2 * AT_ONCE:05}": "si_sub_2/1",
        }


def test_a_buyer_who_comes_back_is_offered_only_what_they_left(journal: Journal) -> None:
    """Their other subscriptions in this account and mode, unless a person decided about one."""
    mine = {"customer_id": "cus_1"}
    left = licensed(journal, "sub_left", "lic_left", **mine)
    licensed(journal, "sub_own", "lic_own", **mine)
    licensed(journal, "sub_other", "lic_other", customer_id="cus_2")
    licensed(journal, "sub_live", "lic_live", livemode=True, **mine)
    licensed(journal, "cs_once", "lic_once", **mine)
    journal.link("order", "in_1/prod_1", "ord_1", sale_id=left, written={})
    open_intent = journal.sale("sub_intent", **mine)
    journal.link("license", "si_intent/1", None, sale_id=open_intent, written={})

    with reading(journal.engine) as tx:
        found = left_licenses(tx, SaleKey("", False, "subscription", StripeId("sub_own")), "cus_1")

    assert [(link.licensekit_id, sale) for link, sale in found] == [("lic_left", "sub_left")]


def test_terms_are_frozen_price_by_price(journal: Journal) -> None:
    """The first version that a price was sold under stays, whatever is mapped since."""
    sale, other = journal.sale("sub_1"), journal.sale("sub_2")
    with transaction(journal.engine) as tx:
        keep_terms(tx, sale, {})
        keep_terms(tx, sale, {"price_2": 4, "price_1": 3})
        keep_terms(tx, sale, {"price_1": 9, "price_3": 9})

    with reading(journal.engine) as tx:
        assert read_terms(tx, sale) == {"price_1": 3, "price_2": 4, "price_3": 9}
        assert read_terms(tx, other) == {}


def test_terms_move_on_only_from_where_they_stand(journal: Journal) -> None:
    """Two people who migrate at once do it once; other prices and sales stay."""
    sale, other = journal.sale("sub_1"), journal.sale("sub_2")
    for one in (sale, other):
        journal.sold_under(one, "price_1", 1)
    journal.sold_under(sale, "price_2", 1)

    with transaction(journal.engine) as tx:
        moved = [move_terms(tx, sale, "price_1", old=1, new=2) for _ in range(2)]
        unknown = move_terms(tx, sale, "price_9", old=1, new=2)
        now = [read_terms(tx, one) for one in (sale, other)]

    assert (moved, unknown) == ([True, False], False)
    assert now == [{"price_1": 2, "price_2": 1}, {"price_1": 1}]


def test_each_sale_is_told_once_with_all_prices_of_a_version(journal: Journal) -> None:
    """Oldest first; prices of other versions are not among them."""
    first = journal.sale("sub_1")
    second = journal.sale("cs_1", account="acct_1", livemode=True)
    for sale, price, version in (
        (second, "price_1", 7),
        (first, "price_2", 7),
        (first, "price_1", 7),
        (first, "price_3", 8),
    ):
        journal.sold_under(sale, price, version)

    with reading(journal.engine) as tx:
        assert read_sold_under(tx, 7) == [
            SoldUnder(
                first,
                SaleKey("", False, "subscription", StripeId("sub_1")),
                ("price_1", "price_2"),
            ),
            SoldUnder(
                second,
                SaleKey("acct_1", True, "checkout_session", StripeId("cs_1")),
                ("price_1",),
            ),
        ]
        assert read_sold_under(tx, 9) == []

"""Mapping a price lets the sales that waited for it go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.mapping_changes import Author, apply_drafts, retire, waker_of
from mappings.values import MappingDraft
from shared.settings import Settings
from tests.integration.mappings.shop import NOW, Shop, wake_ups
from tests.unit.mappings.examples import draft

ANN = Author("ann@desk", "mappings.set", "ann")


def apply(shop: Shop, *drafts: MappingDraft) -> list[str]:
    """Set these mappings; the sales that were released, by Stripe id."""
    applied = apply_drafts(shop.engine, drafts, now=NOW, by=ANN, wake=shop.wake)
    return [key.id for key in applied.released]


def test_mapping_a_price_releases_the_sales_that_waited_for_it_and_no_other(shop: Shop) -> None:
    """Only sales with that price, in that account and mode, are looked at again."""
    shop.waits("sub_waiting", "price_1", "price_2")
    shop.waits("sub_other_price", "price_2")
    shop.waits("sub_live", "price_1", livemode=True)
    shop.waits("sub_other_account", "price_1", account="acct_1")
    shop.waits("sub_other_problem", "price_1", cause="dispute")

    released = apply(shop, draft("price_1"))

    assert released == shop.due() == ["sub_waiting"]
    assert shop.woken == ["woken"]


def test_mapping_a_product_releases_every_unmapped_sale_of_its_account_and_mode(
    shop: Shop,
) -> None:
    """A problem names only its price; a sale of another product settles again as it was."""
    shop.waits("sub_1", "price_1")
    shop.waits("sub_2", "price_2")
    shop.waits("sub_live", "price_1", livemode=True)

    assert apply(shop, draft("prod_1")) == shop.due() == ["sub_1", "sub_2"]


def test_a_sale_that_waited_for_two_prices_is_released_once(shop: Shop) -> None:
    """One pass looks at all its lines."""
    shop.waits("sub_1", "price_1", "price_2")

    assert apply(shop, draft("price_1"), draft("price_2"), draft("prod_1")) == ["sub_1"]


def test_nobody_is_woken_when_nothing_waited(shop: Shop) -> None:
    """Mapping ahead of the first sale is the usual way."""
    assert apply(shop, draft("price_1")) == []
    assert (shop.due(), shop.woken) == ([], [])


def test_setting_a_mapping_again_nudges_what_still_waits(shop: Shop) -> None:
    """Also when nothing changed, for a sale that came to rest just before the mapping."""
    apply(shop, draft("price_1"))
    shop.waits("sub_1", "price_1")

    assert apply(shop, draft("price_1")) == ["sub_1"]


def test_when_one_mapping_cannot_be_written_none_is_and_nobody_is_woken(shop: Shop) -> None:
    """The mappings and what they release are one transaction."""
    shop.waits("sub_1", "price_1")
    broken = draft("price_2", policy_id=None)

    with pytest.raises(Exception, match=r"(?i)null"):
        apply(shop, draft("price_1"), broken)

    assert (shop.history(), shop.due(), shop.woken) == ([], [], [])


def test_retiring_a_mapping_releases_nothing(shop: Shop) -> None:
    """It only ends what is sold from now on."""
    (kept,) = shop.set(draft())
    shop.waits("sub_1", "price_1")

    retired = retire(shop.engine, kept.key, now=NOW, by=ANN)

    assert retired is not None
    assert shop.due() == []


def test_the_workers_are_woken_through_redis(
    make_settings: Callable[..., Settings], redis_url: str
) -> None:
    """One wake-up for all that was released."""
    waker_of(make_settings(REDIS_URL=redis_url))()

    assert wake_ups(redis_url) == 1


@pytest.mark.parametrize("redis", [None, "redis://127.0.0.1:9/0"])
def test_without_redis_a_mapping_is_set_all_the_same(
    one_shop: Shop, make_settings: Callable[..., Settings], redis: str | None
) -> None:
    """The sweep finds in the database what is due."""
    one_shop.waits("sub_1", "price_1")

    apply_drafts(
        one_shop.engine,
        [draft("price_1")],
        now=NOW,
        by=ANN,
        wake=waker_of(make_settings(REDIS_URL=redis)),
    )

    assert one_shop.due() == ["sub_1"]

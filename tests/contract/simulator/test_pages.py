"""Lists come in pages, newest first, and can be filtered."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


@pytest.fixture
def customers(shop: Shop) -> list[str]:
    """Twelve of them, oldest first."""
    return [shop.customer(email=f"{number}@example.com") for number in range(12)]


def test_a_list_shows_ten_newest_first(client: StripeClient, customers: list[str]) -> None:
    """As there are more, it says so."""
    page = client.v1.customers.list()

    assert [one.id for one in page.data] == customers[::-1][:10]
    assert page.has_more is True


def test_all_pages_together_hold_everything_once(
    client: StripeClient, customers: list[str]
) -> None:
    """The cursor is the last id of the page before."""
    pages = client.v1.customers.list({"limit": 5})

    assert [one.id for one in pages.auto_paging_iter()] == customers[::-1]


def test_paging_backwards_holds_everything_newer(
    client: StripeClient, customers: list[str]
) -> None:
    """`ending_before` is how missed events are caught up with, oldest first."""
    pages = client.v1.customers.list({"limit": 4, "ending_before": customers[0]})

    assert [one.id for one in pages.auto_paging_iter()] == customers[1:]


def test_a_list_says_where_it_comes_from(client: StripeClient) -> None:
    """Clients use `url` to ask for the next page."""
    assert client.v1.customers.list().url == "/v1/customers"


def test_a_cursor_that_is_not_there_is_refused(client: StripeClient) -> None:
    """Rather than showing the first page for ever."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.customers.list({"starting_after": "cus_none"})

    assert refused.value.param == "starting_after"


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_one_to_a_hundred_rows(client: StripeClient, limit: int) -> None:
    """Other limits are refused, as by Stripe."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.customers.list({"limit": limit})

    assert refused.value.param == "limit"


def test_a_list_can_be_narrowed_to_an_email(client: StripeClient, customers: list[str]) -> None:
    """Exactly the e-mail, nothing like it."""
    page = client.v1.customers.list({"email": "3@example.com"})

    assert [one.id for one in page.data] == [customers[3]]


def test_an_unknown_filter_is_refused(client: StripeClient) -> None:
    """A misspelt filter must not show everything."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.customers.list({"mail": "x"})  # type: ignore[arg-type]

    assert refused.value.code == "parameter_unknown"


def test_ended_subscriptions_are_hidden_until_asked_for(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """`status=all` shows them, `status=canceled` only them."""
    kept, ended = shop.subscribe(monthly), shop.subscribe(monthly)
    shop.cancel(str(ended.subscription))

    def shown(**filters: str) -> list[str]:
        page = client.v1.subscriptions.list(filters)  # type: ignore[arg-type]
        return [one.id for one in page.data]

    assert shown() == [kept.subscription]
    assert shown(status="all") == [ended.subscription, kept.subscription]
    assert shown(status="canceled") == [ended.subscription]


def test_invoices_are_found_by_their_subscription(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Though the link lies deep inside the invoice."""
    rented = shop.subscribe(monthly)
    shop.subscribe(monthly)

    page = client.v1.invoices.list({"subscription": str(rented.subscription)})

    assert [one.id for one in page.data] == [rented.invoice]


def test_prices_are_found_by_any_of_several_lookup_keys(client: StripeClient, shop: Shop) -> None:
    """`lookup_keys[]` is a list."""
    wanted = [shop.price(key, 100, lookup_key=key) for key in ("gold", "silver")]
    shop.price("bronze", 100, lookup_key="bronze")

    page = client.v1.prices.list({"lookup_keys": ["gold", "silver"]})

    assert {one.id for one in page.data} == set(wanted)

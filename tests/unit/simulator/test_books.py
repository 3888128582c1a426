"""The books of one account in one mode."""

from __future__ import annotations

import pytest

from simulator.books import Books
from simulator.errors import StripeFault
from simulator.shop import Shop
from simulator.stripe import Stripe


def test_an_object_is_found_by_its_id_and_kind(books: Books) -> None:
    """The very object, not a copy."""
    customer = books.add({"id": "cus_1", "object": "customer"})

    assert books.get("customer", "cus_1") is customer
    assert books.find("cus_1") is customer
    assert books.find("cus_2") is None


def test_an_id_of_another_kind_is_not_found(books: Books) -> None:
    """`cus_1` is no price: 404 in a path, 400 in a parameter."""
    books.add({"id": "cus_1", "object": "customer"})

    with pytest.raises(StripeFault) as in_path:
        books.get("price", "cus_1")
    with pytest.raises(StripeFault) as in_parameter:
        books.refer("price", "cus_1", "line_items[0][price]")

    assert (in_path.value.status, in_parameter.value.status) == (404, 400)
    assert in_parameter.value.fields["param"] == "line_items[0][price]"


def test_objects_are_kept_oldest_first(books: Books) -> None:
    """By kind; the lists of the API turn them round."""
    for number in range(3):
        books.add({"id": f"cus_{number}", "object": "customer"})

    assert [one["id"] for one in books.all("customer")] == ["cus_0", "cus_1", "cus_2"]
    assert books.all("price") == []


def test_an_event_keeps_the_object_as_it_was(books: Books) -> None:
    """What changes later does not change the event."""
    customer = books.add({"id": "cus_1", "object": "customer", "metadata": {"a": "1"}})
    event = books.emit("customer.created", customer)

    customer["metadata"]["a"] = "2"

    assert event["data"]["object"]["metadata"] == {"a": "1"}
    assert "previous_attributes" not in event["data"]


def test_modes_and_accounts_have_books_of_their_own(stripe: Stripe) -> None:
    """Four shops, four books, and each the same when asked for again."""
    shops = [
        stripe.shop_of(account, livemode=livemode)
        for account in (None, "acct_theirs")
        for livemode in (False, True)
    ]

    for shop in shops:
        shop.customer()

    assert [len(shop.events()) for shop in shops] == [1, 1, 1, 1]
    assert stripe.shop_of().books is shops[0].books


def test_an_account_is_known_once_a_shop_of_it_was_opened(stripe: Stripe) -> None:
    """In both modes; others are not."""
    assert stripe.books_of("acct_theirs", livemode=True) is None

    stripe.shop_of("acct_theirs")

    assert stripe.books_of("acct_theirs", livemode=True) is not None
    assert stripe.books_of(stripe.account, livemode=True) is not None


def test_the_dump_shows_all_objects_but_the_events(stripe: Stripe, shop: Shop) -> None:
    """As there are many, and they can be listed."""
    shop.buy(shop.price("Editor", 4900))

    (dump,) = stripe.state()["shops"]

    assert set(dump["objects"]) == {
        "product",
        "price",
        "customer",
        "checkout.session",
        "item",
        "payment_intent",
        "charge",
    }

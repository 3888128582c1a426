"""Expansion, on objects small enough to see."""

from __future__ import annotations

import pytest

from simulator.api.expand import expanded
from simulator.books import Books
from simulator.errors import StripeFault
from simulator.values import Obj


@pytest.fixture
def session(books: Books) -> Obj:
    """A session with two lines, of one price, of one product."""
    books.add({"id": "prod_1", "object": "product", "name": "Editor"})
    price = books.add({"id": "price_1", "object": "price", "product": "prod_1"})
    books.add({"id": "cus_1", "object": "customer", "currency": None, "email": "a@example.com"})
    lines = [{"id": f"li_{number}", "object": "item", "price": price} for number in range(2)]
    books.children("cs_1", "line_items").extend(lines)
    return books.add(
        {"id": "cs_1", "object": "checkout.session", "customer": "cus_1", "invoice": None}
    )


def test_without_a_path_the_object_is_given_as_it_is(books: Books, session: Obj) -> None:
    """Not even copied: this is the fast way."""
    assert expanded(books, session, []) is session


def test_an_id_becomes_the_object(books: Books, session: Obj) -> None:
    """In a copy; the original keeps the id."""
    shown = expanded(books, session, ["customer"])

    assert shown["customer"]["email"] == "a@example.com"
    assert session["customer"] == "cus_1"


def test_a_list_on_demand_appears(books: Books, session: Obj) -> None:
    """With its address for the next pages."""
    lines = expanded(books, session, ["line_items"])["line_items"]

    assert [line["id"] for line in lines["data"]] == ["li_0", "li_1"]
    assert (lines["has_more"], lines["url"]) == (False, "/v1/checkout/sessions/cs_1/line_items")


def test_a_long_list_on_demand_shows_its_first_ten(books: Books, session: Obj) -> None:
    """And says that there are more."""
    more = [{"id": f"li_{number}", "object": "item"} for number in range(2, 15)]
    books.children("cs_1", "line_items").extend(more)

    lines = expanded(books, session, ["line_items"])["line_items"]

    assert (len(lines["data"]), lines["has_more"]) == (10, True)


def test_a_path_goes_through_lists_and_objects(books: Books, session: Obj) -> None:
    """Four levels, `data` being one of them; the price itself stays as it was."""
    shown = expanded(books, session, ["line_items.data.price.product"])

    names = [line["price"]["product"]["name"] for line in shown["line_items"]["data"]]
    assert names == ["Editor", "Editor"]
    assert books.get("price", "price_1")["product"] == "prod_1"


def test_several_paths_share_their_way(books: Books, session: Obj) -> None:
    """What one path filled in, the other does not take away."""
    shown = expanded(
        books, session, ["line_items", "line_items.data.price.product", "customer", "invoice"]
    )

    assert shown["line_items"]["data"][0]["price"]["product"]["id"] == "prod_1"
    assert (shown["customer"]["id"], shown["invoice"]) == ("cus_1", None)


def test_ids_in_a_plain_list_become_objects(books: Books, session: Obj) -> None:
    """Such as `discounts`."""
    session["discounts"] = ["cus_1"]

    assert expanded(books, session, ["discounts"])["discounts"][0]["object"] == "customer"


@pytest.mark.parametrize(
    "path",
    ["nothing", "customer.nothing", "line_items.data.price.product.default_price", "object"],
)
def test_a_path_that_leads_nowhere_is_refused(books: Books, session: Obj, path: str) -> None:
    """With the parameter's name."""
    with pytest.raises(StripeFault) as refused:
        expanded(books, session, [path])

    assert (refused.value.status, refused.value.fields["param"]) == (400, "expand")

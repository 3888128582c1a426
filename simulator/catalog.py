"""Making products, prices and customers, from the API's own parameters."""

from __future__ import annotations

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.pricing import set_scheme
from simulator.shapes import catalog, people
from simulator.values import Obj

INTERVALS = ("day", "week", "month", "year")


def create_product(books: Books, params: Params) -> Obj:
    product = catalog.product(books, params.needed("name"))
    product["description"] = params.text("description")
    product["active"] = params.flag("active", default=True)
    product["metadata"] = merged({}, params.take("metadata") or {})
    params.refuse_unknown()
    books.emit("product.created", books.add(product))
    return product


def create_price(books: Books, params: Params) -> Obj:
    """A price of an existing product, or of a new one given as `product_data`."""
    amount = params.number("unit_amount", 0)
    price = catalog.price(books, "", amount, params.needed("currency").lower())
    price["nickname"] = params.text("nickname")
    price["lookup_key"] = params.text("lookup_key")
    price["active"] = params.flag("active", default=True)
    price["metadata"] = merged({}, params.take("metadata") or {})
    _recur(price, params.group_or_none("recurring"))
    tiers = set_scheme(price, params)
    product, product_data = params.text("product"), params.group_or_none("product_data")
    params.refuse_unknown()
    price["product"] = _product(books, product, product_data)["id"]
    books.children(price["id"], "tiers").extend(tiers)
    books.emit("price.created", books.add(price))
    return price


def create_customer(books: Books, params: Params) -> Obj:
    customer = people.customer(books, params.text("email"), params.text("name"))
    customer["phone"] = params.text("phone")
    customer["description"] = params.text("description")
    customer["metadata"] = merged({}, params.take("metadata") or {})
    params.refuse_unknown()
    books.emit("customer.created", books.add(customer))
    return customer


def _product(books: Books, product_id: str | None, data: Params | None) -> Obj:
    if product_id is not None:
        return books.refer("product", product_id, "product")
    if data is None:
        raise bad_parameter("product", "Missing required param: product.", "parameter_missing")
    return create_product(books, data)


def _recur(price: Obj, terms: Params | None) -> None:
    if terms is None:
        return
    interval = terms.needed("interval")
    if interval not in INTERVALS:
        choices = ", ".join(INTERVALS)
        raise bad_parameter("recurring[interval]", f"Invalid interval: must be one of {choices}")
    price["type"] = "recurring"
    price["recurring"] = catalog.recurring(interval, terms.number("interval_count", 1))
    terms.refuse_unknown()

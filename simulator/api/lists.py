"""Which rows a list shows: filters, what is hidden by default, and for how long events are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.api.pages import Test, created_test, equal_test, page
from simulator.api.resources import Resource
from simulator.books import Books
from simulator.params import Params
from simulator.values import Obj

EVENTS_KEPT_SECONDS = 30 * 24 * 3600


def list_page(books: Books, resource: Resource, params: Params) -> Obj:
    """A page of all objects of a kind, by the parameters given."""
    tests = list(_tests(books, resource, params))
    rows = books.all(resource.kind)
    ordered = reversed(rows) if resource.newest_first else iter(rows)
    shown = [row for row in ordered if all(test(row) for test in tests)]
    result = page(shown, params, resource.path)
    params.refuse_unknown()
    return result


def _tests(books: Books, resource: Resource, params: Params) -> Iterator[Test]:
    created = params.take("created")
    if created is not None:
        yield created_test(created)
    if resource.kind == "event":
        yield from _event_tests(books, params)
    for name, path in resource.filters.items():
        given = params.take(name)
        if given is not None:
            yield _test(path, given)
        elif resource.kind == "subscription" and name == "status":
            yield lambda row: row["status"] != "canceled"


def _test(path: str, given: Any) -> Test:
    if isinstance(given, list):  # lookup_keys[]
        either = [equal_test(path, str(one)) for one in given]
        return lambda row: any(test(row) for test in either)
    if isinstance(given, dict):  # payment[payment_intent]
        every = [equal_test(f"{path}.{name}", str(value)) for name, value in given.items()]
        return lambda row: all(test(row) for test in every)
    if path == "status" and given == "all":
        return lambda row: True
    return equal_test(path, str(given))


def _event_tests(books: Books, params: Params) -> Iterator[Test]:
    oldest = books.now - EVENTS_KEPT_SECONDS
    yield lambda row: row["created"] >= oldest
    types = params.rows("types")
    if types:
        yield lambda row: row["type"] in types
    delivered = books.world.outbox.delivered
    if (success := params.text("delivery_success")) is not None:
        yield lambda row: (row["id"] in delivered) == (success == "true")

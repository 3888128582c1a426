"""`expand[]`: ids become objects, and lists that are sent only on demand appear.

Four levels at most, and `data` counts as one, as with the real API.
Source: docs.stripe.com/expand
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from simulator.books import Books
from simulator.errors import StripeFault, bad_parameter
from simulator.values import EMBEDDED_ROWS, Obj, listing

MOST_LEVELS = 4
ON_DEMAND = {
    ("checkout.session", "line_items"): "/v1/checkout/sessions/{id}/line_items",
    ("invoice", "payments"): "/v1/invoice_payments?invoice={id}",
    ("charge", "refunds"): "/v1/charges/{id}/refunds",
}
Tree = dict[str, Any]


def everything(_kind: str) -> None:
    """Allows to expand whatever there is."""


def expanded(
    books: Books,
    obj: Obj,
    paths: Sequence[str],
    allow: Callable[[str], None] = everything,
) -> Obj:
    """A copy with the paths filled in; what is not on a path is shared with the original."""
    return _Expansion(books, allow).of(obj, paths)


class _Expansion:
    """Fills paths in. `allow` is asked for the kind of each object that comes in so."""

    def __init__(self, books: Books, allow: Callable[[str], None]) -> None:
        self._books = books
        self._allow = allow

    def of(self, obj: Obj, paths: Sequence[str]) -> Obj:
        tree: Tree = {}
        for path in paths:
            parts = path.split(".")
            if len(parts) > MOST_LEVELS:
                text = f"You cannot expand more than {MOST_LEVELS} levels of a property."
                raise bad_parameter("expand", f"{text} Property: {path}")
            branch = tree
            for part in parts:
                branch = branch.setdefault(part, {})
        return self._grown(obj, tree, at="") if tree else obj

    def _grown(self, obj: Obj, tree: Tree, at: str) -> Obj:
        copy = dict(obj)
        for name, branch in tree.items():
            path = f"{at}.{name}" if at else name
            copy[name] = self._value(obj, name, branch, path)
        return copy

    def _value(self, obj: Obj, name: str, branch: Tree, path: str) -> Any:
        value = _on_demand(self._books, obj, name) if name not in obj else obj[name]
        if isinstance(value, str):
            value = self._found(value, path)
        if isinstance(value, list):
            return [self._row(row, branch, path) for row in value]
        if isinstance(value, dict):
            return self._grown(value, branch, path)
        if value is None:
            return None
        raise _refused(path)

    def _row(self, row: Any, branch: Tree, path: str) -> Any:
        row = self._found(row, path) if isinstance(row, str) else row
        if not isinstance(row, dict):
            raise _refused(path)
        return self._grown(row, branch, path)

    def _found(self, object_id: str, path: str) -> Obj:
        found = self._books.find(object_id)
        if found is None:
            raise _refused(path)
        self._allow(found["object"])
        return found


def _on_demand(books: Books, obj: Obj, name: str) -> Any:
    if (obj.get("object"), name) == ("price", "tiers"):
        return list(books.children(obj["id"], name)) or None  # a plain list, and all of it
    url = ON_DEMAND.get((obj.get("object", ""), name))
    if url is None:
        raise _refused(name)
    rows = books.children(obj["id"], name)
    return listing(
        rows[:EMBEDDED_ROWS], url.format(id=obj["id"]), has_more=len(rows) > EMBEDDED_ROWS
    )


def _refused(path: str) -> StripeFault:
    return bad_parameter("expand", f"This property cannot be expanded ({path}).")

"""`expand[]`: ids become objects, and lists that are sent only on demand appear.

Four levels at most, and `data` counts as one, as with the real API.
Source: docs.stripe.com/expand
"""

from __future__ import annotations

from collections.abc import Sequence
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


def expanded(books: Books, obj: Obj, paths: Sequence[str]) -> Obj:
    """A copy with the paths filled in; what is not on a path is shared with the original."""
    tree: Tree = {}
    for path in paths:
        parts = path.split(".")
        if len(parts) > MOST_LEVELS:
            text = f"You cannot expand more than {MOST_LEVELS} levels of a property."
            raise bad_parameter("expand", f"{text} Property: {path}")
        branch = tree
        for part in parts:
            branch = branch.setdefault(part, {})
    return _grown(books, obj, tree, at="") if tree else obj


def _grown(books: Books, obj: Obj, tree: Tree, at: str) -> Obj:
    copy = dict(obj)
    for name, branch in tree.items():
        path = f"{at}.{name}" if at else name
        copy[name] = _value(books, obj, name, branch, path)
    return copy


def _value(books: Books, obj: Obj, name: str, branch: Tree, path: str) -> Any:
    value = _on_demand(books, obj, name) if name not in obj else obj[name]
    if isinstance(value, str):
        value = books.find(value)
        if value is None:
            raise _refused(path)
    if isinstance(value, list):
        return [_row(books, row, branch, path) for row in value]
    if isinstance(value, dict):
        return _grown(books, value, branch, path)
    if value is None:
        return None
    raise _refused(path)


def _row(books: Books, row: Any, branch: Tree, path: str) -> Any:
    row = books.find(row) if isinstance(row, str) else row
    if not isinstance(row, dict):
        raise _refused(path)
    return _grown(books, row, branch, path)


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

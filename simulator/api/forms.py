"""Form bodies and query strings with brackets, as Stripe's clients write them, made nested."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from simulator.values import Obj


def read_form(text: str) -> Obj:
    """`a[b]=1&c[]=2&d[0][e]=3` gives {"a": {"b": "1"}, "c": ["2"], "d": [{"e": "3"}]}."""
    tree: Obj = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, _path(name), value)
    return {name: _listed(value, name) for name, value in tree.items()}


def _path(name: str) -> list[str]:
    first, *rest = name.split("[")
    return [first, *(part.rstrip("]") for part in rest)]


def _put(tree: Obj, path: list[str], value: str) -> None:
    *parents, last = path
    for part in parents:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):  # `metadata=` and then `metadata[a]=1`
            below = tree[part] = {}
        tree = below
    tree[str(len(tree)) if last == "" else last] = value


def _listed(value: Any, name: str) -> Any:
    """Groups whose names are all numbers are lists, except inside metadata."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(below, key) for key, below in value.items()}
    numbered = bool(inner) and all(key.isdigit() for key in inner) and name != "metadata"
    return [inner[key] for key in sorted(inner, key=int)] if numbered else inner

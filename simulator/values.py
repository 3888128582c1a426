"""The few plain shapes that every module here passes around: objects, lists, nulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

API_VERSION = "2026-10-28.endive"  # what stripe-python 16.1 pins

EMBEDDED_ROWS = 10  # an object carries the first ten rows of its lists; the rest are pages
Obj = dict[str, Any]  # one API object, as it is sent
LineRequest = str | Obj  # "price_…", or {"price": "price_…", "quantity": 2}
Lines = LineRequest | Sequence[LineRequest]


def nulls(names: str) -> Obj:
    """Keys that Stripe always sends, with nothing in them: `nulls("phone name")`."""
    return dict.fromkeys(names.split())


def listing(data: Sequence[Obj], url: str, *, has_more: bool = False) -> Obj:
    """A page in Stripe's envelope."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def frozen(obj: Obj) -> Obj:
    """The object as it is now, sharing nothing with what it will become."""
    copy: Obj = msgspec.json.decode(msgspec.json.encode(obj))
    return copy

"""Long lists of Stripe's, a page at a time: what a sweep reads.

A page's objects come out as Stripe sent them; whoever asked knows which fields it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import stripe

from worker.errors import TemporaryError
from worker.gateways.stripe_calls import call, options

PAGE = 100  # Stripe's largest


class _Answer(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw]
    has_more: bool = False


class _Named(msgspec.Struct, frozen=True):
    id: str


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_name = msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True, slots=True)
class ListPage:
    """Newest first, as Stripe lists. `last` is what the next page comes after; None = no more."""

    rows: list[bytes]
    last: str | None


class StripeLists:
    """Raises NotFound, PermanentError or TemporaryError. One serves one thread."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def page(
        self,
        account: str,
        path: str,
        params: Mapping[str, object],
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> ListPage:
        """One page of `path` ("/v1/events"), after the object named so.

        Raises PermanentError where that object is no more: begin the list again.
        """
        asked: dict[str, Any] = {**params, "limit": limit or PAGE, **options(account)}
        if after is not None:
            asked["starting_after"] = after
        body = call(lambda: self._client.raw_request("get", path, **asked)).body
        try:
            return _read(body)
        except msgspec.MsgspecError as error:
            raise TemporaryError(
                f"{path} was answered with something else than a list of Stripe's ({error}), by "
                "Stripe or by a proxy on the way. Nothing is lost: it is asked again by itself. "
                "If this stays, look at what answers at STRIPE_API_BASE."
            ) from error


def _read(body: str) -> ListPage:
    answer = _decode_answer(body)
    rows = [bytes(row) for row in answer.data]
    return ListPage(rows, _decode_name(rows[-1]).id if answer.has_more and rows else None)

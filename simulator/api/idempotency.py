"""Replays of POSTs with an `Idempotency-Key`. Source: docs.stripe.com/api/idempotent_requests"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.api.call import Call
from simulator.errors import StripeFault

KEPT_SECONDS = 24 * 3600  # of the simulator's time


@dataclass(frozen=True, slots=True)
class Answer:
    """What was, or will be, sent."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    request: tuple[str, bytes]
    answer: Answer
    at: int


class Replays:
    """The answers to remember. Use inside a turn, so that two of one key can't cross."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bool, str], _Kept] = {}

    def find(self, call: Call) -> Answer | None:
        """The answer to the same request before; StripeFault when the request was another."""
        kept = self._kept.get(_key(call))
        if kept is None or call.books.now - kept.at >= KEPT_SECONDS:
            return None
        if kept.request != (call.path, call.raw):
            text = (
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{call.cause.idempotency_key}'."
            )
            raise StripeFault(400, text, type="idempotency_error")
        return kept.answer

    def keep(self, call: Call, answer: Answer) -> None:
        self._kept[_key(call)] = _Kept((call.path, call.raw), answer, call.books.now)


def _key(call: Call) -> tuple[str, bool, str]:
    return call.books.account, call.books.livemode, str(call.cause.idempotency_key)

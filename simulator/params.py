"""Reads the parameters of a request, whether from a form (all text) or from Python (typed)."""

from __future__ import annotations

from typing import Any

from simulator.errors import bad_parameter, unknown_parameter
from simulator.values import Obj

TRUTHS = {True: True, False: False, "true": True, "false": False}


class Params:
    """Each parameter is taken once; what nobody took is unknown and refused."""

    def __init__(self, given: Obj) -> None:
        self._left = dict(given)

    def take(self, name: str) -> Any:
        """As given; None when absent."""
        return self._left.pop(name, None)

    def text(self, name: str, default: str | None = None) -> str | None:
        value = self.take(name)
        return default if value is None or value == "" else str(value)

    def needed(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise bad_parameter(name, f"Missing required param: {name}.", "parameter_missing")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.take(name)
        try:
            return default if value is None else int(value)
        except (TypeError, ValueError) as wrong:
            text = f"Invalid integer: {value}"
            raise bad_parameter(name, text, "parameter_invalid_integer") from wrong

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name)
        if value is None:
            return default
        if value not in TRUTHS:
            raise bad_parameter(name, f"Invalid boolean: {value}")
        return TRUTHS[value]

    def group(self, name: str) -> Params:
        """A nested group, `recurring[interval]`; empty when absent."""
        value = self.take(name)
        return Params(value if isinstance(value, dict) else {})

    def group_or_none(self, name: str) -> Params | None:
        return self.group(name) if name in self._left else None

    def rows(self, name: str) -> list[Any]:
        value = self.take(name)
        return value if isinstance(value, list) else []

    def refuse_unknown(self) -> None:
        if self._left:
            raise unknown_parameter(min(self._left))

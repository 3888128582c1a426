"""API keys: their mode, and what a restricted one may do. Which route needs what: `api.access`.

Source: docs.stripe.com/keys#limit-access
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PREFIXES = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
NAME = "simulator"  # sk_test_simulator, rk_live_simulator, …


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`permissions` is None for a key that may do everything."""

    livemode: bool
    permissions: frozenset[str] | None = None  # "rak_customer_write", "rak_charge_read"

    def may(self, resource: str, level: str) -> bool:
        """May it read ("read") or change ("write") that kind of thing? Write includes read."""
        enough = {f"rak_{resource}_write", f"rak_{resource}_{level}"}
        return self.permissions is None or bool(self.permissions & enough)


class Keyring:
    """All keys that are known. Every simulator knows one of each kind and mode."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}
        for prefix in PREFIXES:
            self.add(f"{prefix}{NAME}")

    def add(self, key: str, permissions: Iterable[str] | None = None) -> None:
        """Know this key from now on, or change what it may. ValueError for what is no key."""
        if not key.startswith(PREFIXES):
            raise ValueError("a key begins with sk_test_, sk_live_, rk_test_ or rk_live_")
        if permissions is not None and not key.startswith("rk_"):
            raise ValueError("only a restricted key, rk_…, has permissions")
        allowed = None if permissions is None else frozenset(permissions)
        if any(not one.startswith("rak_") for one in allowed or ()):
            raise ValueError("a permission is written rak_customer_read or rak_customer_write")
        self._keys[key] = ApiKey("_live_" in key[:8], allowed)

    def find(self, key: str) -> ApiKey | None:
        """None for a key that nobody knows."""
        return self._keys.get(key)


def masked(key: str) -> str:
    """As Stripe quotes a key: its kind and mode, stars, and its last six characters."""
    begin, end = key[:8], key[8:][-6:]
    return f"{begin}{'*' * max(len(key) - len(begin) - len(end), 0)}{end}"

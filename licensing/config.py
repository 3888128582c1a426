"""What the embedded API needs to start. Where the values come from is the host's business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from cryptography.fernet import Fernet


class Masked(Protocol):
    """A text that shows itself only when asked; the host may bring a type of its own."""

    def reveal(self) -> str: ...


class Secret:
    """The masked text for whoever has no such type: its repr never shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(masked)"


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LicensingConfig:
    """Raises ValueError for an empty admin token or a key that is not a Fernet key."""

    database_url: str = field(repr=False)  # may hold a password
    admin_token: Masked
    encryption_keys: tuple[Masked, ...]  # Fernet keys: the first encrypts, all decrypt
    clock: Callable[[], datetime] = utc_now  # UTC; a simulator's clock may drive expiry

    def __post_init__(self) -> None:
        if not self.admin_token.reveal():
            raise ValueError("the admin token of the embedded LicenseKit API is empty")
        if not self.encryption_keys:
            raise ValueError("the embedded LicenseKit API needs at least one encryption key")
        for key in self.encryption_keys:
            _require_fernet_key(key)


def _require_fernet_key(key: Masked) -> None:
    try:
        Fernet(key.reveal())
    except ValueError:
        # from None: the original error could carry the key's text
        raise ValueError("an encryption key is not 32 bytes in URL-safe base64") from None

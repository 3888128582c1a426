"""What the embedded API needs to start, and that it keeps it to itself."""

from __future__ import annotations

from datetime import UTC

import pytest

from licensing.config import LicensingConfig, Secret, utc_now

FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def config(token: str = "admin", *keys: str) -> LicensingConfig:
    sealed = tuple(Secret(key) for key in keys)
    return LicensingConfig("sqlite:///:memory:?password=hidden", Secret(token), sealed)


def test_a_config_never_shows_its_secrets() -> None:
    """Neither token nor keys nor the database's address, which may hold a password."""
    shown = repr(config("very-secret", FERNET_KEY))

    for secret in ("very-secret", FERNET_KEY, "hidden"):
        assert secret not in shown


def test_without_an_admin_token_nothing_starts() -> None:
    """An empty token would let everybody in."""
    with pytest.raises(ValueError, match="admin token"):
        config("", FERNET_KEY)


def test_without_an_encryption_key_nothing_starts() -> None:
    """The signing key is never kept in clear."""
    with pytest.raises(ValueError, match="at least one encryption key"):
        config("admin")


def test_a_text_that_is_no_key_is_named_but_not_shown() -> None:
    """The error tells what is wrong and keeps the text to itself."""
    with pytest.raises(ValueError, match="32 bytes") as caught:
        config("admin", FERNET_KEY, "not-a-key-but-maybe-a-password")

    assert "maybe-a-password" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_clock_is_in_utc_unless_another_is_given() -> None:
    """Moments without a zone would be compared with the wrong ones."""
    assert config("admin", FERNET_KEY).clock is utc_now
    assert utc_now().tzinfo is UTC


def test_a_host_may_bring_its_own_kind_of_secret() -> None:
    """Anything that can reveal its text will do."""

    class Masked:
        def reveal(self) -> str:
            return FERNET_KEY

    assert LicensingConfig("sqlite://", Masked(), (Masked(),)).admin_token.reveal() == FERNET_KEY

"""What must never be printed, and how it lies on the disk."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from shared.secrets import Secret, Unreadable, Vault, new_key

MASKED = "Secret(•••)"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>20}".strip(),
        lambda secret: f"{secret:}",
        lambda secret: "%s" % secret,  # noqa: UP031
        lambda secret: str([secret])[1:-1],
        lambda secret: str(ValueError(secret)),
    ],
)
def test_a_secret_is_masked_however_it_is_shown(show: Callable[[Secret], str]) -> None:
    """Its length does not show either."""
    assert show(Secret("sk_live_1")) == show(Secret("")) == MASKED


def test_a_secret_is_masked_in_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever logs it by mistake logs a mask."""
    with caplog.at_level(logging.INFO):
        logging.getLogger("shop").info("token %s, %r", Secret("lk_1"), {"t": Secret("lk_1")})

    assert caplog.messages == [f"token {MASKED}, {{'t': {MASKED}}}"]


def test_a_secret_is_revealed_to_whoever_asks_by_name() -> None:
    """One way in, easy to search for."""
    assert Secret("lk_1").reveal() == "lk_1"


def test_secrets_are_compared_by_what_they_hold() -> None:
    """An empty one is false, so that "is it set?" needs no reveal."""
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"
    assert (bool(Secret("a")), bool(Secret(""))) == (True, False)


def test_a_sealed_secret_can_be_opened_and_not_be_read() -> None:
    """The same key sealed twice looks different each time."""
    vault = Vault([new_key()])

    first, second = vault.seal(Secret("KEY-1")), vault.seal(Secret("KEY-1"))

    assert vault.open(first) == vault.open(second) == Secret("KEY-1")
    assert first != second
    assert b"KEY-1" not in first


def test_a_license_key_in_any_script_survives() -> None:
    """What LicenseKit gives is kept letter by letter."""
    vault = Vault([new_key()])

    assert vault.open(vault.seal(Secret("schlüssel-鍵"))).reveal() == "schlüssel-鍵"


def test_the_first_key_writes_and_every_key_reads() -> None:
    """So a key can be changed without a moment in which nothing can be read."""
    old, new = new_key(), new_key()
    before = Vault([old]).seal(Secret("KEY-1"))

    both = Vault([new, old])

    assert both.open(before) == Secret("KEY-1")
    assert Vault([new]).open(both.seal(Secret("KEY-2"))) == Secret("KEY-2")


def test_what_was_rotated_needs_the_old_key_no_more() -> None:
    """After that the old key can be thrown away."""
    old, new = new_key(), new_key()
    before = Vault([old]).seal(Secret("KEY-1"))

    after = Vault([new, old]).rotate(before)

    assert Vault([new]).open(after) == Secret("KEY-1")
    with pytest.raises(Unreadable):
        Vault([old]).open(after)


@pytest.mark.parametrize("verb", ["open", "rotate"])
def test_without_its_key_a_sealed_secret_is_unreadable_and_says_what_to_do(verb: str) -> None:
    """A key that was lost from the settings can be put back; the error shows nothing sealed."""
    sealed = Vault([new_key()]).seal(Secret("KEY-1"))

    with pytest.raises(Unreadable, match=r"FULFILL_ENCRYPTION_KEYS.*put the key") as caught:
        getattr(Vault([new_key()]), verb)(sealed)

    assert sealed.decode() not in str(caught.value)


@pytest.mark.parametrize("sealed", [b"", b"not sealed at all", b"\xff\xfe"])
def test_bytes_that_were_never_sealed_are_unreadable(sealed: bytes) -> None:
    """A damaged row is told, not taken for a key."""
    with pytest.raises(Unreadable):
        Vault([new_key()]).open(sealed)


@pytest.mark.parametrize("key", ["", "short", "ä" * 44, "A" * 43])
def test_a_key_of_the_wrong_size_is_refused(key: str) -> None:
    """Thirty-two bytes in URL-safe base64, and nothing else."""
    with pytest.raises(ValueError, match=r"Fernet|base64|ASCII|padding"):
        Vault([Secret(key)])


def test_each_new_key_is_another() -> None:
    """It comes from the system's own source of chance."""
    assert len({new_key() for _ in range(5)}) == 5

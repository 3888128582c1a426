"""A token's life and its scopes, without a database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.admin.values import Caller
from console.tokens import SCOPES, Scope, Token, choose_scopes, hash_of, use_is_noted
from shared.secrets import Secret

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def token(**more: Any) -> Token:
    base: dict[str, Any] = {
        "id": 1,
        "name": "ci",
        "last4": "abcd",
        "scopes": ("product:read",),
        "created_at": NOW - timedelta(days=1),
        "created_by": "ann",
        "expires_at": None,
        "revoked_at": None,
        "revoked_by": None,
        "last_used_at": None,
    }
    return Token(**{**base, **more})


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "active"),
        ({"expires_at": NOW + INSTANT}, "active"),
        ({"expires_at": NOW}, "expired"),
        ({"expires_at": NOW - INSTANT}, "expired"),
        ({"revoked_at": NOW}, "revoked"),
        ({"revoked_at": NOW, "expires_at": NOW - INSTANT}, "revoked"),
    ],
)
def test_a_token_is_active_until_its_end_or_its_revocation(
    more: dict[str, Any], state: str
) -> None:
    """At its very end it counts no more; what a person did is told before what time did."""
    assert token(**more).state(NOW) == state


@pytest.mark.parametrize(
    ("ago", "noted"),
    [
        (None, False),
        (timedelta(0), True),
        (timedelta(minutes=1) - INSTANT, True),
        (timedelta(minutes=1), False),
    ],
)
def test_a_use_is_noted_again_after_a_minute(ago: timedelta | None, noted: bool) -> None:
    """Never before the first use."""
    last = None if ago is None else NOW - ago

    assert use_is_noted(token(last_used_at=last), NOW) is noted


@given(names=st.lists(st.sampled_from(SCOPES), min_size=1, max_size=6))
@settings(max_examples=30)
def test_scopes_are_kept_once_each_in_one_order(names: list[Scope]) -> None:
    """Whatever order they were given in, two tokens with the same rights look the same."""
    assert choose_scopes(names) == tuple(scope for scope in SCOPES if scope in set(names))


@pytest.mark.parametrize("names", [[], [""], ["Admin"], ["admin", "product"], ["product:read "]])
def test_a_scope_that_is_none_is_refused_with_those_that_are(names: list[str]) -> None:
    """One wrong name refuses them all: a token that lacks a scope is found out too late."""
    with pytest.raises(ValueError, match="must be of product:read, product:write, admin"):
        choose_scopes(names)


@pytest.mark.parametrize(
    ("scopes", "opens"),
    [
        ((), []),
        (("product:read",), ["product:read"]),
        (("product:write",), ["product:write"]),
        (("admin",), ["product:read", "product:write", "admin"]),
        (("product:read", "product:write"), ["product:read", "product:write"]),
    ],
)
def test_no_scope_implies_another_but_for_admin(
    scopes: tuple[Scope, ...], opens: list[Scope]
) -> None:
    """Whoever may write need not be able to read buyers' names."""
    caller = Caller("ci", scopes)

    assert [scope for scope in SCOPES if caller.may(scope)] == opens
    assert caller.who == "token:ci"


@pytest.mark.parametrize("text", ["", "fat_1", "ä日本", "\udcff\udc80", "x" * 100_000])
def test_every_text_has_a_hash_whatever_bytes_it_came_as(text: str) -> None:
    """SHA-256 of the very bytes, so a stranger's nonsense is no error of ours."""
    came_as = text.encode("utf-8", "surrogateescape")

    assert hash_of(Secret(text)) == hashlib.sha256(came_as).hexdigest()

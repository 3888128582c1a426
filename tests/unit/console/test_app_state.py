"""The state of one installation: sealed in a cookie, bound to a browser, good for ten minutes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.app.state import COOKIES, LIFETIME, BadState, State, mode_of, open_state
from shared.secrets import Secret, Vault, new_key
from tests.conftest import FERNET_KEY

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VAULT = Vault([Secret(FERNET_KEY)])


def sealed(content: object) -> str:
    """A cookie that our own vault made around anything."""
    return VAULT.seal(Secret(json.dumps(content))).decode()


@pytest.mark.parametrize(("livemode", "mode"), [(True, "live"), (False, "test")])
def test_what_began_here_is_known_again_by_its_cookie(livemode: bool, mode: str) -> None:
    """The whole state comes back: its text, its mode and its end."""
    state = State.new(livemode=livemode, now=NOW)

    assert open_state(state.text, state.sealed(VAULT), VAULT, now=NOW) == state
    assert (state.livemode, state.until) == (livemode, NOW + timedelta(minutes=10))
    assert state.text.startswith(f"{mode}.")


def test_no_two_states_are_alike_and_each_is_beyond_guessing() -> None:
    """256 bits behind the mode."""
    texts = {State.new(livemode=False, now=NOW).text for _ in range(50)}

    assert len(texts) == 50
    assert {len(text) for text in texts} == {len("test.") + 43}


def test_the_cookie_shows_nothing_of_the_state() -> None:
    """Who reads it from a disk can't follow the link with it."""
    state = State.new(livemode=True, now=NOW)

    cookie = state.sealed(VAULT)

    assert state.text not in cookie
    assert state.text.removeprefix("live.") not in cookie


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        (timedelta(0), True),
        (LIFETIME - timedelta(microseconds=1), True),
        (LIFETIME, False),
        (timedelta(days=1), False),
    ],
)
def test_a_state_ends_on_the_minute(after: timedelta, holds: bool) -> None:
    """At its very end it is over."""
    state = State.new(livemode=False, now=NOW)
    cookie = state.sealed(VAULT)

    if holds:
        assert open_state(state.text, cookie, VAULT, now=NOW + after) == state
        return
    with pytest.raises(BadState, match="longer than ten minutes"):
        open_state(state.text, cookie, VAULT, now=NOW + after)


def test_a_clock_of_another_zone_ends_it_at_the_same_moment() -> None:
    """A moment is a moment, wherever the machine stands."""
    state = State.new(livemode=False, now=NOW)
    there = (NOW + timedelta(minutes=9)).astimezone(timezone(timedelta(hours=-11)))

    assert open_state(state.text, state.sealed(VAULT), VAULT, now=there) == state


@pytest.mark.parametrize(
    ("cookie", "why"),
    [
        (None, "did not begin an installation"),
        ("", "did not begin an installation"),
        ("made-by-hand", "can't be read"),
        ("ä" * 10, "can't be read"),
        (sealed({"state": "test.other", "until": "2026-11-21T12:10:00+00:00"}), "another"),
        (Vault([new_key()]).seal(Secret("{}")).decode(), "can't be read"),
        (VAULT.seal(Secret("no JSON")).decode(), "can't be read"),
    ],
    ids=["none", "empty", "by hand", "not ASCII", "of another", "of another key", "no JSON"],
)
def test_a_cookie_that_is_not_of_this_link_says_why(cookie: str | None, why: str) -> None:
    """One reason each, for the person at the browser."""
    with pytest.raises(BadState, match=why):
        open_state("test.mine", cookie, VAULT, now=NOW)


@pytest.mark.parametrize(
    "content",
    [
        [],
        None,
        "test.mine",
        {},
        {"state": "test.mine"},
        {"state": "test.mine", "until": None},
        {"state": "test.mine", "until": "soon"},
        {"state": "test.mine", "until": "2026-11-21T12:10:00"},
    ],
    ids=["list", "null", "text", "empty", "no end", "null end", "no moment", "no zone"],
)
def test_what_our_own_key_sealed_for_something_else_is_no_state(content: object) -> None:
    """The same key seals tokens and license keys; a foreign content is refused, not an error."""
    with pytest.raises(BadState):
        open_state("test.mine", sealed(content), VAULT, now=NOW)


@given(text=st.text(max_size=40))
@settings(max_examples=50)
def test_any_text_is_a_mode_or_a_refusal(text: str) -> None:
    """Only what begins with a mode of ours names one."""
    named = text.partition(".")[0]
    if named in ("live", "test"):
        assert mode_of(text) is (named == "live")
        return
    with pytest.raises(BadState, match="no state of ours"):
        mode_of(text)


@given(text=st.text(max_size=40))
@settings(max_examples=50)
def test_no_other_text_opens_a_cookie(text: str) -> None:
    """Whatever a stranger puts into the link, unless it is the very state."""
    state = State("test.mine", False, NOW + LIFETIME)
    cookie = state.sealed(VAULT)

    if text == state.text:
        assert open_state(text, cookie, VAULT, now=NOW) == state
        return
    with pytest.raises(BadState):
        open_state(text, cookie, VAULT, now=NOW)


def test_the_cookies_of_the_two_modes_have_names_that_bind_them_to_our_host() -> None:
    """Both may run side by side; a browser takes `__Host-` only from this very host, by TLS."""
    assert COOKIES == {True: "__Host-install-live", False: "__Host-install-test"}

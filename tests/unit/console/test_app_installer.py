"""Where an installer sends people, and what it says where it can't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from console.app.oauth import Installer, NotInstalled
from console.app.state import State
from shared.secrets import Secret, Vault
from shared.settings import Settings
from tests.conftest import FERNET_KEY
from tests.worlds.clock import FixedClock
from worker.gateways.stripe_oauth import StripeOAuth

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = {
    "STRIPE_APP_CLIENT_ID": "ca_live",
    "STRIPE_APP_TEST_CLIENT_ID": "ca_test",
    "STRIPE_PUBLIC_BASE_URL": "https://licenses.example.com",
}

MakeSettings = Callable[..., Settings]


def installer(settings: Settings) -> Installer:
    """It never comes to the database here."""
    return Installer(
        settings=settings,
        engine=sa.create_engine("sqlite://"),
        oauth=StripeOAuth("http://127.0.0.1:9", {}),
        vault=Vault([Secret(FERNET_KEY)]),
        clock=FixedClock(NOW),
        wake=lambda: None,
    )


@pytest.mark.parametrize(("livemode", "client"), [(True, "ca_live"), (False, "ca_test")])
def test_each_mode_has_its_own_link(
    make_settings: MakeSettings, livemode: bool, client: str
) -> None:
    """The client, the way back and the state; nothing else goes to Stripe."""
    state = State.new(livemode=livemode, now=NOW)

    link = installer(make_settings(**BASE)).link(state)

    assert parse_qs(urlsplit(link).query) == {
        "client_id": [client],
        "redirect_uri": ["https://licenses.example.com/stripe/oauth/callback"],
        "state": [state.text],
    }
    assert link.startswith("https://marketplace.stripe.com/oauth/v2/")


def test_a_test_link_with_a_channel_is_followed_as_it_is(make_settings: MakeSettings) -> None:
    """Stripe's external test puts one into the address; the live link has none."""
    channel = "https://marketplace.stripe.com/oauth/v2/chnlink_1/authorize"
    made = installer(make_settings(**BASE, STRIPE_APP_TEST_AUTHORIZE_URL=channel))

    links = {mode: made.link(State.new(livemode=mode, now=NOW)) for mode in (True, False)}

    assert links[False].startswith(f"{channel}?client_id=ca_test")
    assert "chnlink_1" not in links[True]


@pytest.mark.parametrize(
    ("lacking", "livemode"),
    [
        ("STRIPE_APP_CLIENT_ID", True),
        ("STRIPE_APP_TEST_CLIENT_ID", False),
        ("STRIPE_PUBLIC_BASE_URL", True),
        ("STRIPE_PUBLIC_BASE_URL", False),
    ],
)
def test_what_lacks_is_named_to_whoever_runs_this(
    make_settings: MakeSettings, lacking: str, livemode: bool
) -> None:
    """503: it is no fault of the account's owner, who only wanted to install it."""
    made = installer(make_settings(**{**BASE, lacking: None}))

    with pytest.raises(NotInstalled) as ended:
        made.link(State.new(livemode=livemode, now=NOW))

    assert (ended.value.status, ended.value.title) == (503, "The app can't be installed here")
    assert ended.value.lines == (
        f"{lacking} is not set. Whoever runs this sets it and starts web again.",
    )

"""The command line of `python -m simulator`."""

from __future__ import annotations

import pytest

from simulator.__main__ import make_stripe, read_arguments
from simulator.api_keys import ApiKey


def test_without_arguments_any_free_port_is_taken() -> None:
    """On the loopback, delivering nowhere."""
    options = read_arguments([])

    assert (options.host, options.port, options.webhook_url) == ("127.0.0.1", 0, None)
    assert make_stripe(options).world.outbox.endpoints == []


def test_several_secrets_may_sign() -> None:
    """As while one is being rolled."""
    options = read_arguments(
        ["--webhook-url", "http://h/", "--webhook-secret", "a", "--webhook-secret", "b"]
    )

    (endpoint,) = make_stripe(options).world.outbox.endpoints
    assert (endpoint.url, endpoint.secrets) == ("http://h/", ("a", "b"))


def test_another_key_may_be_accepted() -> None:
    """Its mode is in its prefix."""
    stripe = make_stripe(read_arguments(["--api-key", "rk_live_mine"]))

    assert stripe.keys.find("rk_live_mine") == ApiKey(livemode=True)
    assert stripe.keys.find("sk_test_simulator") == ApiKey(livemode=False)
    assert stripe.keys.find("sk_test_other") is None


def test_an_endpoint_without_a_secret_is_refused() -> None:
    """A delivery that nobody could trust."""
    with pytest.raises(ValueError, match="signing secret"):
        make_stripe(read_arguments(["--webhook-url", "http://h/"]))

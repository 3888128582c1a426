"""What Stripe's refusals mean to a pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.secrets import Secret
from tests.worlds.scripted import Answer, Script, stripe_fault
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.gateways.patience import HURRIED
from worker.gateways.stripe import StripeGateway


def caught(gateway: StripeGateway) -> TemporaryError | PermanentError:
    with pytest.raises((TemporaryError, PermanentError)) as found:
        gateway.payment_intent("", "pi_1")
    assert isinstance(found.value, TemporaryError | PermanentError)
    return found.value


def test_pain_16_a_refused_key_waits_a_minute_and_is_not_quoted(
    told_stripe: StripeGateway, script: Script
) -> None:
    """Stripe quotes a bad key, starred; we quote none of it."""
    text = "Invalid API Key provided: sk_test_****cret"
    script.says(stripe_fault(401, type="invalid_request_error", message=text))

    error = caught(told_stripe)

    assert isinstance(error, TemporaryError)
    assert error.after_seconds == 60
    assert "STRIPE_SECRET_KEY" in str(error)
    assert "sk_test" not in str(error)


def test_a_key_without_the_permission_waits_too(told_stripe: StripeGateway, script: Script) -> None:
    """A restricted key can be given what it lacks; Stripe names that, and the key, starred."""
    text = "The provided key 'rk_live_***cret' lacks access. Having 'rak_charge_read' would do."
    script.says(stripe_fault(403, type="invalid_request_error", message=text))

    error = caught(told_stripe)

    assert isinstance(error, TemporaryError)
    assert "rak_charge_read" in str(error)
    assert "rk_live" not in str(error)
    assert "cret" not in str(error)


def test_an_object_that_stripe_does_not_know_is_a_fact(
    told_stripe: StripeGateway, script: Script
) -> None:
    """Told with Stripe's request id."""
    script.says(
        stripe_fault(404, type="invalid_request_error", message="No such pi", param="intent")
    )

    error = caught(told_stripe)

    assert isinstance(error, NotFound)
    assert (error.subject, error.request_id) == ("intent", "req_stripe")


def test_a_request_that_stripe_finds_wrong_needs_a_person(
    told_stripe: StripeGateway, script: Script
) -> None:
    """The same request would be refused again."""
    script.says(stripe_fault(400, type="invalid_request_error", message="no", param="metadata"))

    error = caught(told_stripe)

    assert isinstance(error, PermanentError)
    assert (error.cause, error.subject) == ("refused_by_stripe", "metadata")
    assert '"fulfill reconcile"' in str(error)


@pytest.mark.parametrize(
    ("status", "type_", "code"),
    [
        (429, "invalid_request_error", "rate_limit"),
        (429, "invalid_request_error", "lock_timeout"),
        (409, "invalid_request_error", "lock_timeout"),
        (400, "invalid_request_error", "lock_timeout"),
        (500, "api_error", ""),
        (503, "api_error", ""),
    ],
)
def test_a_busy_stripe_is_asked_again_a_little_later(
    told_stripe: StripeGateway, script: Script, status: int, type_: str, code: str
) -> None:
    """Rate limits, locks and outages heal by themselves."""
    script.says(stripe_fault(status, type=type_, message="busy", code=code))

    error = caught(told_stripe)

    assert isinstance(error, TemporaryError)
    assert error.after_seconds == 2
    assert error.request_id == "req_stripe"


def test_stripes_own_wish_counts(told_stripe: StripeGateway, script: Script) -> None:
    """Retry-After says how long."""
    fault = stripe_fault(429, type="invalid_request_error", message="busy")
    script.says(Answer(429, fault.body, {**fault.headers, "Retry-After": "17"}))

    error = caught(told_stripe)

    assert isinstance(error, TemporaryError)
    assert error.after_seconds == 17


def test_a_stripe_that_never_answers_is_given_up(script: Script) -> None:
    """A hanging call must not hold a sale for ever."""
    script.says(Answer(hang=True))
    hurried = replace(HURRIED, read_seconds=0.05)
    gateway = StripeGateway(Secret("sk_test_very_secret"), script.url, patience=hurried)

    assert isinstance(caught(gateway), TemporaryError)
    gateway.close()


def test_pain_17_a_connected_account_is_named_in_the_call(
    told_stripe: StripeGateway, script: Script
) -> None:
    """The account travels with each call; our own needs no name."""
    script.says(Answer(200, {"id": "pi_1", "object": "payment_intent"}))

    told_stripe.payment_intent("acct_1", "pi_1")
    told_stripe.payment_intent("", "pi_1")

    assert [asked.headers.get("stripe-account") for asked in script.asked] == ["acct_1", None]


def test_pain_07_everything_is_read_at_the_version_that_the_library_pins(
    told_stripe: StripeGateway, script: Script
) -> None:
    """Whatever version an endpoint's events carry."""
    script.says(Answer(200, {"id": "pi_1", "object": "payment_intent"}))

    told_stripe.payment_intent("", "pi_1")

    assert script.asked[0].headers["stripe-version"] == "2026-10-28.endive"


def test_metadata_is_written_under_our_own_key(told_stripe: StripeGateway, script: Script) -> None:
    """stripe-python's own key would change with every try."""
    script.says(Answer(200, {"id": "cus_1", "object": "customer"}))

    told_stripe.write_metadata("", ("customer", "cus_1"), {"a": "b"}, idempotency_key="fulfill/1")

    asked = script.asked[0]
    assert (asked.path, asked.body) == ("/v1/customers/cus_1", b"metadata[a]=b")
    assert asked.headers["idempotency-key"] == "fulfill/1"

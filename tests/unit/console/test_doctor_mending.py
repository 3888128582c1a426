"""What `fulfill check --fix` says before it acts, and what it sends to Stripe then."""

from __future__ import annotations

from typing import Any

import pytest

from console.doctor.endpoints import Registered
from console.doctor.mending import DESCRIPTION, Fixed, Mend, Register
from shared.events.routing import ROUTES
from shared.secrets import Secret

URL = "https://shop.example/webhooks/stripe"
FIRST, SECOND, *REST = sorted(ROUTES)


def endpoint(*events: str, enabled: bool = True) -> Registered:
    return Registered("we_1", enabled, "", frozenset(events), connect=False)


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (
            Register(URL, connect=False),
            f"register {URL} in Stripe for {len(ROUTES)} types of events of your own account",
        ),
        (
            Register(URL, connect=True),
            f"register {URL} in Stripe for {len(ROUTES)} types of events of connected accounts",
        ),
        (Mend(endpoint("*", enabled=False)), "change we_1 in Stripe: enable it"),
        (Mend(endpoint(SECOND, *REST)), f"change we_1 in Stripe: add {FIRST}"),
        (
            Mend(endpoint(*REST, enabled=False)),
            f"change we_1 in Stripe: enable it and add {FIRST}, {SECOND}",
        ),
    ],
)
def test_a_change_is_said_in_one_line_before_it_is_made(fix: object, said: str) -> None:
    """A person says yes to it; the audit log keeps the same line."""
    assert str(fix) == said


@pytest.mark.parametrize(
    ("fix", "path", "form"),
    [
        (
            Register(URL, connect=False),
            "/v1/webhook_endpoints",
            {"url": URL, "description": DESCRIPTION, "enabled_events[]": sorted(ROUTES)},
        ),
        (
            Register(URL, connect=True),
            "/v1/webhook_endpoints",
            {
                "url": URL,
                "description": DESCRIPTION,
                "connect": "true",
                "enabled_events[]": sorted(ROUTES),
            },
        ),
        (
            Mend(endpoint("*", enabled=False)),
            "/v1/webhook_endpoints/we_1",
            {"disabled": "false"},
        ),
        (
            Mend(endpoint("of.others", FIRST)),
            "/v1/webhook_endpoints/we_1",
            {"disabled": "false", "enabled_events[]": sorted({*ROUTES, "of.others"})},
        ),
    ],
    ids=["ours", "of connected accounts", "a star stays a star", "what others listen to stays"],
)
def test_nothing_is_taken_off_an_endpoint(fix: Any, path: str, form: dict[str, Any]) -> None:
    """Somebody may have added a type for a reason of their own."""
    assert (fix.path, fix.form) == (path, form)


def test_what_was_done_is_noted_without_the_secret() -> None:
    """Stripe shows it once, and the audit log is for everybody."""
    done = Fixed(Register(URL, connect=False), "we_1", Secret("whsec_fresh"))

    assert done.detail == {"did": str(done.fix)}
    assert "whsec_fresh" not in repr(done)

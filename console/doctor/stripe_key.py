"""The Stripe key: does Stripe know it, whose is it, and does our clock agree with Stripe's?"""

from __future__ import annotations

import re

from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import KNOCK, Visit
from webhooks.signature import TOLERANCE_SECONDS

ACCOUNT = re.compile(r"\bacct_\w+")
SKEW_WARN_SECONDS = 30
SKEW_FAIL_SECONDS = TOLERANCE_SECONDS - 60  # deliveries take time on their way, too


def look_at_stripe(visit: Visit) -> list[Finding]:
    """Mode, kind and account of the key."""
    settings = visit.settings
    if not settings.stripe_secret_key:
        told = "STRIPE_SECRET_KEY is not set, so no sale can be read"
        todo = "Take a restricted key from Stripe's Dashboard, Developers > API keys."
        return [fail("stripe", told, todo)]
    if visit.knock.status == 401:
        told = "Stripe does not know this key, so no sale can be read"
        return [fail("stripe", told, "Make a new STRIPE_SECRET_KEY, then restart the workers.")]
    if not visit.stripe_opens:
        told = f"{settings.stripe_api_base} {visit.knock.said}, so sales wait"
        todo = "Try again; if it stays, check STRIPE_API_BASE and the way out to the network."
        return [fail("stripe", told, todo)]
    mode = "live" if settings.livemode else "test"
    return [ok("stripe", f"a {_kind(visit)} key in {mode} mode, {_account(visit)}")]


def is_restricted(visit: Visit) -> bool:
    return visit.settings.stripe_secret_key.reveal().startswith("rk_")


def _kind(visit: Visit) -> str:
    return "restricted" if is_restricted(visit) else "secret"


def _account(visit: Visit) -> str:
    """A restricted key may not read its account; the refusal names it all the same."""
    named = visit.knock.body.get("id") or ACCOUNT.search(visit.knock.error)
    text = named.group() if isinstance(named, re.Match) else named
    return f"of {text}" if text else "of an account that it may not see"


def look_at_clock(visit: Visit) -> list[Finding]:
    """A signature's age is judged by our clock: one that is wrong refuses every delivery."""
    answer = visit.stripe.get(KNOCK)
    if answer.date is None:
        return [warn("clock", "Stripe's answer has no date to compare with", "Try again.")]
    ahead = round((visit.house.clock.now() - answer.date).total_seconds())
    told = f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} Stripe's"
    todo = "Set this machine's clock by NTP, and that of the machine where web runs."
    if abs(ahead) > SKEW_FAIL_SECONDS:
        limit = f"a signature may be {TOLERANCE_SECONDS} s off, so deliveries are refused"
        return [fail("clock", f"{told}; {limit}", todo)]
    if abs(ahead) > SKEW_WARN_SECONDS:
        return [warn("clock", told, todo)]
    return [ok("clock", "agrees with Stripe's to half a minute")]

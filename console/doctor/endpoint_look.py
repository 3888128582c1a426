"""Does Stripe deliver to us what we listen to? The endpoints as they are registered there."""

from __future__ import annotations

from collections.abc import Sequence

from console.doctor.endpoints import Registered, at_our_address
from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from webhooks.app import WEBHOOK_PATH

LIST = "/v1/webhook_endpoints?limit=100"  # Stripe allows sixteen
SHOWN = 3  # event types that are named; --fix adds them all
MEND = '"fulfill check --fix" does it, or Stripe\'s Dashboard, Developers > Webhooks.'


def look_at_endpoints(visit: Visit) -> list[Finding]:
    """Our own account's endpoint, and the one for connected accounts where any is served."""
    answer = visit.stripe.get(LIST)
    if answer.status == 403:
        told = "can't be seen: the key may not read webhook endpoints"
        return [warn("endpoint", told, "Compare it by hand with docs/3-events.md.")]
    if answer.status != 200:
        told = f"can't be seen: Stripe {answer.said}"
        return [warn("endpoint", told, "Try again in a while.")]
    url = public_url(visit)
    if not url:
        told = "STRIPE_PUBLIC_BASE_URL is not set, so ours can't be told from others"
        todo = "Set it to the address under which Stripe reaches web."
        return [warn("endpoint", told, todo)]
    ours = at_our_address(answer.rows, url)
    found = [*endpoint_findings([one for one in ours if not one.connect], "endpoint", url)]
    if serves_others(visit):
        connected = [one for one in ours if one.connect]
        found += endpoint_findings(connected, "connect endpoint", url)
    return found


def public_url(visit: Visit) -> str:
    """Where Stripe delivers to; "" when it is not known."""
    base = visit.settings.stripe_public_base_url
    return f"{base}{WEBHOOK_PATH}" if base else ""


def serves_others(visit: Visit) -> bool:
    """Whether events of connected accounts are awaited: only a Connect endpoint gets them."""
    others = {one.account for one in visit.served} | set(visit.settings.stripe_accounts)
    return bool(others - {""})


def endpoint_findings(ours: Sequence[Registered], name: str, url: str) -> list[Finding]:
    """One finding for each endpoint at our address, and one for two of a kind."""
    if not ours:
        told = f"no {name} is registered for {url}, so Stripe delivers nothing there"
        return [fail(name, told, f"Register it: {MEND}")]
    found = [_endpoint(one, name) for one in ours]
    if (sending := sum(one.enabled for one in ours)) > 1:
        told = f"{sending} with the same address: each event comes twice, signed differently"
        found.append(warn(name, told, "One is enough: take the other out in Stripe's Dashboard."))
    return found


def _endpoint(endpoint: Registered, name: str) -> Finding:
    version = f"API version {endpoint.api_version or 'of the account'}"
    told = f"{endpoint.id}, {version}"
    if not endpoint.enabled:
        return fail(name, f"{told}: disabled, so Stripe delivers nothing", f"Enable it: {MEND}")
    missing = endpoint.missing
    if missing:
        told += f": does not send {_named(missing)}, so what these tell is noticed late"
        return fail(name, told, f"Add the event types: {MEND}")
    extra = endpoint.superfluous
    more = f"; {len(extra)} more are sent, which is harmless" if extra else ""
    return ok(name, f"{told}, enabled, sends all that we listen to{more}")


def _named(types: list[str]) -> str:
    rest = len(types) - SHOWN
    return ", ".join(types[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")

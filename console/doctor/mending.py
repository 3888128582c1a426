"""`fulfill check --fix`: registers the webhook endpoint in Stripe, or mends what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from console.context import CommandError
from console.doctor.endpoint_look import LIST, public_url, serves_others
from console.doctor.endpoints import ALL, Registered, at_our_address
from console.doctor.visit import Visit
from console.doctor.wire import Answer
from shared.events.routing import ROUTES
from shared.secrets import Secret

ENDPOINTS = "/v1/webhook_endpoints"
DESCRIPTION = "Fulfillment in LicenseKit"


@dataclass(frozen=True, slots=True)
class Register:
    """A new endpoint, for our own account's events or for those of connected accounts."""

    url: str
    connect: bool

    def __str__(self) -> str:
        whose = "of connected accounts" if self.connect else "of your own account"
        return f"register {self.url} in Stripe for {len(ROUTES)} types of events {whose}"

    @property
    def path(self) -> str:
        return ENDPOINTS

    @property
    def form(self) -> dict[str, Any]:
        connect = {"connect": "true"} if self.connect else {}
        events = {"enabled_events[]": sorted(ROUTES)}
        return {"url": self.url, "description": DESCRIPTION, **connect, **events}


@dataclass(frozen=True, slots=True)
class Mend:
    """An endpoint that is there: enable it, and add what it does not send. Nothing is taken off."""

    endpoint: Registered

    def __str__(self) -> str:
        missing, enabled = self.endpoint.missing, self.endpoint.enabled
        add = f"add {', '.join(missing)}" if missing else ""
        deeds = [deed for deed in ("" if enabled else "enable it", add) if deed]
        return f"change {self.endpoint.id} in Stripe: {' and '.join(deeds)}"

    @property
    def path(self) -> str:
        return f"{ENDPOINTS}/{self.endpoint.id}"

    @property
    def form(self) -> dict[str, Any]:
        events = sorted(self.endpoint.events | set(self.endpoint.missing))
        sent = {} if ALL in self.endpoint.events else {"enabled_events[]": events}
        return {"disabled": "false", **sent}


Fix = Register | Mend


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of it. Stripe shows the secret of a new endpoint once."""

    fix: Fix
    endpoint_id: str
    secret: Secret | None

    @property
    def detail(self) -> Mapping[str, object]:
        """For the audit log."""
        return {"did": str(self.fix)}


def find_fixes(visit: Visit) -> list[Fix]:
    """What has to be done in Stripe; none when all is well. Raises CommandError when not known."""
    url = public_url(visit)
    if not url:
        raise _unknown(
            "STRIPE_PUBLIC_BASE_URL is not set.",
            todo="Set it to the address under which Stripe reaches web, without a path.",
        )
    answer = visit.stripe.get(LIST)
    if answer.status != 200:
        raise _refused("did not show its webhook endpoints", answer)
    return list(_fixes(at_our_address(answer.rows, url), url, others=serves_others(visit)))


def _fixes(ours: list[Registered], url: str, *, others: bool) -> Iterator[Fix]:
    for connect in (False, True) if others else (False,):
        found = [one for one in ours if one.connect is connect]
        if not found:
            yield Register(url, connect)
        # one that works is enough: a second one would only send everything twice
        elif not any(one.enabled and not one.missing for one in found):
            yield Mend(next((one for one in found if one.enabled), found[0]))


def carry_out(fix: Fix, visit: Visit) -> Fixed:
    """Raises CommandError when Stripe refuses."""
    answer = visit.stripe.post(fix.path, fix.form)
    if answer.status != 200:
        raise _refused(f"did not {fix}", answer)
    secret = answer.body.get("secret")
    return Fixed(fix, str(answer.body["id"]), Secret(secret) if secret else None)


def take_back(fixed: Fixed, visit: Visit) -> None:
    """Remove an endpoint whose secret could not be kept: its deliveries would all be refused."""
    visit.stripe.delete(f"{ENDPOINTS}/{fixed.endpoint_id}")


def _refused(what: str, answer: Answer) -> CommandError:
    if answer.status == 403:
        return _unknown(
            f"Stripe {what}: the key may not.",
            todo='Set "Webhook Endpoints" to write at the key, or do it in Stripe\'s Dashboard.',
        )
    if answer.status == 401:
        return _unknown(f"Stripe {what}: it does not know the key.", todo="Mend STRIPE_SECRET_KEY.")
    if answer.status is None:
        return _unknown(
            f"Stripe gave no answer, so it may or may not have done what was asked ({what}).",
            todo="Look with \"fulfill check\"; a new endpoint's secret is in Stripe's Dashboard.",
        )
    # Stripe's words about the request: an address that it can't reach, a plan's limit
    why = f"{answer.said}: {answer.error}" if answer.error else answer.said
    return _unknown(f"Stripe {what}: it {why}.", todo="Mend what it names, then run it again.")


def _unknown(happened: str, *, todo: str) -> CommandError:
    return CommandError(
        happened,
        means="Nothing was changed; what Stripe does not deliver waits to be found by a sweep.",
        todo=todo,
        heals="It does not heal by itself.",
    )

"""Redis, Stripe and LicenseKit: do they answer us, with the keys we have?"""

from __future__ import annotations

import httpx
from redis import RedisError

from console.doctor.findings import Finding, fail, ok, warn
from shared.queue import connect
from shared.secrets import Secret
from shared.settings import Settings
from worker.gateways.licensekit import DIRECT

ANSWER_SECONDS = 10.0  # a person waits; both answer a cheap read in well under one


def check_redis(settings: Settings) -> Finding:
    """Redis carries only wake-ups: without it sales are late, not lost."""
    if not settings.redis_url:
        return warn(
            "redis",
            "REDIS_URL is not set",
            '"fulfill up" runs a Redis of its own; programs started by hand need REDIS_URL.',
        )
    connection = connect(settings.redis_url)
    try:
        connection.ping()
    except RedisError as error:
        return fail(
            "redis",
            f"no answer ({type(error).__name__}), so no worker is woken",
            "Start it or correct REDIS_URL. Nothing is lost: sales wait in the database.",
        )
    finally:
        connection.close()
    return ok("redis", "answers")


def check_stripe(settings: Settings) -> Finding:
    """One of the reads that every pass over a subscription begins with."""
    if not settings.stripe_secret_key:
        return fail(
            "stripe",
            "STRIPE_SECRET_KEY is not set, so no sale can be read",
            "Take a restricted key from Stripe's Dashboard, Developers > API keys.",
        )
    status = _status(
        f"{settings.stripe_api_base}/v1/subscriptions?limit=1", settings.stripe_secret_key
    )
    mode = "live" if settings.livemode else "test"
    match status:
        case 200:
            return ok("stripe", f"the key is valid, {mode} mode")
        case 401:
            return fail("stripe", "Stripe does not know this key", "Make a new STRIPE_SECRET_KEY.")
        case 403:
            return fail(
                "stripe",
                "the key may not read subscriptions",
                "Give the restricted key the permissions that the README lists.",
            )
    return fail(
        "stripe",
        f"{settings.stripe_api_base} {_said(status)}",
        "Try again; if it stays, check STRIPE_API_BASE and the way out to the network.",
    )


def check_accounts(settings: Settings) -> list[Finding]:
    """Each connected account: does it let our key read its sales? None without a key."""
    if not settings.stripe_secret_key:
        return []
    return [_account(settings, account) for account in settings.stripe_accounts]


def _account(settings: Settings, account: str) -> Finding:
    status = _status(
        f"{settings.stripe_api_base}/v1/subscriptions?limit=1",
        settings.stripe_secret_key,
        account=account,
    )
    match status:
        case 200:
            return ok("account", f"{account} can be read")
        case 401 | 403:
            return fail(
                "account",
                f"{account} does not let our key read it, so its sales wait",
                "Have it connect again, or take it out of STRIPE_ACCOUNTS.",
            )
    return fail("account", f"Stripe {_said(status)} for {account}", "Try again in a while.")


def check_licensekit(settings: Settings) -> Finding:
    """A read with our token; the embedded one is a part of the web process."""
    if not settings.licensekit_api_token:
        return fail(
            "licensekit",
            "LICENSEKIT_API_TOKEN is not set, so no license can be issued",
            '"fulfill init" makes one for the embedded LicenseKit; a hosted one gives you its own.',
        )
    status = _status(
        f"{settings.licensekit_url}/api/v1/products?limit=1", settings.licensekit_api_token
    )
    kind = "embedded" if settings.embedded else "hosted"
    if status == 200:
        return ok("licensekit", f"the {kind} one answers at {settings.licensekit_url}")
    if status in (401, 403):
        return fail(
            "licensekit",
            f"the {kind} one refuses our token ({status})",
            "Correct LICENSEKIT_API_TOKEN; it needs the scope product:read among others.",
        )
    todo = "Correct LICENSEKIT_BASE_URL, or look at LicenseKit's own status."
    if settings.embedded:
        todo = 'Start the web process: "fulfill up", or uvicorn console.asgi:app.'
    return fail("licensekit", f"the {kind} one at {settings.licensekit_url} {_said(status)}", todo)


def _status(url: str, token: Secret, *, account: str = "") -> int | None:
    """The status of a GET, or None when there is no answer at all."""
    try:
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        if account:
            headers["Stripe-Account"] = account
        with httpx.Client(headers=headers, timeout=ANSWER_SECONDS, mounts=DIRECT) as client:
            return client.get(url).status_code
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return None


def _said(status: int | None) -> str:
    return "gives no answer" if status is None else f"answers {status}"

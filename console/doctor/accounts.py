"""Other accounts than our own: does each let us read its sales?"""

from __future__ import annotations

from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from shared.accounts import ServedAccount
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError

READ = "/v1/subscriptions"  # passes begin with such a read


def look_at_accounts(visit: Visit) -> list[Finding]:
    """Each of STRIPE_ACCOUNTS, with our own key. Those that have our app have their own look."""
    with_app = {one.account for one in visit.installed if one.livemode == visit.settings.livemode}
    named = [one for one in visit.settings.stripe_accounts if one not in with_app]
    return [_account(visit, account) for account in named]


def look_at_installed(visit: Visit) -> list[Finding]:
    """Each account that installed our app, with its own token, which is renewed where it ran out.

    Without encryption keys none can be read; that is told already.
    """
    if not visit.installed or not visit.settings.encryption_keys:
        return []
    with visit.clients() as deps:
        return [_installed(one, deps) for one in sorted(visit.installed)]


def _installed(which: ServedAccount, deps: Deps) -> Finding:
    name = f"account {which}"
    try:
        deps.of(which.account, which.livemode).stripe.lists.page(which.account, READ, {}, limit=1)
    except PermanentError as error:
        told = f"{_first(error)}, so its sales wait"
        return fail(name, told, "Have it install the app again: /stripe/oauth/install.")
    except TemporaryError as error:
        return warn(name, _first(error), "Try again in a while; its sales wait meanwhile.")
    return ok(name, "has our app installed, and can be read")


def _first(error: Exception) -> str:
    """The first sentence: the others are for a sale."""
    return str(error).partition(". ")[0].rstrip(".")


def _account(visit: Visit, account: str) -> Finding:
    name = f"account {account}"
    answer = visit.stripe.get(f"{READ}?limit=1", account=account)
    match answer.status:
        case 200:
            return ok(name, "can be read")
        case 401 | 403:
            return fail(
                name,
                "does not let our key read it, so its sales wait",
                "Have it connect again, give a restricted key its permissions for connected "
                "accounts too, or take it out of STRIPE_ACCOUNTS.",
            )
    return fail(name, f"Stripe {answer.said} for it", "Try again in a while.")

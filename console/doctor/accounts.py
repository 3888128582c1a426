"""Connected accounts: does each let our key read its sales?"""

from __future__ import annotations

from console.doctor.findings import Finding, fail, ok
from console.doctor.visit import Visit


def look_at_accounts(visit: Visit) -> list[Finding]:
    """Each of STRIPE_ACCOUNTS, with one of the reads that passes begin with."""
    return [_account(visit, account) for account in visit.settings.stripe_accounts]


def _account(visit: Visit, account: str) -> Finding:
    name = f"account {account}"
    answer = visit.stripe.get("/v1/subscriptions?limit=1", account=account)
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

"""The permissions of a restricted key, one by one, by requests that can change nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import assert_never

from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.permissions import PERMISSIONS, Permission
from console.doctor.stripe_key import is_restricted
from console.doctor.visit import Visit
from console.doctor.wire import Answer

NOBODY = "fulfillcheck"  # no object has such an id
AT_ONCE = 4  # together with the other looks well below Stripe's 25 a second in test mode


def look_at_permissions(visit: Visit) -> list[Finding]:
    """One finding each. A secret key may do everything, so nothing is tried with it."""
    if not is_restricted(visit):
        told = "a secret key may do everything; a restricted one does less harm when it leaks"
        return [ok("permissions", told)]
    wanted = [one for one in PERMISSIONS if _is_needed(one, visit)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda one: _try(one, visit), wanted)
        return [_finding(one, answer) for one, answer in zip(wanted, answers, strict=True)]


def _is_needed(permission: Permission, visit: Visit) -> bool:
    match permission.need:
        case "always" | "check":
            return True
        case "test":
            return not visit.settings.livemode
        case "entitlements":
            return any(mapping.terms.entitlements for mapping in visit.catalog.all_current())
    assert_never(permission.need)


def _try(permission: Permission, visit: Visit) -> Answer:
    """Stripe looks at the permission before it looks for the object."""
    if permission.level == "read":
        return visit.stripe.get(f"{permission.path}?limit=1")
    nobody = f"{permission.path}/{permission.sample}{NOBODY}"
    return visit.stripe.post(nobody, {f"metadata[{NOBODY}]": "1"})


def _finding(permission: Permission, answer: Answer) -> Finding:
    name = f"permission {permission.name}"
    match answer.status:
        case 200 | 400 | 404:
            return ok(name, f"{permission.level}: {permission.why.replace('`', '')}")
        case 403:
            tell = warn if permission.need == "check" else fail
            return tell(
                name,
                f"lacks {permission.level}, so {permission.without}",
                f'Set "{permission.name}" to {permission.level} at the key in Stripe\'s '
                "Dashboard, Developers > API keys; what waits goes on by itself.",
            )
    return warn(name, f"can't be told: Stripe {answer.said}", "Try again in a while.")

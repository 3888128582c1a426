"""All looks, in the order in which a sale meets what they look at. They are taken side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from console.doctor.accounts import look_at_accounts, look_at_installed
from console.doctor.endpoint_look import look_at_endpoints
from console.doctor.environment import look_at_environment
from console.doctor.findings import Finding, fail
from console.doctor.inbox import look_at_database, look_at_queue
from console.doctor.keys import look_at_escrow, look_at_undelivered
from console.doctor.licensekit import look_at_licensekit
from console.doctor.permission_looks import look_at_permissions
from console.doctor.scheduler import look_at_scheduler, look_at_sweeps
from console.doctor.selling import look_at_mappings, look_at_offers, look_at_problems
from console.doctor.signing import look_at_signing_secrets
from console.doctor.stripe_key import look_at_clock, look_at_stripe
from console.doctor.visit import House, Visit, pay_visit
from console.doctor.wakeups import look_at_redis, look_at_workers

AT_ONCE = 8  # Stripe allows 25 requests a second in test mode; each look asks a few


@dataclass(frozen=True, slots=True)
class Look:
    """`needs` names what must open for the look to have a sense: its own finding tells of it."""

    group: str
    take: Callable[[Visit], Iterable[Finding]]
    needs: frozenset[str] = frozenset()


DATABASE, STRIPE = frozenset({"database"}), frozenset({"stripe"})

LOOKS = (
    Look("settings", look_at_environment),
    Look("delivery", look_at_endpoints, STRIPE),
    Look("delivery", look_at_signing_secrets, DATABASE),
    Look("delivery", look_at_clock, STRIPE),
    Look("inbox", look_at_database),
    Look("inbox", look_at_queue, DATABASE),
    Look("workers", look_at_redis),
    Look("workers", look_at_workers),
    Look("workers", look_at_scheduler, DATABASE),
    Look("workers", look_at_sweeps, DATABASE),
    Look("stripe", look_at_stripe),
    Look("stripe", look_at_permissions, STRIPE),
    Look("stripe", look_at_accounts, STRIPE),
    Look("stripe", look_at_installed, DATABASE),
    Look("mappings", look_at_mappings, DATABASE),
    Look("mappings", look_at_offers, DATABASE),
    Look("licensekit", look_at_licensekit),
    Look("buyers", look_at_problems, DATABASE),
    Look("buyers", look_at_escrow, DATABASE),
    Look("buyers", look_at_undelivered, DATABASE),
)


def examine(house: House) -> list[Finding]:
    """What every look that has a sense found; none of them raises."""
    with pay_visit(house) as visit, ThreadPoolExecutor(AT_ONCE) as pool:
        opens = {name for name, it in _doors(visit).items() if it}
        taken = [look for look in LOOKS if look.needs <= opens]
        return [one for found in pool.map(lambda look: _take(look, visit), taken) for one in found]


def _doors(visit: Visit) -> dict[str, bool]:
    return {"database": visit.database_opens, "stripe": visit.stripe_opens}


def _take(look: Look, visit: Visit) -> list[Finding]:
    name = look.take.__name__.removeprefix("look_at_").replace("_", " ")
    try:
        return [replace(one, group=look.group) for one in look.take(visit)]
    except Exception as error:
        # only its kind: its text may hold anything
        told = f"could not be looked at ({type(error).__name__})"
        return [replace(fail(name, told, "Try again; if it stays, report it."), group=look.group)]

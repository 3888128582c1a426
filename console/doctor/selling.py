"""What is sold: the mappings, what Stripe offers without one, and what waits for a person."""

from __future__ import annotations

import sqlalchemy as sa

from console.doctor.findings import Finding, ok, warn
from console.doctor.visit import Visit
from console.stripe_offers import offers_from
from mappings.offers import Offer, unmapped
from shared.accounts import ServedAccount
from shared.database import reading
from shared.tables import problems
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError

SHOWN = 3  # offers that are named; "fulfill mappings check" has them all


def look_at_mappings(visit: Visit) -> list[Finding]:
    """Is anything mapped, and nothing for an account that is not served?"""
    served = {(one.account, one.livemode) for one in visit.served}
    livemodes = {one.livemode for one in visit.served}
    mapped = [one for one in visit.catalog.all_current() if one.livemode in livemodes]
    strangers = sorted({one.account for one in mapped if (one.account, one.livemode) not in served})
    if strangers:
        told = f"some are for accounts whose events are refused: {', '.join(strangers)}"
        todo = "Add the accounts to STRIPE_ACCOUNTS, or retire their mappings."
        return [warn("mappings", told, todo)]
    if mapped:
        return [ok("mappings", f"{len(mapped)} in the mode that is served")]
    told = "none in the mode of the Stripe key, so nothing that is sold has a license"
    return [warn("mappings", told, "Map a price: fulfill mappings set price_… --policy pol_…")]


def look_at_offers(visit: Visit) -> list[Finding]:
    """Each served account's active prices that no mapping covers.

    Without encryption keys there are no clients to ask with; that is told already.
    """
    if not visit.settings.encryption_keys:
        return []
    reached = [one for one in visit.served if visit.stripe_opens or one in visit.installed]
    with visit.clients() as deps:
        return [_offers(visit, served, deps) for served in reached]


def _offers(visit: Visit, served: ServedAccount, deps: Deps) -> Finding:
    name = f"prices {served.account}".strip()
    try:
        stripe = deps.of(served.account, served.livemode).stripe
        offers = offers_from(stripe, served.account)
    except (TemporaryError, PermanentError) as error:
        reason = str(error).partition(":")[0]
        return warn(name, f"can't be compared with the mappings: {reason}", "Try again in a while.")
    lacking = unmapped(visit.catalog, offers, account=served.account, livemode=served.livemode)
    if not lacking:
        return ok(name, f"all {len(offers)} active prices are mapped")
    told = f"{len(lacking)} active and not mapped, so whoever buys them waits: {_named(lacking)}"
    todo = (
        'Map them: fulfill mappings set price_… --policy pol_…; "fulfill mappings check" has all.'
    )
    return warn(name, told, todo)


def _named(offers: list[Offer]) -> str:
    names = [f"{offer.price_id} ({offer.name})" for offer in offers[:SHOWN]]
    return ", ".join([*names, "…"] if len(offers) > SHOWN else names)


def look_at_problems(visit: Visit) -> list[Finding]:
    """What waits for a person, by its cause."""
    number = sa.func.count()
    query = sa.select(problems.c.cause, number).group_by(problems.c.cause)
    with reading(visit.house.engine) as connection:
        by_cause = connection.execute(query.order_by(number.desc(), problems.c.cause)).all()
    if not by_cause:
        return [ok("problems", "none waits for a person")]
    causes = ", ".join(f"{count} {cause}" for cause, count in by_cause)
    told = f"{sum(count for _, count in by_cause)} wait for a person: {causes}"
    return [warn("problems", told, '"fulfill problems" has the command that releases each.')]

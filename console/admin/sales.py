"""`sales/{id}`: a sale's story, its plan, and a pass over it now. Any id leads to its sale."""

from __future__ import annotations

from msgspec import Struct

from console.admin.faults import unknown
from console.admin.served import Account, not_served
from console.admin.values import Answer, Call, NoQuery
from console.audit import Deed, note
from console.context import CommandError
from console.http import HttpError
from console.outcomes import Outcome, bring_to_rest
from console.plans import danger_of, plan_json, terms_of
from console.resolve import Choice, SeveralSales, resolve_one
from console.served import NotServed
from console.story import find, read_lone_events, read_stories
from console.story.advice import advise
from shared.database import reading, transaction
from shared.keys import SaleKey
from worker.closing import Seen
from worker.deps import Deps
from worker.lease import find_sale
from worker.reconcile import preview


class WhichQuery(Struct, frozen=True):
    """Narrows an id that stands for several sales, and says where one unknown here is looked up.

    Without them: as the sale is known, else your own account and the Stripe key's mode.
    """

    account: Account | None = None
    livemode: bool | None = None


class ReconcileBody(Struct, frozen=True):
    """`force` lets the plan pass the guard, and nothing else. See the plan first."""

    force: bool = False


def get_sale(call: Call[NoQuery, None]) -> Answer:
    """As `fulfill show --json`."""
    name = call.path_id
    with reading(call.desk.engine) as connection:
        found = find(connection, name)
        if not found:
            raise unknown(name, "A sale that Stripe knows is fetched by POST …/reconcile.")
        stories = read_stories(connection, found.sale_ids)
        lone = read_lone_events(connection, found.event_ids)
    return Answer(
        {
            "id": name,
            "sales": [story.as_json(advise(story, now=call.now)) for story in stories],
            "events": [event.as_json() for event in lone],
        }
    )


def get_plan(call: Call[WhichQuery, None]) -> Answer:
    """As `fulfill plan --json`. Reads both services and changes nothing."""
    key = _which(call)
    with call.desk.passes() as deps:
        seen = _look(key, deps)
        return Answer(plan_json(seen, terms_of(seen, deps), danger_of(seen, deps)))


def reconcile_sale(call: Call[WhichQuery, ReconcileBody]) -> Answer:
    """A pass now, in this program. 202 while a worker is at the sale, whose pass will do."""
    key = _which(call)
    with call.desk.passes() as deps:
        if _is_new(key, deps):  # an id that leads nowhere leaves no row behind
            _look(key, deps)
        _note(call, key)
        outcome = bring_to_rest(key, deps, call.caller.who if call.body.force else "")
    return _answer(outcome)


def _answer(outcome: Outcome) -> Answer:
    if outcome.status == "refused":
        raise HttpError(
            409,
            "GUARD_REFUSED",
            "The guard refused the plan. Nothing was changed, and the buyer keeps what stands. "
            'Look at the plan; the body {"force": true} carries it out. It does not heal by '
            "itself: mend the mapping, or the Stripe key, that asks for it.",
            outcome.error,
        )
    return Answer(outcome.as_json(), status=202 if outcome.status == "busy" else 200)


def _note(call: Call[WhichQuery, ReconcileBody], key: SaleKey) -> None:
    """Before the pass: what it did stands in the journal, whose pass may outlive this request."""
    deed = Deed(call.caller.who, "reconcile", str(key), {"force": call.body.force})
    with transaction(call.desk.engine) as tx:
        note(tx, deed, now=call.now)


def _which(call: Call[WhichQuery, ReconcileBody] | Call[WhichQuery, None]) -> SaleKey:
    choice = Choice(call.query.account, call.query.livemode, call.desk.settings)
    try:
        with reading(call.desk.engine) as connection:
            return resolve_one(connection, call.path_id, choice)
    except SeveralSales as error:
        raise HttpError(409, "SEVERAL_SALES", str(error)) from None
    except NotServed as error:
        raise not_served(error) from None
    except CommandError as error:
        raise HttpError(404, "NOT_FOUND", str(error)) from None


def _look(key: SaleKey, deps: Deps) -> Seen:
    """Snapshot and plan. Raises HttpError 404 where neither we nor Stripe know the sale."""
    seen = preview(key, deps)
    if seen.bought.stage == "missing" and _is_new(key, deps):
        raise HttpError(404, "MISSING_IN_STRIPE", seen.bought.reason)
    return seen


def _is_new(key: SaleKey, deps: Deps) -> bool:
    with reading(deps.engine) as connection:
        return find_sale(connection, key) is None

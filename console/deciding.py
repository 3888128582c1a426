"""What `fulfill hold`, `cancel` and `release` share: show it, write it down, carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from console.commands.options import AccountOption, JsonOption, LiveOption
from console.commands.plan import plan_lines
from console.commands.reconcile import AT_REST, outcome_page
from console.context import FAULT, CommandError, Context
from console.decisions import Ruling, Verb, Wish, choose, decide, decision_json
from console.fulfillments.values import sale_json
from console.outcomes import bring_to_rest
from console.passes import open_passes
from console.resolve import Choice, resolve_one
from console.stripe_words import say_billing
from console.sweeps import person
from shared.database import reading
from shared.keys import SaleKey
from worker.closing import Seen
from worker.decisions import read_open
from worker.deps import Deps
from worker.lease import find_sale
from worker.plan.explain import as_json
from worker.reconcile import preview, suppose
from worker.state import Decision

__all__ = [
    "AccountOption",
    "Asked",
    "DryRunOption",
    "JsonOption",
    "LiveOption",
    "NameArgument",
    "ReasonOption",
    "carry_out",
]

NameArgument = Annotated[str, typer.Argument(metavar="ID", help="A sale, or any id of it.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why, for whoever looks at the sale later.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done and change nothing.")
]
FINAL = (
    "A license that is revoked stays revoked: LicenseKit has no way back. After a release the "
    "buyer gets a new license with a new key, where the sale is paid."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line."""

    name: str
    account: str | None
    live: bool | None
    reason: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What holds now, what would hold, and what a pass would do then."""

    before: Decision | None
    after: Decision | None
    seen: Seen
    words: tuple[str, ...]  # what a person must know beforehand

    def as_json(self) -> dict[str, Any]:
        return {
            "sale": sale_json(self.seen.key),
            "before": decision_json(self.before),
            "decision": decision_json(self.after),
            "plan": as_json(self.seen.plan),
            "know": list(self.words),
        }


def carry_out(verb: Verb, asked: Asked, *, json: bool) -> None:
    """Exit status 1 when the sale is not at rest afterwards."""
    with open_passes(json=json) as (context, deps):
        wish = Wish(verb, asked.reason, person())
        ahead = _look(context, deps, asked, wish)
        if not json:
            context.show(_page(ahead))
        if asked.dry_run:
            told = {**ahead.as_json(), "dry_run": True, "outcome": None}
            context.answer(told, lambda: "Nothing was changed.")
            return
        done = decide(context.engine, ahead.seen.key, wish, now=context.clock.now())
        outcome = bring_to_rest(done.sale, deps, "")
        decided = {"decision": decision_json(done.after), "outcome": outcome.as_json()}
        context.answer(
            {**ahead.as_json(), "dry_run": False, **decided},
            lambda: Text("\n").join([Text(_said(done)), outcome_page([outcome])]),
        )
    if outcome.status not in AT_REST:
        raise typer.Exit(FAULT)


def _look(context: Context, deps: Deps, asked: Asked, wish: Wish) -> _Ahead:
    """The sale as it stands, and as it would. Raises CommandError where the wish can't be."""
    choice = Choice(asked.account, asked.live, context.settings)
    with reading(context.engine) as connection:
        key = resolve_one(connection, asked.name.strip(), choice)
    seen = preview(key, deps)
    with reading(context.engine) as connection:
        sale_id = find_sale(connection, seen.key)
        before = None if sale_id is None else read_open(connection, sale_id)
    if seen.bought.stage == "customer" or (seen.bought.stage == "missing" and sale_id is None):
        raise _no_sale(seen.key)
    after = choose(before, wish, seen.key, now=context.clock.now())
    final = wish.verb == "cancel" or (before is not None and before.kind == "cancel")
    billing = say_billing(seen.bought) if wish.verb != "release" else ""
    words = tuple(text for text in (FINAL if final else "", billing) if text)
    return _Ahead(before, after, suppose(seen, after, deps), words)


def _page(ahead: _Ahead) -> Text:
    lines = plan_lines(ahead.seen)
    lines += [Text(f"  {text}", "bold") for text in ahead.words]
    return Text("\n").join(lines)


def _said(done: Ruling) -> str:
    if not done.changed and done.after is not None:
        return f"{done.sale.id} was so already: {done.after.by}, {done.after.reason}"
    if done.after is None:
        return f"{done.sale.id} is released: billing decides again."
    verb = "held" if done.after.kind == "hold" else "canceled"
    return f'{done.sale.id} is {verb} until "fulfill release {done.sale.id} --reason …".'


def _no_sale(key: SaleKey) -> CommandError:
    return CommandError(
        f"{key.id} is no sale that Stripe or we know.",
        means="Nothing was decided, and every buyer keeps what stands.",
        todo="Give the id of the sale itself, or any id that fulfill show knows.",
        heals="It does not heal by itself.",
    )

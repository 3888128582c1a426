"""`fulfill retry`: makes sales due again, for the workers. Which ones: `console.retries`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from redis import RedisError
from rich.progress import track

from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of
from console.commands.statuses import status_of
from console.context import Context, open_context
from console.fulfillments.values import STATUSES, sale_json
from console.retries import Received, Wanted
from console.retrying import FIRST, Ahead, Batches, Retry, carry_out, look_ahead
from console.sweeps import person
from shared.database import reading
from shared.events.parsing import Served
from shared.keys import SaleKey
from shared.queue import wake

app = typer.Typer()


@app.command("retry")
def retry(  # noqa: PLR0913 - one option each
    *,
    events: Annotated[
        list[str] | None, typer.Argument(metavar="EVT…", help="Stripe's event ids, evt_….")
    ] = None,
    sale: Annotated[
        str | None, typer.Option("--sale", help="Stripe's sub_…, cs_… or in_….")
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Stripe's cus_… or LicenseKit's cust_….")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", help=f"Of the last pass: {', '.join(STATUSES)}. May be repeated."),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Short for --status failed.")] = False,
    blocked: Annotated[bool, typer.Option("--blocked", help="Short for --status blocked.")] = False,
    cause: Annotated[
        str | None, typer.Option("--cause", help='With such a problem; see "fulfill problems".')
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="With an event of this type: invoice.paid.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be raised and change nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Have workers look at sales again: by event, sale, customer, status, type or time.

    What is given narrows the rest: --failed --since 24h are sales that failed and of which an event
    came in since. Of several events or statuses, any one will do. Safe at any time, any number of
    times: a sale at rest settles without a change. "fulfill reconcile" does it here and now.
    Events that were refused count too once their mode or account is served.

    Examples:

      fulfill retry evt_1

      fulfill retry --failed --blocked --dry-run

      fulfill retry --customer cus_1 --since 24h --type invoice.paid
    """
    names = [*(status or []), *["failed"] * failed, *["blocked"] * blocked]
    statuses = tuple(dict.fromkeys(map(status_of, names)))
    with open_context(json=json) as context:
        now = context.clock.now()
        received = Received(
            since=moment_of(since, now=now, option="--since"),
            until=moment_of(until, now=now, option="--until"),
            type=event_type,
        )
        wanted = Wanted(tuple(events or ()), sale, customer, statuses, received, cause)
        _answer(context, wanted, dry_run=dry_run)


def _answer(context: Context, wanted: Wanted, *, dry_run: bool) -> None:
    if not wanted:
        raise typer.BadParameter(
            "give event ids, --sale, --customer, --status, --failed, --blocked, --cause, --type, "
            "--since or --until"
        )
    with reading(context.engine) as connection:
        served = Served.by(context.settings).as_of_now(connection)
    asked = Retry(wanted, served, person())
    if dry_run:
        _show(context, look_ahead(context.engine, asked))
    else:
        _raise(context, asked)


def _show(context: Context, ahead: Ahead) -> None:
    context.answer({**ahead.as_json(), "dry_run": True}, lambda: ahead_page(ahead))


def ahead_page(ahead: Ahead) -> str:
    """How many, by status, and the first of them."""
    lines = [f"{_sales(len(ahead.chosen))} would be due."]
    lines += [f"  {number} {status}" for status, number in ahead.by_status.items()]
    lines += [f"  {one.key}  {one.status or ''}".rstrip() for one in ahead.chosen[:FIRST]]
    more = len(ahead.chosen) - FIRST
    lines += [f"  and {more} more"] if more > 0 else []
    return "\n".join([*lines, "Nothing was changed."])


def _raise(context: Context, asked: Retry) -> None:
    def shown(parts: Sequence[list[SaleKey]]) -> Batches:
        quiet = context.json or len(parts) < 2
        return track(parts, "Raising", console=context.err, disable=quiet)

    raised = carry_out(context.engine, asked, now=context.clock.now(), shown=shown)
    woken = _wake(context) if raised else False
    context.answer(
        {"raised": [sale_json(key) for key in raised], "woken": woken},
        lambda: f"{_sales(len(raised))} {'is' if len(raised) == 1 else 'are'} due now.",
    )


def _sales(number: int) -> str:
    return "1 sale" if number == 1 else f"{number} sales"


def _wake(context: Context) -> bool:
    """Whether a worker was woken. Without Redis nothing is lost: the database is the queue."""
    try:
        if context.settings.redis_url:
            wake(context.settings.redis_url)
            return True
        context.note("REDIS_URL is not set here, so the sweep takes them within a minute.")
    except RedisError:
        context.note("Redis does not answer, so the sweep takes them once it does.")
    return False

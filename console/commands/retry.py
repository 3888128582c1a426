"""`fulfill retry`: makes sales due again, for the workers. Which ones: `console.retries`."""

from __future__ import annotations

from typing import Annotated

import typer
from redis import RedisError
from rich.progress import track

from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of
from console.context import CommandError, Context, open_context
from console.fulfillments.values import sale_json
from console.released import release_named, release_received
from console.retries import (
    Received,
    batches,
    failed_sales,
    raise_batch,
    sales_of_events,
    sales_received,
)
from shared.database import reading, transaction
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
    failed: Annotated[bool, typer.Option("--failed", help="Sales whose last pass failed.")] = False,
    since: SinceOption = None,
    until: UntilOption = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="Only events of this type: invoice.paid.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Have workers look at sales again: by event, all that failed, or by when events came in.

    Safe at any time: a sale at rest settles without a change. "fulfill reconcile" does it here
    and now instead. Events that were refused count too once their mode or account is served.

    Examples:

      fulfill retry evt_1

      fulfill retry --failed

      fulfill retry --since 24h --type invoice.paid
    """
    with open_context(json=json) as context:
        now = context.clock.now()
        received = Received(
            since=moment_of(since, now=now, option="--since"),
            until=moment_of(until, now=now, option="--until"),
            type=event_type,
        )
        keys = _chosen(context, events or [], received, failed=failed)
        _raise(context, keys)
        woken = _wake(context) if keys else False
        ordered = [key for batch in batches(keys) for key in batch]
        number = "1 sale is" if len(ordered) == 1 else f"{len(ordered)} sales are"
        context.answer(
            {"raised": [sale_json(key) for key in ordered], "woken": woken},
            lambda: f"{number} due now.",
        )


def _chosen(
    context: Context, events: list[str], received: Received, *, failed: bool
) -> set[SaleKey]:
    by_time = received != Received(None, None, None)
    if not (events or failed or by_time):
        raise typer.BadParameter("give event ids, --failed, or --since, --until or --type")
    now = context.clock.now()
    with reading(context.engine) as connection:
        served = Served.by(context.settings).as_of_now(connection)
    with transaction(context.engine) as tx:  # a fault takes back what was released before it
        release_named(tx, events, served, now=now)
        keys, faults = sales_of_events(tx, events)
        if faults:
            raise _not_retried(faults)
    if by_time:
        release_received(context.engine, received, served, now=now)
    with reading(context.engine) as connection:
        if failed:
            keys |= failed_sales(connection)
        if by_time:
            keys |= sales_received(connection, received)
    return keys


def _raise(context: Context, keys: set[SaleKey]) -> None:
    chosen = batches(keys)
    quiet = context.json or len(chosen) < 2
    for batch in track(chosen, "Raising", console=context.err, disable=quiet):
        raise_batch(context.engine, batch, now=context.clock.now(), total=len(keys))


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


def _not_retried(faults: list[str]) -> CommandError:
    return CommandError(
        f"{'; '.join(faults)}.",
        means="Nothing was raised.",
        todo='See each with "fulfill show"; a sale whose event never came is fetched with '
        '"fulfill reconcile <id of the sale>".',
        heals="An event that is still on its way is delivered again by Stripe for three days.",
    )

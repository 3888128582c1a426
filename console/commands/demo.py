"""`fulfill demo`: the whole thing on this machine, without an account. What is played: `demo`."""

from __future__ import annotations

import json as jsonlib
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from console.commands.options import JsonOption
from console.context import FAULT
from console.demo.acts import Sales, furnish, play, rest
from console.demo.harvest import Harvest, gather
from console.demo.house import open_house
from console.demo.playing import Stage, live
from console.demo.report import final_tables, summary, verdict_text
from console.demo.studio import open_studio
from console.demo.waiting import TooSlow
from console.demo.ways import way_page

app = typer.Typer()

SEED = 20261121  # the same accidents each time; another seed makes others


@app.command("demo")
def demo(
    *,
    seed: Annotated[int, typer.Option("--seed", help="Other accidents.")] = SEED,
    json: JsonOption = False,
) -> None:
    """Play eight sales on this machine: real programs, a small Stripe, no account needed.

    A one-time purchase; two products at once; a subscription; and the same with every delivery
    tripled, shuffled and partly dropped, a worker killed and Redis emptied. Then four lives on
    Stripe's test clock: trial to paid, dunning and recovery, upgrade, dispute and refund. Exit
    status 0 only when nothing was issued twice, 3 and 4 ended alike, and each buyer of 5 to 8
    held at every moment what was paid for. Leaves nothing behind.

    Example:

      fulfill demo
    """
    out, err = Console(), Console(stderr=True, quiet=json)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="fulfill-demo-") as folder:
            sales, harvest = _play(Path(folder), seed, err)
    except (TooSlow, httpx.HTTPError) as fault:
        typer.echo(f"The demo could not be played: {fault}", err=True)
        raise typer.Exit(FAULT) from None
    seconds = time.monotonic() - started
    if json:
        typer.echo(jsonlib.dumps(summary(harvest, sales, seed=seed, seconds=seconds)))
    else:
        _print(harvest, out)
        out.print(f"{seconds:.0f} seconds. Next, with your own account: fulfill init")
    if harvest.faults:
        raise typer.Exit(FAULT)


def _play(folder: Path, seed: int, err: Console) -> tuple[Sales, Harvest]:
    err.print("starting Redis, web, two workers, the scheduler and a small Stripe")
    with open_house(folder, seed=seed) as house:
        shelf = furnish(house)
        tell = partial(err.print, soft_wrap=True, highlight=False)
        sales = play(house, shelf, seed=seed, tell=tell)
        stage = Stage(house, shelf, open_studio(house), rest=lambda _: rest(house))
        tell(
            "5 to 8. Four more lives, side by side, while Stripe's test clock runs through 41 days"
        )
        return sales, gather(stage, sales, live(stage, tell))


def _print(harvest: Harvest, out: Console) -> None:
    out.print()
    for title, story in harvest.stories.items():
        page = way_page(title, story, harvest.names, harvest.lives.get(title))
        out.print(page, highlight=False)
    out.print(final_tables(harvest), soft_wrap=True)
    out.print()
    out.print(verdict_text(harvest), soft_wrap=True)

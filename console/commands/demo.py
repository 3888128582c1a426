"""`fulfill demo`: the whole thing on this machine, without an account. What is played: `demo`."""

from __future__ import annotations

import json as jsonlib
import tempfile
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from console.commands.options import JsonOption
from console.context import FAULT
from console.demo.acts import Sales, furnish, play
from console.demo.harvest import Harvest, gather
from console.demo.house import open_house
from console.demo.report import final_tables, summary, verdict_text, way_page
from console.demo.waiting import TooSlow

app = typer.Typer()

SEED = 20261121  # the same accidents each time; another seed makes others


@app.command("demo")
def demo(
    *,
    seed: Annotated[int, typer.Option("--seed", help="Other accidents.")] = SEED,
    json: JsonOption = False,
) -> None:
    """Play four sales on this machine: real programs, a small Stripe, no account needed.

    A one-time purchase; two products at once; a subscription renewed twice; and the same with
    every delivery tripled, shuffled and partly dropped, a worker killed and Redis emptied. Exit
    status 0 only when nothing was issued twice and the last two ended alike. Leaves nothing behind.

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
        sales = play(house, shelf, seed=seed, tell=err.print)
        return sales, gather(house, shelf, sales)


def _print(harvest: Harvest, out: Console) -> None:
    out.print()
    for title, story in harvest.stories.items():
        out.print(way_page(title, story), soft_wrap=True)
    out.print(final_tables(harvest))
    out.print()
    out.print(verdict_text(harvest))

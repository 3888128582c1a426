"""`fulfill up`: everything for real use, from `.env`, until Ctrl-C."""

from __future__ import annotations

import json as jsonlib
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from console.commands.options import JsonOption
from console.context import (
    CommandError,
    Context,
    end_for_settings,
    open_context,
    read_environment,
)
from console.programs import (
    Layout,
    forget_counts,
    free_redis_url,
    local_url,
    stages,
    without_proxy,
)
from console.supervision import Supervisor
from console.upgrade import upgrade_all
from shared.settings import Role, SettingsError, read_settings

app = typer.Typer()

FOLDER = Path("var")
ROLES: tuple[Role, ...] = ("receiver", "web", "worker", "scheduler")


@app.command("up")
def up(
    *,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes.")] = 1,
    host: Annotated[
        str, typer.Option("--host", help="Where web listens; 0.0.0.0 opens it to the network.")
    ] = "127.0.0.1",
    json: JsonOption = False,
) -> None:
    """Run web, workers and scheduler, and start again what dies. Ctrl-C ends all of it.

    Without REDIS_URL it runs a Redis of its own, without DATABASE_URL it keeps SQLite files in
    var/. Migrates first. With --json, one object on standard output says when all is ready.

    Example:

      fulfill up --workers 2
    """
    environment = read_environment()
    redis_url = None if environment.get("REDIS_URL") else free_redis_url()
    if redis_url:
        environment["REDIS_URL"] = redis_url
    environment.setdefault("PROMETHEUS_MULTIPROC_DIR", str(FOLDER / "metrics"))
    _require_settings(environment, json=json)
    with open_context(json=json, migrated=False) as context:
        layout = Layout(host, context.settings.port, workers, FOLDER / "redis")
        _require_free(layout)
        upgrade_all(context)
        forget_counts(Path(environment["PROMETHEUS_MULTIPROC_DIR"]))
        status = _run(context, layout, environment, redis_url)
    raise typer.Exit(status)


def _require_settings(environment: Mapping[str, str], *, json: bool) -> None:
    """All faults that any of the programs would find, at once; ends with status 2."""
    faults: list[str] = []
    for role in ROLES:
        try:
            read_settings(environment, role=role)
        except SettingsError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        ended = end_for_settings(SettingsError(faults), json=json)
        if not json:
            todo = 'Put them into .env ("fulfill init" writes one) or the environment.'
            typer.echo(todo, err=True)
        raise ended


def _require_free(layout: Layout) -> None:
    """Raises CommandError when something else listens where web is to listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((layout.host, layout.port))
        except OSError as error:
            raise CommandError(
                f"{layout.host}:{layout.port} can't be listened on ({error.strerror}).",
                means="Nothing was started; Stripe delivers again what comes meanwhile.",
                todo="End the program that listens there, or set PORT to another one.",
                heals="It does not heal by itself.",
            ) from None


def _run(
    context: Context, layout: Layout, environment: Mapping[str, str], redis_url: str | None
) -> int:
    children = {**environment, **without_proxy(environment), "PYTHONUNBUFFERED": "1"}
    out = sys.stderr if context.json else sys.stdout
    lock = Lock()  # a line of one program is never cut by another's

    def say(name: str, line: str) -> None:
        # who reads along may go away; the programs must not stand still for that
        with lock, suppress(OSError):
            print(f"{name:<10}| {line}", file=out, flush=True)

    def ready(pids: dict[str, int]) -> None:
        _tell_where(context, layout, environment, pids)

    supervisor = Supervisor(stages(children, layout, redis_url=redis_url), say=say, ready=ready)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _frame: supervisor.stop(signal.Signals(caught)))
    return supervisor.run()


def _tell_where(
    context: Context, layout: Layout, environment: Mapping[str, str], pids: Mapping[str, int]
) -> None:
    """Where everything is, once all of it runs. Passwords in URLs are masked."""
    settings = context.settings
    public = settings.stripe_public_base_url or local_url(layout)
    where = {
        "web": local_url(layout),
        "webhook": f"{public}/stripe/webhook",
        "licensekit": settings.licensekit_url,
        "database": make_url(settings.database_url).render_as_string(hide_password=True),
        "redis": make_url(environment["REDIS_URL"]).render_as_string(hide_password=True),
    }
    if context.json:
        typer.echo(jsonlib.dumps({"ready": True, **where, "processes": dict(pids)}))
        return
    lines = [f"  {name:<11}{place}" for name, place in where.items()]
    running = ", ".join(f"{name} ({pid})" for name, pid in pids.items())
    typer.echo("\n".join(["", "Everything runs.", *lines, f"  {'processes':<11}{running}", ""]))

"""The `fulfill` command: a table of contents. Each command stands in a module of its own.

A module is imported when its command is asked for, so that a short answer starts at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from console.embedded_redis import NoRedis
from worker.errors import LeaseBusy, PermanentError, TemporaryError

COMMANDS = {
    "init": "console.commands.init",
    "up": "console.commands.up",
    "demo": "console.commands.demo",
    "log": "console.commands.log",
    "show": "console.commands.show",
    "problems": "console.commands.problems",
    "keys": "console.commands.keys",
    "plan": "console.commands.plan",
    "reconcile": "console.commands.reconcile",
    "retry": "console.commands.retry",
    "sweep": "console.commands.sweep",
    "adopt": "console.commands.adopt",
    "hold": "console.commands.hold",
    "cancel": "console.commands.cancel",
    "release": "console.commands.release",
    "audit": "console.commands.audit",
    "export": "console.commands.export",
    "mappings": "console.mapping_commands",
    "accounts": "console.commands.accounts",
    "tokens": "console.commands.tokens",
    "db": "console.commands.db",
    "check": "console.commands.check",
}

# What a person can do something about: told in a sentence, never as a traceback.
TOLD = (NoRedis, TemporaryError, PermanentError, LeaseBusy)


class Doors(TyperGroup):
    """The commands of `COMMANDS`, imported one by one.

    Any: typer brings its own copy of click, whose types it keeps private.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        # completion is the whole program's business, not each command's
        command.params = [p for p in command.params if "completion" not in (p.name or "")]
        return command


app = typer.Typer(
    name="fulfill",
    cls=Doors,
    no_args_is_help=True,
    # a traceback with local variables could show a secret
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # rarely asked for

        typer.echo(f"fulfill {version('license-fulfillment')}")
        raise typer.Exit


@app.callback()
def fulfill(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which this is.")
    ] = False,
) -> None:
    """A sale in Stripe becomes a license in LicenseKit, exactly once, whatever goes wrong.

    Start here:

      fulfill demo      plays sales on this machine, no account needed

      fulfill init      writes .env for real use; then: fulfill up

      fulfill show ID   tells the story of any event, sale, license or customer

    Exit status: 0 done, 1 a fault, 2 a fault in the settings or the command line.
    """


def main() -> None:
    """The entry point of the installed command."""
    try:
        app()
    except TOLD as error:
        typer.echo(str(error) or type(error).__doc__, err=True)
        sys.exit(1)

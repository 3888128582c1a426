"""`fulfill db upgrade`: every table of this release, in every database the settings name."""

from __future__ import annotations

import typer

from console.commands.options import JsonOption
from console.context import open_context
from console.upgrade import upgrade_all

app = typer.Typer(no_args_is_help=True, help="The database's tables.")


@app.callback()
def db() -> None:
    """The database's tables."""


@app.command("upgrade")
def upgrade(*, json: JsonOption = False) -> None:
    """Bring the tables to this release: ours, and the embedded LicenseKit's when that is used.

    Safe to run at any time, and from several machines at once.

    Example:

      fulfill db upgrade
    """
    with open_context(json=json, migrated=False) as context:
        revisions = upgrade_all(context)
        context.answer(
            revisions,
            lambda: "\n".join(
                f"{name} stands at {revision}" for name, revision in revisions.items()
            ),
        )

"""`fulfill db upgrade`: every table of this release, in every database the settings name."""

from __future__ import annotations

import typer
from sqlalchemy.exc import SQLAlchemyError

from console.commands.options import JsonOption
from console.context import CommandError, Context, open_context
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
        revisions = _upgrade(context)
        context.answer(
            revisions,
            lambda: "\n".join(
                f"{name} stands at {revision}" for name, revision in revisions.items()
            ),
        )


def _upgrade(context: Context) -> dict[str, str]:
    try:
        return upgrade_all(context.settings, context.engine)
    except SQLAlchemyError as error:
        where = context.engine.url.render_as_string(hide_password=True)
        raise CommandError(
            f"The database {where} could not be migrated ({type(error).__name__}).",
            means="No sale is fulfilled until it is; Stripe sends deliveries again for days.",
            todo="Check DATABASE_URL and that its user may create tables, then run this again.",
            heals="It does not heal by itself.",
        ) from error

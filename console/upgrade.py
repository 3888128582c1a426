"""Brings every database that the settings name to this release's tables."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from console.context import CommandError, Context
from licensing.database import upgrade as upgrade_licensing
from shared.migrations import upgrade as upgrade_ours


def upgrade_all(context: Context) -> dict[str, str]:
    """What then stands where, by name. The embedded LicenseKit's tables only when it is used.

    Raises CommandError when a database can't be reached or changed.
    """
    settings = context.settings
    try:
        stands = {"fulfillment": upgrade_ours(context.engine)}
        if settings.embedded:
            upgrade_licensing(settings.licensing_database_url)
            stands["licensekit"] = "this release"
    except SQLAlchemyError as error:
        where = context.engine.url.render_as_string(hide_password=True)
        raise CommandError(
            f"The database {where} could not be migrated ({type(error).__name__}).",
            means="No sale is fulfilled until it is; Stripe sends deliveries again for days.",
            todo="Check DATABASE_URL and that its user may create tables, then run this again.",
            heals="It does not heal by itself.",
        ) from error
    return stands

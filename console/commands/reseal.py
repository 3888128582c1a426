"""`fulfill keys reseal`: what is kept at rest goes under the first encryption key."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.progress import Progress

from console.commands.options import JsonOption
from console.context import CommandError, Context, open_context
from console.embedded_licensekit import licensing_config
from console.license_keys.reseal import Resealed, count_sealed
from console.license_keys.reseal import reseal as reseal_all
from licensing.database import close_database, is_current, open_database
from licensing.signing import KeyUnreadable, reseal_keys
from shared.secrets import Vault

app = typer.Typer()


@app.command("reseal")
def reseal(*, json: JsonOption = False) -> None:
    """Encrypt all that is kept anew, under the first of FULFILL_ENCRYPTION_KEYS.

    The other keys can be taken out of the setting afterwards. Run it once web and workers were
    started with the new key in front; it may be stopped and run again.

    Example:

      fulfill keys reseal
    """
    with open_context(json=json) as context:
        vault_of(context)
        signing = _reseal_embedded(context)
        with Progress(console=context.err, disable=json) as bar:
            task = bar.add_task("Sealing", total=count_sealed(context.engine))
            done = reseal_all(
                context.engine,
                context.settings.encryption_keys,
                lambda rows: bar.advance(task, rows),
            )
        if done.unreadable:
            raise unreadable(done.unreadable)
        context.answer(
            {"anew": done.anew, "already": done.already, "signing_keys": signing},
            lambda: _resealed(done, signing),
        )


def vault_of(context: Context) -> Vault:
    """What opens the keys. Raises CommandError without FULFILL_ENCRYPTION_KEYS."""
    if context.settings.encryption_keys:
        return Vault(context.settings.encryption_keys)
    raise CommandError(
        "FULFILL_ENCRYPTION_KEYS is not set here, so no key can be opened.",
        means="Nothing was shown or changed.",
        todo="Run this where the workers' settings are.",
        heals="It does not heal by itself.",
    )


def unreadable(names: Sequence[str]) -> CommandError:
    """The error that says so of these."""
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return CommandError(
        f"No key in FULFILL_ENCRYPTION_KEYS opens {shown}.",
        means="Nothing that was not opened was changed, and no buyer lost anything.",
        todo="Put the key that they were written with back into the setting, at its end, and run "
        "this again.",
        heals="It does not heal by itself.",
    )


def _reseal_embedded(context: Context) -> int:
    """The signing keys of the embedded LicenseKit lie under the same encryption keys."""
    if not context.settings.embedded:
        return 0
    config = licensing_config(context.settings)
    database = open_database(config.database_url)
    try:
        with database.reading() as connection:
            if not is_current(connection):
                raise _not_migrated()
        return reseal_keys(config, database)
    except KeyUnreadable:
        raise unreadable(["the signing key of the embedded LicenseKit"]) from None
    finally:
        close_database(config.database_url)


def _not_migrated() -> CommandError:
    return CommandError(
        "The tables of the embedded LicenseKit are not those of this release.",
        means="Nothing was sealed anew.",
        todo='Run "fulfill db upgrade", then this command again.',
        heals="It does not heal by itself.",
    )


def _resealed(done: Resealed, signing: int) -> str:
    return (
        f"{done.anew} sealed anew, {done.already} were under the first key already"
        + (f", {signing} signing keys of the embedded LicenseKit" if signing else "")
        + ". The other keys can be taken out of FULFILL_ENCRYPTION_KEYS."
    )

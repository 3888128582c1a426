"""`fulfill accounts`: the accounts that installed our Stripe App."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console.app.accounts import (
    Account,
    OwnToken,
    disconnect,
    read_accounts,
    set_licensekit_token,
)
from console.commands.options import JsonOption
from console.commands.reseal import vault_of
from console.context import CommandError, Context, open_context
from console.sweeps import person
from shared.accounts import INSTALLED, ServedAccount
from shared.database import reading, transaction
from shared.secrets import Secret

app = typer.Typer(
    no_args_is_help=True, help="Accounts that installed our Stripe App, each in its modes."
)

AccountArgument = Annotated[str, typer.Argument(metavar="ACCT", help="acct_….")]
ModeOption = Annotated[
    bool | None,
    typer.Option("--live/--test", help="Needed only where it is connected in both modes."),
]


@app.command("list")
def list_accounts(*, json: JsonOption = False) -> None:
    """Show who installed the app, in which mode, and who is served no more and why.

    Examples:

      fulfill accounts list

      fulfill accounts list --json
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            found = read_accounts(connection)
        context.answer({"accounts": [one.as_json() for one in found]}, lambda: _page(found))


@app.command("disconnect")
def disconnect_account(
    *, account: AccountArgument, live: ModeOption = None, json: JsonOption = False
) -> None:
    """Serve an account no more: its tokens are deleted, and its events are refused and kept.

    Nothing is revoked: its buyers keep what stands. To connect it again, install the app again.

    Examples:

      fulfill accounts disconnect acct_1

      fulfill accounts disconnect acct_1 --live
    """
    with open_context(json=json) as context:
        which = _connected(context, account, live)
        with transaction(context.engine) as tx:
            disconnect(tx, which, who=person(), now=context.clock.now())
        context.answer(
            {"disconnected": str(which)},
            lambda: (
                f"{which} is disconnected. Its buyers keep what stands; uninstall the app in "
                "Stripe too, so that Stripe keeps no access for us."
            ),
        )


@app.command("licensekit-token")
def licensekit_token(
    *, account: AccountArgument, live: ModeOption = None, json: JsonOption = False
) -> None:
    """Read a LicenseKit token from standard input, and serve this account with it from now on.

    An empty input takes it away again; then LICENSEKIT_API_TOKEN is used.

    Examples:

      fulfill accounts licensekit-token acct_1 < token.txt
    """
    with open_context(json=json) as context:
        vault = vault_of(context)
        which = _connected(context, account, live)
        own = OwnToken(which, Secret(sys.stdin.readline().strip()))
        with transaction(context.engine) as tx:
            set_licensekit_token(tx, own, vault, who=person(), now=context.clock.now())
        kept = "is served with its own" if own.token else "has no own"
        context.answer(
            {"account": str(which), "own_licensekit_token": bool(own.token)},
            lambda: f"{which} {kept} LicenseKit token now.",
        )


def _connected(context: Context, account: str, live: bool | None) -> ServedAccount:
    """The one installation that is meant. Raises CommandError for none and for two."""
    with reading(context.engine) as connection:
        found = [
            one.which
            for one in read_accounts(connection)
            if one.state == INSTALLED
            and one.which.account == account
            and live in (None, one.which.livemode)
        ]
    if len(found) == 1:
        return found[0]
    happened = "connected in both modes" if found else "not connected"
    raise CommandError(
        f"{account} is {happened}.",
        means="Nothing was changed.",
        todo="Say which with --live or --test." if found else 'See "fulfill accounts list".',
        heals="It does not heal by itself.",
    )


def _page(found: list[Account]) -> Table | Text:
    if not found:
        return Text("No account installed the app. It is installed at /stripe/oauth/install.")
    table = Table("account", "mode", "state", "since", "LicenseKit token", box=None)
    for one in found:
        closed = one.state != INSTALLED
        table.add_row(
            one.which.account,
            "live" if one.which.livemode else "test",
            f"closed: {one.reason}" if closed else one.state,
            f"{one.closed_at if closed and one.closed_at else one.installed_at:%Y-%m-%d %H:%M}",
            "its own" if one.own_licensekit else "ours",
        )
    return table

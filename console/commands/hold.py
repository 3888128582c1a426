"""`fulfill hold`: suspends every license of a sale until a person releases it.

What it shares with the other decisions stands in `console.deciding`.
"""

from __future__ import annotations

import typer

from console.deciding import (
    AccountOption,
    Asked,
    DryRunOption,
    JsonOption,
    LiveOption,
    NameArgument,
    ReasonOption,
    carry_out,
)

app = typer.Typer()


@app.command("hold")
def hold(  # noqa: PLR0913 - one option each
    *,
    name: NameArgument,
    reason: ReasonOption,
    account: AccountOption = None,
    live: LiveOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Suspend every license of this sale, until it is released. Billing does not lift that.

    New licenses are issued suspended, and renewals go on beneath. Stripe still bills.

    Examples:

      fulfill hold sub_1 --reason "the card was stolen" --dry-run

      fulfill hold sub_1 --reason "the card was stolen"
    """
    carry_out("hold", Asked(name, account, live, reason, dry_run), json=json)

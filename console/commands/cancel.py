"""`fulfill cancel`: revokes every license of a sale and issues none, whatever is paid.

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


@app.command("cancel")
def cancel(  # noqa: PLR0913 - one option each
    *,
    name: NameArgument,
    reason: ReasonOption,
    account: AccountOption = None,
    live: LiveOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Revoke every license of this sale for good, and issue none until it is released.

    A payment does not undo that. What is revoked is shown first; the guard does not stop it.
    Stripe still bills: the answer says where to end that.

    Examples:

      fulfill cancel sub_1 --reason "sold by mistake" --dry-run

      fulfill cancel sub_1 --reason "sold by mistake"
    """
    carry_out("cancel", Asked(name, account, live, reason, dry_run), json=json)

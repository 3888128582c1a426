"""`fulfill release`: ends what a person decided about a sale; billing decides again.

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


@app.command("release")
def release(  # noqa: PLR0913 - one option each
    *,
    name: NameArgument,
    reason: ReasonOption,
    account: AccountOption = None,
    live: LiveOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """End the hold or the cancellation of this sale: it gets what billing says.

    A hold of ours is lifted; one that somebody put on in LicenseKit stays. After a cancellation a
    new license is issued where the sale is paid.

    Examples:

      fulfill release sub_1 --reason "the bank says it is fine"

      fulfill release sub_1 --reason "paid after all" --json
    """
    carry_out("release", Asked(name, account, live, reason, dry_run), json=json)

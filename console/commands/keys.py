"""`fulfill keys`: license keys in escrow, for a person to give to their buyers.

Only `show` reveals a key, and writes down who asked before it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from console.commands.options import JsonOption, moment_of
from console.commands.reseal import app as reseal_command
from console.commands.reseal import unreadable, vault_of
from console.context import CommandError, Context, open_context
from console.license_keys import (
    Given,
    Kept,
    find_kept,
    give_out,
    list_kept,
    mark_all_until,
    mark_given,
    take_back,
)
from console.sweeps import person
from shared.database import reading
from shared.secrets import Unreadable

app = typer.Typer(
    no_args_is_help=True,
    help="License keys that are kept, encrypted, until their buyers have them.",
)

app.add_typer(reseal_command)

Ids = Annotated[
    list[str], typer.Argument(metavar="LICENSE_OR_SALE…", help="lic_…, or any id of a sale.")
]


@app.command("list")
def list_keys(
    *,
    sale: Annotated[
        str | None, typer.Option("--sale", help="Only those of this sale, by any id of it.")
    ] = None,
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Only those that were not given out yet.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows at the most.")] = 50,
    json: JsonOption = False,
) -> None:
    """Show which keys are kept and whose they are. Never shows a key.

    Examples:

      fulfill keys list --undelivered

      fulfill keys list --sale cs_1 --json
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            if sale is None:
                kept = list_kept(connection, undelivered=undelivered, limit=limit)
            else:
                found, _ = find_kept(connection, [sale.strip()])
                waiting = [one for one in found if one.delivered_at is None or not undelivered]
                kept = waiting[:limit]
        if not kept:
            context.note("No key fits.")
        context.answer([one.as_json() for one in kept], lambda: _page(kept))


@app.command("show")
def show(
    *,
    names: Ids,
    yes: Annotated[
        bool, typer.Option("--yes", help="Don't ask whether it is the right one.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Print the keys of a license or a sale, to give them to the buyer.

    Says first whose they are, and asks. Who asked is written down, and the key counts as given
    out from then on.

    Examples:

      fulfill keys show lic_1

      fulfill keys show cs_1 --yes --json
    """
    with open_context(json=json) as context:
        kept = _found(context, names)
        _ask(context, kept, yes=yes)
        vault = vault_of(context)
        ids = [one.license_id for one in kept]
        try:
            opened = give_out(context.engine, ids, vault, _given(context))
        except Unreadable:
            raise unreadable(ids) from None
        context.answer(
            [{"license_id": one, "license_key": key.reveal()} for one, key in opened],
            lambda: Text("\n".join(f"{one}  {key.reveal()}" for one, key in opened)),
        )


@app.command("mark")
def mark(
    *,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="LICENSE_OR_SALE…", help="lic_…, or a sale.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="All that were kept before then and wait.")
    ] = None,
    how: Annotated[str, typer.Option("--how", help="For the audit log: by mail, by phone.")] = "",
    undo: Annotated[
        bool, typer.Option("--undo", help="They were not given out: they wait.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Say that keys were given to their buyers otherwise, so that they wait no longer.

    Examples:

      fulfill keys mark lic_1 --how "by mail"

      fulfill keys mark --until 24h --how "the shop sends them"

      fulfill keys mark lic_1 --undo
    """
    if bool(names) == (until is not None) or (undo and not names):
        raise typer.BadParameter("name licenses or sales, or give --until and no names")
    with open_context(json=json) as context:
        given = _given(context, how)
        moment = moment_of(until, now=given.now, option="--until")
        if moment is not None:
            number = mark_all_until(context.engine, moment, given)
            context.answer({"marked": number}, lambda: _marked(number))
            return
        ids = [one.license_id for one in _found(context, names or [])]
        (take_back if undo else mark_given)(context.engine, ids, given)
        context.answer({"marked": len(ids), "licenses": ids}, lambda: _marked(len(ids)))


def _page(kept: Sequence[Kept]) -> Text:
    return Text("\n".join(map(str, kept)))


def _found(context: Context, names: Sequence[str]) -> list[Kept]:
    with reading(context.engine) as connection:
        kept, lost = find_kept(connection, [name.strip() for name in names])
    if lost:
        raise CommandError(
            f"No key is kept for {', '.join(lost)}.",
            means="Nothing was shown or changed.",
            todo='See the sale with "fulfill show", and what is kept with "fulfill keys list". A '
            "license that was adopted, or issued elsewhere, has its key where it was issued.",
            heals="A sale that was not fulfilled yet has its key once it is.",
        )
    return kept


def _ask(context: Context, kept: Sequence[Kept], *, yes: bool) -> None:
    for one in kept:
        context.note(str(one))
    if yes:
        return
    if context.json:
        raise CommandError(
            "With --json nobody can be asked.",
            means="No key was shown.",
            todo="Look whose keys they are, and add --yes.",
            heals="It does not heal by itself.",
        )
    number = "this key" if len(kept) == 1 else f"these {len(kept)} keys"
    typer.confirm(f"Show {number}?", abort=True, err=True)


def _given(context: Context, how: str = "") -> Given:
    return Given(person(), context.clock.now(), how)


def _marked(number: int) -> str:
    return f"{'1 key is' if number == 1 else f'{number} keys are'} marked."

"""`fulfill tokens`: who may ask the admin routes. What a token opens: docs/7-admin-api.md."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from console.audit import Deed, note
from console.commands.options import JsonOption
from console.context import CommandError, open_context
from console.fulfillments.values import stamp
from console.moments import parse_deadline, say_moment
from console.sweeps import person
from console.tokens import (
    SCOPES,
    NameTaken,
    Token,
    TokenWish,
    choose_scopes,
    create_token,
    read_token,
    read_tokens,
    revoke_token,
)
from shared.database import reading, transaction

app = typer.Typer(no_args_is_help=True, help="Tokens for programs that ask the admin routes.")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The token's name.")]
NameOption = Annotated[str, typer.Option("--name", help="What the audit log calls it: ci.")]
ScopeOption = Annotated[list[str], typer.Option("--scope", help=f"{', '.join(SCOPES)}; several.")]
ExpiresOption = Annotated[
    str | None, typer.Option("--expires", help="90d, 12h or 2027-01-31; without it, never.")
]


@app.command("create")
def create(
    *, name: NameOption, scope: ScopeOption, expires: ExpiresOption = None, json: JsonOption = False
) -> None:
    """Make a token and show it, this once. Only its hash is kept.

    Examples:

      fulfill tokens create --name ci --scope product:read --expires 90d

      fulfill tokens create --name support --scope product:read --scope product:write
    """
    with open_context(json=json) as context:
        now, who = context.clock.now(), person()
        wish = _wish(name, scope, expires, now)
        try:
            with transaction(context.engine) as tx:
                token = create_token(tx, wish, by=who, now=now)
                detail = {"scopes": list(wish.scopes), "expires_at": stamp(wish.expires_at)}
                note(tx, Deed(who, "tokens.create", name, detail), now=now)
        except NameTaken:
            raise _taken(name) from None
        told = {"name": name, "token": token.reveal(), **detail}
        context.answer(told, token.reveal)
        context.note("It is not shown again. Revoke it with: fulfill tokens revoke " + name)


@app.command("list")
def list_tokens(*, json: JsonOption = False) -> None:
    """Show the tokens, never the secrets themselves.

    Examples:

      fulfill tokens list

      fulfill tokens list --json
    """
    with open_context(json=json) as context:
        now = context.clock.now()
        with reading(context.engine) as connection:
            found = read_tokens(connection)
        context.answer([_plain(token, now) for token in found], lambda: _table(found, now))


@app.command("revoke")
def revoke(*, name: NameArgument, json: JsonOption = False) -> None:
    """Stop a token at once, for good.

    Examples:

      fulfill tokens revoke ci

      fulfill tokens revoke ci --json
    """
    with open_context(json=json) as context:
        now, who = context.clock.now(), person()
        with transaction(context.engine) as tx:
            if read_token(tx, name) is None:
                raise _unknown(name)
            stopped = revoke_token(tx, name, by=who, now=now)
            if stopped:
                note(tx, Deed(who, "tokens.revoke", name), now=now)
        said = f"{name} is revoked." if stopped else f"{name} was revoked before."
        context.answer({"name": name, "revoked": stopped}, lambda: said)


def _wish(name: str, scopes: list[str], expires: str | None, now: datetime) -> TokenWish:
    if not NAME.fullmatch(name):
        says = "letters, digits, dots, dashes and underscores, 64 at the most"
        raise typer.BadParameter(f"must be {says}", param_hint="--name")
    try:
        chosen = choose_scopes(scopes)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="--scope") from None
    try:
        expires_at = None if expires is None else parse_deadline(expires, now=now)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="--expires") from None
    return TokenWish(name, chosen, expires_at)


def _plain(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "name": token.name,
        "state": token.state(now),
        "last4": token.last4,
        "scopes": list(token.scopes),
        "created_at": stamp(token.created_at),
        "created_by": token.created_by,
        "expires_at": stamp(token.expires_at),
        "revoked_at": stamp(token.revoked_at),
        "revoked_by": token.revoked_by,
        "last_used_at": stamp(token.last_used_at),
    }


def _table(tokens: list[Token], now: datetime) -> Table:
    table = Table("name", "ends in", "scopes", "state", "expires", "last used", box=None)
    for token in tokens:
        table.add_row(
            token.name,
            token.last4,
            ", ".join(token.scopes),
            token.state(now),
            say_moment(token.expires_at) or "never",
            say_moment(token.last_used_at) or "never",
        )
    return table


def _taken(name: str) -> CommandError:
    return CommandError(
        f"There is a token named {name}, or there was one: a revoked token keeps its name.",
        means="Nothing was changed, and no buyer is touched.",
        todo='Choose another name; "fulfill tokens list" shows them all.',
        heals="It does not heal by itself: the audit log must always mean one token by a name.",
    )


def _unknown(name: str) -> CommandError:
    return CommandError(
        f"There is no token named {name}.",
        means="Nothing was changed, and no buyer is touched.",
        todo='Look the name up with "fulfill tokens list".',
        heals="It does not heal by itself.",
    )

"""The options that `fulfill mappings` commands share. Each term of a mapping is one, by itself."""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal

import typer

from console.context import Context
from mappings.terms import TERM_FIELDS, TermField
from mappings.values import MappingKey

StripeIdArgument = Annotated[
    str, typer.Argument(metavar="PRICE_OR_PRODUCT", help="Stripe's price_… or prod_… id.")
]
AccountOption = Annotated[
    str, typer.Option("--account", help="A connected account, acct_…; without it, your own.")
]
LiveOption = Annotated[
    bool | None,
    typer.Option("--live/--test", help="Without either, the mode of your Stripe key."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def who(command: str) -> str:
    """Whom the history names: `ann, fulfill mappings set`."""
    try:
        return f"{getpass.getuser()}, fulfill mappings {command}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"fulfill mappings {command}"


def livemode_of(context: Context, live: bool | None) -> bool:
    """The mode asked for, else the Stripe key's; test mode while there is no key."""
    return bool(context.settings.livemode) if live is None else live


def kind_of_id(stripe_id: str) -> Literal["price", "product"]:
    """Stripe's products begin with prod_; anything else is a price, as old plans keep any id."""
    return "product" if stripe_id.startswith("prod_") else "price"


def key_of(stripe_id: str, *, account: str, livemode: bool) -> MappingKey:
    """The mapping that these arguments name."""
    return MappingKey(account, livemode, kind_of_id(stripe_id), stripe_id)


def takes_terms(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each term, such as --grace-days, in place of its `terms`.

    `terms` then holds the options that were given: `{"grace_days": 3}`.
    """

    @wraps(command)
    def with_terms(**options: Any) -> None:
        terms = {name: options.pop(name) for name in TERM_FIELDS}
        command(**options, terms={n: value for n, value in terms.items() if value is not None})

    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "terms"]
    parameters = [*own, *map(_parameter, TERM_FIELDS.values())]
    with_terms.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    # typer reads both; what `wraps` copied would still name `terms`
    with_terms.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_terms


def _parameter(field: TermField) -> inspect.Parameter:
    about = f"{field.about.capitalize()}: {field.allowed.says}; default {field.default_says}."
    option = typer.Option(f"--{field.name.replace('_', '-')}", help=about, show_default=False)
    kind: Any = field.allowed.option_type
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )

"""The options that `fulfill mappings` commands share. Each term of a mapping is one, by itself."""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal

import typer

from console.context import Context
from console.mapping_changes import Author
from console.sweeps import person
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


def author(command: str) -> Author:
    """The same, for the audit log too."""
    return Author(person(), f"mappings.{command}", who(command))


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
        given = {name: options.pop(name) for name in TERM_FIELDS}
        # typer gives an empty list for a repeatable option that was not given
        terms = {n: _value(TERM_FIELDS[n], v) for n, v in given.items() if v not in (None, [])}
        command(**options, terms=terms)

    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "terms"]
    parameters = [*own, *map(_parameter, TERM_FIELDS.values())]
    with_terms.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    # typer reads both; what `wraps` copied would still name `terms`
    with_terms.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_terms


def _parameter(field: TermField) -> inspect.Parameter:
    about = f"{field.about.capitalize()}: {field.allowed.says}; default {field.default_says}."
    kind: Any = field.allowed.option_type
    if _is_table(field):
        kind, about = list[str], f"{about} Written NAME=ID."
    if kind == list[str]:
        about = f"{about} May be given many times."
    option = typer.Option(f"--{field.option}", help=about, show_default=False)
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def _is_table(field: TermField) -> bool:
    return bool(field.allowed.option_type == dict[str, str])


def _value(field: TermField, given: Any) -> Any:
    """What a body holds for an option: `["api=feat_1"]` is `{"api": "feat_1"}`."""
    if not _is_table(field):
        return given
    pairs = [text.partition("=") for text in given]
    for (name, equals, _), text in zip(pairs, given, strict=True):
        if not equals:
            fault = f'"{text}" has no "=": write it as NAME=ID.'
        elif sum(one[0] == name for one in pairs) > 1:
            fault = f'"{name}" is given twice: give it once.'
        else:
            continue
        raise typer.BadParameter(fault, param_hint=f"--{field.option}")
    return {name.strip(): value.strip() for name, _, value in pairs}

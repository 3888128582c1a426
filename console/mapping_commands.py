"""`fulfill mappings`: what each Stripe price and product sells. What a change sets off stands in
`mapping_changes`, how answers look in `mapping_tables`.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.context import CommandError, Context, open_context
from console.licensekit_reader import reader_of
from console.mapping_changes import apply_drafts, retire, waker_of
from console.mapping_check import app as check_commands
from console.mapping_files import app as file_commands
from console.mapping_migrate import app as migrate_command
from console.mapping_options import (
    AccountOption,
    JsonOption,
    LiveOption,
    StripeIdArgument,
    author,
    key_of,
    kind_of_id,
    livemode_of,
    takes_terms,
)
from console.mapping_tables import (
    count_of,
    history_table,
    mappings_table,
    plain_entry,
    say_draft,
    say_released,
)
from mappings.body import read_draft
from mappings.check import Unreachable
from mappings.store import read_catalog, read_history
from mappings.values import MappingDraft, plain_mapping
from shared.database import reading

app = typer.Typer(
    no_args_is_help=True,
    help="Which Stripe price or product sells which LicenseKit product and policy.",
)
app.add_typer(file_commands)  # import and export
app.add_typer(check_commands)
app.add_typer(migrate_command)


@app.command("list")
def list_mappings(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also replaced and retired versions, with who and when.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show the mappings.

    Examples:

      fulfill mappings list

      fulfill mappings list --all --json
    """
    with open_context(json=json) as context, reading(context.engine) as connection:
        if everything:
            entries = read_history(connection)
            context.answer([plain_entry(e) for e in entries], lambda: history_table(entries))
        else:
            current = read_catalog(connection).all_current()
            context.answer([plain_mapping(m) for m in current], lambda: mappings_table(current))


@app.command("set")
@takes_terms
def set_one(  # noqa: PLR0913  (one parameter an option)
    *,
    stripe_id: StripeIdArgument,
    policy: Annotated[str, typer.Option("--policy", help="LicenseKit's policy, pol_….")],
    product: Annotated[
        str, typer.Option("--product", help="LicenseKit's product; without it, the policy's own.")
    ] = "",
    account: AccountOption = "",
    live: LiveOption = None,
    json: JsonOption = False,
    terms: dict[str, object],
) -> None:
    """Map a price, or a product for all its prices without a mapping of their own.

    A sale keeps the terms it was made under. Sales that waited for this mapping go on at once.

    Examples:

      fulfill mappings set price_1 --policy pol_1

      fulfill mappings set prod_1 --policy pol_1 --product prod_lk --grace-days 3 --live
    """
    with open_context(json=json) as context:
        body = {
            f"stripe_{kind_of_id(stripe_id)}_id": stripe_id,
            "product_id": product or _product_of(context, policy),
            "policy_id": policy,
            "account": account,
            "livemode": livemode_of(context, live),
            "terms": terms,
        }
        applied = apply_drafts(
            context.engine,
            [_require_draft(body)],
            now=context.clock.now(),
            by=author("set"),
            wake=waker_of(context.settings),
        )
        mapping, change, number = applied.mappings[0], applied.changes[0], len(applied.released)
        data = {**plain_mapping(mapping), "change": change.kind, "released": number}
        told = f"{change.kind}: {say_draft(mapping.draft)} (version {mapping.version})"
        context.answer(data, lambda: told + say_released(number))


def _require_draft(body: dict[str, Any]) -> MappingDraft:
    found = read_draft(body, livemode=False)
    if isinstance(found, MappingDraft):
        return found
    raise CommandError(
        f"{count_of(len(found), 'fault')} in the mapping: {'; '.join(map(str, found))}.",
        means="Nothing was changed, so buyers get what they got before.",
        todo='Correct it and run the command again; "fulfill mappings set --help" has examples.',
        heals="It does not heal by itself.",
    )


def _product_of(context: Context, policy_id: str) -> str:
    """The product that LicenseKit has for a policy. Raises CommandError."""
    try:
        with reader_of(context.settings) as reader:
            found = reader.policy(policy_id)
    except Unreachable as error:
        happened = f"{error}, so the product of {policy_id} is not known"
    else:
        if found is not None:
            return found.product_id
        happened = f"LicenseKit has no policy {policy_id}"
    raise CommandError(
        f"{happened}.",
        means="Nothing was changed; what is sold meanwhile waits and is not lost.",
        todo="Check the policy's id, or name its product with --product.",
        heals="A sale that waits goes on as soon as its price is mapped.",
    )


@app.command("retire")
def retire_one(
    *,
    stripe_id: StripeIdArgument,
    account: AccountOption = "",
    live: LiveOption = None,
    json: JsonOption = False,
) -> None:
    """End a mapping for new sales. Lines already sold keep the terms they were sold under.

    Example:

      fulfill mappings retire price_1
    """
    with open_context(json=json) as context:
        key = key_of(stripe_id, account=account, livemode=livemode_of(context, live))
        retired = retire(context.engine, key, now=context.clock.now(), by=author("retire"))
        if retired is None:
            raise CommandError(
                f"{key} has no mapping.",
                means="Nothing was changed.",
                todo='See "fulfill mappings list"; --live, --test and --account choose another.',
                heals="It does not heal by itself.",
            )
        context.answer(
            plain_mapping(retired), lambda: f"retired: {key} (version {retired.version})"
        )

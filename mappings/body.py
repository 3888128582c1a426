"""From a plain body to a draft, with every fault at once. Where the body came from, JSON, TOML or
a command line, is the caller's business: a fault names its place as a path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from mappings.allowed import ID_SCHEMA, LONGEST_ID
from mappings.terms import TERM_FIELDS, check_terms, terms_of, unknown
from mappings.values import MappingDraft

FIELDS: dict[str, str] = {
    "stripe_price_id": "the price that is sold, such as price_1Qf",
    "stripe_product_id": "or the product, for all its prices without a mapping of their own",
    "product_id": "LicenseKit's product",
    "policy_id": "LicenseKit's policy",
    "account": 'the connected account, such as acct_1; "" or nothing for your own',
    "livemode": "true or false; nothing for the mode of your Stripe key",
    "terms": "a table of terms",
}


def body_schema() -> dict[str, Any]:
    """A body as JSON Schema. Exactly one of price and product must be given."""
    terms = {
        name: {**_or_null(dict(term.allowed.schema)), "description": term.about}
        for name, term in TERM_FIELDS.items()
    }
    kinds: dict[str, dict[str, Any]] = {
        **{name: dict(ID_SCHEMA) for name in FIELDS},
        "account": {"type": "string", "pattern": "^(acct_.*)?$"},
        "livemode": {"type": "boolean"},
        "terms": {"type": "object", "properties": terms, "additionalProperties": False},
    }
    needed = ("product_id", "policy_id")
    fields = {name: kind if name in needed else _or_null(kind) for name, kind in kinds.items()}
    return {
        "type": "object",
        "properties": {
            name: {**kind, "description": FIELDS[name]} for name, kind in fields.items()
        },
        "required": list(needed),
        "additionalProperties": False,
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body."""

    path: tuple[str, ...]  # ("terms", "grace_days"); () = the body itself
    says: str  # 'must be a whole number from 0 to 365'
    unknown_field: bool = False

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.says}".strip()


def read_draft(body: object, *, livemode: bool) -> MappingDraft | tuple[Fault, ...]:
    """A draft, or every fault of the body. A body without `livemode` takes the one given."""
    if not isinstance(body, Mapping):
        return (Fault((), "a mapping must be a table of fields"),)
    # JSON writes null where TOML leaves a field out
    given = {str(name): value for name, value in body.items() if value is not None}
    faults = tuple(_faults(given))
    if faults:
        return faults
    terms = cast(Mapping[str, object], given.get("terms", {}))
    return MappingDraft(
        account=str(given.get("account", "")),
        livemode=bool(given.get("livemode", livemode)),
        stripe_price_id=cast("str | None", given.get("stripe_price_id")),
        stripe_product_id=cast("str | None", given.get("stripe_product_id")),
        product_id=str(given["product_id"]),
        policy_id=str(given["policy_id"]),
        terms=terms_of(terms),
    )


def _faults(given: dict[str, object]) -> Iterator[Fault]:
    yield from (Fault((n,), unknown(n, FIELDS), True) for n in given if n not in FIELDS)
    yield from _sold_faults(given)
    for name in ("product_id", "policy_id"):
        if name not in given:
            yield Fault((name,), f"is missing: {FIELDS[name]}")
        else:
            yield from _id_faults(name, given[name])
    account = given.get("account", "")
    if account != "" and not (isinstance(account, str) and account.startswith("acct_")):
        yield Fault(("account",), "must start with acct_, or be left out for your own account")
    if not isinstance(given.get("livemode", True), bool):
        yield Fault(("livemode",), "must be true or false")
    yield from _term_faults(given.get("terms", {}))


def _sold_faults(given: dict[str, object]) -> Iterator[Fault]:
    """What is sold: exactly one of price and product, and not one in the other's place."""
    sold = [name for name in ("stripe_price_id", "stripe_product_id") if name in given]
    if not sold:
        yield Fault((), "stripe_price_id and stripe_product_id are both missing: give one")
    elif len(sold) == 2:
        yield Fault(("stripe_product_id",), "and stripe_price_id are both given: give one")
    for name, stranger, instead in (
        ("stripe_price_id", "prod_", "stripe_product_id"),
        ("stripe_product_id", "price_", "stripe_price_id"),
    ):
        value = given.get(name)
        if isinstance(value, str) and value.startswith(stranger):
            yield Fault((name,), f'holds "{value}": give it as {instead}')
        elif name in given:
            yield from _id_faults(name, value)


def _id_faults(name: str, value: object) -> Iterator[Fault]:
    # no prefix is asked for: Stripe keeps the ids that people gave to old plans and products
    if not isinstance(value, str):
        yield Fault((name,), "must be a text")
    elif not value.strip() or value != value.strip() or not value.isprintable():
        yield Fault((name,), "must be an id, without blanks around it")
    elif len(value) > LONGEST_ID:
        yield Fault((name,), f"must be at most {LONGEST_ID} characters long")


def _term_faults(terms: object) -> Iterator[Fault]:
    if not isinstance(terms, Mapping):
        yield Fault(("terms",), "must be a table of terms")
        return
    for name, says in check_terms(terms).items():
        yield Fault(("terms", name), says, says.startswith("is not known"))

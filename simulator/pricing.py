"""How a price counts: per unit, in tiers, by packages. What it comes to is in amounts.

Source: docs.stripe.com/products-prices/pricing-models
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.errors import bad_parameter
from simulator.params import Params
from simulator.values import Obj

MODES = ("graduated", "volume")
ROUNDINGS = ("down", "up")


def set_scheme(price: Obj, params: Params) -> list[Obj]:
    """Read the scheme into the price; its tiers, which Stripe sends only on demand."""
    scheme = params.text("billing_scheme", "per_unit")
    mode, rows = params.text("tiers_mode"), params.rows("tiers")
    _set_packages(price, params.group_or_none("transform_quantity"))
    if (exact := params.text("unit_amount_decimal")) is not None:
        price.update(_amounts("unit", _decimal("unit_amount_decimal", exact)))
    if scheme == "per_unit" and not rows:
        return []
    if scheme != "tiered" or mode not in MODES or price["transform_quantity"]:
        text = "Tiers need `billing_scheme=tiered` and a `tiers_mode`, and no `transform_quantity`."
        raise bad_parameter("tiers", text)
    price.update(billing_scheme=scheme, tiers_mode=mode, **_amounts("unit", None))
    tiers = [_tier(row) for row in rows]
    tops = [tier["up_to"] for tier in tiers[:-1]]
    if not tiers or tiers[-1]["up_to"] is not None or None in tops or tops != sorted(set(tops)):
        raise bad_parameter("tiers", "Tiers must rise, and the last one is `up_to=inf`.")
    return tiers


def _set_packages(price: Obj, rule: Params | None) -> None:
    if rule is None:
        return
    divide_by, rounding = rule.number("divide_by", 0), rule.needed("round")
    rule.refuse_unknown()
    if divide_by < 1 or rounding not in ROUNDINGS:
        raise bad_parameter("transform_quantity", "Divide by at least 1, and round up or down.")
    price["transform_quantity"] = {"divide_by": divide_by, "round": rounding}


def _tier(row: Any) -> Obj:
    params = Params(row)
    top = params.needed("up_to")
    tier: Obj = {"up_to": None if top == "inf" else int(top)}
    for name in ("flat", "unit"):
        whole, exact = params.text(f"{name}_amount"), params.text(f"{name}_amount_decimal")
        given = exact if whole is None else whole
        tier |= _amounts(name, None if given is None else _decimal(f"tiers[{name}_amount]", given))
    params.refuse_unknown()
    if tier["flat_amount_decimal"] is None and tier["unit_amount_decimal"] is None:
        raise bad_parameter("tiers", "A tier needs a unit amount or a flat amount.")
    return tier


def _amounts(name: str, amount: Decimal | None) -> Obj:
    """Both fields of an amount; the whole one is empty when there are fractions of a cent."""
    whole = None if amount is None or amount != int(amount) else int(amount)
    text = None if amount is None else format(amount.normalize(), "f")
    return {f"{name}_amount": whole, f"{name}_amount_decimal": text}


def _decimal(param: str, given: str) -> Decimal:
    try:
        return Decimal(given)
    except InvalidOperation as wrong:
        raise bad_parameter(param, f"Invalid decimal: {given}") from wrong

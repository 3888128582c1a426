"""Which mapping each price of a sale falls under: the one it was sold under, else today's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mappings.values import Catalog
from mappings.values import Mapping as PriceMapping
from worker.state import Bought, Line, PaidItem, Problem

UNMAPPED = "unmapped_price"
# The problems that setting a mapping releases; the subject of each is the price.
MENDED_BY_A_MAPPING = (UNMAPPED, "term_missing", "policy_missing")


@dataclass(frozen=True, slots=True)
class Terms:
    """The mapping of each price of one sale, and what has none."""

    by_price: Mapping[str, PriceMapping]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, sold: Line | PaidItem) -> PriceMapping | None:
        return self.by_price.get(sold.price_id)

    @property
    def versions(self) -> dict[str, int]:
        """What the sale keeps: price -> mapping version."""
        return {price_id: mapping.version for price_id, mapping in self.by_price.items()}

    @property
    def policy_ids(self) -> set[str]:
        """Of what is sold, and of its trials."""
        sold = {mapping.policy_id for mapping in self.by_price.values()}
        trials = {mapping.terms.trial_policy for mapping in self.by_price.values()}
        return sold | {policy_id for policy_id in trials if policy_id is not None}

    @property
    def product_ids(self) -> set[str]:
        """The LicenseKit products that the sale sells, or sold once."""
        return {mapping.product_id for mapping in self.by_price.values()}

    def features_of(self, line: Line) -> set[str]:
        """Every feature that the line's mapping gives, now or at times."""
        mapping = self.of(line)
        if mapping is None:
            return set()
        terms = mapping.terms
        seats = {terms.seat_feature} if terms.seat_feature is not None else set()
        return {*terms.features, *terms.entitlements.values(), *seats}

    @property
    def gives_features(self) -> bool:
        many = (mapping.terms for mapping in self.by_price.values())
        return any(one.features or one.entitlements or one.seat_feature for one in many)

    def reuses(self, bought: Bought, licensed: Collection[str]) -> bool:
        """Whether a license of an ended sale may go on in a line that never had one."""
        new = (self.of(line) for line in bought.lines if line.id not in licensed)
        return bought.subscription is not None and any(
            mapping is not None and mapping.terms.on_resubscribe == "reuse" for mapping in new
        )

    @property
    def wants_entitlements(self) -> bool:
        return any(mapping.terms.entitlements for mapping in self.by_price.values())


def choose_terms(bought: Bought, catalog: Catalog, frozen: Mapping[str, int]) -> Terms:
    """Choose for every paid line and item. `frozen` is price -> version, as kept with the sale.

    A paid line without a mapping is a problem on that line; the other lines go on. An item of an
    invoice that is no line of the sale (a setup fee) needs no license and is no problem. Nor is a
    bare payment intent whose price is not mapped: it is ignored, and the notes say so.
    """
    by_price: dict[str, PriceMapping] = {}
    for sold in _sold(bought):
        found = _find(bought, sold, catalog, frozen)
        if found is not None:
            by_price[sold.price_id] = found
    unmapped = [
        line
        for line in bought.lines
        if line.paid_from is not None and line.price_id not in by_price and not line.removed
    ]
    if bought.key.kind == "payment_intent":
        return Terms(by_price, notes=tuple(map(_ignored, unmapped)))
    return Terms(by_price, tuple(map(_unmapped, unmapped)))


def _sold(bought: Bought) -> Iterable[Line | PaidItem]:
    yield from (line for line in bought.lines if line.paid_from is not None)
    for payment in bought.payments:
        yield from payment.items


def _find(
    bought: Bought, sold: Line | PaidItem, catalog: Catalog, frozen: Mapping[str, int]
) -> PriceMapping | None:
    if sold.price_id in frozen:
        return catalog.version(frozen[sold.price_id])
    return catalog.find(
        bought.key.account,
        bought.key.livemode,
        price_id=sold.price_id,
        product_id=sold.product_id,
    )


def _ignored(line: Line) -> str:
    return f"the metadata of {line.id} names {line.price_id}, which is not mapped: it is ignored"


def _unmapped(line: Line) -> Problem:
    return Problem(
        cause=UNMAPPED,
        subject=line.price_id,
        line_id=line.id,
        message=(
            f"{line.price_id} (product {line.product_id}) has no mapping, so {line.id} was paid "
            f'but no license was issued. Map it with "fulfill mappings set {line.price_id} '
            '--policy <policy>"; that wakes the sale and the license is issued at once.'
        ),
    )

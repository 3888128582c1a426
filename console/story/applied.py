"""Which version of a mapping a price of a sale was sold under, and whether it still sells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.mapping_tables import say_terms
from mappings.terms import plain_terms
from mappings.values import Catalog
from mappings.values import Mapping as PriceMapping


@dataclass(frozen=True, slots=True)
class Applied:
    """The terms of one price. A sale keeps them, whatever new sales get."""

    price_id: str
    version: int
    mapping: PriceMapping | None  # None = the version is gone, which only a lost database does
    newest: int | None  # the version that sells now; None = it was retired

    def __str__(self) -> str:
        """`price_1  mapping 3: prod_1 / pol_1 grace_days=3 (new sales: 5)`."""
        said = f"{self.price_id}  mapping {self.version}"
        if self.mapping is None:
            return f"{said} is not in this database"
        sells = f"{said}: {self.mapping.product_id} / {self.mapping.policy_id}"
        return " ".join(filter(None, (sells, say_terms(self.mapping.terms), self._since())))

    def _since(self) -> str:
        if self.newest is None:
            return "(retired for new sales)"
        return "" if self.newest == self.version else f"(new sales: {self.newest})"

    def as_json(self) -> dict[str, Any]:
        """With every term, also those at their default."""
        mapping = self.mapping
        return {
            "price": self.price_id,
            "mapping_version": self.version,
            "newest_version": self.newest,
            "product_id": mapping.product_id if mapping else None,
            "policy_id": mapping.policy_id if mapping else None,
            "terms": plain_terms(mapping.terms) if mapping else None,
        }


def applied_terms(catalog: Catalog, versions: Mapping[str, int]) -> tuple[Applied, ...]:
    """`versions` are by price, as a sale keeps them."""
    return tuple(_applied(catalog, *pair) for pair in sorted(versions.items()))


def _applied(catalog: Catalog, price_id: str, version: int) -> Applied:
    mapping = catalog.version(version)
    current = None if mapping is None else catalog.current(mapping.key)
    return Applied(price_id, version, mapping, None if current is None else current.version)

"""What a mapping is, and which one a sold price means. Pure: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from mappings.terms import Quantity, Terms, plain_terms

__all__ = ["Catalog", "Mapping", "MappingDraft", "MappingKey", "Quantity", "Terms"]


@dataclass(frozen=True, slots=True, order=True)
class MappingKey:
    """What a mapping is found by; at most one mapping of a key is current."""

    account: str  # "" = our own account, else "acct_…"
    livemode: bool
    kind: Literal["price", "product"]
    stripe_id: str  # "price_…" or Stripe's "prod_…"

    def __str__(self) -> str:
        where = f" of {self.account}" if self.account else ""
        return f"{self.stripe_id} in {'live' if self.livemode else 'test'} mode{where}"


DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """A mapping as someone asks for it, checked, without a version yet."""

    account: str
    livemode: bool
    stripe_price_id: str | None  # exactly one of the two
    stripe_product_id: str | None
    product_id: str  # LicenseKit's
    policy_id: str
    terms: Terms = DEFAULT_TERMS

    @property
    def key(self) -> MappingKey:
        if self.stripe_price_id is not None:
            return MappingKey(self.account, self.livemode, "price", self.stripe_price_id)
        return MappingKey(self.account, self.livemode, "product", self.stripe_product_id or "")


@dataclass(frozen=True, slots=True)
class Mapping:
    """One version of a mapping. It never changes; another version may take its place."""

    version: int  # unique over all mappings; what a sale keeps
    account: str  # "" = our own account
    livemode: bool
    stripe_price_id: str | None  # exactly one of the two
    stripe_product_id: str | None
    product_id: str  # LicenseKit's "prod_…"
    policy_id: str  # LicenseKit's "pol_…"
    terms: Terms
    retired: bool

    @property
    def draft(self) -> MappingDraft:
        """The same without its version: two versions that say the same have equal drafts."""
        return MappingDraft(
            self.account,
            self.livemode,
            self.stripe_price_id,
            self.stripe_product_id,
            self.product_id,
            self.policy_id,
            self.terms,
        )

    @property
    def key(self) -> MappingKey:
        return self.draft.key


@dataclass(frozen=True, slots=True)
class Catalog:
    """All versions of all mappings. The newest version of a key is the one that counts."""

    mappings: Iterable[Mapping] = ()
    _versions: dict[int, Mapping] = field(init=False, repr=False, compare=False)
    _newest: dict[MappingKey, Mapping] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        in_order = tuple(sorted(self.mappings, key=lambda mapping: mapping.version))
        object.__setattr__(self, "mappings", in_order)
        object.__setattr__(self, "_versions", {m.version: m for m in in_order})
        object.__setattr__(self, "_newest", {m.key: m for m in in_order})

    def find(
        self, account: str, livemode: bool, *, price_id: str, product_id: str
    ) -> Mapping | None:
        """What sells this price now: its own mapping, else its product's. Never a retired one."""
        return self.current(MappingKey(account, livemode, "price", price_id)) or self.current(
            MappingKey(account, livemode, "product", product_id)
        )

    def version(self, version: int) -> Mapping | None:
        """The terms a sale was made under, also when they were replaced or retired since."""
        return self._versions.get(version)

    def current(self, key: MappingKey) -> Mapping | None:
        """The mapping of exactly this price or product, unless it is retired."""
        newest = self._newest.get(key)
        return None if newest is None or newest.retired else newest

    def all_current(self) -> list[Mapping]:
        """Every mapping that counts now, sorted by account, mode, kind and Stripe id."""
        return [m for _, m in sorted(self._newest.items()) if not m.retired]


def plain_draft(draft: MappingDraft) -> dict[str, object]:
    """The admin body's names, all of them, in a fixed order."""
    return {
        "account": draft.account,
        "livemode": draft.livemode,
        "stripe_price_id": draft.stripe_price_id,
        "stripe_product_id": draft.stripe_product_id,
        "product_id": draft.product_id,
        "policy_id": draft.policy_id,
        "terms": plain_terms(draft.terms),
    }


def plain_mapping(mapping: Mapping) -> dict[str, object]:
    """A mapping as the admin routes and `--json` show it."""
    return {"version": mapping.version, **plain_draft(mapping.draft), "retired": mapping.retired}

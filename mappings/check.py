"""Do the mappings make sense, on their own and against LicenseKit? Reports only; mends nothing.

LicenseKit is asked through `Reader`, which the caller brings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from mappings.values import Catalog, Mapping

ENDS = ("time_limited", "trial")  # license types that end although nobody pays again
NEVER_ENDS = ("perpetual",)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a check needs of LicenseKit's policy."""

    policy_id: str
    product_id: str
    license_type: str  # perpetual | time_limited | subscription | trial | consumption


class Unreachable(Exception):
    """LicenseKit can't be asked now. The message says why and shows no token."""


class Reader(Protocol):
    """Asks LicenseKit. Both raise Unreachable."""

    def has_product(self, product_id: str) -> bool: ...

    def policy(self, policy_id: str) -> Policy | None: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: a fault keeps a buyer from a license, a warning may be meant so."""

    level: Literal["fault", "warning"]
    subject: str  # "price_1 in test mode"
    says: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.says}"


def check_alone(catalog: Catalog, *, livemode: bool | None) -> list[Finding]:
    """What the mappings alone show. `livemode` is the Stripe key's mode, None without a key."""
    current = catalog.all_current()
    return [*_mode(current, livemode), *_torn_policies(current), *_both_kinds(current)]


def check_against(catalog: Catalog, reader: Reader) -> list[Finding]:
    """What LicenseKit says to each current mapping; asks once for each id. Raises Unreachable."""
    current = catalog.all_current()
    products = {p: reader.has_product(p) for p in sorted({m.product_id for m in current})}
    policies = {p: reader.policy(p) for p in sorted({m.policy_id for m in current})}
    return [
        finding
        for mapping in current
        for finding in _against(mapping, products[mapping.product_id], policies[mapping.policy_id])
    ]


def _mode(current: list[Mapping], livemode: bool | None) -> Iterator[Finding]:
    if livemode is None or not current or any(m.livemode == livemode for m in current):
        return
    mode, other = ("live", "test") if livemode else ("test", "live")
    says = f"no mapping is for {mode} mode, which the Stripe key serves; all are for {other} mode"
    yield Finding("warning", "the Stripe key", says)


def _torn_policies(current: list[Mapping]) -> Iterator[Finding]:
    """A policy belongs to one LicenseKit product, so two mappings can't both be right."""
    products: dict[str, set[str]] = defaultdict(set)
    for mapping in current:
        products[mapping.policy_id].add(mapping.product_id)
    for policy_id, ids in sorted(products.items()):
        if len(ids) > 1:
            says = f"is mapped under several products: {', '.join(sorted(ids))}"
            yield Finding("fault", policy_id, says)


def _both_kinds(current: list[Mapping]) -> Iterator[Finding]:
    """One id can't be a price and a product; the wrong one of the two never matches a sale."""
    prices = {m.key.stripe_id for m in current if m.key.kind == "price"}
    for mapping in current:
        if mapping.key.kind == "product" and mapping.key.stripe_id in prices:
            yield Finding("fault", str(mapping.key), "is mapped as a price and as a product")


def _against(mapping: Mapping, product_exists: bool, policy: Policy | None) -> Iterator[Finding]:
    subject = str(mapping.key)
    if not product_exists:
        yield Finding("fault", subject, f"LicenseKit has no product {mapping.product_id}")
    if policy is None:
        yield Finding("fault", subject, f"LicenseKit has no policy {mapping.policy_id}")
        return
    if product_exists and policy.product_id != mapping.product_id:
        says = f"{policy.policy_id} belongs to {policy.product_id}, not to {mapping.product_id}"
        yield Finding("fault", subject, says)
    yield from (Finding("warning", subject, says) for says in _terms(mapping, policy))


def _terms(mapping: Mapping, policy: Policy) -> Iterator[str]:
    """Terms that don't fit the policy's license type."""
    terms, kind = mapping.terms, policy.license_type
    if kind in ENDS and terms.term_days is None:
        yield (
            f"{policy.policy_id} is {kind} and term_days is not set, so a one-time sale of it "
            "can't tell when its license ends; a subscription can"
        )
    if kind in NEVER_ENDS and terms.term_days is not None:
        yield f"{policy.policy_id} is {kind}, so term_days = {terms.term_days} says nothing"
    if kind in NEVER_ENDS and terms.grace_days:
        yield f"{policy.policy_id} is {kind}, so grace_days = {terms.grace_days} says nothing"

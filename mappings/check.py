"""Do the mappings make sense, on their own and against LicenseKit? Reports only; mends nothing.

LicenseKit is asked through `Reader`, which the caller brings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from mappings.terms import Terms
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
    """Asks LicenseKit. All raise Unreachable."""

    def has_product(self, product_id: str) -> bool: ...

    def policy(self, policy_id: str) -> Policy | None: ...

    def product_of_feature(self, feature_id: str) -> str | None:
        """None when there is no such feature."""
        ...


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


@dataclass(frozen=True, slots=True)
class Records:
    """What LicenseKit has of all that the mappings name."""

    products: dict[str, bool]
    policies: dict[str, Policy | None]
    features: dict[str, str | None]  # the product of each; None = there is no such feature


def check_against(catalog: Catalog, reader: Reader) -> list[Finding]:
    """What LicenseKit says to each current mapping; asks once for each id. Raises Unreachable."""
    current = catalog.all_current()
    policies = {m.policy_id for m in current} | {m.terms.trial_policy for m in current}
    features = {feature for m in current for feature in features_of(m)}
    records = Records(
        {p: reader.has_product(p) for p in sorted({m.product_id for m in current})},
        {p: reader.policy(p) for p in sorted(filter(None, policies))},
        {f: reader.product_of_feature(f) for f in sorted(features)},
    )
    return [finding for mapping in current for finding in _against(mapping, records)]


def features_of(mapping: Mapping) -> dict[str, str]:
    """Every LicenseKit feature that a mapping names, with the first term that names it."""
    terms = mapping.terms
    named = dict.fromkeys(terms.entitlements.values(), "entitlements")
    named |= dict.fromkeys(terms.features, "features")
    return named | ({terms.seat_feature: "seat_feature"} if terms.seat_feature else {})


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


def _against(mapping: Mapping, records: Records) -> Iterator[Finding]:
    subject = str(mapping.key)
    product_exists = records.products[mapping.product_id]
    if not product_exists:
        yield Finding("fault", subject, f"LicenseKit has no product {mapping.product_id}")
    faults = [*_policies(mapping, records), *_features(mapping, records)]
    yield from (Finding("fault", subject, says) for says in faults)
    policy = records.policies[mapping.policy_id]
    if policy is not None:
        yield from (Finding("warning", subject, says) for says in _terms(mapping, policy))
    yield from (Finding("warning", subject, says) for says in _idle(mapping, records))


def _policies(mapping: Mapping, records: Records) -> Iterator[str]:
    """Both policies have to be there and belong to the product."""
    trial_id = mapping.terms.trial_policy
    for policy_id in filter(None, (mapping.policy_id, trial_id)):
        policy = records.policies[policy_id]
        trial = " (trial_policy)" if policy_id == trial_id else ""
        if policy is None:
            yield f"LicenseKit has no policy {policy_id}{trial}"
        elif records.products[mapping.product_id] and policy.product_id != mapping.product_id:
            yield f"{policy_id}{trial} belongs to {policy.product_id}, not to {mapping.product_id}"


def _features(mapping: Mapping, records: Records) -> Iterator[str]:
    for feature_id, term in features_of(mapping).items():
        product_id = records.features[feature_id]
        if product_id is None:
            yield f"LicenseKit has no feature {feature_id} ({term})"
        elif product_id != mapping.product_id:
            yield f"{feature_id} ({term}) belongs to {product_id}, not to {mapping.product_id}"


def _idle(mapping: Mapping, records: Records) -> Iterator[str]:
    """Terms that do no harm, but from which somebody expects something."""
    terms = mapping.terms
    trial = records.policies.get(terms.trial_policy or "")
    if trial is not None and trial.license_type != "trial":
        yield f"{trial.policy_id} (trial_policy) is {trial.license_type}, not trial"
    percent = terms.partial_refund_percent
    if terms.on_partial_refund == "keep" and percent != Terms().partial_refund_percent:
        yield f"on_partial_refund is keep, so partial_refund_percent = {percent} says nothing"


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

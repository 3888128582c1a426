"""Short ways to write down mappings and bodies in tests, and any mapping at all for properties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mappings.allowed import Pairs
from mappings.body import read_draft
from mappings.terms import Terms
from mappings.values import Mapping, MappingDraft


def body(**changes: object) -> dict[str, object]:
    """A body without a fault; a change to None takes a field away."""
    whole: dict[str, object] = {
        "stripe_price_id": "price_1",
        "product_id": "prod_lk",
        "policy_id": "pol_1",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def draft(stripe_id: str = "price_1", **changes: Any) -> MappingDraft:
    """A draft for a price or, with an id that starts with prod_, for a product."""
    product = stripe_id.startswith("prod_")
    values: dict[str, Any] = {
        "account": "",
        "livemode": False,
        "stripe_price_id": None if product else stripe_id,
        "stripe_product_id": stripe_id if product else None,
        "product_id": "prod_lk",
        "policy_id": "pol_1",
        **changes,
    }
    return MappingDraft(**values)


def mapping(
    version: int, stripe_id: str = "price_1", *, retired: bool = False, **changes: Any
) -> Mapping:
    """One version of a mapping."""
    asked = draft(stripe_id, **changes)
    return Mapping(
        version=version,
        account=asked.account,
        livemode=asked.livemode,
        stripe_price_id=asked.stripe_price_id,
        stripe_product_id=asked.stripe_product_id,
        product_id=asked.product_id,
        policy_id=asked.policy_id,
        terms=asked.terms,
        retired=retired,
    )


def faults_of(given: object) -> list[str]:
    """What is wrong with a body, as people read it; empty when nothing is."""
    found = read_draft(given, livemode=False)
    return [] if isinstance(found, MappingDraft) else [str(fault) for fault in found]


# ids as people once gave them to plans: quotes, brackets, blanks inside, other scripts
PRINTABLE = st.characters(exclude_categories=["C", "Z"]) | st.just(" ")
IDS = st.text(PRINTABLE, min_size=1, max_size=20).map(str.strip).filter(bool)
STRIPE_IDS = IDS.filter(lambda text: not text.startswith(("price_", "prod_")))


FEATURES = st.text(PRINTABLE, max_size=6).map(lambda text: f"feat_{text}x")
TERMS = st.builds(
    Terms,
    grace_days=st.integers(0, 365),
    quantity=st.sampled_from(["one_license", "license_per_unit"]),
    term_days=st.none() | st.integers(1, 36_500),
    trial_policy=st.none() | IDS,
    on_past_due=st.sampled_from(["grace", "suspend", "keep"]),
    on_pause=st.sampled_from(["suspend", "keep"]),
    on_cancel=st.sampled_from(["period_end", "revoke"]),
    on_resubscribe=st.sampled_from(["new", "reuse"]),
    on_refund=st.sampled_from(["revoke", "suspend", "keep"]),
    on_partial_refund=st.sampled_from(["keep", "revoke"]),
    partial_refund_percent=st.integers(1, 99),
    on_dispute=st.sampled_from(["suspend", "keep"]),
    seat_feature=st.none() | FEATURES,
    features=st.lists(FEATURES, max_size=3, unique=True).map(tuple),
    entitlements=st.dictionaries(IDS, FEATURES, max_size=3).map(Pairs),
)


@st.composite
def drafts(pick: st.DrawFn) -> MappingDraft:
    """Any mapping that can be asked for."""
    stripe_id = pick(STRIPE_IDS)
    price = pick(st.booleans())
    return MappingDraft(
        account=pick(st.just("") | IDS.map("acct_{}".format)),
        livemode=pick(st.booleans()),
        stripe_price_id=stripe_id if price else None,
        stripe_product_id=None if price else stripe_id,
        product_id=pick(IDS),
        policy_id=pick(IDS),
        terms=pick(TERMS),
    )


DRAFT_LISTS = st.lists(drafts(), max_size=4, unique_by=lambda one: one.key)

"""The ids we write into Stripe's metadata: which, under which names, and how they stay in bounds.

Stripe allows 50 keys of 40 characters and values of 500. Source: docs.stripe.com/metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

VALUE_CHARACTERS = 500  # Stripe's limit for one metadata value
CUSTOMER = "licensekit_customer_id"
ORDER = "licensekit_order_id"
SUBSCRIPTION = "licensekit_subscription_id"
LICENSES = "licensekit_license_ids"
LICENSE_COUNT = "licensekit_license_count"
MARK = "fulfillment_mark"  # not in Stripe: a license's metadata in LicenseKit names its link by it


@dataclass(frozen=True, slots=True)
class Ref:
    """One LicenseKit record by the Stripe key of our link to it."""

    kind: Literal["customer", "order", "subscription", "license"]
    stripe_key: str


def ref_at(line_id: str, unit: int, issue: int) -> Ref:
    """`si_1/1`, and `si_1/1/2` for the second license of the same unit."""
    return Ref("license", f"{line_id}/{unit}" if issue == 1 else f"{line_id}/{unit}/{issue}")


def slot_of(stripe_key: str) -> tuple[str, int, int]:
    """`si_1/2` -> ("si_1", 2, 1); `si_1/2/3` -> ("si_1", 2, 3)."""
    line_id, unit, issue = [*stripe_key.split("/"), "1"][:3]
    return line_id, int(unit), int(issue)


Known = Mapping[Ref, str]  # the LicenseKit id of each record that stands


def metadata_of(ids: Mapping[str, tuple[Ref, ...]], known: Known) -> dict[str, str]:
    """Metadata for one Stripe object: several ids are joined by commas, whole ids only.

    Licenses come with their count, so that a cut list shows that it is cut. A ref that is not
    known is left out.
    """
    metadata: dict[str, str] = {}
    for name, refs in ids.items():
        found = [known[ref] for ref in refs if ref in known]
        if not found:
            continue
        metadata[name] = _joined(found)
        if name == LICENSES:
            metadata[LICENSE_COUNT] = str(len(found))
    return metadata


def _joined(ids: list[str]) -> str:
    text = ""
    for one in ids:
        longer = f"{text},{one}" if text else one
        if len(longer) > VALUE_CHARACTERS:
            break
        text = longer
    return text

"""The licenses of some sales, as LicenseKit has them now: status, end, devices and usage."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from console.story.values import Linked, Story
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.gateways.licensekit import LicenseKitGateway

MOST = 10  # licenses looked at: each costs three reads, and somebody waits
DEVICE = ("id", "status", "hostname", "os", "first_seen_at", "last_seen_at")
FEATURE = ("feature_code", "enabled", "max_consumptions", "total_consumptions", "remaining")

Facts = dict[str, Any]


def known_licenses(stories: Sequence[Story], app_url: str) -> list[Facts]:
    """What our database knows of them, each with the way to it in LicenseKit."""
    return [
        {
            "id": link.licensekit_id,
            "sale": story.key.id,
            "line": link.stripe_key,
            "status": None,
            "expires_at": link.written.get("expires_at"),
            "devices": None,
            "features": None,
            "url": link_to(app_url, "licenses", link.licensekit_id),
        }
        for story in stories
        for link in _linked(story, "license")
    ]


def customer_of(stories: Sequence[Story], app_url: str) -> Facts | None:
    """The buyer's record in LicenseKit."""
    for story in stories:
        for link in _linked(story, "customer"):
            url = link_to(app_url, "customers", link.licensekit_id)
            return {"id": link.licensekit_id, "url": url}
    return None


def link_to(app_url: str, kind: str, record_id: str | None) -> str | None:
    """None while LICENSEKIT_APP_URL is not set."""
    return f"{app_url}/{kind}/{record_id}" if app_url and record_id else None


def read_licenses(
    known: Sequence[Facts], licensekit: LicenseKitGateway, *, within_seconds: float
) -> tuple[list[Facts], str | None]:
    """With what LicenseKit says now, and what is missing if not all of it was read in time."""
    until = time.monotonic() + within_seconds
    read: list[Facts] = []
    for place, one in enumerate(known):
        try:
            if place >= MOST or time.monotonic() > until:
                rest = len(known) - place
                return [*read, *known[place:]], f"{rest} licenses were not looked at in LicenseKit"
            read.append({**one, **_now(str(one["id"]), licensekit)})
        except NotFound:
            read.append({**one, "status": "missing"})
        except (TemporaryError, PermanentError):
            return [*read, *known[place:]], "LicenseKit gave no answer"
    return read, None


def _now(license_id: str, licensekit: LicenseKitGateway) -> Facts:
    facts = licensekit.license(license_id)
    return {
        "status": facts["status"],
        "expires_at": facts.get("expires_at"),
        "policy": facts.get("policy_id"),
        "key_last4": facts.get("last4"),
        "devices": [_some(one, DEVICE) for one in licensekit.devices(license_id)],
        "features": [_some(one, FEATURE) for one in licensekit.features(license_id)],
    }


def _some(facts: Mapping[str, Any], names: Sequence[str]) -> Facts:
    return {name: facts.get(name) for name in names}


def _linked(story: Story, kind: str) -> list[Linked]:
    return [link for link in story.links if link.kind == kind and link.licensekit_id]

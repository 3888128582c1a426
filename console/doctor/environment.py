"""The settings: what receiver, web and workers can't start without."""

from __future__ import annotations

from collections.abc import Mapping

from console.doctor.findings import Finding, fail, ok
from console.doctor.visit import Visit
from shared.settings import Role, SettingsError, read_settings

ROLES: tuple[Role, ...] = ("receiver", "web", "worker")


def look_at_environment(visit: Visit) -> list[Finding]:
    return [check_environment(visit.house.environment)]


def check_environment(environment: Mapping[str, str]) -> Finding:
    """All faults in one finding. REDIS_URL is looked at by itself."""
    known = {"REDIS_URL": "redis://127.0.0.1", **environment}
    faults: dict[str, None] = {}
    for role in ROLES:
        try:
            read_settings(known, role=role)
        except SettingsError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        return fail("settings", "; ".join(faults), "See .env.example for how to get each.")
    return ok("settings", "complete")

"""All looks, in the order in which a sale meets what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.engine import Engine

from console.doctor.findings import Finding, fail, ok
from console.doctor.services import check_accounts, check_licensekit, check_redis, check_stripe
from console.doctor.storage import check_storage
from shared.settings import Role, Settings, SettingsError, read_settings

ROLES: tuple[Role, ...] = ("receiver", "web", "worker")


def examine(
    settings: Settings, engine: Engine, environment: Mapping[str, str], *, now: datetime
) -> list[Finding]:
    """One finding a look; none of them raises."""
    return [
        check_environment(environment),
        *check_storage(settings, engine, now=now),
        check_redis(settings),
        check_stripe(settings),
        *check_accounts(settings),
        check_licensekit(settings),
    ]


def check_environment(environment: Mapping[str, str]) -> Finding:
    """What receiver, web and workers can't start without. REDIS_URL is looked at by itself."""
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

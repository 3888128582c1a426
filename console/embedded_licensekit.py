"""How our settings become those of the embedded LicenseKit, which knows nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping

from licensing.config import LicensingConfig
from shared.settings import Settings

NEEDS = {
    "LICENSEKIT_API_TOKEN": "it is the admin token of the embedded LicenseKit",
    "FULFILL_ENCRYPTION_KEYS": "the embedded LicenseKit encrypts its signing key with them",
}


def embedded_faults(environment: Mapping[str, str]) -> list[str]:
    """What the embedded LicenseKit can't be served without; [] when a hosted one is used."""
    if environment.get("LICENSEKIT_BASE_URL", "").strip():
        return []
    return [
        f"{name} is missing: {why}"
        for name, why in NEEDS.items()
        if not environment.get(name, "").strip()
    ]


def licensing_config(settings: Settings) -> LicensingConfig:
    """The embedded LicenseKit on its own tables, with our token and our encryption keys."""
    return LicensingConfig(
        database_url=settings.licensing_database_url,
        admin_token=settings.licensekit_api_token,
        encryption_keys=settings.encryption_keys,
    )

"""The embedded LicenseKit's configuration for benches: its own SQLite file, a fixed token."""

from __future__ import annotations

import os
from pathlib import Path

from licensing.config import LicensingConfig
from licensing.database import upgrade
from shared.secrets import Secret
from tests.conftest import FERNET_KEY

TOKEN = "bench_admin_token"


def make_config() -> LicensingConfig:
    """A migrated database in `BENCH_LICENSEKIT_FOLDER`."""
    url = f"sqlite:///{Path(os.environ['BENCH_LICENSEKIT_FOLDER']) / 'licensekit.db'}"
    upgrade(url)
    return LicensingConfig(
        database_url=url, admin_token=Secret(TOKEN), encryption_keys=(Secret(FERNET_KEY),)
    )

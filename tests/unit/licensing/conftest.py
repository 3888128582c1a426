"""A database of the embedded API without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from licensing.config import LicensingConfig, Secret
from licensing.database import Database, close_database, open_database, upgrade

FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def config(tmp_path: Path) -> Iterator[LicensingConfig]:
    """A migrated SQLite database of the test's own."""
    url = f"sqlite:///{tmp_path}/licensing.db"
    upgrade(url)
    yield LicensingConfig(url, Secret("admin"), (Secret(FERNET_KEY),))
    close_database(url)


@pytest.fixture
def database(config: LicensingConfig) -> Database:
    """That database, opened."""
    return open_database(config.database_url)

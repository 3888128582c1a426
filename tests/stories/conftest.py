"""A town for each story, with nothing in it yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.worlds.town import Town, open_town

NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def quiet_town(tmp_path: Path) -> Iterator[Town]:
    """All doors are open; the story starts its workers itself."""
    with open_town(tmp_path) as running:
        yield running


@pytest.fixture
def town(quiet_town: Town) -> Town:
    """With one worker at work."""
    quiet_town.start_worker()
    return quiet_town


@pytest.fixture
def town_on_a_clock(tmp_path: Path) -> Iterator[Town]:
    """All that is sold lives on one of Stripe's test clocks, which stands at New Year 2030."""
    with open_town(tmp_path, test_clock=True, now=NEW_YEAR) as running:
        running.start_worker()
        yield running

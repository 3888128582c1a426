"""A town for each story, with nothing in it yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.town import Town, open_town


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

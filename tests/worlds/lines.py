"""The log of this very program, kept as text for a test to read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import structlog

from shared import logs


class Lines(io.StringIO):
    """What was logged so far."""

    @property
    def text(self) -> str:
        return self.getvalue()

    def rows(self) -> list[dict[str, Any]]:
        """Each line of a JSON log, read."""
        return [json.loads(line) for line in self.text.splitlines()]

    def stages(self) -> list[str]:
        return [row["stage"] for row in self.rows()]


@contextmanager
def logged(log_format: logs.LogFormat = "json", level: int = logging.DEBUG) -> Iterator[Lines]:
    """Configured as a program would be while inside; as it was before, after."""
    before = structlog.get_config()
    lines = Lines()
    with redirect_stderr(lines):
        logs.configure(log_format, level)
    try:
        yield lines
    finally:
        structlog.configure(**before)

"""How a status looks in a terminal: one colour for one meaning, on every page."""

from __future__ import annotations

from rich.text import Text

# green: done; yellow: a person is needed; red: it is tried again; dim: nothing to tell
COLOURS = {
    "applied": "green",
    "settled": "green",
    "done": "green",
    "recorded": "green",
    "ok": "green",
    "blocked": "yellow",
    "refused": "yellow",
    "warn": "yellow",
    "failed": "red",
    "fail": "red",
    "running": "cyan",
    "started": "cyan",
    "moved": "dim",
    "ignored": "dim",
}


def status_text(status: str) -> Text:
    """The word itself, coloured; unknown words stay plain."""
    return Text(status, style=COLOURS.get(status, ""))

"""What the documents say, taken apart: links, code, headings. Whether it is true: the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT, relative

NAMES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")

CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a document. `where` is for the message of a failed test."""

    text: str
    where: str


@cache
def pages() -> tuple[Path, ...]:
    return (*(ROOT / name for name in NAMES), *sorted((ROOT / "docs").rglob("*.md")))


def code() -> Iterator[Said]:
    """Each inline piece of code, and each line of a block without its comment."""
    for page in pages():
        for block, inline in CODE.findall(page.read_text()):
            for line in block.splitlines() or [inline]:
                yield Said(line.split(" #")[0].strip(), relative(page))


def links() -> Iterator[tuple[Path, str]]:
    """Each link to a place in this repository: the page it stands on, and where it leads."""
    for page in pages():
        for target in LINK.findall(page.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, target


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get when it is shown."""
    headings = HEADING.findall(FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def text_of(name: str) -> str:
    return (ROOT / name).read_text()

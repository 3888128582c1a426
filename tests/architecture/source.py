"""What ships, read as text and as syntax trees. What must be true of it is said by the tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("webhooks", "worker", "mappings", "shared", "licensing", "console", "simulator")

Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Length:
    """How many lines something has. `where` is for the message of a failed test."""

    lines: int
    where: str


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def modules() -> tuple[Path, ...]:
    """Every Python file that ships; package markers without a word in them are left out."""
    found = (path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")))
    return tuple(path for path in found if path.read_text().strip())


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def named(path: Path) -> Iterator[Named]:
    """The functions and classes that a module defines, at any depth."""
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Named))


def function_lengths() -> list[Length]:
    """From `def` to the last line; decorators don't count, docstrings do."""
    return [
        Length((node.end_lineno or 0) - node.lineno + 1, f"{relative(path)}: {node.name}")
        for path in modules()
        for node in named(path)
        if not isinstance(node, ast.ClassDef)
    ]


def file_lengths() -> list[Length]:
    """Migrations are left out: they are written once, and a table may be long."""
    return [
        Length(len(path.read_text().splitlines()), relative(path))
        for path in modules()
        if "versions" not in path.parts
    ]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that git knows or would take up, as it stands on disk."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())

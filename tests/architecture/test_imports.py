"""Imports run one way. The contracts themselves stand in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT, modules, relative, tree_of

# The only doors to the two SDKs; all else goes through them.
STRIPE_DOORS = {
    "worker/gateways/stripe_client.py",
    "worker/gateways/stripe_calls.py",
    "worker/gateways/stripe_lists.py",
}
LICENSEKIT_DOORS = {"worker/gateways/licensekit.py"}


def importers_of(package: str) -> set[str]:
    found = set()
    for path in modules():
        for node in ast.walk(tree_of(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(name.partition(".")[0] == package for name in names):
                found.add(relative(path))
    return found


def test_no_room_of_the_house_is_entered_from_the_wrong_side() -> None:
    """Every import contract of pyproject.toml is kept."""
    command = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_stripe_is_called_from_one_room_and_licensekit_from_one_other() -> None:
    """So there is one place that sets time limits and translates errors, for each service."""
    assert importers_of("stripe") <= STRIPE_DOORS
    assert importers_of("licensekit") <= LICENSEKIT_DOORS


def test_nothing_that_ships_needs_the_tests() -> None:
    """Tests may import all; nobody imports them."""
    assert importers_of("tests") == set()


def test_every_room_of_the_house_is_covered_by_the_contracts() -> None:
    """A package that is added is named in packaging, types and contracts, or this fails."""
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders == set(PACKAGES)

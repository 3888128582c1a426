"""What things are called, and that each module says what it is for."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import ROOT, modules, named, relative, tree_of

# A closed list: what is neither a meeting place of webhooks and worker nor ground for all packages
# belongs into the package that needs it. Moments were added by docs/decisions/0007.
SHARED = {
    *("settings", "keys", "tables", "database", "inbox", "queue", "journal", "links"),
    *("secrets", "logs", "clock", "moments", "migrations"),
    *("events", "accounts"),  # docs/decisions/0017
    "retention",  # docs/decisions/0021
    *("metrics", "tracing"),  # docs/decisions/0023
    "mentions",  # written by passes, read by the console
}

# Words that name nothing: anything may be handled, managed, processed or synced.
EMPTY_WORDS = {"sync", "process", "handle", "handler", "manager", "helper", "util", "utils"}

# SQLAlchemy calls these two by their names.
NAMED_ELSEWHERE = {"process_bind_param", "process_result_value"}


def words(name: str) -> set[str]:
    """`HTTPManager` and `http_manager` are both {"http", "manager"}."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return set(spaced.replace("_", " ").lower().split())


def test_what_two_engines_share_is_a_closed_list() -> None:
    """A module more in `shared` is a decision, and is written down as one."""
    folder = ROOT / "shared"
    inside = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    inside |= {path.parent.name for path in folder.glob("*/__init__.py")}

    assert inside == SHARED


def test_no_name_says_nothing() -> None:
    """Modules, classes and functions have names that tell what they are or do."""
    empty = [relative(path) for path in modules() if words(path.stem) & EMPTY_WORDS]
    empty += [
        f"{relative(path)}: {node.name}"
        for path in modules()
        for node in named(path)
        if words(node.name) & EMPTY_WORDS and node.name not in NAMED_ELSEWHERE
    ]
    assert empty == []


def test_every_module_says_what_it_is_for() -> None:
    """The first line of a file spares reading the rest of it."""
    assert [relative(path) for path in modules() if not ast.get_docstring(tree_of(path))] == []

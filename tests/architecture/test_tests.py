"""The tests are read as often as the code: what they are called, what they say, what they avoid."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, relative, tree_of

FILES = tuple(sorted((ROOT / "tests").rglob("*.py")))
LONGEST = 300  # lines; a longer file is about more than one thing


def cases_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test_"):
                    yield node


def calls_in(path: Path) -> Iterator[str]:
    return (ast.unparse(n.func) for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call))


def imports_in(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}"


def test_every_test_says_its_rule_in_words() -> None:
    """Whoever sees it fail reads what should hold, and need not guess it from the code."""
    silent = [
        f"{relative(path)}: {test.name}"
        for path in FILES
        for test in cases_in(path)
        if not ast.get_docstring(test)
    ]
    assert silent == []


def test_a_tests_name_is_a_sentence() -> None:
    """At least three words: `test_create` tells nobody what went wrong."""
    short = [
        f"{relative(path)}: {test.name}"
        for path in FILES
        for test in cases_in(path)
        if test.name.count("_") < 3
    ]
    assert short == []


def test_nothing_pretends_to_be_stripe_or_licensekit() -> None:
    """Doubles are working twins over HTTP, since a mock agrees with whatever the code does."""
    assert [relative(path) for path in FILES if "unittest.mock" in imports_in(path)] == []


def test_no_test_just_waits() -> None:
    """It waits for a condition: a fixed pause is too long here and too short elsewhere."""
    tests = [path for path in FILES if path.stem.startswith("test_")]

    assert [relative(path) for path in tests if {"time.sleep", "sleep"} & {*calls_in(path)}] == []


def test_a_test_file_is_about_one_thing() -> None:
    """So its name says what it tests."""
    lengths = {relative(path): len(path.read_text().splitlines()) for path in FILES}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}

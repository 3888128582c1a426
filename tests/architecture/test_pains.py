"""What hurts elsewhere has tests of its own, and docs/pains.md says which."""

from __future__ import annotations

import re

from tests.architecture.documents import text_of
from tests.architecture.source import ROOT

PAGE = "docs/pains.md"
PAINS = [f"{number:02}" for number in range(1, 26)]
A_TEST = re.compile(r"^(?:async )?def (test_pain_(\d\d)_\w+)", re.MULTILINE)
A_ROW = re.compile(r"^\| (\d\d) \|(.*)$", re.MULTILINE)


def pain_tests() -> dict[str, str]:
    """The number of the pain by the name of the test."""
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {name: number for text in texts for name, number in A_TEST.findall(text)}


def test_each_of_the_25_pains_has_a_test_with_its_number() -> None:
    """And no test has the number of a pain that nobody can look up."""
    assert sorted(set(pain_tests().values())) == PAINS


def test_the_page_of_pains_names_tests_that_are_there() -> None:
    """One row a pain, each with a test of that pain to read."""
    rows = dict(A_ROW.findall(text_of(PAGE)))
    named = [
        (name, number) for number, row in rows.items() for name in re.findall(r"`(test_\w+)`", row)
    ]

    assert list(rows) == PAINS
    assert {number for _, number in named} == set(PAINS)
    assert [(name, number) for name, number in named if pain_tests().get(name) != number] == []

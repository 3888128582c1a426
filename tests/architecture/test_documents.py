"""Do the documents tell the truth? Links, files, make targets, settings, events, causes."""

from __future__ import annotations

import ast
import re
from itertools import chain

from shared.events.routing import ROUTES
from shared.settings import NAMES
from tests.architecture.documents import anchors, code, links, pages, text_of
from tests.architecture.source import PACKAGES, ROOT, modules, relative, tree_of

A_FILE = re.compile(rf"^(?:{'|'.join((*PACKAGES, 'docs', 'tests'))})/[\w./-]*$")
A_TARGET = re.compile(r"^make ([a-z]+)")
A_SETTING = re.compile(r"\b(?:STRIPE|LICENSEKIT|LICENSING|FULFILL|DATABASE|REDIS)_[A-Z_]+\b")


def causes_of_problems() -> set[str]:
    """The first argument of each `Problem`, and each `cause=`: a text, or a constant's."""
    trees = [tree_of(path) for path in modules() if relative(path).startswith("worker/")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    constants = {
        ast.unparse(node.targets[0]): node.value.value
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    given = [key.value for call in calls for key in call.keywords if key.arg == "cause"]
    given += [call.args[0] for call in calls if call.args and ast.unparse(call.func) == "Problem"]
    texts = [one.value for one in given if isinstance(one, ast.Constant)]
    texts += [constants[one.id] for one in given if isinstance(one, ast.Name) and one.id.isupper()]
    return {str(text) for text in texts}


def missing_from(page: str, names: set[str]) -> set[str]:
    """The names that a page doesn't have as code of its own."""
    return {name for name in names if f"`{name}`" not in text_of(page)}


def test_every_link_between_the_documents_leads_somewhere() -> None:
    """To a file that is there, and to a heading that stands in it."""
    dead = []
    for page, target in links():
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            dead.append(f"{relative(page)}: {target}")
    assert dead == []


def test_every_file_that_is_named_is_there() -> None:
    """Whoever is sent to a file finds it."""
    gone = [
        f"{said.where}: {said.text}"
        for said in code()
        if A_FILE.match(said.text) and not (ROOT / said.text).exists()
    ]
    assert gone == []


def test_every_make_target_that_is_named_is_there() -> None:
    """And `make help` tells of no other than the Makefile has."""
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    told = re.findall(r'"make ([a-z]+)', text_of("Makefile"))
    said = [match[1] for one in code() if (match := A_TARGET.match(one.text))]

    assert set(said) <= targets
    assert set(told) <= targets


def test_every_setting_that_is_named_is_one() -> None:
    """A name that is misspelt in a document costs its reader an hour."""
    said = set(chain.from_iterable(A_SETTING.findall(page.read_text()) for page in pages()))

    assert said <= set(NAMES.values())


def test_every_setting_is_explained_in_both_places() -> None:
    """In the example that people copy, and in the page on operations."""
    example = set(re.findall(r"^#? ?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))

    assert example >= set(NAMES.values())
    assert missing_from("docs/6-operations.md", set(NAMES.values())) == set()


def test_every_event_we_listen_to_has_its_line() -> None:
    """The page is the list to tick in Stripe's Dashboard, with the reason for each."""
    rows = re.findall(r"^\| `([a-z_.]+)` \|", text_of("docs/3-events.md"), re.MULTILINE)

    assert sorted(rows) == sorted(ROUTES)
    assert missing_from("README.md", set(ROUTES)) == set()


def test_every_cause_of_a_problem_has_its_line_in_the_runbook() -> None:
    """What can stop a sale tells the reader what the buyer has and what to do."""
    causes = causes_of_problems()

    assert len(causes) > 5
    assert missing_from("docs/6-operations.md", causes) == set()


def test_the_changelog_tells_of_this_version() -> None:
    """Whoever upgrades reads what changes."""
    version = re.search(r'^version = "(.+)"', text_of("pyproject.toml"), re.MULTILINE)

    assert version is not None
    assert f"## {version[1]}" in text_of("CHANGELOG.md")


def test_decisions_are_numbered_without_a_gap() -> None:
    """They are read in order, and never renumbered: code and commits name them."""
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))

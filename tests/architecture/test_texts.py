"""What may stand in no file at all: places that exist only for us, and work left for later.

The words are put together here, since this file is looked at too.
"""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import ROOT, relative, tracked

OURS = "/" + "work" + "/"
REGISTRIES = [
    *("py" + "pi" + end for end in (".org", ".python.org", "hosted.org")),
    "pythonhosted" + ".org",
    "registry." + "npmjs",
    "proxy." + "golang",
    "--index" + "-url",
    "--extra-index" + "-url",
]
LATER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
UNDONE = "Not" + "Implemented"


def texts() -> list[tuple[str, str]]:
    """Each file that is text, by its name. The licence is the lawyers' business."""
    found = []
    for path in tracked():
        try:
            found.append((relative(path), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_the_project_stands_on_its_own() -> None:
    """No file names the place where it was written: it must work where you are."""
    assert [name for name, text in texts() if OURS in text] == []


@pytest.mark.parametrize("address", REGISTRIES)
def test_where_packages_come_from_is_up_to_you(address: str) -> None:
    """No file names a package registry: a company's own mirror works without a change."""
    assert [name for name, text in texts() if address in text] == []


def test_nothing_is_left_for_later() -> None:
    """What is not built is said in the README, and does not wait in the code."""
    assert [name for name, text in texts() if LATER.search(text) or UNDONE in text] == []


def test_the_licence_is_mit() -> None:
    """Anyone may use it."""
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")


def test_ci_runs_what_a_person_would_run() -> None:
    """`make test`, and nothing that only the robot does."""
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    run = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]

    assert run == ["make test"]

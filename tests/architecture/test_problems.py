"""The runbook and `fulfill problems` tell the same of each cause, in the same words."""

from __future__ import annotations

import re

import pytest

from console.problems.causes import CAUSES, Cause
from console.problems.look import Look, Shown, words_of
from console.problems.values import Place
from mappings.values import Catalog
from tests.architecture.documents import text_of
from tests.architecture.test_commands import fault_of
from tests.architecture.test_documents import causes_of_problems

# What the runbook names as an example, by what a cause counts.
SUBJECTS = {"line": "price_1", "event": "acct_1"}
IDS = {"event": "evt_1", "license key": "lic_1"}


def row_of(name: str, cause: Cause) -> str:
    """The line of the table, made from what the command says."""
    subject = SUBJECTS.get(cause.unit, "its code") if name != "wrong_mode" else "test"
    ids = (IDS.get(cause.unit, "sub_1"),)
    words = words_of(Place(name, subject), Shown(ids), Look(Catalog(), False), policy="pol_1")
    todo = f"{words.first} `{words.command}`".strip()
    return f"| `{name}` | {words.happened} | {words.means} | {todo} |"


@pytest.mark.parametrize("name", CAUSES)
def test_the_runbook_tells_of_a_cause_what_the_command_tells(name: str) -> None:
    """Whoever reads one finds the other: what happened, what it means, and what to type."""
    assert row_of(name, CAUSES[name]) in text_of("docs/6-operations.md")


def test_every_cause_in_the_runbook_is_one_that_the_command_knows() -> None:
    """And every cause that a pass can end with has its row and its words."""
    rows = text_of("docs/6-operations.md").partition("| cause |")[2].partition("\n\n")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) == set(CAUSES)
    assert causes_of_problems() <= set(CAUSES)


@pytest.mark.parametrize("name", CAUSES)
def test_what_releases_a_cause_can_be_typed(name: str) -> None:
    """There is such a command, with those options."""
    command = row_of(name, CAUSES[name]).split("`")[-2]

    assert command.startswith("fulfill ")
    assert fault_of(command) is None

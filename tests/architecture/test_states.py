"""docs/states.md says what the code decides by."""

from __future__ import annotations

import re
from typing import Literal, get_args, get_origin, get_type_hints

from mappings.terms import Terms
from tests.architecture.documents import text_of
from worker.plan.rules import CAUSES, STATUS_RULES
from worker.plan.rules_in_words import CHOICES, TABLES

PAGE = "docs/states.md"
TABLE = re.compile(r"<!-- table: ([\w-]+) -->\n(.*?)\n?<!-- end -->", re.DOTALL)


def test_every_decision_table_in_the_documents_is_the_codes() -> None:
    """Whoever looks a state up there finds what will really happen."""
    shown = dict(TABLE.findall(text_of(PAGE)))

    assert shown == {name: write() for name, write in TABLES.items()}


def test_every_choice_of_a_mapping_is_explained() -> None:
    """Each value that a term may have, and no value that it may not."""
    kinds = get_type_hints(Terms)
    choosing = {name: kind for name, kind in kinds.items() if get_origin(kind) is Literal}

    assert set(CHOICES) == {
        (name, one) for name, kind in choosing.items() for one in get_args(kind)
    }


def test_every_status_that_suspends_has_words_for_its_cause() -> None:
    """The journal tells the reason, and not a status that the reader has to know."""
    may_suspend = {
        status for status, rule in STATUS_RULES.items() if rule.always != "never" or rule.when
    }
    assert may_suspend <= set(CAUSES)

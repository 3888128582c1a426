"""How mappings and their changes look on a terminal, and which option each term has."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from rich.console import Console

from console.mapping_options import key_of, takes_terms, who
from console.mapping_tables import (
    changes_text,
    count_of,
    findings_text,
    mappings_table,
    say_draft,
    say_released,
)
from mappings.check import Finding
from mappings.store import changes_of
from mappings.terms import TERM_FIELDS, Terms
from mappings.values import Catalog, MappingKey
from tests.unit.mappings.examples import draft, mapping


def test_numbers_come_with_the_right_form_of_the_word() -> None:
    """One mapping, two mappings."""
    assert [count_of(n, "mapping") for n in (0, 1, 2)] == ["0 mappings", "1 mapping", "2 mappings"]


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, ""), (1, "\n1 waiting sale is due now"), (2, "\n2 waiting sales are due now")],
)
def test_what_was_released_is_told_only_when_something_was(number: int, says: str) -> None:
    """A line about nothing would only worry."""
    assert say_released(number) == says


def test_a_mapping_is_told_in_one_line() -> None:
    """Terms at their default are left out."""
    asked = draft("prod_1", account="acct_1", livemode=True, terms=Terms(term_days=30))

    assert say_draft(draft()) == "price_1 in test mode sells prod_lk / pol_1"
    assert say_draft(asked) == ("prod_1 in live mode of acct_1 sells prod_lk / pol_1 term_days=30")


def test_changes_are_counted_by_kind() -> None:
    """A dry run says that nothing was written."""
    catalog = Catalog([mapping(1), mapping(2, "price_2")])
    changes = changes_of(catalog, [draft(), draft("price_2", policy_id="p"), draft("price_3")])

    lines = changes_text(changes, dry=True).splitlines()

    assert [line.split()[0] for line in lines] == ["same", "changed", "new", "1"]
    assert lines[-1] == "1 new, 1 changed, 1 same; nothing was written"


def test_findings_come_before_their_number() -> None:
    """The last line is the one that is read first."""
    findings = [Finding("fault", "pol_1", "is gone"), Finding("warning", "pol_2", "is odd")]

    assert findings_text(findings, checked=2, asked=["LicenseKit", "Stripe"]).splitlines() == [
        "fault    pol_1: is gone",
        "warning  pol_2: is odd",
        "2 mappings checked against LicenseKit and Stripe: 1 fault, 1 warning",
    ]
    assert findings_text([], checked=2, asked=[]).startswith("2 mappings checked on their own:")


def test_an_id_that_looks_like_markup_is_shown_as_it_is() -> None:
    """Old plans may have any id."""
    terminal = Console(width=200)
    with terminal.capture() as shown:
        terminal.print(mappings_table([mapping(1, "[red]gold[/red]")]))

    assert "[red]gold[/red]" in shown.get()


@pytest.mark.parametrize(
    ("stripe_id", "kind"),
    [("price_1", "price"), ("prod_1", "product"), ("plan_1", "price"), ("Gold", "price")],
)
def test_the_id_says_whether_it_is_a_price_or_a_product(stripe_id: str, kind: Any) -> None:
    """Old plans are prices, whatever their id."""
    key = key_of(stripe_id, account="acct_1", livemode=True)

    assert key == MappingKey("acct_1", True, kind, stripe_id)


def test_every_term_is_an_option_by_itself() -> None:
    """A term that is added to the table needs no other line to be set on the command line."""
    given: dict[str, object] = {}

    @takes_terms
    def command(*, name: str, terms: dict[str, object]) -> None:
        given.update(terms, name=name)

    assert list(inspect.signature(command).parameters) == ["name", *TERM_FIELDS]
    none = dict.fromkeys(TERM_FIELDS)
    command(**{**none, "name": "x", "grace_days": 0})
    assert given == {"name": "x", "grace_days": 0}


def test_the_history_names_the_person_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one can ask why."""
    monkeypatch.setenv("LOGNAME", "ann")

    assert who("set") == "ann, fulfill mappings set"


def test_a_person_without_a_name_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the user may have a number only."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)

    assert who("set") == "fulfill mappings set"

"""`fulfill check`: each line says what is, and what to do about what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from console.doctor.run import LOOKS
from tests.conftest import OLDER_SECRET, SIGNING_SECRET
from tests.integration.console.conftest import Fulfill
from tests.integration.console.healthy import RESTRICTED, House

NOBODY = "http://127.0.0.1:1"  # nobody listens there
Look = Callable[..., dict[str, dict[str, str]]]


@pytest.fixture
def look(fulfill: Fulfill, house: House) -> Look:
    """Runs the check in a house where nothing is missing but what is changed."""

    def run(**changes: str | None) -> dict[str, dict[str, str]]:
        answer = fulfill("check", "--json", **{**house.environment, **changes})
        found: list[dict[str, str]] = json.loads(answer.stdout)
        assert answer.exit_code == int(any(one["status"] == "fail" for one in found))
        return {one["name"]: one for one in found}

    return run


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The commands' own is that of the house."""
    return sqlite_url


def test_a_house_in_which_nothing_is_missing_is_all_fine(look: Look) -> None:
    """Every look is taken, in the order in which a sale meets what it looks at."""
    found = look()

    assert {name: one["told"] for name, one in found.items() if one["status"] != "ok"} == {}
    groups = list(dict.fromkeys(one["group"] for one in found.values()))
    assert groups == list(dict.fromkeys(look.group for look in LOOKS))
    assert len(found) > 30


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("settings", {"STRIPE_WEBHOOK_SECRET": None}, "STRIPE_WEBHOOK_SECRET is missing"),
        ("database", {"DATABASE_URL": "sqlite:///empty.db"}, "is at revision none"),
        ("database", {"DATABASE_URL": "postgresql+psycopg://u@127.0.0.1:1/x"}, "can't be read"),
        ("redis", {"REDIS_URL": "redis://127.0.0.1:1/0"}, "no answer"),
        ("stripe", {"STRIPE_SECRET_KEY": "sk_test_unknown"}, "does not know this key"),
        ("stripe", {"STRIPE_SECRET_KEY": None}, "STRIPE_SECRET_KEY is not set"),
        ("stripe", {"STRIPE_API_BASE": NOBODY}, "gives no answer"),
        ("licensekit", {"LICENSEKIT_BASE_URL": NOBODY}, "gives no answer"),
        ("licensekit", {"LICENSEKIT_API_TOKEN": None}, "LICENSEKIT_API_TOKEN is not set"),
        ("escrow", {"FULFILL_ENCRYPTION_KEYS": None}, "FULFILL_ENCRYPTION_KEYS is not set"),
    ],
)  # fmt: skip
def test_what_is_missing_fails_on_its_own_line_with_what_to_do(
    look: Look, name: str, changes: dict[str, str | None], told: str
) -> None:
    """One fault never hides another: every other look that still has a sense is taken."""
    found = look(**changes)

    assert found[name]["status"] == "fail"
    assert told in found[name]["told"]
    assert found[name]["todo"]
    assert len(found) >= 12


def test_people_read_it_by_what_it_looks_at_and_never_a_secret(
    fulfill: Fulfill, house: House, environment: dict[str, str]
) -> None:
    """The page is copied into tickets."""
    answer = fulfill("check", **house.environment)

    assert answer.exit_code == 0
    assert answer.output.index("endpoint") < answer.output.index("permission Customers")
    secrets = {*environment.values(), RESTRICTED, SIGNING_SECRET, OLDER_SECRET}
    assert [one for one in secrets if one in answer.output] == []


def test_a_warning_alone_is_no_fault(look: Look) -> None:
    """Without REDIS_URL a person is told; `fulfill up` runs a Redis of its own."""
    found = look(REDIS_URL=None)

    assert {one["status"] for one in found.values()} == {"ok", "warn"}
    assert found["redis"]["status"] == "warn"


def test_a_look_that_breaks_is_told_and_the_others_are_taken(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours must not hide what is wrong with the house."""

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("sk_test_123")

    monkeypatch.setattr("console.doctor.inbox.due_count", broken)
    found = look()

    assert found["queue"]["told"] == "could not be looked at (ZeroDivisionError)"
    assert len(found) > 30

"""`.env.example` is the manual of the settings, and can't fall behind them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from shared.settings import NAMES, read_settings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / ".env.example").read_text()
SETTING = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


def manual_of(name: str) -> str:
    """The comment lines right above a setting."""
    above = re.split(rf"^(?:# )?{name}=", TEXT, flags=re.MULTILINE)[0]
    return above.rpartition("\n\n")[2]


def test_every_setting_is_in_the_manual_once_and_no_other() -> None:
    """A setting that nobody can read about does not exist."""
    assert sorted(name for name, _ in SETTING.findall(TEXT)) == sorted(NAMES.values())


@pytest.mark.parametrize("name", sorted(NAMES.values()))
def test_each_setting_says_its_form_or_unit_and_its_default(name: str) -> None:
    """What it is for, how it is written, and what happens without it."""
    manual = manual_of(name)

    assert "Form: " in manual or "Unit: " in manual
    assert "Default: " in manual
    assert len(manual.split()) > 15


def test_the_shown_defaults_are_the_real_ones() -> None:
    """Uncommenting a line that shows a default changes nothing."""
    without = read_settings({})
    examples = dict(SETTING.findall(TEXT))
    shown = {field: examples[name] for field, name in NAMES.items()}

    assert str(without.port) == shown["port"]
    assert str(without.worker_threads) == shown["worker_threads"]
    assert str(without.inbox_max_age_seconds) == shown["inbox_max_age_seconds"]
    assert str(without.guard_max_revokes) == shown["guard_max_revokes"]
    assert str(without.guard_max_share_percent) == shown["guard_max_share_percent"]
    assert without.database_url == shown["database_url"]
    assert without.licensing_database_url == shown["licensing_database_url"]
    assert without.stripe_api_base == shown["stripe_api_base"]


def test_the_examples_are_settings_that_work() -> None:
    """Whoever uncomments everything is not told of a fault in our own example."""
    uncommented = {name: value for name, value in SETTING.findall(TEXT) if value}

    assert read_settings(uncommented).log_format == "json"


def test_a_fresh_copy_of_the_manual_sets_nothing() -> None:
    """Copied as it is, it leaves every default in place and holds no secret."""
    assert not any(dotenv_values(ROOT / ".env.example").values())


def test_the_procfile_names_every_kind_of_program() -> None:
    """A platform that reads a Procfile runs the same programs as `fulfill up`."""
    names = [line.partition(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()]

    assert names == ["release", "web", "worker", "scheduler"]

"""The pinned packages: complete, within the bounds, and what this very environment runs on."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from tests.architecture import pin
from tests.architecture.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(name: str) -> dict[str, str]:
    """A requirements file as it stands: name -> version."""
    lines = (ROOT / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith(("#", "-r ")))


def misfits(bounds: list[str], pins: dict[str, str]) -> list[str]:
    """The bounds that no pin meets."""
    asked = [Requirement(bound) for bound in bounds]
    return [
        str(one)
        for one in asked
        if not one.specifier.contains(pins.get(pin.normalized(one.name), "0"))
    ]


def test_every_package_that_runs_in_production_is_pinned_within_its_bounds() -> None:
    """Also what installs us: nothing is fetched that was not tested."""
    assert misfits(pin.runtime_bounds(PROJECT), pinned("requirements.txt")) == []


def test_every_package_that_tests_need_is_pinned_once() -> None:
    """The second file builds on the first and repeats nothing of it."""
    runtime, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")

    assert misfits(pin.dev_bounds(PROJECT), dev) == []
    assert runtime.keys() & dev.keys() == set()
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_tests_run_on_the_pinned_versions(name: str) -> None:
    """What is green here is what gets deployed. If not: make clean, then make test."""
    pins = pinned(name)

    assert {package: version(package) for package in pins} == pins


def test_a_package_has_one_spelling() -> None:
    """Registries take any mix of case, dots and dashes for the same package."""
    assert pin.normalized("SQLAlchemy") == "sqlalchemy"
    assert pin.normalized("ruamel.yaml_clib") == "ruamel-yaml-clib"


def test_only_names_and_versions_are_taken_from_pips_report() -> None:
    """It names the address of each file too, which depends on where it was made."""
    report = {
        "install": [
            {"metadata": {"name": "RQ", "version": "2.12.0"}, "download_info": {"url": "https://…"}}
        ]
    }
    assert pin.pins_of(report) == {"rq": "2.12.0"}


def test_the_files_are_sorted_and_say_how_they_were_made() -> None:
    """The same choice gives the same text, so a change shows what changed."""
    runtime = {"rq": "2.12.0", "httpx": "0.28.1"}

    assert pin.runtime_text(runtime) == pin.HEADER + "httpx==0.28.1\nrq==2.12.0\n"
    assert pin.dev_text(runtime, {**runtime, "ruff": "0.17.5"}) == (
        pin.HEADER + "-r requirements.txt\nruff==0.17.5\n"
    )

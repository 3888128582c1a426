"""Dashboard, alert rules and runbook name only what there is, and leave nothing out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from shared.database import make_engine
from shared.metrics import COUNTED
from tests.architecture.documents import anchors, text_of
from tests.architecture.source import ROOT
from tests.architecture.test_commands import fault_of
from webhooks.gauges import Gauges
from worker.invariants import INVARIANTS, Invariant

METRIC = re.compile(r"\bfulfill_[a-z_]+\b")
IDS = {"license": "lic_1", "event": "evt_1", "policy": "pol_1", "sale": "sub_1"}
RUNBOOK = "docs/6-operations.md"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(text_of("docs/alerts.yaml"))["groups"]
    for rule in group["rules"]
]


@pytest.fixture
def exported(sqlite_url: str, redis_url: str) -> set[str]:
    """The name of each metric as the page shows it, with those that the databases tell."""
    engine = make_engine(sqlite_url)
    families = [*COUNTED.collect(), *Gauges(engine, redis_url).collect()]
    engine.dispose()
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    return {family.name + ending for family in families for ending in endings[family.type]}


def expressions() -> Iterator[str]:
    """Each PromQL expression of the dashboard."""
    for panel in json.loads(text_of("docs/grafana-dashboard.json"))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_are_shown(exported: set[str]) -> None:
    """A name that nobody exports is a panel without data, and an alert that never comes."""
    asked = {name for text in expressions() for name in METRIC.findall(text)}
    alarmed = {name for rule in RULES for name in METRIC.findall(rule["expr"])}

    assert asked <= exported
    assert alarmed <= exported


def test_every_metric_is_on_the_dashboard_and_in_the_runbook(exported: set[str]) -> None:
    """What is counted and shown nowhere is counted for nobody."""
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported}
    shown = " ".join(expressions())

    assert {name for name in plain if name not in shown} == set()
    assert {name for name in plain if f"`{name}`" not in text_of(RUNBOOK)} == set()


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_each_alert_says_what_it_means_and_leads_to_its_heading(rule: dict[str, Any]) -> None:
    """Whoever is woken reads what the buyer lacks, and finds what to type."""
    told = rule["annotations"]
    page, _, anchor = told["runbook_url"].partition("#")

    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(told) == {"summary", "meaning", "runbook_url"}
    assert anchor == rule["alert"].lower()
    assert anchor in anchors(ROOT / page)
    assert rule["expr"].count("(") == rule["expr"].count(")")


def test_every_invariant_that_alarms_has_its_alert() -> None:
    """And an alert about an invariant names one that there is."""
    asked = " ".join(rule["expr"] for rule in RULES)
    named = set(re.findall(r'invariant="(\w+)"', asked))
    by_age = {"inbox_too_old"}  # FulfillInboxOld asks for the age itself, sooner

    assert named == {one.name for one in INVARIANTS.values() if one.alarms} - by_age


@pytest.mark.parametrize("one", INVARIANTS.values(), ids=str)
def test_the_runbook_tells_of_an_invariant_what_the_command_tells(one: Invariant) -> None:
    """In the same words, with a command that can be typed."""
    command = one.command.format(id=IDS[one.unit], ids=IDS[one.unit])
    todo = f"{one.first} `{command}`".strip()

    assert f"| `{one.name}` | {one.happened} | {one.means} | {todo} |" in text_of(RUNBOOK)
    assert fault_of(command) is None


def test_the_dashboard_can_be_imported() -> None:
    """Panels have numbers of their own, places that don't overlap, and a data source to choose."""
    board = json.loads(text_of("docs/grafana-dashboard.json"))
    places = [
        (panel["gridPos"]["y"], x)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
    ]

    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert len(places) == len(set(places))
    assert {source["type"] for source in board["templating"]["list"]} == {"datasource"}
    assert all(panel["title"] for panel in board["panels"])

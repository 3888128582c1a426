"""What programs count, the page that shows it, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from shared.metrics import (
    CALL_BUCKETS,
    COUNTED,
    DELIVERIES,
    PASS_BUCKETS,
    PASSES,
    STEPS,
    exposition,
    lets_in,
    read_counts,
)
from shared.secrets import Secret
from tests.worlds.counts import counted

TOKEN = Secret("Ünlocks-the page")


class Waiting(Collector):
    """Two gauges, as the database gives them."""

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("fulfill_sales_due", "Sales that wait", value=3)
        by_cause = GaugeMetricFamily("fulfill_problems", "Problems", labels=["cause"])
        by_cause.add_metric(['un"mapped\n'], 2)
        yield by_cause


def shown(*more: Collector) -> dict[str, float]:
    """The page as a scraper reads it, by name and labels."""
    page = exposition(*more).decode()
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "header",
    [
        "Bearer Ünlocks-the page",
        "bearer Ünlocks-the page",
        "BEARER Ünlocks-the page",
        "Bearer   Ünlocks-the page ",
    ],
)
def test_the_token_opens_the_page(header: str) -> None:
    """The scheme's letters and blanks around the token do not matter."""
    assert lets_in(header, TOKEN)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Ünlocks-the page",
        "Basic Ünlocks-the page",
        "Bearer ünlocks-the page",
        "Bearer Ünlocks-the  page",
        "Bearer Ünlocks-the pag",
        "Bearer Ünlocks-the page and more",
        "Bearer\tÜnlocks-the page",
        "Token Bearer Ünlocks-the page",
    ],
)
def test_whatever_is_not_the_token_opens_nothing(header: str) -> None:
    """Neither a part of it, nor more than it, nor another scheme."""
    assert not lets_in(header, TOKEN)


@given(st.text(max_size=20))
def test_no_header_opens_a_page_without_a_token(header: str) -> None:
    """An empty setting must not match an empty header, or any other."""
    assert not lets_in(header, Secret(""))
    assert not lets_in(f"Bearer {header}", Secret(""))


@given(st.text(max_size=20))
def test_a_header_opens_only_what_it_names(given_token: str) -> None:
    """Any text, also one beyond ASCII, is an answer and no exception."""
    assert lets_in(f"Bearer {given_token}", TOKEN) is (given_token.strip() == TOKEN.reveal())


def test_deliveries_of_every_outcome_are_on_the_page_before_the_first() -> None:
    """A counter that appears with its first refusal is never seen to rise."""
    page = shown()

    assert {f"fulfill_deliveries_total/{outcome}" for outcome in DELIVERIES} <= page.keys()


def test_what_the_database_tells_stands_beside_what_was_counted() -> None:
    """One page for a scraper; a label is escaped, whatever text it holds."""
    page = shown(Waiting())

    assert page["fulfill_sales_due"] == 3
    assert page['fulfill_problems/un"mapped\n'] == 2
    assert "fulfill_deliveries_total/recorded" in page


def test_a_page_is_made_anew_each_time() -> None:
    """Asking twice registers nothing twice, and what is added once is not there the next time."""
    assert shown(Waiting()).keys() - shown().keys() == {
        "fulfill_sales_due",
        'fulfill_problems/un"mapped\n',
    }


def test_counts_are_read_by_name_and_sorted_labels() -> None:
    """So that two readings can be compared."""
    with counted() as counts:
        STEPS.labels("issue-license", "done").inc()
        PASSES.labels("applied").inc(2)

    assert counts.rose == {
        "fulfill_steps_total{kind=issue-license,outcome=done}": 1.0,
        "fulfill_passes_total{status=applied}": 2.0,
    }
    assert read_counts()["fulfill_passes_total{status=applied}"] >= 2


def test_every_metric_is_ours_by_name_and_says_what_it_is() -> None:
    """A dashboard finds them all by one prefix; seconds are named so."""
    for metric in COUNTED.collect():
        assert re.fullmatch(r"fulfill_[a-z_]+", metric.name)
        assert metric.documentation
        assert (metric.type == "histogram") is metric.name.endswith("_seconds")


@pytest.mark.parametrize("buckets", [CALL_BUCKETS, PASS_BUCKETS], ids=["calls", "passes"])
def test_buckets_rise_and_reach_the_longest_that_can_be(buckets: tuple[float, ...]) -> None:
    """A call ends at 30 s by itself; a pass that takes longer than a minute is seen apart."""
    assert list(buckets) == sorted(set(buckets))
    assert buckets[-1] >= 30


def test_no_page_tells_when_a_counter_was_made() -> None:
    """It would double the page."""
    assert not [name for name in shown() if "_created" in name]

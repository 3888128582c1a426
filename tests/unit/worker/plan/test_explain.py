"""A plan and a sale as JSON."""

from __future__ import annotations

import json

from tests.worlds.sales import NOW, mapping, once, plan_for, session
from worker.plan.explain import as_json, bought_as_json

EVER = mapping("price_once", "pol_ever")
MIXED = session(once("li_1"), once("li_2", "price_new"), targets=())


def test_the_journal_keeps_the_plan_as_json() -> None:
    """Step, key and reason; the problems; the notes; the mapping versions that applied."""
    kept = json.loads(json.dumps(as_json(plan_for(MIXED, EVER))))

    assert [step["key"] for step in kept["steps"]] == [
        "ensure-customer/cus_ada",
        "record-order/cs_1/prod_app/paid",
        "issue-license/li_1/1/pol_ever",
    ]
    assert [problem["subject"] for problem in kept["problems"]] == ["price_new"]
    assert kept["mapping_versions"] == {"price_once": 1}
    assert kept["notes"] == ["cs_1 is complete and paid"]


def test_what_was_bought_is_kept_for_people_to_look_at() -> None:
    """Who, what, how much and until when; no name and no e-mail."""
    kept = json.loads(json.dumps(bought_as_json(session(once("li_1")))))

    assert kept["buyer"] == {"id": "cus_ada"}
    assert kept["lines"][0]["price"] == "price_once"
    assert kept["payments"][0]["amount_minor_units"] == 1_000
    assert kept["payments"][0]["paid_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert "ada@example.com" not in json.dumps(kept)

"""`GET /stripe/admin/fulfillments`: the log, for programs."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.console.admin.conftest import Door
from tests.integration.console.journal import Journal

PATH = "/stripe/admin/fulfillments"


@pytest.fixture
def client(door: Door) -> httpx.Client:
    return door.client


def test_the_rows_are_those_of_the_log_in_an_envelope(
    client: httpx.Client, journal: Journal
) -> None:
    """A program and a person see the same."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    made = journal.closed(sale, license_ids=["lic_1"])

    body = client.get(PATH).json()

    assert [(row["pass"], row["events"]) for row in body["data"]] == [(made, ["evt_1"])]
    assert body["data"][0]["license_ids"] == ["lic_1"]
    assert body["meta"]["next_cursor"] is None
    assert body["meta"]["request_id"].startswith("req_")


def test_the_cursor_leads_through_all_pages(client: httpx.Client, journal: Journal) -> None:
    """Every pass once, newest first, until there is no next cursor."""
    sale = journal.sale("sub_1")
    made = [journal.closed(sale) for _ in range(5)]
    seen: list[int] = []
    query: dict[str, str] = {"limit": "2"}

    for _ in range(3):
        body = client.get(PATH, params=query).json()
        seen += [row["pass"] for row in body["data"]]
        query |= {"cursor": body["meta"]["next_cursor"]}

    assert seen == made[::-1]
    assert query["cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"sale": "sub_1"}, {"customer": "cus_1"}, {"event": "evt_1"}, {"license": "lic_1"},
        {"status": "failed"}, {"since": "2026-11-20T12:01:00Z", "until": "2026-11-20T12:02:00Z"},
    ],
)  # fmt: skip
def test_every_filter_of_the_log_works_here_too(
    client: httpx.Client, journal: Journal, query: dict[str, str]
) -> None:
    """The names are the same as on the command line."""
    sale = journal.sale("sub_1", customer_id="cus_1")
    journal.event("evt_1", sale)
    journal.link("license", "si_1/1", "lic_1", sale_id=sale)
    ours = journal.closed(sale, "failed")
    journal.closed(journal.sale("sub_2"))

    assert [row["pass"] for row in client.get(PATH, params=query).json()["data"]] == [ours]


def test_a_query_with_faults_is_refused_with_all_of_them(client: httpx.Client) -> None:
    """Who corrects one fault should not find the next one only then."""
    answer = client.get(
        PATH,
        params={"limit": "0", "status": "happy", "since": "soon", "cursor": "x", "colour": "red"},
    )

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error["code"] == "INVALID_QUERY"
    for name in ("limit", "status", "since", "cursor", "colour"):
        assert f"{name}: " in error["detail"]


@pytest.mark.parametrize("limit", ["1001", "-1", "²", "9" * 40, ""])
def test_a_limit_that_is_no_count_of_rows_is_refused(one_door: Door, limit: str) -> None:
    """Neither everything nor nothing can be asked for by mistake."""
    assert one_door.client.get(PATH, params={"limit": limit}).status_code == 400


def test_one_pass_is_told_in_full(client: httpx.Client, journal: Journal) -> None:
    """With its reasons, its problems, what it noted, and the mapping versions it followed."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    plan = {"notes": ["sub_1 is active"], "mapping_versions": {"price_1": 3}}
    problem = {"cause": "unmapped_price", "subject": "price_2", "message": "price_2 has no policy"}
    made = journal.closed(sale, "blocked", plan=plan, problems=[problem], error="look at it")
    journal.step(made, "renew lic_1", why="si_1 is paid")

    told = client.get(f"{PATH}/{made}").json()["data"]

    assert (told["pass"], told["events"], told["problems"]) == (made, ["evt_1"], [problem])
    assert [(step["step"], step["why"]) for step in told["steps"]] == [
        ("renew lic_1", "si_1 is paid")
    ]
    assert (told["notes"], told["mapping_versions"]) == (["sub_1 is active"], {"price_1": 3})
    assert (told["worker"], told["error"]) == ("shop:1:1", "look at it")


@pytest.mark.parametrize("number", ["1", str(2**63), "x"])
def test_a_pass_that_never_was_is_not_found(client: httpx.Client, number: str) -> None:
    """Also a number that no database can hold."""
    answer = client.get(f"{PATH}/{number}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

"""`GET` and `POST /stripe/admin/mappings`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from console.admin.desk import Desk
from mappings.terms import Terms, plain_terms
from shared.database import reading
from shared.settings import Settings
from shared.tables import audit
from tests.integration.mappings.shop import NOW, Shop
from tests.unit.mappings.examples import body, draft
from tests.worlds.clock import FixedClock
from tests.worlds.office import serve_desk

PATH = "/stripe/admin/mappings"


@pytest.fixture
def client(shop: Shop, make_settings: Callable[..., Settings]) -> Iterator[httpx.Client]:
    """The routes on each kind of database, with the right token and a live Stripe key."""
    settings = make_settings(STRIPE_SECRET_KEY="sk_live_123")
    with serve_desk(Desk(settings, shop.engine, shop.wake, clock=FixedClock(NOW))) as client:
        yield client


def test_a_new_mapping_is_answered_with_201_and_its_version(
    client: httpx.Client, shop: Shop
) -> None:
    """The answer is the mapping as it now stands, in LicenseKit's envelope."""
    answer = client.post(PATH, json=body(terms={"grace_days": 3}))

    assert answer.status_code == 201
    assert answer.json()["data"] == {
        "version": 1,
        "account": "",
        "livemode": True,
        "stripe_price_id": "price_1",
        "stripe_product_id": None,
        "product_id": "prod_lk",
        "policy_id": "pol_1",
        "terms": plain_terms(Terms(grace_days=3)),
        "retired": False,
        "released": 0,
    }
    meta = answer.json()["meta"]
    assert meta["request_id"] == answer.headers["x-request-id"]
    assert datetime.fromisoformat(meta["timestamp"]).tzinfo == UTC


def test_the_same_mapping_again_is_answered_with_200(client: httpx.Client, shop: Shop) -> None:
    """So a program may repeat a request whose answer it lost."""
    first = client.post(PATH, json=body())
    second = client.post(PATH, json=body())

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["data"] == second.json()["data"]
    assert len(shop.history()) == 1


def test_a_changed_mapping_is_a_new_version(client: httpx.Client, shop: Shop) -> None:
    """201, since something was made: the version."""
    client.post(PATH, json=body())

    changed = client.post(PATH, json=body(policy_id="pol_2"))

    assert (changed.status_code, changed.json()["data"]["version"]) == (201, 2)
    assert [state for _, state, *_ in shop.history()] == ["replaced", "current"]


def test_mapping_a_price_releases_what_waited_for_it(client: httpx.Client, shop: Shop) -> None:
    """The workers are woken once the mapping is durable."""
    shop.waits("sub_1", "price_1", livemode=True)

    answer = client.post(PATH, json=body())

    assert answer.json()["data"]["released"] == 1
    assert (shop.due(), shop.woken) == (["sub_1"], ["woken"])


def test_all_faults_are_answered_at_once_with_422(client: httpx.Client, shop: Shop) -> None:
    """In the error envelope, with each fault in its detail."""
    answer = client.post(PATH, json=body(product_id=7, terms={"grace_days": 400}))

    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "VALIDATION_ERROR",
        "message": "2 faults in the mapping, so nothing was changed.",
        "detail": "product_id must be a text; "
        "terms.grace_days must be a whole number from 0 to 365",
    }
    assert shop.history() == []


def test_an_unknown_field_is_answered_with_400(client: httpx.Client) -> None:
    """As LicenseKit's own API does."""
    answer = client.post(PATH, json=body(polcy_id="pol_1"))

    assert (answer.status_code, answer.json()["error"]) == (
        400,
        {
            "code": "UNKNOWN_FIELD",
            "message": "1 fault in the mapping, so nothing was changed.",
            "detail": 'polcy_id is not known, did you mean "policy_id"?',
        },
    )


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"a": 1} x', b"[" * 100_000])
def test_a_body_that_is_not_json_is_answered_with_400(client: httpx.Client, raw: bytes) -> None:
    """Whatever the bytes, never with 500."""
    answer = client.post(PATH, content=raw)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_JSON")


def test_the_list_shows_what_counts_now(client: httpx.Client, shop: Shop) -> None:
    """Sorted, in the same shape as the answer to POST."""
    shop.set(draft("price_2"), draft("price_1"), draft("price_1", policy_id="pol_2"))

    rows = client.get(PATH).json()["data"]

    assert [(r["stripe_price_id"], r["version"]) for r in rows] == [("price_1", 3), ("price_2", 1)]


def test_the_whole_history_is_there_for_the_asking(client: httpx.Client, shop: Shop) -> None:
    """With who and when."""
    shop.set(draft())
    client.post(PATH, json=body(livemode=False, policy_id="pol_2"))

    old, new = client.get(PATH, params={"all": "true"}).json()["data"]

    assert (old["state"], old["set_by"], old["ended_by"]) == (
        "replaced",
        "ann",
        "token:FULFILL_ADMIN_TOKEN",
    )
    assert old["ended_at"] == new["set_at"] == "2026-11-21T12:00:00Z"
    assert new["ended_at"] is None


def test_the_audit_log_names_the_token_and_what_it_changed(
    client: httpx.Client, shop: Shop
) -> None:
    """Also that a repeated request changed nothing."""
    client.post(PATH, json=body())
    client.post(PATH, json=body())

    with reading(shop.engine) as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    assert {(row.who, row.action, row.subject) for row in rows} == {
        ("token:FULFILL_ADMIN_TOKEN", "mappings.set", "price_1")
    }
    assert [(row.detail.get("new"), row.detail.get("same")) for row in rows] == [
        (1, None),
        (None, 1),
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_admin_token_nothing_is_told_or_changed(
    client: httpx.Client, shop: Shop, method: str
) -> None:
    """Both routes are closed."""
    shop.set(draft())

    answer = client.request(method, PATH, headers={"Authorization": "Bearer wrong"}, json=body())

    assert answer.status_code == 401
    assert "data" not in answer.json()
    assert len(shop.history()) == 1

"""`fulfill check --fix`: the endpoint is registered or mended, and its secret never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from click.testing import Result

from console.embedded_redis import free_port
from shared.database import make_engine, reading
from shared.events.routing import ROUTES
from shared.settings import read_settings
from shared.tables import audit, events
from tests.conftest import ENVIRONMENT, OLDER_SECRET, SIGNING_SECRET
from tests.integration.console.conftest import Fulfill
from tests.integration.console.healthy import House, register_endpoint
from tests.integration.console.web import serve_app
from webhooks.app import make_app

HAND = "sk_test_simulator"  # may do everything
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def bare(house: House) -> Iterator[None]:
    house.shop.stripe.forget_endpoints()
    yield
    house.shop.stripe.forget_endpoints()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a command finds in the environment; the house has its own."""
    return sqlite_url


@pytest.fixture
def run(fulfill: Fulfill, house: House) -> Run:
    """`fulfill check --fix …` with a key that may write endpoints."""

    def run(*words: str, **changes: str | None) -> Result:
        known = {**house.environment, "STRIPE_SECRET_KEY": HAND, **changes}
        return fulfill("check", "--fix", *words, **known)

    return run


def registered(house: House) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {HAND}"}
    url = f"{house.stripe_url}/v1/webhook_endpoints"
    return list(httpx.get(url, headers=headers, trust_env=False).json()["data"])


def secret_in(path: Path) -> str:
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return lines["STRIPE_WEBHOOK_SECRET"]


def deeds(house: House) -> list[tuple[str, str]]:
    with reading(house.engine) as tx:
        rows = tx.execute(sa.select(audit).order_by(audit.c.id)).all()
    return [(row.action, row.subject) for row in rows]


def test_an_endpoint_that_is_missing_is_made_and_its_deliveries_are_accepted(
    run: Run, house: House, tmp_path: Path
) -> None:
    """From nothing to a delivery in the inbox: registered, secret kept, receiver started, heard."""
    env = tmp_path / ".env"
    env.write_text(f"# mine\nSTRIPE_WEBHOOK_SECRET={SIGNING_SECRET}\nPORT=8000\n")
    url = f"sqlite:///{tmp_path / 'fulfill.db'}"
    receiver = {**ENVIRONMENT, "DATABASE_URL": url}

    port = free_port()
    public = f"http://127.0.0.1:{port}"
    answer = run("--yes", STRIPE_PUBLIC_BASE_URL=public, STRIPE_WEBHOOK_SECRET=None)

    new, old = secret_in(env).split(",")
    assert (old, new.startswith("whsec_"), env.stat().st_mode & 0o777) == (
        SIGNING_SECRET,
        True,
        0o600,
    )
    assert new not in answer.output
    receiver["STRIPE_WEBHOOK_SECRET"] = secret_in(env)
    with serve_app(make_app(read_settings(receiver)), port=port):
        house.shop.stripe.shop.buy(house.shop.price)
        assert house.shop.stripe.wait_until_idle()
    engine = make_engine(url)
    with reading(engine) as tx:
        rows = tx.execute(sa.select(events.c.type, events.c.secret)).all()
    engine.dispose()
    assert ("checkout.session.completed", 0) in [tuple(row) for row in rows]


def test_it_says_before_what_it_will_do_and_asks(run: Run, house: House) -> None:
    """A no changes nothing, and there is nobody to ask while the answer is JSON."""
    refused = run()
    assert refused.exit_code == 1
    assert "register https://licenses.example.com/stripe/webhook in Stripe" in refused.output

    blind = run("--json")
    assert blind.exit_code == 1
    assert "Add --yes" in blind.stderr
    assert registered(house) == []


def test_what_was_done_is_told_and_written_down(run: Run, house: House) -> None:
    """The check that follows finds the endpoint, and the audit log says who made it."""
    before = len(deeds(house))

    answer = run("--yes", "--json")

    (endpoint,) = registered(house)
    assert sorted(endpoint["enabled_events"]) == sorted(ROUTES)
    found = {one["name"]: one for one in json.loads(answer.stdout)}
    assert found["endpoint"]["status"] == "ok"
    assert deeds(house)[before:] == [("check.fix", endpoint["id"])]


def test_without_an_env_file_a_person_is_told_where_the_secret_is(run: Run, tmp_path: Path) -> None:
    """It is not printed: a terminal is scrolled back, and copied into tickets."""
    answer = run("--yes")

    assert "Developers > Webhooks, and put it in front of STRIPE_WEBHOOK_SECRET" in answer.stderr
    assert "whsec_" not in answer.output
    assert list(tmp_path.glob(".env*")) == []


def test_an_endpoint_that_lacks_something_is_mended(run: Run, house: House) -> None:
    """Enabled again, with the missing types beside those that somebody added."""
    some = ["payout.paid", *sorted(set(ROUTES) - {"invoice.paid"})]
    endpoint = register_endpoint(house.stripe_url, **{"enabled_events[]": some})
    httpx.post(
        f"{house.stripe_url}/v1/webhook_endpoints/{endpoint}",
        data={"disabled": "true"},
        headers={"Authorization": f"Bearer {HAND}"},
        trust_env=False,
    ).raise_for_status()

    answer = run("--yes")

    (mended,) = registered(house)
    assert f"change {endpoint} in Stripe: enable it and add invoice.paid" in answer.stderr
    assert (mended["id"], mended["status"]) == (endpoint, "enabled")
    assert set(mended["enabled_events"]) == {*ROUTES, "payout.paid"}


def test_what_is_fine_is_left_alone(run: Run, house: House) -> None:
    """Run twice, it does nothing the second time."""
    run("--yes")
    before = registered(house)

    answer = run("--yes")

    assert "Nothing to fix" in answer.stderr
    assert registered(house) == before


def test_connected_accounts_get_an_endpoint_of_their_own(run: Run, house: House) -> None:
    """Stripe tells the two apart, so both are registered."""
    house.shop.stripe.shop_of("acct_theirs")

    run("--yes", STRIPE_ACCOUNTS="acct_theirs")

    assert sorted(one["application"] is not None for one in registered(house)) == [False, True]


def test_a_secret_that_can_not_be_kept_takes_its_endpoint_back(
    run: Run, house: House, tmp_path: Path
) -> None:
    """Otherwise all its deliveries would be refused, and nobody would know its secret."""
    (tmp_path / ".env").write_text("PORT=8000\n")
    (tmp_path / ".env.new").mkdir()  # where the new text would be written

    answer = run("--yes")

    assert answer.exit_code == 1
    assert "the new endpoint was removed again" in answer.stderr
    assert registered(house) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"STRIPE_PUBLIC_BASE_URL": None}, "STRIPE_PUBLIC_BASE_URL is not set"),
        ({"STRIPE_SECRET_KEY": "sk_test_stranger"}, "it does not know the key"),
        ({"STRIPE_SECRET_KEY": "rk_test_looker"}, "the key may not"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "gave no answer"),
    ],
)
def test_what_can_not_be_fixed_says_why(
    run: Run, house: House, changes: dict[str, str | None], told: str
) -> None:
    """With what to do, and nothing is changed."""
    house.shop.stripe.add_key("rk_test_looker", ["rak_webhook_read"])

    answer = run("--yes", **changes)

    assert answer.exit_code == 1
    assert told in answer.stderr
    assert registered(house) == []


def test_the_environments_own_secret_wins_and_is_told(run: Run, tmp_path: Path) -> None:
    """What stands in the file is not read then."""
    (tmp_path / ".env").write_text("PORT=8000\n")

    answer = run("--yes", STRIPE_WEBHOOK_SECRET=OLDER_SECRET)

    assert "is set in the environment, which wins" in answer.stderr

"""`fulfill sweep`: what nobody told us of, looked for by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shared.database import transaction
from shared.tables import audit, events, sales, sweeps
from tests.conftest import FERNET_KEY
from tests.worlds.licensekit import TOKEN
from tests.worlds.world import STRIPE_KEY, World, open_world
from worker.errors import TemporaryError
from worker.sweep.objects import ObjectSweep

Run = Callable[..., Result]
SOLD = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Five sales that nobody told us of, one of them of a price that nobody mapped."""
    with open_world(tmp_path_factory.mktemp("sweep")) as running:
        price, _ = running.price()
        for _ in range(SOLD - 1):
            running.stripe.shop.buy(price)
        running.stripe.shop.buy(running.stripe.shop.price("Nobody mapped me", 900))
        running.clock.moment = datetime.now(UTC) + timedelta(hours=1)  # ahead of the command's
        yield running


@pytest.fixture
def fulfill(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `fulfill …` against this world, with nothing due and no sweep under way."""
    from console.cli import app  # noqa: PLC0415 - only tests of commands pay for the import

    with transaction(world.engine) as tx:
        tx.execute(sales.update().values(seen_generation=sales.c.wanted_generation))
        tx.execute(sweeps.update().values(state="done", lease_until=None))
        tx.execute(audit.delete())
    monkeypatch.chdir(tmp_path)
    environment = {
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_API_BASE": world.stripe_url,
        "LICENSEKIT_BASE_URL": world.books.url,
        "LICENSEKIT_API_TOKEN": TOKEN,
        "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
        "FULFILL_WORKER_THREADS": "2",
        "DATABASE_URL": str(world.engine.url),
        "COLUMNS": "200",
    }
    return lambda *words, **more: CliRunner().invoke(app, list(words), env={**environment, **more})


def told(answer: Result) -> Any:
    return json.loads(answer.stdout)


def deeds(world: World) -> list[tuple[str, str, Any]]:
    return [(row.action, row.subject, row.detail) for row in world.rows(audit)]


def test_a_dry_run_over_everything_shows_counts_and_plans(fulfill: Run, world: World) -> None:
    """Nothing is due afterwards, and nobody did anything that the audit should know of."""
    answer = fulfill("sweep", "--all", "--dry-run")

    assert answer.exit_code == 0, answer.output
    assert "5 sales, of which 0 at rest" in answer.stdout
    assert "4 issue license" in answer.stdout
    assert "1 with problems: 1 unmapped_price" in answer.stdout
    assert answer.stdout.count("  + issue ") == SOLD - 1
    assert "Nothing was changed." in answer.stdout
    assert (world.due(), deeds(world)) == ([], [])


def test_a_real_one_makes_due_what_is_not_at_rest_and_is_in_the_audit_log(
    fulfill: Run, world: World
) -> None:
    """Workers do the rest, behind new sales."""
    answer = told(fulfill("sweep", "--since", "7d", "--json"))

    assert (answer["state"], answer["report"]["raised"]) == ("done", SOLD)
    assert len(world.due()) == SOLD
    assert {row.urgency for row in world.rows(sales)} == {9}
    ((action, subject, detail),) = deeds(world)
    assert (action, subject) == ("sweep", f"sweep {answer['id']}")
    assert (detail["forced"], detail["since"]) == (False, answer["since"])


def test_ctrl_c_is_safe_and_the_sweep_goes_on_by_its_number(
    fulfill: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is kept; the command says how to go on."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ObjectSweep, "_look", interrupted)
        stopped = fulfill("sweep", "--all")
    number = world.rows(sweeps)[-1].id
    after = world.rows(sweeps)[-1].state
    gone_on = told(fulfill("sweep", "--resume", str(number), "--json"))

    assert (stopped.exit_code, after) == (130, "stopped")
    assert f'"fulfill sweep --resume {number}" goes on from here' in stopped.stderr
    assert (gone_on["id"], gone_on["state"], gone_on["report"]["raised"]) == (number, "done", SOLD)


def test_a_service_that_is_away_is_told_with_the_way_on(
    fulfill: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep keeps what it found."""

    def away(_: object) -> None:
        raise TemporaryError("Stripe is away")

    monkeypatch.setattr(ObjectSweep, "_collect", away)
    answer = fulfill("sweep", "--all")

    number = world.rows(sweeps)[-1].id
    assert answer.exit_code == 1
    assert f"Sweep {number} can't go on: Stripe is away" in answer.stderr
    assert f"fulfill sweep --resume {number}" in answer.stderr


def test_what_the_guard_refuses_goes_on_only_by_force_and_the_audit_says_who(
    fulfill: Run, world: World
) -> None:
    """The refusal names both numbers and the command."""
    world.raise_all()
    world.run()
    fulfill("sweep", "--all")
    world.run()
    for payment in world.stripe.shop.books.all("payment_intent")[:2]:
        world.stripe.shop.refund(payment_intent=payment["id"])

    refused = fulfill("sweep", "--all")
    number = world.rows(sweeps)[-1].id
    none_due = world.due()
    forced = fulfill("sweep", "--resume", str(number), "--force")

    assert refused.exit_code == 1
    assert f"The guard refused: 2 of {SOLD} sales would have licenses revoked" in refused.stderr
    assert f"fulfill sweep --resume {number}" in refused.stderr
    assert none_due == []
    assert (forced.exit_code, len(world.due())) == (0, 3)  # and the one with a problem
    assert deeds(world)[-1] == ("sweep", f"sweep {number}", {"since": None, "forced": True})


def test_without_options_events_that_never_arrived_are_fetched(fulfill: Run, world: World) -> None:
    """As the scheduler does; it says for each account what it found and how far it is swept."""
    fulfill("sweep")
    world.stripe.advance(days=1)
    price, _ = world.price()
    sale = world.stripe.shop.buy(price)

    found = told(fulfill("sweep", "--json"))
    again = fulfill("sweep")

    (own,) = found["accounts"]
    assert (own["account"], own["never_delivered"] > 0) == (None, True)
    assert found["sales_due"] == own["sales_raised"] == len(world.due())
    assert sale.session in world.due()
    assert "none new" in again.stdout
    assert "swept until" in again.stdout
    assert {row.secret for row in world.rows(events)} == {-1}
    assert deeds(world)[1] == ("sweep", "events", {"sales_raised": own["sales_raised"]})


def test_an_account_that_can_t_be_read_is_told_and_stops_no_other(
    fulfill: Run, world: World
) -> None:
    """Exit status 1, with what to mend."""
    answer = fulfill("sweep", STRIPE_ACCOUNTS="acct_gone")

    assert answer.exit_code == 1
    assert "your own account (test)" in answer.stdout
    assert "The events of acct_gone could not be read." in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "--since", "1d"], "give one of"),
        (["--dry-run"], "--since, --all and --resume"),
        (["--force"], "--since, --all and --resume"),
        (["--resume", "1", "--dry-run"], "begun as"),
        (["--since", "yesterday"], "is not a moment"),
    ],
)
def test_words_that_do_not_fit_together_are_refused(
    fulfill: Run, words: list[str], said: str
) -> None:
    """With exit status 2, before anything is asked."""
    answer = fulfill("sweep", *words)

    assert answer.exit_code == 2
    assert said in answer.stderr


def test_a_number_that_is_no_sweeps_and_one_that_is_over_are_told(
    fulfill: Run, world: World
) -> None:
    """Nothing begins by mistake."""
    assert "There is no sweep 9999." in fulfill("sweep", "--resume", "9999").stderr
    done = told(fulfill("sweep", "--all", "--dry-run", "--json"))["id"]
    assert fulfill("sweep", "--resume", str(done)).exit_code == 1


def test_without_a_workers_settings_it_says_what_lacks(fulfill: Run) -> None:
    """All at once, with status 2."""
    answer = fulfill("sweep", LICENSEKIT_API_TOKEN="", STRIPE_SECRET_KEY="")

    assert answer.exit_code == 2
    assert "STRIPE_SECRET_KEY" in answer.stderr
    assert "LICENSEKIT_API_TOKEN" in answer.stderr

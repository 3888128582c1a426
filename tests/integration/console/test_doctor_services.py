"""What each answer of a service means to the person who checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.doctor.run import check_environment
from console.doctor.services import (
    check_accounts,
    check_licensekit,
    check_redis,
    check_stripe,
)
from shared.settings import Settings
from tests.integration.console.web import serve_app

Make = Callable[..., Settings]


@dataclass
class Service:
    """Answers every request with one status, and remembers who asked for what."""

    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)
    accounts: list[str | None] = field(default_factory=list)
    url: str = ""

    def app(self) -> Starlette:
        async def answer(request: Request) -> Response:
            where = request.url.path + "?" + request.url.query
            self.asked.append((where, request.headers["authorization"]))
            self.accounts.append(request.headers.get("stripe-account"))
            return Response("{}", self.status)

        return Starlette(routes=[Route("/{rest:path}", answer)])


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with serve_app(service.app()) as client:
        service.url = str(client.base_url)
        yield service


@pytest.mark.parametrize(
    ("status", "found", "told"),
    [
        (200, "ok", "test mode"),
        (401, "fail", "does not know this key"),
        (403, "fail", "may not read subscriptions"),
        (500, "fail", "answers 500"),
        (429, "fail", "answers 429"),
    ],
)
def test_each_answer_of_stripe_has_its_own_remedy(
    service: Service, make_settings: Make, status: int, found: str, told: str
) -> None:
    """A wrong key, a missing permission and an outage are mended in different places."""
    service.status = status

    finding = check_stripe(make_settings(STRIPE_API_BASE=service.url))

    assert (finding.status, bool(finding.todo)) == (found, found == "fail")
    assert told in finding.told


def test_stripe_is_asked_with_our_key_for_as_little_as_possible(
    service: Service, make_settings: Make
) -> None:
    """One subscription proves the key, the mode and the permission."""
    check_stripe(make_settings(STRIPE_API_BASE=service.url))

    assert service.asked == [("/v1/subscriptions?limit=1", "Bearer sk_test_123")]


@pytest.mark.parametrize(
    ("status", "found", "told"),
    [
        (200, "ok", "acct_1 can be read"),
        (403, "fail", "acct_1 does not let our key read it, so its sales wait"),
        (500, "fail", "Stripe answers 500 for acct_1"),
    ],
)
def test_each_connected_account_is_tried(
    service: Service, make_settings: Make, status: int, found: str, told: str
) -> None:
    """An account that took its permission back is noticed before its buyers notice."""
    service.status = status
    settings = make_settings(STRIPE_API_BASE=service.url, STRIPE_ACCOUNTS="acct_1")

    (finding,) = check_accounts(settings)

    assert (finding.status, finding.told) == (found, told)
    assert service.accounts == ["acct_1"]


def test_without_connected_accounts_or_a_key_none_is_tried(
    service: Service, make_settings: Make
) -> None:
    """There is nobody to ask, or nothing to ask with."""
    url = service.url

    assert check_accounts(make_settings(STRIPE_API_BASE=url)) == []
    settings = make_settings(STRIPE_API_BASE=url, STRIPE_ACCOUNTS="acct_1", STRIPE_SECRET_KEY=None)
    assert check_accounts(settings) == []
    assert service.asked == []


def test_the_mode_of_the_key_is_told(service: Service, make_settings: Make) -> None:
    """A test key in production is the mistake that looks like success."""
    settings = make_settings(STRIPE_API_BASE=service.url, STRIPE_SECRET_KEY="rk_live_1")

    assert check_stripe(settings).told == "the key is valid, live mode"


@pytest.mark.parametrize(
    ("status", "found", "told"),
    [
        (200, "ok", "the hosted one answers"),
        (401, "fail", "refuses our token (401)"),
        (403, "fail", "refuses our token (403)"),
        (502, "fail", "answers 502"),
    ],
)
def test_each_answer_of_licensekit_has_its_own_remedy(
    service: Service, make_settings: Make, status: int, found: str, told: str
) -> None:
    """A token is corrected here, an outage over there."""
    service.status = status

    finding = check_licensekit(make_settings(LICENSEKIT_BASE_URL=service.url))

    assert finding.status == found
    assert told in finding.told
    assert service.asked == [("/api/v1/products?limit=1", "Bearer lk_test_admin")]


def test_an_embedded_licensekit_that_is_silent_means_that_web_is_not_running(
    make_settings: Make,
) -> None:
    """It is a part of the web process, so that is what to start."""
    finding = check_licensekit(make_settings(PORT="1"))

    assert finding.status == "fail"
    assert "the embedded one at http://127.0.0.1:1 gives no answer" in finding.told
    assert "fulfill up" in finding.todo


def test_no_finding_ever_shows_a_secret(service: Service, make_settings: Make) -> None:
    """Findings are copied into tickets."""
    service.status = 401
    settings = make_settings(STRIPE_API_BASE=service.url, LICENSEKIT_BASE_URL=service.url)

    findings = [check_stripe(settings), check_licensekit(settings), check_redis(settings)]

    text = str([finding.as_json() for finding in findings])
    assert "sk_test_123" not in text
    assert "lk_test_admin" not in text


def test_a_redis_that_answers_is_fine(make_settings: Make, redis_url: str) -> None:
    """A ping is enough: it only carries wake-ups."""
    assert check_redis(make_settings(REDIS_URL=redis_url)).status == "ok"


def test_settings_that_no_program_could_start_with_are_all_in_one_finding(
    environment: dict[str, str],
) -> None:
    """Redis has a line of its own, so it is not counted here."""
    assert check_environment(environment).status == "ok"

    finding = check_environment({"PORT": "none"})

    assert finding.status == "fail"
    for name in ("PORT", "STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY", "LICENSEKIT_API_TOKEN"):
        assert name in finding.told
    assert finding.told.count("PORT") == 1
    assert "REDIS_URL" not in finding.told

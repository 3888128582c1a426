"""`GET /stripe/app/customer`, `/subscription`, `/invoice` and `/payment`: what a view in Stripe's
dashboard shows of the object in sight.

Our database answers first. Stripe and LicenseKit are asked beside each other, for a few seconds;
what they did not say in time is named in `missing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection, Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.app.cors import allow_origin, preflight
from console.app.licenses import customer_of, known_licenses, read_licenses
from console.app.own import OwnAccount, places_of
from console.app.sight import Sight, View, ask_stripe, kind_in, look_up
from console.app.signed import Visitor, read_visitor
from console.app.subscription import subscription_json
from console.http import HttpError, data_response, error_response
from console.story import read_stories
from console.story.advice import advise
from console.story.values import Story
from shared.accounts import ServedAccount
from shared.clock import Clock
from shared.database import reading
from shared.keys import SaleKey, StripeId
from shared.logs import get_logger
from shared.settings import Settings
from webhooks.signature import BadSignature
from worker.deps import Deps
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.plan.category import choose_category
from worker.snapshot.stripe import read_bought
from worker.state import Bought

ANSWER_SECONDS = 6.0  # for both services together; each call ends within 5
VIEWS: tuple[View, ...] = ("customer", "subscription", "invoice", "payment")
MODES = {"live": True, "test": False}

log = get_logger("app")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the four routes need. `make_deps` makes clients of little patience."""

    settings: Settings
    engine: Engine
    make_deps: Callable[[], Deps]
    clock: Clock
    own: OwnAccount
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(8, thread_name_prefix="app-view")
    )

    @property
    def secrets(self) -> tuple[bytes, ...]:
        return tuple(s.reveal().encode() for s in self.settings.stripe_app_signing_secrets)


def view_routes(desk: Desk) -> list[Route]:
    return [
        Route(f"/stripe/app/{view}", _endpoint(desk, view), methods=["GET", "OPTIONS"])
        for view in VIEWS
    ]


def _endpoint(desk: Desk, view: View) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(request.headers)
        try:
            visitor = read_visitor(request, secrets=desk.secrets, now=desk.clock.now().timestamp())
            data = await run_in_threadpool(_show, desk, view, visitor, dict(request.query_params))
            answer: Response = data_response(data)
        except BadSignature as error:
            log.warning("app.refused", view=view, reason=str(error))
            answer = error_response(_unsigned(error))
        except HttpError as error:
            answer = error_response(error)
        answer.headers["Cache-Control"] = "no-store"
        return allow_origin(answer, request.headers)

    return endpoint


def _show(desk: Desk, view: View, visitor: Visitor, query: dict[str, str]) -> dict[str, Any]:
    object_id = query.get("id", "")
    if kind_in(view, object_id) is None:
        text = f"The query names no {view}: id=… is missing or is of another kind."
        raise HttpError(400, "INVALID_QUERY", text)
    missing: list[str] = []
    with reading(desk.engine) as connection:
        places = _places(desk, connection, visitor, query.get("mode", ""))
        sight = look_up(connection, places, object_id)
    if sight is None:
        sight = _ask(desk, places, object_id, missing)
    with reading(desk.engine) as connection:
        stories = read_stories(connection, sight.sale_ids)
    return _compose(desk, view, sight, stories, missing)


def _places(desk: Desk, connection: Connection, visitor: Visitor, mode: str) -> list[ServedAccount]:
    """Where to look, for this account alone. Raises HttpError 403 when it is not served."""
    places = places_of(connection, desk.settings, visitor.account, desk.own)
    wanted = [one for one in places if mode not in MODES or one.livemode == MODES[mode]]
    if not wanted:
        text = f"{visitor.account} does not have our app installed here."
        raise HttpError(403, "NOT_INSTALLED", text, "Install it at /stripe/oauth/install.")
    return wanted


def _ask(desk: Desk, places: Sequence[ServedAccount], object_id: str, missing: list[str]) -> Sight:
    """Of what our database does not know Stripe is asked, in the name of this account alone."""

    def ask() -> Sight | None:
        with closing(desk.make_deps()) as deps:
            for place in places:
                try:
                    return ask_stripe(deps, place, object_id)
                except NotFound:
                    continue
        return None

    unknown = Sight(places[0], object_id)
    found: Sight | None = _within(desk, ask, "Stripe", missing, default=unknown)
    if found is None:
        text = "This account has no such object."
        raise HttpError(403, "NOT_YOURS", text)
    return found


def _compose(
    desk: Desk, view: View, sight: Sight, stories: list[Story], missing: list[str]
) -> dict[str, Any]:
    known = known_licenses(stories, desk.settings.licensekit_app_url)
    category = next((story.bought.get("category") for story in stories), None)

    def licenses() -> list[dict[str, Any]]:
        with closing(desk.make_deps()) as deps:
            mine = deps.of(sight.place.account, sight.place.livemode)
            read, lacks = read_licenses(known, mine.licensekit, within_seconds=ANSWER_SECONDS - 2)
        missing.extend([lacks] if lacks else [])
        return read

    def subscription() -> dict[str, Any]:
        with closing(desk.make_deps()) as deps:
            return _subscription(deps, sight, category)

    beside = desk.pool.submit(licenses) if known else None
    data: dict[str, Any] = {
        "account": sight.place.account or "own",
        "mode": "live" if sight.place.livemode else "test",
        "object": sight.object_id,
    }
    if view == "subscription":
        data["subscription"] = _within(desk, subscription, "Stripe", missing, default=None)
    data["licenses"] = known
    if beside is not None:
        data["licenses"] = _result(beside.result, "LicenseKit", missing, default=known)
    now = desk.clock.now()
    data["customer"] = customer_of(stories, desk.settings.licensekit_app_url)
    data["sales"] = [story.as_json(advise(story, now=now)) for story in stories]
    data["missing"] = sorted(set(missing))
    return data


def _subscription(deps: Deps, sight: Sight, category: str | None) -> dict[str, Any]:
    account, livemode = sight.place.account, sight.place.livemode
    stripe = deps.of(account, livemode).stripe
    facts = stripe.dashboard_subscription(account, sight.object_id)
    if category is None:  # no pass has looked at it yet
        key = SaleKey(account, livemode, "subscription", StripeId(sight.object_id))
        bought = read_bought(key, stripe)
        category = choose_category(bought) if isinstance(bought, Bought) else None
    return subscription_json(facts, category)


def _within(
    desk: Desk, ask: Callable[[], Any], service: str, missing: list[str], *, default: Any
) -> Any:
    return _result(desk.pool.submit(ask).result, service, missing, default=default)


def _result(
    result: Callable[[float], Any], service: str, missing: list[str], *, default: Any
) -> Any:
    """What it gives in time; else the default, and the service is named as missing."""
    try:
        return result(ANSWER_SECONDS)
    except (TemporaryError, PermanentError, OutOfTime) as error:
        log.warning("app.missing", service=service, error=type(error).__name__)
        missing.append(f"{service} gave no answer")
        return default


def _unsigned(error: BadSignature) -> HttpError:
    detail = "Send what fetchStripeSignature() gives as Stripe-Signature, anew for each request."
    text = f"This is not signed by Stripe's dashboard: {error}."
    return HttpError(401, "UNAUTHORIZED", text, detail)

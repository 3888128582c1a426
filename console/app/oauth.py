"""`GET /stripe/oauth/install` and `/stripe/oauth/callback`: an account installs our Stripe App.

Live and test links are apart: each mode has its client id, its link, its key and its cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.app.pages import choice_page, page
from console.app.state import COOKIES, LIFETIME, BadState, State, mode_of, open_state, use_once
from console.audit import Deed, note
from console.mapping_changes import Wake
from shared.clock import Clock
from shared.database import transaction
from shared.logs import get_logger
from shared.secrets import Secret, Vault
from shared.settings import Settings
from worker.errors import TemporaryError
from worker.gateways.stripe_oauth import Grant, GrantRefused, StripeOAuth
from worker.grants import keep_installation

INSTALL_PATH = "/stripe/oauth/install"
CALLBACK_PATH = "/stripe/oauth/callback"
MODES = {"live": True, "test": False}
CLIENT_IDS = {True: "STRIPE_APP_CLIENT_ID", False: "STRIPE_APP_TEST_CLIENT_ID"}

log = get_logger("oauth")


class NotInstalled(Exception):
    """The installation ends here: title, status, and what to do, for the person at the browser."""

    def __init__(self, title: str, *lines: str, status: int = 400) -> None:
        self.title, self.lines, self.status = title, lines, status
        super().__init__(title)


@dataclass(frozen=True, slots=True)
class Installer:
    """What the two routes need."""

    settings: Settings
    engine: Engine
    oauth: StripeOAuth
    vault: Vault
    clock: Clock
    wake: Wake

    def link(self, state: State) -> str:
        """Where Stripe asks the account's owner. Raises NotInstalled."""
        client_id = self.client_id(livemode=state.livemode)
        if not client_id:
            raise _not_offered(CLIENT_IDS[state.livemode])
        base = {
            True: self.settings.stripe_app_authorize_url,
            False: self.settings.stripe_app_test_authorize_url,
        }[state.livemode]
        if not self.settings.stripe_public_base_url:
            raise _not_offered("STRIPE_PUBLIC_BASE_URL")
        back = f"{self.settings.stripe_public_base_url}{CALLBACK_PATH}"
        query = {"client_id": client_id, "redirect_uri": back, "state": state.text}
        return f"{base}?{urlencode(query)}"

    def client_id(self, *, livemode: bool) -> str:
        settings = self.settings
        return settings.stripe_app_client_id if livemode else settings.stripe_app_test_client_id

    def accept(self, state: State, code: Secret) -> tuple[Grant, int]:
        """Use up the state, exchange the code, keep the tokens. Raises BadState, NotInstalled.

        Also tells how many sales had waited for this.
        """
        with transaction(self.engine) as tx:
            use_once(tx, state)
        grant = self._exchange(state, code)
        now = self.clock.now()
        deed = Deed(f"{grant.which.account} (OAuth)", "accounts.install", str(grant.which))
        with transaction(self.engine) as tx:
            waited = keep_installation(tx, grant, self.vault, now=now)
            note(tx, deed, now=now)
        if waited:
            self.wake()
        log.info("account.installed", account=str(grant.which), waited=waited)
        return grant, waited

    def _exchange(self, state: State, code: Secret) -> Grant:
        try:
            grant = self.oauth.exchange(code, livemode=state.livemode)
        except GrantRefused:
            raise NotInstalled(
                "Stripe does not take this code",
                "It was used before, is older than five minutes, or is of the other mode.",
                f"Nothing was stored. Begin again at {INSTALL_PATH}.",
            ) from None
        except TemporaryError as error:
            log.warning("oauth.failed", error=str(error))
            raise NotInstalled(
                "Stripe could not be asked just now",
                "Nothing was stored. Whoever runs this finds the reason in the log of web.",
                f"Then begin again at {INSTALL_PATH}.",
                status=502,
            ) from None
        if grant.which.livemode != state.livemode or not grant.which.account.startswith("acct_"):
            raise NotInstalled(
                "Stripe answered for another mode than was asked for",
                "Nothing was stored: live and test installations are apart.",
                f"Begin again at {INSTALL_PATH} with the mode you want.",
            )
        return grant


def oauth_routes(installer: Installer) -> list[Route]:
    async def install(request: Request) -> Response:
        mode = request.query_params.get("mode", "")
        try:
            if mode not in MODES:
                return _choice(installer)
            return _begun(installer, livemode=MODES[mode], now=installer.clock.now())
        except NotInstalled as end:
            return page(end.title, end.lines, status=end.status)

    async def callback(request: Request) -> Response:
        try:
            answer = await _called_back(installer, request)
        except BadState as error:
            log.warning("oauth.refused", reason=str(error))
            answer = page(
                "This installation can't go on",
                [f"The reason: {error}.", f"Nothing was stored. Begin again at {INSTALL_PATH}."],
                status=400,
            )
        except NotInstalled as end:
            answer = page(end.title, end.lines, status=end.status)
        for name in COOKIES.values():
            if name in request.cookies:
                answer.delete_cookie(name, secure=True, httponly=True, samesite="lax")
        return answer

    return [
        Route(INSTALL_PATH, install, methods=["GET"]),
        Route(CALLBACK_PATH, callback, methods=["GET"]),
    ]


def _choice(installer: Installer) -> Response:
    links = {
        f"Install in {mode} mode": f"{INSTALL_PATH}?mode={mode}"
        for mode, livemode in MODES.items()
        if installer.client_id(livemode=livemode)
    }
    if not links:
        raise _not_offered(CLIENT_IDS[True])
    lines = (
        "Stripe asks you to sign in, to choose the account, and to accept what the app may do.",
        "Its sales are fulfilled from then on, once their prices are mapped.",
    )
    return choice_page("Connect your Stripe account", lines, links)


def _begun(installer: Installer, *, livemode: bool, now: datetime) -> Response:
    state = State.new(livemode=livemode, now=now)
    answer = RedirectResponse(installer.link(state), 302, {"Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIES[livemode],
        state.sealed(installer.vault),
        max_age=int(LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        samesite="lax",  # Stripe's redirect back is a navigation: it comes with the cookie
    )
    return answer


async def _called_back(installer: Installer, request: Request) -> Response:
    given = request.query_params
    text = given.get("state", "")
    cookie = request.cookies.get(COOKIES[mode_of(text)])
    state = open_state(text, cookie, installer.vault, now=installer.clock.now())
    code = given.get("code", "")
    if not code:
        raise NotInstalled(
            "The app was not installed",
            "Stripe says that it was not allowed to: access was denied, or the window closed.",
            f"Nothing was stored. Begin again at {INSTALL_PATH} if that was a mistake.",
        )
    grant, waited = await run_in_threadpool(installer.accept, state, Secret(code))
    return _connected(grant, waited)


def _connected(grant: Grant, waited: int) -> Response:
    account, mode = grant.which.account, "live" if grant.which.livemode else "test"
    waiting = [f"{waited} of its sales had waited for this and go on now."] if waited else []
    lines = (
        f"{account} is connected in {mode} mode; its sales are fulfilled from now on.",
        *waiting,
        "Next, whoever runs this maps its prices, since no license is issued before: "
        f"fulfill mappings set price_… --policy pol_… --account {account} --{mode}",
        "To disconnect it, uninstall the app in Stripe's Dashboard.",
    )
    return page("Your account is connected", lines)


def _not_offered(setting: str) -> NotInstalled:
    return NotInstalled(
        "The app can't be installed here",
        f"{setting} is not set. Whoever runs this sets it and starts web again.",
        status=503,
    )

"""Stripe's token endpoint: a code or a refresh token goes in, a pair of tokens comes out.

Asked with the secret key of the app's developer, of the same mode as the link that was followed.
Source: docs.stripe.com/stripe-apps/api-authentication/oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from shared.accounts import ServedAccount
from shared.secrets import Secret
from shared.settings import Settings
from worker.errors import PermanentError, TemporaryError

ACCESS_SECONDS = 3600  # Stripe's answer does not say; its documentation does
TIMEOUT = httpx.Timeout(20, connect=5)  # a lost answer may cost a refresh token: rather wait
KEY_SECONDS = 60.0  # a refused key is not worth a try sooner: a person has to mend it
KEY_NAMES = {True: "STRIPE_APP_CLIENT_SECRET", False: "STRIPE_APP_TEST_CLIENT_SECRET"}


class GrantRefused(PermanentError):
    """Stripe takes this code or refresh token no more; the same one will never be taken again."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What Stripe gives to an app for one account in one mode."""

    which: ServedAccount
    scope: str
    access_token: Secret
    refresh_token: Secret
    access_seconds: int


class StripeOAuth:
    """Raises GrantRefused, or TemporaryError where another try may help. Repeats nothing itself."""

    def __init__(self, api_base: str, keys: Mapping[bool, Secret]) -> None:
        """`keys` are the developer's secret keys by mode, live is True; an empty one is none."""
        self._url = f"{api_base}/v1/oauth/token"
        self._keys = keys

    @classmethod
    def by(cls, settings: Settings) -> StripeOAuth:
        keys = {mode: settings.app_key(livemode=mode) for mode in (True, False)}
        return cls(settings.stripe_api_base, keys)

    def exchange(self, code: Secret, *, livemode: bool) -> Grant:
        """The tokens for a code, which is good for one use within five minutes."""
        asked = {"grant_type": "authorization_code", "code": code.reveal()}
        return self._ask(asked, livemode=livemode)

    def refresh(self, refresh_token: Secret, *, livemode: bool) -> Grant:
        """New tokens, both; the refresh token that was given is void from then on."""
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        return self._ask(asked, livemode=livemode)

    def _ask(self, asked: Mapping[str, str], *, livemode: bool) -> Grant:
        key = self._keys[livemode]
        if not key:
            raise _no_key(livemode, "is not set")
        try:
            answer = httpx.post(self._url, data=asked, auth=(key.reveal(), ""), timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise TemporaryError(
                f"Stripe's token endpoint gave no answer ({type(error).__name__}). "
                "The sales of that account wait; it is asked again by itself."
            ) from None  # the request in it holds the key
        return _read(answer, livemode)


def _read(answer: httpx.Response, livemode: bool) -> Grant:
    body = _json(answer)
    request_id = answer.headers.get("request-id")
    if answer.is_success:
        return _grant(body)
    code = _code(body)
    if code == "invalid_grant":
        raise GrantRefused(
            "Stripe takes this code or refresh token no more.",
            cause="account_closed",
            subject="",
            request_id=request_id,
        )
    if answer.status_code in (401, 403) or code in ("invalid_client", "unauthorized_client"):
        raise _no_key(livemode, f"was refused by Stripe's token endpoint ({answer.status_code})")
    raise TemporaryError(
        f"Stripe's token endpoint answered {answer.status_code}{f' ({code})' if code else ''}. "
        "The sales of that account wait; it is asked again by itself.",
        request_id=request_id,
    )


def _grant(body: Mapping[str, Any]) -> Grant:
    try:
        return Grant(
            which=ServedAccount(str(body["stripe_user_id"]), bool(body["livemode"])),
            scope=str(body.get("scope") or ""),
            access_token=Secret(str(body["access_token"])),
            refresh_token=Secret(str(body["refresh_token"])),
            access_seconds=int(body.get("expires_in") or ACCESS_SECONDS),
        )
    except (KeyError, TypeError, ValueError):
        raise TemporaryError("Stripe's token endpoint gave an answer without tokens.") from None


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _code(body: Mapping[str, Any]) -> str:
    """OAuth's `{"error": "invalid_grant", …}`, or the error of Stripe's other routes.

    Never the sentence beside it, which may quote a code or a token.
    """
    error = body.get("error")
    if isinstance(error, Mapping):
        error = error.get("code") or error.get("type")
    return error if isinstance(error, str) else ""


def _no_key(livemode: bool, what: str) -> TemporaryError:
    mode = "live" if livemode else "test"
    return TemporaryError(
        f"The app developer's secret key for {mode} mode {what}, so accounts that installed the "
        f"app in {mode} mode can't be asked for. Their sales wait and lose nothing. Set "
        f"{KEY_NAMES[livemode]} to the secret key (sk_{mode}_…, not a restricted one) of the "
        "account that owns the app and start the workers again; they go on by themselves then.",
        after_seconds=KEY_SECONDS,
    )

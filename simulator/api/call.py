"""One request to the API: who calls, for which account and mode, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from simulator.api.access import Access
from simulator.api.forms import read_form
from simulator.api_keys import ApiKey
from simulator.books import Books
from simulator.errors import StripeFault, unauthorized
from simulator.oauth import Expired, Installation
from simulator.stripe import Stripe
from simulator.values import API_VERSION, Obj
from simulator.world import Cause


@dataclass(frozen=True, slots=True)
class Call:
    """A request that showed a known key."""

    stripe: Stripe
    books: Books
    method: str
    path: str
    path_id: str  # "" where the path names no object
    outer_id: str  # of the object around it: /v1/products/{outer}/features/{id}
    given: Obj
    raw: bytes
    expand: tuple[str, ...]
    cause: Cause
    access: Access


def read_call(stripe: Stripe, request: Request, body: bytes, request_id: str) -> Call:
    """StripeFault when the key, the account or the body can't be used."""
    books, access = _admitted(stripe, request)
    access.require_route(request.method, request.url.path)
    given = read_form(request.url.query)
    if body:
        given |= read_form(_text(body))
    expand = given.pop("expand", [])
    paths = tuple(expand) if isinstance(expand, list) else (str(expand),)
    key = request.headers.get("idempotency-key")
    return Call(
        stripe,
        books,
        request.method,
        request.url.path,
        request.path_params.get("id", ""),
        request.path_params.get("outer", ""),
        given,
        body,
        paths,
        Cause(request_id, key),
        access,
    )


def common_headers(request: Request, request_id: str) -> dict[str, str]:
    """What each answer says about the request that it answers."""
    version = request.headers.get("stripe-version", API_VERSION)
    headers = {"Request-Id": request_id, "Stripe-Version": version}
    for name in ("Idempotency-Key", "Stripe-Account"):
        if name in request.headers:
            headers[name] = request.headers[name]
    return headers


def _admitted(stripe: Stripe, request: Request) -> tuple[Books, Access]:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise unauthorized(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_KEY')."
        )
    try:
        installed = stripe.oauth.installation_of(key)
    except Expired:
        raise unauthorized("Expired API Key provided.", code="api_key_expired") from None
    if installed is not None:
        return _admitted_guest(stripe, request, installed, key)
    known = stripe.keys.find(key)
    if known is None:
        raise unauthorized("Invalid API Key provided.")
    account = request.headers.get("stripe-account", stripe.account)
    books = stripe.books_of(account, livemode=known.livemode)
    if books is None:
        text = f"The provided key does not have access to account '{account}'"
        text += " (or that account does not exist). Application access may have been revoked."
        raise StripeFault(403, text, code="account_invalid")
    return books, Access(key, known, account)


def _admitted_guest(
    stripe: Stripe, request: Request, which: Installation, token: str
) -> tuple[Books, Access]:
    """An app's access token is good for the account that installed it, and names none beside."""
    account, livemode = which
    books = stripe.books_of(account, livemode=livemode)
    if books is None or "stripe-account" in request.headers:
        text = "Only Stripe Connect platforms can work with other accounts."
        raise StripeFault(403, text, code="account_invalid")
    return books, Access(token, ApiKey(livemode), account)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as wrong:
        raise StripeFault(400, "The request body is not UTF-8.") from wrong

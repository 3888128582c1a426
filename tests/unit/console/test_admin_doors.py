"""Who asks an admin route, by which path, and what it says when something is down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.requests import Request

from console.admin.access import CHALLENGE, bearer_of, require
from console.admin.faults import RETRY, database_fault, our_fault, service_fault, unknown
from console.admin.serving import SaleConvertor, pattern
from console.admin.values import Caller
from console.http import HttpError
from console.tokens import SCOPES, Scope, choose_scopes, hash_of
from shared.secrets import Secret
from worker.errors import TemporaryError


def request(header: bytes | None) -> Request:
    headers = [] if header is None else [(b"authorization", header)]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"Bearer fat_1", "fat_1"),
        (b"bearer fat_1", "fat_1"),
        (b"BEARER   fat_1  ", "fat_1"),
        ("Bearer schlüssel".encode(), "schlüssel"),
        (b"Bearer two words", "two words"),
    ],
)
def test_a_token_is_taken_as_the_bytes_that_came(header: bytes, token: str) -> None:
    """The scheme is read in any case, as HTTP has it; the token only as it is."""
    assert bearer_of(request(header), "admin") == Secret(token)


def test_a_token_that_is_no_text_is_nobodys_and_breaks_nothing() -> None:
    """Any bytes have a hash, so a stranger is told the same as always."""
    given = bearer_of(request(b"Bearer \xff\xfe"), "admin")

    assert re.fullmatch("[0-9a-f]{64}", hash_of(given))
    assert hash_of(given) != hash_of(bearer_of(request(b"Bearer \xff\xfd"), "admin"))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "This route needs the header Authorization: Bearer <token>."),
        (b"", "The Authorization header is not Bearer <token>."),
        (b"Bearer", "The Authorization header is not Bearer <token>."),
        (b"Bearer   ", "The Authorization header is not Bearer <token>."),
        (b"Basic YTpi", "The Authorization header is not Bearer <token>."),
        (b"fat_1", "The Authorization header is not Bearer <token>."),
    ],
)
def test_without_a_token_the_answer_says_how_to_bring_one(
    header: bytes | None, message: str
) -> None:
    """And which scope it must have; what came instead is not repeated."""
    with pytest.raises(HttpError) as told:
        bearer_of(request(header), "product:write")

    fault = told.value
    assert (fault.status, fault.code, fault.message, fault.detail, fault.headers) == (
        *(401, "UNAUTHORIZED", message, "requires product:write", CHALLENGE),
    )


@pytest.mark.parametrize(
    ("has", "needs", "let_in"),
    [
        (("product:read",), "product:read", True),
        (("product:write",), "product:write", True),
        (("product:write",), "product:read", False),
        (("product:read",), "product:write", False),
        (("product:read", "product:write"), "admin", False),
        *((("admin",), scope, True) for scope in SCOPES),
        ((), "product:read", False),
    ],
)
def test_no_scope_but_admin_stands_for_another(
    has: tuple[Scope, ...], needs: Scope, let_in: bool
) -> None:
    """The refusal names the token and the scope, in LicenseKit's words."""
    caller = Caller("ci", has)
    assert caller.may(needs) is let_in
    if let_in:
        require(caller, needs)
        return
    with pytest.raises(HttpError) as told:
        require(caller, needs)

    assert (told.value.status, told.value.code, told.value.message, told.value.detail) == (
        403,
        "TOKEN_SCOPE_DENIED",
        "The token ci lacks a scope that this needs.",
        f"requires {needs}",
    )


@pytest.mark.parametrize(
    ("names", "scopes"),
    [
        (["admin"], ("admin",)),
        (["product:write", "product:read"], ("product:read", "product:write")),
        (["product:read"] * 3, ("product:read",)),
        (["admin", "product:read"], ("product:read", "admin")),
    ],
)
def test_scopes_are_kept_once_each_in_one_order(names: list[str], scopes: tuple[str, ...]) -> None:
    """However they were typed, so that two lists can be compared."""
    assert choose_scopes(names) == scopes


@pytest.mark.parametrize("names", [[], ["root"], ["product:read", "Admin"], [""]])
def test_a_scope_that_nobody_knows_is_refused_with_all_that_there_are(names: list[str]) -> None:
    """None at all would be a token that opens nothing."""
    with pytest.raises(ValueError, match=r"^must be of product:read, product:write, admin$"):
        choose_scopes(names)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("sub_1", True),
        ("own/test/subscription/sub_1", True),
        ("acct_1/live/checkout_session/cs_1", True),
        ("own/both/subscription/sub_1", False),
        ("own/test/subscription", False),
        ("own/test/subscription/sub_1/plan", False),
        ("sub_1/plan", False),
        ("", False),
    ],
)
def test_a_sale_in_a_path_is_an_id_or_a_whole_key(path: str, taken: bool) -> None:
    """Nothing longer, so that the words behind it in the path are still found."""
    found = re.fullmatch(SaleConvertor.regex, path)

    assert bool(found) is taken
    assert pattern("/sales/{sale}/plan") == "/sales/{sale:sale}/plan"
    assert pattern("/fulfillments/{number}") == "/fulfillments/{number:int}"


@pytest.mark.parametrize(
    ("fault", "status", "code", "heals"),
    [
        (service_fault(TemporaryError("Stripe: 503")), 503, "SERVICE_UNAVAILABLE", "It heals once"),
        (database_fault(), 503, "STORAGE_UNAVAILABLE", "What waits goes on by itself"),
        (our_fault(), 500, "INTERNAL_ERROR", "It does not heal by itself."),
    ],
)
def test_what_is_down_is_told_with_what_it_means_and_when_it_heals(
    fault: HttpError, status: int, code: str, heals: str
) -> None:
    """Whoever may ask again is told after how long; a fault of ours would only come again."""
    assert (fault.status, fault.code) == (status, code)
    assert heals in fault.message
    assert dict(fault.headers) == (dict(RETRY) if status == 503 else {})


def test_what_a_service_said_stands_in_the_detail_alone() -> None:
    """The message is ours; an id that nobody knows says where to look instead."""
    fault = service_fault(TemporaryError("Stripe answered 503"))
    lost = unknown("sub_9", 'Look with "fulfill show".')

    assert (fault.detail, "503" in fault.message) == ("Stripe answered 503", False)
    assert vars_of(lost) == (404, "NOT_FOUND", "Nothing here knows sub_9.", lost.detail)
    assert lost.detail == 'Look with "fulfill show".'


def vars_of(fault: HttpError) -> tuple[Any, ...]:
    return fault.status, fault.code, fault.message, fault.detail

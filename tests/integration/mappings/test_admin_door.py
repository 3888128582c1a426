"""The door that all admin routes share: the token, the envelope, the body's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.http import BODY_LIMIT_BYTES, HttpError, admin_only, data_response, read_json
from shared.secrets import Secret
from tests.integration.mappings.web import serve_routes

Door = Callable[[str], httpx.Client]


@pytest.fixture
def door() -> Iterator[Door]:
    """Opens a route that echoes its body, behind a token."""
    with ExitStack() as stack:

        def open_door(token: str) -> httpx.Client:
            guarded = admin_only(Secret(token))(echo)
            routes = [Route("/", guarded, methods=["POST"])]
            return stack.enter_context(serve_routes(routes, {}))

        yield open_door


async def echo(request: Request) -> Response:
    body = await read_json(request)
    if body == "broken":
        raise HttpError(409, "CONFLICT", "It stands already.")
    return data_response(body, meta={"next_cursor": "c1"})


@pytest.mark.parametrize("header", ["Bearer secret_ä1", "bearer secret_ä1", "Bearer  secret_ä1"])
def test_the_right_token_opens_the_door(door: Door, header: str) -> None:
    """The scheme's case and blanks don't matter; a token may hold any letter."""
    answer = door("secret_ä1").post("/", json=[1], headers={"Authorization": header.encode()})

    assert (answer.status_code, answer.json()["data"]) == (200, [1])
    assert answer.json()["meta"]["next_cursor"] == "c1"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer admin", "Basic admin_1", "admin_1", "Bearer ä"],
)
def test_anything_else_is_answered_with_401_and_what_is_needed(
    door: Door, header: str | None
) -> None:
    """Nothing of the right token or of the given one is in the answer."""
    headers = {} if header is None else {"Authorization": header.encode()}

    answer = door("admin_1").post("/", json=1, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (
        401,
        {
            "code": "UNAUTHORIZED",
            "message": "This route needs the header Authorization: Bearer <FULFILL_ADMIN_TOKEN>.",
        },
    )


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x"])
def test_without_a_token_in_the_settings_nobody_is_let_in(door: Door, header: str) -> None:
    """An empty token must not match an empty header."""
    answer = door("").post("/", json=1, headers={"Authorization": header})

    assert answer.status_code == 401
    assert "FULFILL_ADMIN_TOKEN is not set" in answer.json()["error"]["message"]


def test_an_error_of_a_route_comes_in_the_envelope(door: Door) -> None:
    """With its status, and without a detail when there is none."""
    answer = door("t").post("/", json="broken", headers={"Authorization": "Bearer t"})

    assert answer.status_code == 409
    assert answer.json()["error"] == {"code": "CONFLICT", "message": "It stands already."}
    assert set(answer.json()["meta"]) == {"request_id", "timestamp"}


def test_a_body_over_the_limit_is_answered_with_413(door: Door) -> None:
    """It is not read to its end."""
    big = b'"' + b"x" * BODY_LIMIT_BYTES + b'"'

    answer = door("t").post("/", content=big, headers={"Authorization": "Bearer t"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")

"""Who gets in: tokens, scopes, networks and license keys, through the SDK and by hand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from licensekit import ManagementClient

from licensing.operations import UNDER_API, Operation
from tests.contract.licensing.conftest import ADMIN_TOKEN, Api, Shop
from tests.contract.licensing.refusals import refused

MANAGED = [operation for operation in UNDER_API if ":" in operation.scope]


def token(client: ManagementClient, **body: Any) -> str:
    return str(client.create_api_key(body={"name": "Test"} | body)["data"]["token"])


def test_a_new_key_shows_its_token_once(client: ManagementClient) -> None:
    """The list knows only how it begins."""
    created = client.create_api_key(body={"name": "Worker", "scopes": ["product:read"]})["data"]

    (listed,) = client.list_api_keys(query={"limit": 1})["data"]

    assert listed == created["api_key"]
    assert listed["id"].startswith("key_")
    assert created["token"].startswith(listed["key_prefix"])
    assert created["token"] not in str(listed)


def test_a_key_without_scopes_may_do_everything(api: Api, client: ManagementClient) -> None:
    """The contract's default is admin."""
    created = client.create_api_key(body={"name": "Everything"})["data"]

    assert created["api_key"]["scopes"] == ["admin"]
    with api.management(created["token"]) as everything:
        assert everything.list_customers(query={"limit": 1})["data"] is not None


def test_a_key_may_do_what_its_scopes_say_and_no_more(api: Api, client: ManagementClient) -> None:
    """The refusal names the scope that is missing."""
    with api.management(token(client, scopes=["product:read"])) as reader:
        reader.list_products()
        with refused(403, "TOKEN_SCOPE_DENIED", "requires product:write"):
            reader.create_product(body={"name": "Editor", "code": "editor"})
        with refused(403, "TOKEN_SCOPE_DENIED", "requires admin"):
            reader.list_customers()
        with refused(403, "TOKEN_SCOPE_DENIED", "requires event:read"):
            reader.list_events()


def test_every_scope_opens_its_own_operations_and_no_others(
    api: Api, client: ManagementClient
) -> None:
    """Whatever the token may not do is refused before anything else is looked at."""
    scopes = sorted({operation.scope for operation in MANAGED})
    for scope in scopes:
        headers = {"Authorization": f"Bearer {token(client, scopes=[scope])}"}
        with httpx.Client(base_url=api.base_url, headers=headers) as http:
            for operation in MANAGED:
                is_refused = _ask(http, operation) == 403
                assert is_refused is (operation.scope != scope), operation.name


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", f"Basic {ADMIN_TOKEN}", ADMIN_TOKEN, "Bearer ü"],
)
def test_a_wrong_token_gets_nowhere(api: Api, authorization: str) -> None:
    """Missing, malformed and unknown tokens are told the same."""
    headers = {b"Authorization": authorization.encode()}
    answer = httpx.get(f"{api.base_url}/api/v1/products", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "code": "UNAUTHORIZED",
        "message": "the management token is missing or not valid",
    }


def test_the_two_kinds_of_credentials_are_never_mixed(api: Api, shop: Shop) -> None:
    """A license key opens no management operation, a token no runtime operation."""
    key = shop.license(shop.policy("perpetual"))["license_key"]

    with api.management(key) as wrong, refused(401, "UNAUTHORIZED"):
        wrong.list_products()
    with api.runtime(ADMIN_TOKEN) as copy, refused(401, "UNAUTHORIZED"):
        copy.check_license(body={"fingerprint": "laptop"})


def test_a_key_ends_when_it_says(api: Api, client: ManagementClient) -> None:
    """From expires_at on the token is refused."""
    with api.management(token(client, expires_at="2026-11-22T12:00:00Z")) as temporary:
        temporary.list_products()
        api.clock.advance(days=1)
        with refused(401, "UNAUTHORIZED"):
            temporary.list_products()


def test_a_key_may_be_bound_to_a_network(api: Api, client: ManagementClient) -> None:
    """From elsewhere it is as good as unknown."""
    near = token(client, allowed_cidrs=["127.0.0.0/8"])
    far = token(client, allowed_cidrs=["10.0.0.0/8", "2001:db8::/32"])

    with api.management(near) as inside:
        inside.list_products()
    with api.management(far) as outside, refused(401, "UNAUTHORIZED"):
        outside.list_products()


def test_a_network_that_is_none_is_refused(client: ManagementClient) -> None:
    """A typing error must not lock everybody out later."""
    with refused(422, "VALIDATION_ERROR", "allowed_cidrs"):
        token(client, allowed_cidrs=["10.0.0.300/8"])


def test_the_last_use_of_a_key_is_noted(api: Api, client: ManagementClient) -> None:
    """To the minute: enough to find keys that nobody uses."""
    with api.management(token(client)) as user:
        for seconds, expected in ((0, "12:00:00"), (59, "12:00:00"), (1, "12:01:00")):
            api.clock.advance(seconds=seconds)
            user.list_products()
            (key,) = client.list_api_keys(query={"limit": 1})["data"]
            assert key["last_used_at"] == f"2026-11-21T{expected}Z"


def test_a_key_is_not_noted_as_used_before_it_was(client: ManagementClient) -> None:
    """A fresh key has no last use."""
    token(client)

    assert "last_used_at" not in client.list_api_keys(query={"limit": 1})["data"][0]


def _ask(http: httpx.Client, operation: Operation) -> int:
    path = operation.path.replace("{", "").replace("}", "")
    return http.request(operation.method, path).status_code

"""What the check tells of LicenseKit: each scope by a request that can change nothing."""

from __future__ import annotations

import httpx
import pytest

from console.doctor.licensekit import SCOPES, look_at_licensekit
from tests.integration.console.healthy import House

ALL = [scope.name for scope in SCOPES]


def token_of(house: House, *scopes: str) -> str:
    """A token with these scopes, from the embedded LicenseKit itself."""
    answer = httpx.post(
        f"{house.licensekit_url}/api/v1/api-keys",
        json={"name": "-".join(scopes), "scopes": list(scopes)},
        headers={"Authorization": "Bearer lk_test_admin"},
        trust_env=False,
    )
    return str(answer.raise_for_status().json()["data"]["token"])


def test_an_admin_token_has_every_scope(house: House) -> None:
    """`admin` satisfies the others."""
    found = house.look(look_at_licensekit)

    assert [one.name for one in found] == ["licensekit", *(f"scope {name}" for name in ALL)]
    assert {one.status for one in found} == {"ok"}


@pytest.mark.parametrize("scope", [name for name in ALL if name != "admin"])
def test_each_scope_that_is_lacking_is_named(house: House, scope: str) -> None:
    """With what can't be done without it."""
    held = {"product:read", "product:write", "license:read", "license:write"} - {scope}
    token = token_of(house, *sorted(held))

    found = house.look(look_at_licensekit, LICENSEKIT_API_TOKEN=token)

    lacking = [one for one in found if one.status == "fail"]
    assert [one.name for one in lacking] == [f"scope {scope}", "scope admin"]
    assert "the token lacks it, so" in lacking[0].told


def test_customers_need_admin(house: House) -> None:
    """No narrower scope lets a customer be made, and no license is issued without one."""
    token = token_of(house, "product:read", "product:write", "license:read", "license:write")

    (lacking,) = [
        one
        for one in house.look(look_at_licensekit, LICENSEKIT_API_TOKEN=token)
        if one.status != "ok"
    ]

    assert lacking.name == "scope admin"
    assert "no customer is made" in lacking.told


def test_trying_the_scopes_changes_nothing(house: House) -> None:
    """Nothing is created, suspended or renamed to find out whether it could be."""

    def everything() -> list[object]:
        paths = ("products", "licenses", "customers")
        headers = {"Authorization": "Bearer lk_test_admin"}
        with httpx.Client(base_url=house.licensekit_url, headers=headers, trust_env=False) as http:
            return [http.get(f"/api/v1/{path}").json()["data"] for path in paths]

    before = everything()
    house.look(look_at_licensekit)

    assert everything() == before


def test_a_token_that_is_not_known_is_told_once(house: House) -> None:
    """What it could do can't be asked then."""
    status, told = house.one(look_at_licensekit, LICENSEKIT_API_TOKEN="lk_stranger")

    assert status == "fail"
    assert "refuses our token (401)" in told
    assert "lk_stranger" not in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"PORT": "1"}, "Start the web process"),
        ({"LICENSEKIT_BASE_URL": "http://127.0.0.1:1"}, "Correct LICENSEKIT_BASE_URL"),
    ],
)
def test_a_licensekit_that_is_silent_is_mended_where_it_runs(
    house: House, changes: dict[str, str], told: str
) -> None:
    """The embedded one is a part of the web process; the hosted one is somebody else's."""
    status, text = house.one(look_at_licensekit, **changes)

    assert status == "fail"
    assert "gives no answer, so sales wait" in text
    assert told in text

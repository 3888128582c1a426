"""What LicenseKit's answers mean to a pass: go on, try again by itself, or a person is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.secrets import Secret
from tests.worlds.scripted import Answer, Script, data, refusal
from worker.errors import Conflict, NotFound, PermanentError, TemporaryError
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.patience import HURRIED

LICENSE = {"id": "lic_1", "status": "active"}
AT_ONCE = {"Retry-After": "0"}  # the wish of a server that doesn't mind


def test_a_license_is_read_out_of_its_envelope(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """Plain data comes out; the token went in."""
    script.says(data(LICENSE))

    assert licensekit.license("lic_1") == LICENSE
    assert script.asked[0].path == "/api/v1/licenses/lic_1"
    assert script.asked[0].headers["authorization"] == "Bearer lk_very_secret"


@pytest.mark.parametrize(("status", "code"), [(401, "UNAUTHORIZED"), (403, "TOKEN_SCOPE_DENIED")])
def test_a_refused_token_waits_a_minute_and_names_the_setting_but_not_the_token(
    licensekit: LicenseKitGateway, script: Script, status: int, code: str
) -> None:
    """Nothing is lost; it heals when the setting is mended, so the sale is tried again."""
    script.says(refusal(status, code))

    with pytest.raises(TemporaryError) as caught:
        licensekit.license("lic_1")

    assert caught.value.after_seconds == 60
    assert "LICENSEKIT_API_TOKEN" in str(caught.value)
    assert "licenses:write" in str(caught.value)
    assert "lk_very_secret" not in str(caught.value)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("status", "family"),
    [(404, NotFound), (409, Conflict), (400, PermanentError), (422, PermanentError)],
)
def test_a_refusal_for_good_is_told_with_its_code_and_request_id(
    licensekit: LicenseKitGateway,
    script: Script,
    status: int,
    family: type[PermanentError],
) -> None:
    """Asking again can't help, so it is asked once."""
    script.says(refusal(status, "SOME_CODE"))

    with pytest.raises(family) as caught:
        licensekit.create_customer({"name": "Ada"})

    assert caught.value.subject == "SOME_CODE"
    assert caught.value.request_id == "req_1"
    assert len(script.asked) == 1


def test_a_request_id_without_a_time_is_lost_by_the_sdk_but_the_error_is_not(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """The SDK drops meta that has no timestamp; the code still tells what happened."""
    script.says(refusal(404, "LICENSE_NOT_FOUND", meta={"request_id": "req_1"}))

    with pytest.raises(NotFound, match="LICENSE_NOT_FOUND") as caught:
        licensekit.license("lic_1")

    assert caught.value.request_id is None


def test_a_read_is_repeated_until_it_is_answered(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """Two failures are nothing to a read."""
    script.says(refusal(500, "INTERNAL", **AT_ONCE), refusal(429, "SLOW", **AT_ONCE), data(LICENSE))

    assert licensekit.license("lic_1") == LICENSE


def test_a_read_gives_up_after_three_times(licensekit: LicenseKitGateway, script: Script) -> None:
    """Then the sale itself is tried again later."""
    script.says(refusal(503, "DOWN", **AT_ONCE))

    with pytest.raises(TemporaryError):
        licensekit.license("lic_1")

    assert len(script.asked) == 3


def test_a_longer_wish_of_the_server_ends_the_pass_instead_of_blocking_it(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """The wish goes up with the error, so the sale comes back no earlier."""
    script.says(refusal(429, "RATE_LIMITED", **{"Retry-After": "30"}))

    with pytest.raises(TemporaryError) as caught:
        licensekit.license("lic_1")

    assert (caught.value.after_seconds, len(script.asked)) == (30, 1)


def test_a_create_is_never_repeated_here(licensekit: LicenseKitGateway, script: Script) -> None:
    """Whether it took place is looked up by the next pass."""
    script.says(refusal(500, "INTERNAL", **AT_ONCE))

    with pytest.raises(TemporaryError):
        licensekit.create_license({"product_id": "prod_1"})

    assert len(script.asked) == 1


def test_a_renewal_is_repeated_under_the_same_key(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """LicenseKit knows by the key that it is the same renewal."""
    script.says(refusal(500, "INTERNAL", **AT_ONCE), data(LICENSE))

    licensekit.renew_license("lic_1", {"expires_at": "2028-01-01T00:00:00Z"}, idempotency_key="k")

    assert [asked.headers["idempotency-key"] for asked in script.asked] == ["k", "k"]


def test_a_gateway_page_instead_of_an_envelope_is_a_service_that_is_down(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """A proxy's HTML is not LicenseKit's error."""
    script.says(Answer(502, "<html>Bad Gateway</html>", AT_ONCE))

    with pytest.raises(TemporaryError, match="502"):
        licensekit.license("lic_1")


def test_a_service_that_never_answers_is_given_up(script: Script) -> None:
    """The SDK itself would wait for ever."""
    script.says(Answer(hang=True))
    hurried = replace(HURRIED, read_seconds=0.05)
    gateway = LicenseKitGateway(script.url, Secret("lk_very_secret"), patience=hurried)

    with pytest.raises(TemporaryError, match="ReadTimeout"):
        gateway.create_customer({"name": "Ada"})

    gateway.close()


def test_a_service_that_is_not_there_is_temporary() -> None:
    """Port 9 answers nobody."""
    gateway = LicenseKitGateway("http://127.0.0.1:9", Secret("lk_very_secret"))

    with pytest.raises(TemporaryError, match="ConnectError"):
        gateway.create_customer({"name": "Ada"})

    gateway.close()


def test_a_policy_is_asked_for_once(licensekit: LicenseKitGateway, script: Script) -> None:
    """A policy's type does not change under a sale."""
    script.says(data({"id": "pol_1", "license_type": "perpetual"}))

    licensekit.policy("pol_1")
    licensekit.policy("pol_1")

    assert len(script.asked) == 1


def test_a_policy_that_is_not_there_is_asked_for_again(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """Somebody may have made it meanwhile."""
    script.says(refusal(404, "POLICY_NOT_FOUND"), data({"id": "pol_1"}))

    with pytest.raises(NotFound):
        licensekit.policy("pol_1")

    assert licensekit.policy("pol_1") == {"id": "pol_1"}


def test_a_record_is_found_among_the_newest_by_stripes_id(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """LicenseKit lists no external ids to filter by, so we look through its largest page."""
    mine = {"id": "ord_2", "external_system": "stripe", "external_id": "in_1"}
    other = {"id": "ord_1", "external_system": "shopify", "external_id": "in_1"}
    script.says(data([other, mine]))

    assert licensekit.order_by_external_id("prod_1", "in_1") == mine
    assert licensekit.subscription_by_external_id("prod_1", "in_9") is None
    assert {asked.query["limit"] for asked in script.asked} == {"200"}


def test_pain_15_a_customer_is_found_by_its_code_and_never_by_its_e_mail(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """Two Stripe customers with one address are two customers."""
    script.says(data([{"id": "cus_lk", "code": "cus_1", "email": "ada@example.com"}]))

    assert licensekit.customer_by_code("cus_2") is None
    assert licensekit.customer_by_code("cus_1") is not None


def test_a_license_key_comes_out_masked(licensekit: LicenseKitGateway, script: Script) -> None:
    """It can't be printed by accident."""
    script.says(Answer(201, {"data": {"license": LICENSE, "license_key": "LK-1234"}, "meta": {}}))

    license_id, key = licensekit.create_license({"product_id": "prod_1"})

    assert (license_id, key.reveal()) == ("lic_1", "LK-1234")
    assert "LK-1234" not in repr(key)


def test_the_licensekit_on_this_machine_is_asked_without_a_proxy(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's proxy can't reach our own loopback address."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    script.says(data(LICENSE))
    gateway = LicenseKitGateway(script.url, Secret("lk_very_secret"))

    assert gateway.license("lic_1") == LICENSE
    gateway.close()

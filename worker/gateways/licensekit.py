"""The one module that calls LicenseKit. Values go in, plain dicts come out, our errors come up.

The SDK has no time limit, repeats nothing but reads on network errors and hides Retry-After, so all
three are added here. Reads and keyed writes are repeated; a create is never repeated here: whether
it took place is looked up by the next pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import httpx
from licensekit import ApiError, ManagementClient
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from shared.moments import rfc3339
from shared.secrets import Secret
from worker.errors import Conflict, NotFound, PermanentError, TemporaryError
from worker.gateways.licensekit_http import MeasuredClient
from worker.gateways.patience import PATIENT, Patience

Facts = dict[str, Any]
T = TypeVar("T")

LONGEST_WAIT_SECONDS = 5.0  # inside a pass; a longer wish of the server ends the pass
KEY_SECONDS = 60.0  # a refused token is not worth a try sooner: a person has to mend it
# the embedded LicenseKit is this machine: no proxy of the environment stands between
DIRECT: Mapping[str, httpx.BaseTransport | None] = {"all://127.0.0.1": None}
PAGE = 200  # LicenseKit's largest, and there is no second page


class LicenseKitGateway:
    """Finds, creates and changes. Raises NotFound, Conflict, PermanentError or TemporaryError.

    One gateway serves one thread.
    """

    def __init__(self, base_url: str, token: Secret, *, patience: Patience = PATIENT) -> None:
        self._retry_after: str | None = None
        self._attempts = patience.attempts  # of a read or a keyed write
        timeout = httpx.Timeout(patience.read_seconds, connect=patience.connect_seconds)
        self._http = MeasuredClient(
            timeout=timeout,
            mounts=DIRECT,
            event_hooks={"response": [self._remember_retry_after]},
        )
        # The SDK hands its own time limit to every request, so it must be given here too.
        limit: Any = timeout
        self._api = ManagementClient(
            base_url=base_url, token=token.reveal(), timeout=limit, client=self._http
        )
        self._policies: dict[str, Facts] = {}

    def close(self) -> None:
        self._http.close()

    def _remember_retry_after(self, response: httpx.Response) -> None:
        self._retry_after = response.headers.get("Retry-After")

    def policy(self, policy_id: str) -> Facts:
        """A policy. Kept for this gateway's life: a policy's type does not change under a sale."""
        if policy_id not in self._policies:
            path = {"id": policy_id}
            self._policies[policy_id] = self._read(lambda: self._api.get_policy(path=path))
        return self._policies[policy_id]

    def devices(self, license_id: str) -> list[Facts]:
        """Up to 200 machines on which a license was activated."""
        path, query = {"id": license_id}, {"limit": PAGE}
        return self._read_list(lambda: self._api.list_license_devices(path=path, query=query))

    def features(self, license_id: str) -> list[Facts]:
        """What a license carries, up to 200 features, and how much of each was used."""
        path, query = {"id": license_id}, {"limit": PAGE}
        return self._read_list(lambda: self._api.list_license_features(path=path, query=query))

    def products(self) -> list[Facts]:
        """The newest 200."""
        return self._read_list(lambda: self._api.list_products(query={"limit": PAGE}))

    def product_policies(self, product_id: str) -> list[Facts]:
        """The newest 200."""
        path, query = {"id": product_id}, {"limit": PAGE}
        return self._read_list(lambda: self._api.list_policies_by_product(path=path, query=query))

    def product_features(self, product_id: str) -> list[Facts]:
        """The newest 200."""
        path, query = {"id": product_id}, {"limit": PAGE}
        return self._read_list(lambda: self._api.list_features_by_product(path=path, query=query))

    def license(self, license_id: str) -> Facts:
        return self._read(lambda: self._api.get_license(path={"id": license_id}))

    def licenses_of_order(self, order_id: str) -> list[Facts]:
        """Up to 200 licenses that were issued with this order."""
        query = {"order_id": order_id, "limit": PAGE}
        return self._read_list(lambda: self._api.list_licenses(query=query))

    def licenses_of_subscription(self, subscription_id: str) -> list[Facts]:
        """Up to 200 licenses that were issued with this subscription record."""
        query = {"subscription_id": subscription_id, "limit": PAGE}
        return self._read_list(lambda: self._api.list_licenses(query=query))

    def licenses_of_policy(
        self, policy_id: str, status: str, *, ends_between: tuple[datetime, datetime] | None = None
    ) -> list[Facts]:
        """The newest 200 of a policy in this status; `ends_between` leaves out those without an
        end, and both its bounds.
        """
        query = {"policy_id": policy_id, "status": status, "limit": PAGE}
        if ends_between is not None:
            after, before = ends_between
            query |= {"expires_after": rfc3339(after), "expires_before": rfc3339(before)}
        return self._read_list(lambda: self._api.list_licenses(query=query))

    def customer(self, customer_id: str) -> Facts:
        return self._read(lambda: self._api.get_customer(path={"id": customer_id}))

    def order(self, order_id: str) -> Facts:
        return self._read(lambda: self._api.get_order(path={"id": order_id}))

    def subscription(self, subscription_id: str) -> Facts:
        return self._read(lambda: self._api.get_subscription(path={"id": subscription_id}))

    def customer_by_code(self, code: str) -> Facts | None:
        """Looks through the newest 200: LicenseKit has no filter by code and no second page."""
        found = self._read_list(lambda: self._api.list_customers(query={"limit": PAGE}))
        return next((one for one in found if one["code"] == code), None)

    def order_by_external_id(self, product_id: str, external_id: str) -> Facts | None:
        """Looks through the newest 200 of the product."""
        found = self._read_list(
            lambda: self._api.list_product_orders(path={"id": product_id}, query={"limit": PAGE})
        )
        return _of_stripe(found, external_id)

    def subscription_by_external_id(self, product_id: str, external_id: str) -> Facts | None:
        """Looks through the newest 200 of the product."""
        found = self._read_list(
            lambda: self._api.list_product_subscriptions(
                path={"id": product_id}, query={"limit": PAGE}
            )
        )
        return _of_stripe(found, external_id)

    def create_customer(self, body: Mapping[str, object]) -> Facts:
        return self._create(lambda: self._api.create_customer(body=body))

    def create_order(self, product_id: str, body: Mapping[str, object]) -> Facts:
        return self._create(lambda: self._api.create_order(path={"id": product_id}, body=body))

    def create_subscription(self, product_id: str, body: Mapping[str, object]) -> Facts:
        path = {"id": product_id}
        return self._create(lambda: self._api.create_subscription(path=path, body=body))

    def update_customer(self, customer_id: str, body: Mapping[str, object]) -> Facts:
        """Absolute values, so a repeat is harmless."""
        return self._create(lambda: self._api.update_customer(path={"id": customer_id}, body=body))

    def update_order(self, order_id: str, body: Mapping[str, object]) -> Facts:
        """Absolute values, so a repeat is harmless."""
        return self._create(lambda: self._api.update_order(path={"id": order_id}, body=body))

    def update_subscription(self, subscription_id: str, body: Mapping[str, object]) -> Facts:
        """Absolute values, so a repeat is harmless."""
        path = {"id": subscription_id}
        return self._create(lambda: self._api.update_subscription(path=path, body=body))

    def create_license(self, body: Mapping[str, object]) -> tuple[str, Secret]:
        """The new license's id and its key, which LicenseKit never shows again."""
        created = self._create(lambda: self._api.create_license(body=body))
        return created["license"]["id"], Secret(created["license_key"])

    def renew_license(
        self, license_id: str, body: Mapping[str, object], *, idempotency_key: str
    ) -> Facts:
        return self._read(
            lambda: self._api.renew_license(
                path={"id": license_id}, body=body, idempotency_key=idempotency_key
            )
        )

    def revoke_license(self, license_id: str) -> None:
        self._create(lambda: self._api.revoke_license(path={"id": license_id}))

    def suspend_license(self, license_id: str) -> None:
        """A second time changes nothing. Raises Conflict where the license is revoked."""
        self._create(lambda: self._api.suspend_license(path={"id": license_id}))

    def reinstate_license(self, license_id: str) -> None:
        """A second time changes nothing. Raises Conflict where the license is revoked."""
        self._create(lambda: self._api.reinstate_license(path={"id": license_id}))

    def assign_feature(self, license_id: str, body: Mapping[str, object]) -> None:
        """Creates the assignment or brings it to these values, so a repeat is harmless."""
        path = {"id": license_id}
        self._create(lambda: self._api.assign_license_feature(path=path, body=body))

    def remove_feature(self, license_id: str, feature_id: str) -> None:
        """Raises NotFound where the license does not carry it."""
        path = {"id": license_id, "feature_id": feature_id}
        self._once(lambda: self._api.remove_license_feature(path=path))

    def _read(self, call: Callable[[], Any]) -> Facts:
        """A read or a keyed write: repeated while LicenseKit is only busy."""
        facts: Facts = self._repeated(call)["data"]
        return facts

    def _read_list(self, call: Callable[[], Any]) -> list[Facts]:
        facts: list[Facts] = self._repeated(call)["data"]
        return facts

    def _create(self, call: Callable[[], Any]) -> Facts:
        """A write without a key: made once."""
        facts: Facts = self._once(call)["data"]
        return facts

    def _repeated(self, call: Callable[[], Any]) -> Any:
        retrying = Retrying(
            retry=retry_if_exception_type(TemporaryError),
            stop=self._stop,
            wait=_wait,
            reraise=True,
        )
        return retrying(self._once, call)

    def _stop(self, state: RetryCallState) -> bool:
        # then the sale itself is tried again later
        return (
            state.attempt_number >= self._attempts or (_wish(state) or 0.0) > LONGEST_WAIT_SECONDS
        )

    def _once(self, call: Callable[[], T]) -> T:
        self._retry_after = None
        try:
            return call()
        except ApiError as error:
            raise translate(error, self._retry_after) from error
        except httpx.TransportError as error:
            raise TemporaryError(
                f"LicenseKit could not be reached ({type(error).__name__}). "
                "The sale is tried again by itself."
            ) from error


def _wish(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.after_seconds if isinstance(error, TemporaryError) else None


def _wait(state: RetryCallState) -> float:
    wish = _wish(state)
    return 0.2 * 2.0**state.attempt_number if wish is None else wish


def _of_stripe(found: list[Facts], external_id: str) -> Facts | None:
    for one in found:
        if (one["external_system"], one["external_id"]) == ("stripe", external_id):
            return one
    return None


def translate(error: ApiError, retry_after: str | None) -> TemporaryError | PermanentError:
    """LicenseKit's error as one of ours, with its code and request id, never with a token."""
    text = f"{error.code}: {error}" + (f" ({error.detail})" if error.detail else "")
    request_id = error.request_id
    if error.status in (401, 403):
        return TemporaryError(
            f"LicenseKit refused our token: {text}. The sale waits and loses nothing. Mend "
            "LICENSEKIT_API_TOKEN or its scopes and start the workers again; then "
            '"fulfill retry --failed", or wait a quarter of an hour at most.',
            after_seconds=KEY_SECONDS,
            request_id=request_id,
        )
    if error.status in (408, 429) or error.status >= 500:
        wish = retry_after or ""
        return TemporaryError(
            f"LicenseKit did not answer as it should: {text}. The sale is tried again by itself.",
            after_seconds=float(wish) if wish.isdecimal() else None,
            request_id=request_id,
        )
    family = {404: NotFound, 409: Conflict}.get(error.status, PermanentError)
    return family(
        f"LicenseKit refused the request: {text}. It would refuse it again, so the sale waits "
        "for a person: mend what LicenseKit names (a policy, a mapping, a record), then "
        '"fulfill reconcile" the sale.',
        cause="refused_by_licensekit",
        subject=error.code,
        request_id=request_id,
    )

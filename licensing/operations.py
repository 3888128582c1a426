"""The table of contents: every operation of the contract, what it needs, and where it is done.

An operation without an action is not built yet and answers 501, after its access check.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import get_type_hints

from licensing import (
    api_keys,
    catalog,
    commerce,
    customers,
    devices,
    health,
    license_features,
    licenses,
    lifecycle,
    runtime,
    signing,
)
from licensing.access import LICENSE_KEY, PUBLIC
from licensing.bodies import Body
from licensing.call import Action

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row. `scope` is a management scope, LICENSE_KEY or PUBLIC."""

    name: str  # the contract's operationId
    method: str
    path: str
    scope: str
    action: Action | None = None
    status: int = 200
    is_keyed: bool = False  # needs an Idempotency-Key
    writes: bool = True
    shows_key: bool = False  # shows the public signing key, so there must be one

    @property
    def body(self) -> type[Body] | None:
        """The body that the action takes, or None when it takes none."""
        return None if self.action is None else _body_of(self.action)


@cache
def _body_of(action: Action) -> type[Body] | None:
    return get_type_hints(action).get("body")


def _get(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "GET", path, scope, action, writes=False)


def _create(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "POST", path, scope, action, status=201)


def _post(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "POST", path, scope, action)


def _ask(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "POST", path, scope, action, writes=False)


def _keyed(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "POST", path, scope, action, is_keyed=True)


def _patch(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "PATCH", path, scope, action)


def _delete(name: str, path: str, scope: str, action: Action) -> Operation:
    return Operation(name, "DELETE", path, scope, action, status=204)


def _later(name: str, method: str, path: str, scope: str) -> Operation:
    return Operation(name, method, path, scope, writes=False)


RUNTIME = (
    _keyed("activateLicense", "/license/activate", LICENSE_KEY, runtime.activate_license),
    _post("validateLicense", "/license/validate", LICENSE_KEY, runtime.validate_license),
    _ask("checkLicense", "/license/check", LICENSE_KEY, runtime.check_license),
    _keyed("deactivateLicense", "/license/deactivate", LICENSE_KEY, runtime.deactivate_license),
    _later("consumeLicense", "POST", "/license/consume", LICENSE_KEY),
    _later("issueOfflineLicense", "POST", "/license/offline", LICENSE_KEY),
    _later("checkoutFloatingLicense", "POST", "/license/floating/checkout", LICENSE_KEY),
    _later("checkinFloatingLicense", "POST", "/license/floating/checkin", LICENSE_KEY),
    _later("heartbeatFloatingLicense", "POST", "/license/floating/heartbeat", LICENSE_KEY),
    replace(
        _get("listPublicKeys", "/system/public-keys", PUBLIC, signing.list_public_keys),
        shows_key=True,
    ),
)

CATALOG = (
    _get("listProducts", "/products", "product:read", catalog.list_products),
    _create("createProduct", "/products", "product:write", catalog.create_product),
    _get("getProduct", "/products/{id}", "product:read", catalog.get_product),
    _patch("updateProduct", "/products/{id}", "product:write", catalog.update_product),
    _delete("deleteProduct", "/products/{id}", "product:write", catalog.delete_product),
    _get("listPoliciesByProduct", "/products/{id}/policies", "product:read", catalog.list_policies),
    _create("createPolicy", "/products/{id}/policies", "product:write", catalog.create_policy),
    _get("getPolicy", "/policies/{id}", "product:read", catalog.get_policy),
    _patch("updatePolicy", "/policies/{id}", "product:write", catalog.update_policy),
    _delete("deletePolicy", "/policies/{id}", "product:write", catalog.delete_policy),
    _get("listFeaturesByProduct", "/products/{id}/features", "product:read", catalog.list_features),
    _create("createFeature", "/products/{id}/features", "product:write", catalog.create_feature),
    _get("getFeature", "/features/{id}", "product:read", catalog.get_feature),
    _later("listProductVersions", "GET", "/products/{id}/versions", "product:read"),
    _later("createProductVersion", "POST", "/products/{id}/versions", "product:write"),
)

COMMERCE = (
    _get(
        "listProductSubscriptions",
        "/products/{id}/subscriptions",
        "product:read",
        commerce.list_subscriptions,
    ),
    _create(
        "createSubscription",
        "/products/{id}/subscriptions",
        "product:write",
        commerce.create_subscription,
    ),
    _get("getSubscription", "/subscriptions/{id}", "product:read", commerce.get_subscription),
    _patch(
        "updateSubscription", "/subscriptions/{id}", "product:write", commerce.update_subscription
    ),
    _get("listProductOrders", "/products/{id}/orders", "product:read", commerce.list_orders),
    _create("createOrder", "/products/{id}/orders", "product:write", commerce.create_order),
    _get("getOrder", "/orders/{id}", "product:read", commerce.get_order),
    _patch("updateOrder", "/orders/{id}", "product:write", commerce.update_order),
    _get("listCustomers", "/customers", "admin", customers.list_customers),
    _create("createCustomer", "/customers", "admin", customers.create_customer),
    _get("getCustomer", "/customers/{id}", "admin", customers.get_customer),
    _patch("updateCustomer", "/customers/{id}", "admin", customers.update_customer),
    _delete("deleteCustomer", "/customers/{id}", "admin", customers.delete_customer),
)

LICENSES = (
    _get("listLicenses", "/licenses", "license:read", licenses.list_licenses),
    _create("createLicense", "/licenses", "license:write", licenses.create_license),
    _get("getLicense", "/licenses/{id}", "license:read", licenses.get_license),
    _keyed("renewLicense", "/licenses/{id}/renew", "license:write", lifecycle.renew_license),
    _post("suspendLicense", "/licenses/{id}/suspend", "license:write", lifecycle.suspend_license),
    _post(
        "reinstateLicense", "/licenses/{id}/reinstate", "license:write", lifecycle.reinstate_license
    ),
    _post("revokeLicense", "/licenses/{id}/revoke", "license:write", lifecycle.revoke_license),
    _keyed(
        "transferLicense", "/licenses/{id}/transfer", "license:write", lifecycle.transfer_license
    ),
    _get(
        "listLicenseFeatures",
        "/licenses/{id}/features",
        "license:read",
        license_features.list_license_features,
    ),
    _post(
        "assignLicenseFeature",
        "/licenses/{id}/features",
        "license:write",
        license_features.assign_license_feature,
    ),
    _delete(
        "removeLicenseFeature",
        "/licenses/{id}/features/{feature_id}",
        "license:write",
        license_features.remove_license_feature,
    ),
    _later("resetLicenseUsage", "POST", "/licenses/{id}/usage/reset", "license:write"),
    _get(
        "listLicenseDevices",
        "/licenses/{id}/devices",
        "license:read",
        devices.list_license_devices,
    ),
    _later("getLicenseDevice", "GET", "/licenses/{id}/devices/{device_id}", "license:read"),
    _later(
        "resetLicenseDevice", "POST", "/licenses/{id}/devices/{device_id}/reset", "device:write"
    ),
    _later(
        "blacklistLicenseDevice",
        "POST",
        "/licenses/{id}/devices/{device_id}/blacklist",
        "device:write",
    ),
)

API_KEYS = (
    _get("listAPIKeys", "/api-keys", "admin", api_keys.list_api_keys),
    _create("createAPIKey", "/api-keys", "admin", api_keys.create_api_key),
)

CUSTOM_FIELDS = (
    _later(
        "listProductCustomFieldDefinitions", "GET", "/products/{id}/custom-fields", "product:read"
    ),
    _later(
        "createProductCustomFieldDefinition",
        "POST",
        "/products/{id}/custom-fields",
        "product:write",
    ),
    _later(
        "getProductCustomFieldDefinition",
        "GET",
        "/products/{id}/custom-fields/{field_id}",
        "product:read",
    ),
    _later(
        "updateProductCustomFieldDefinition",
        "PATCH",
        "/products/{id}/custom-fields/{field_id}",
        "product:write",
    ),
    _later(
        "deleteProductCustomFieldDefinition",
        "DELETE",
        "/products/{id}/custom-fields/{field_id}",
        "product:write",
    ),
    _later("listCustomerCustomFieldValues", "GET", "/customers/{id}/custom-fields", "admin"),
    _later(
        "upsertCustomerCustomFieldValue", "PUT", "/customers/{id}/custom-fields/{field_id}", "admin"
    ),
    _later("listLicenseCustomFieldValues", "GET", "/licenses/{id}/custom-fields", "license:read"),
    _later(
        "upsertLicenseCustomFieldValue",
        "PUT",
        "/licenses/{id}/custom-fields/{field_id}",
        "license:write",
    ),
)

REPORTING = (
    _later("listEvents", "GET", "/events", "event:read"),
    _later("listActivities", "GET", "/activities", "report:read"),
    _later("getUsageSummary", "GET", "/reports/usage-summary", "report:read"),
    _later("listUsageLedger", "GET", "/reports/usage-ledger", "report:read"),
    _later("getLicenseAuditReport", "GET", "/reports/license-audit", "report:read"),
    _later("getCustomerSummary", "GET", "/reports/customer-summary", "report:read"),
    _later("getSubscriptionSettlement", "GET", "/reports/subscription-settlement", "report:read"),
    _later("createReportExport", "POST", "/reports/exports", "report:export"),
    _later("getReportExport", "GET", "/reports/exports/{id}", "report:export"),
    _later("downloadReportExport", "GET", "/reports/exports/{id}/download", "report:export"),
    _later("getOpsSummary", "GET", "/ops/summary", "ops:read"),
    _later("listRuntimeErrorGroups", "GET", "/ops/runtime-errors", "ops:read"),
    _later("getWebhookHealth", "GET", "/ops/webhook-health", "ops:read"),
)

WEBHOOKS = (
    _later("listWebhookEndpoints", "GET", "/webhooks", "webhook:write"),
    _later("createWebhookEndpoint", "POST", "/webhooks", "webhook:write"),
    _later("getWebhookEndpoint", "GET", "/webhooks/{id}", "webhook:write"),
    _later("updateWebhookEndpoint", "PATCH", "/webhooks/{id}", "webhook:write"),
    _later("deleteWebhookEndpoint", "DELETE", "/webhooks/{id}", "webhook:write"),
)

UNDER_API = tuple(
    replace(row, path=API + row.path)
    for row in (
        *RUNTIME,
        *CATALOG,
        *COMMERCE,
        *LICENSES,
        *API_KEYS,
        *CUSTOM_FIELDS,
        *REPORTING,
        *WEBHOOKS,
    )
)

HEALTH = (
    _get("health", "/health", PUBLIC, health.alive),
    _get("healthz", "/healthz", PUBLIC, health.alive),
)

METRICS = (_later("getMetrics", "GET", "/metrics", PUBLIC),)

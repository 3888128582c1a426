"""The admin routes, as a table. Each row is a route and its place in the OpenAPI document.

They are the verbs of `fulfill` over HTTP: what a verb does stands in the module it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping

from console.admin import shapes
from console.admin.events import EventsQuery, list_events
from console.admin.fulfillments import FulfillmentsQuery, get_fulfillment, list_fulfillments
from console.admin.licensekit_catalog import LicenseKitQuery, get_licensekit_catalog
from console.admin.mappings import MappingsQuery, list_mappings, set_mapping
from console.admin.recovery import (
    ProblemsQuery,
    RetryBody,
    SweepBody,
    get_sweep,
    list_problems,
    retry,
    sweep,
)
from console.admin.sales import ReconcileBody, WhichQuery, get_plan, get_sale, reconcile_sale
from console.admin.stripe_catalog import CatalogQuery, get_catalog
from console.admin.values import Body, Operation
from mappings.body import body_schema

UNKNOWN: Mapping[int, str] = {404: "Nobody here knows this id."}
SEVERAL = "The id stands for several sales, which are named: give one of their keys."
FAULTY: Mapping[int, str] = {422: "The body has faults; all are named."}

# fmt: off
OPERATIONS = (
    Operation("getCatalog", "GET", "/catalog", "product:read",
        "What is on sale in Stripe, and which mapping sells it.",
        get_catalog, list[shapes.StripeProduct], shapes.CatalogMeta, CatalogQuery,
        others={404: "The account is not served in this mode."}, asks_services=True),
    Operation("getLicenseKitCatalog", "GET", "/licensekit/catalog", "product:read",
        "Products, policies and features of LicenseKit, which a mapping may name.",
        get_licensekit_catalog, list[shapes.LicenseKitProduct], shapes.LicenseKitMeta,
        LicenseKitQuery, asks_services=True),
    Operation("listMappings", "GET", "/mappings", "product:read",
        "What each price sells.",
        list_mappings, list[shapes.Mapping], shapes.Meta, MappingsQuery),
    Operation("setMapping", "POST", "/mappings", "product:write",
        "Map a price or a product. What waited for it goes on at once.",
        set_mapping, shapes.MappingSet, shapes.Meta, body=Body("MappingBody", body_schema),
        others=FAULTY, success={200: "It stood so already.", 201: "A new version."}),
    Operation("listFulfillments", "GET", "/fulfillments", "product:read",
        "What was done, newest first: the rows of fulfill log.",
        list_fulfillments, list[shapes.Fulfillment], shapes.PageMeta, FulfillmentsQuery),
    Operation("getFulfillment", "GET", "/fulfillments/{number}", "product:read",
        "One pass with its events, steps, reasons, problems and mapping versions.",
        get_fulfillment, shapes.FulfillmentInFull, shapes.Meta, others=UNKNOWN),
    Operation("getSale", "GET", "/sales/{sale}", "product:read",
        "The story behind any id, as fulfill show tells it.",
        get_sale, shapes.Told, shapes.Meta, others=UNKNOWN),
    Operation("getPlan", "GET", "/sales/{sale}/plan", "product:read",
        "What a pass would do now, and why. Reads both services and changes nothing.",
        get_plan, shapes.Plan, shapes.Meta, WhichQuery,
        others={**UNKNOWN, 409: SEVERAL, 422: "Stripe or LicenseKit refused what was asked."},
        asks_services=True),
    Operation("reconcileSale", "POST", "/sales/{sale}/reconcile", "product:write",
        "Bring a sale to rest now. Safe at any time, any number of times.",
        reconcile_sale, shapes.Outcome, shapes.Meta, WhichQuery, ReconcileBody,
        others={**UNKNOWN, **FAULTY, 409: "The guard refused the plan, with both numbers. Or: "
                + SEVERAL},
        success={200: "A pass took place: its status says how it ended.",
                 202: "A worker is at this sale, and looks at it once more afterwards."},
        asks_services=True),
    Operation("listEvents", "GET", "/events", "product:read",
        "The inbox, newest first. A payload is shown only to the scope admin.",
        list_events, list[shapes.Event], shapes.PageMeta, EventsQuery),
    Operation("listProblems", "GET", "/problems", "product:read",
        "What waits for a person, by cause, with the command that releases it.",
        list_problems, list[shapes.ProblemGroup], shapes.Meta, ProblemsQuery),
    Operation("retry", "POST", "/retry", "product:write",
        "Have workers look at sales again: by event, sale, customer, status, type or time.",
        retry, shapes.Retried, shapes.Meta, body=RetryBody, others=FAULTY,
        success={200: "So many sales are due now, or in a dry run would be."}),
    Operation("sweep", "POST", "/sweep", "product:write",
        "Find what nobody told us of, at Stripe itself. A scheduler begins within a minute.",
        sweep, shapes.Sweep, shapes.Meta, body=SweepBody, others=FAULTY,
        success={202: "It is written down: ask for its number."}),
    Operation("getSweep", "GET", "/sweeps/{number}", "product:read",
        "How far a sweep has come, and what it found.",
        get_sweep, shapes.Sweep, shapes.Meta, others=UNKNOWN),
)
# fmt: on

"""The table of operations, put on a desk: what the web process mounts."""

from __future__ import annotations

from importlib.metadata import version

from starlette.responses import JSONResponse
from starlette.routing import Route

from console.admin.desk import Desk
from console.admin.openapi import describe
from console.admin.operations import OPERATIONS
from console.admin.serving import admin_routes


def mounted_routes(desk: Desk) -> list[Route]:
    """Every admin route, with its description beside it."""
    document = describe(OPERATIONS, version=version("license-fulfillment"))
    return admin_routes(desk, OPERATIONS, JSONResponse(document))

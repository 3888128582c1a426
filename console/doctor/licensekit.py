"""LicenseKit: does it answer, and may our token do what passes do? Scope by scope."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from console.doctor.wire import Answer

NOBODY = "fulfillcheck"  # no record has such an id
KNOCK = "/products?limit=1"
ALLOWED = (200, 400, 404, 409, 422, 501)  # whatever comes after the look at the scope


@dataclass(frozen=True, slots=True)
class Scope:
    """How a scope is tried by a request that can change nothing, and what is missing without."""

    name: str
    method: str
    path: str
    without: str


SCOPES = (
    Scope("product:read", "GET", KNOCK, "policies and orders can't be read"),
    Scope("product:write", "PATCH", f"/products/{NOBODY}", "no order or subscription is written"),
    Scope("license:read", "GET", "/licenses?limit=1", "what a buyer holds can't be read"),
    Scope("license:write", "POST", f"/licenses/{NOBODY}/suspend", "no license is issued"),
    Scope("admin", "GET", "/customers?limit=1", "no customer is made, so nothing is issued"),
)


def look_at_licensekit(visit: Visit) -> list[Finding]:
    """One finding for the service and one for each scope; scopes only where the token is known."""
    settings = visit.settings
    if not settings.licensekit_api_token:
        told = "LICENSEKIT_API_TOKEN is not set, so no license can be issued"
        todo = (
            '"fulfill init" makes one for the embedded LicenseKit; a hosted one gives you its own.'
        )
        return [fail("licensekit", told, todo)]
    kind, knock = "embedded" if settings.embedded else "hosted", visit.licensekit.get(KNOCK)
    if knock.status in (200, 403):
        told = f"the {kind} one answers at {settings.licensekit_url}"
        return [ok("licensekit", told), *_scopes(visit)]
    if knock.status == 401:
        told = f"the {kind} one refuses our token (401), so no license can be issued"
        todo = "Correct LICENSEKIT_API_TOKEN, then restart the workers."
        return [fail("licensekit", told, todo)]
    return [fail("licensekit", _away(kind, visit, knock), _remedy(visit))]


def _away(kind: str, visit: Visit, knock: Answer) -> str:
    return f"the {kind} one at {visit.settings.licensekit_url} {knock.said}, so sales wait"


def _remedy(visit: Visit) -> str:
    if visit.settings.embedded:
        return 'Start the web process: "fulfill up", or uvicorn console.asgi:app.'
    return "Correct LICENSEKIT_BASE_URL, or look at LicenseKit's own status."


def _scopes(visit: Visit) -> list[Finding]:
    with ThreadPoolExecutor(len(SCOPES)) as pool:
        answers = pool.map(lambda scope: _try(scope, visit), SCOPES)
        return [_finding(scope, answer) for scope, answer in zip(SCOPES, answers, strict=True)]


def _try(scope: Scope, visit: Visit) -> Answer:
    if scope.method == "GET":
        return visit.licensekit.get(scope.path)
    return visit.licensekit.send(scope.method, scope.path, {})


def _finding(scope: Scope, answer: Answer) -> Finding:
    name = f"scope {scope.name}"
    if answer.status in ALLOWED:
        return ok(name, "the token has it")
    if answer.status == 403:
        todo = "Give LICENSEKIT_API_TOKEN this scope; admin satisfies all of them."
        return fail(name, f"the token lacks it, so {scope.without}", todo)
    return warn(name, f"can't be told: LicenseKit {answer.said}", "Try again in a while.")

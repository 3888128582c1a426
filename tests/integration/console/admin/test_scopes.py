"""Each route with each scope: who may, and who is told what lacks."""

from __future__ import annotations

import pytest

from console.admin.operations import OPERATIONS
from console.admin.values import PREFIX, Operation
from console.tokens import SCOPES, Scope
from tests.worlds.office import Office


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: str(one.name))
def test_a_route_opens_to_its_own_scope_and_to_admin(
    office: Office, operation: Operation, scope: Scope
) -> None:
    """No scope implies another but admin; reads need product:read and writes product:write."""
    header = office.token(f"{operation.name}-{scope}".replace(":", "-"), scope)
    sale, number = office.world.keys()[0], "1"
    path = PREFIX + operation.path.replace("{sale}", sale.id).replace("{number}", number)
    body = None if operation.method == "GET" else {}  # its faults are found after the scope

    answer = office.client.request(operation.method, path, headers=header, json=body)

    assert operation.scope == ("product:read" if operation.method == "GET" else "product:write")
    if scope in (operation.scope, "admin"):
        assert answer.status_code in (200, 404, 422), answer.text  # 404: there was no sweep yet
    else:
        assert (answer.status_code, answer.json()["error"]["detail"]) == (
            403, f"requires {operation.scope}",
        )  # fmt: skip

"""No answer of an admin route has a secret in it, whatever is asked for."""

from __future__ import annotations

import pytest

from console.admin.operations import OPERATIONS
from console.admin.values import PREFIX, Operation
from shared.tables import escrow
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.worlds.licensekit import TOKEN
from tests.worlds.office import ROOT_TOKEN, Office
from tests.worlds.world import STRIPE_KEY

READS = tuple(one for one in OPERATIONS if one.method == "GET")


@pytest.mark.parametrize("operation", READS, ids=lambda one: str(one.name))
def test_an_answer_holds_no_license_key_token_or_setting(
    office: Office, operation: Operation
) -> None:
    """Neither for a sale with a license, nor for its events with their payloads."""
    kept = [row.licensekit_id for row in office.world.rows(escrow)]
    secrets = {office.world.key_of(one) for one in kept}
    secrets |= {TOKEN, ROOT_TOKEN, STRIPE_KEY, SIGNING_SECRET, FERNET_KEY}
    path = PREFIX + operation.path
    query = {"payload": "true"} if path.endswith("/events") else {}

    for sale in office.world.keys():  # noqa: SIM118 - a world is no dict
        asked = path.replace("{sale}", sale.id).replace("{number}", "1")
        answer = office.client.get(asked, params=query)
        assert not [one for one in secrets if one in answer.text]

    assert len(kept) == 2

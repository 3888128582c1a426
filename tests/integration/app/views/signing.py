"""Requests as the views in Stripe's dashboard send them."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from tests.deliveries import sign
from tests.integration.app.conftest import APP_SECRET

USER = "usr_1Ada"


@dataclass(slots=True)
class Dashboard:
    """Asks our routes as a user of an account."""

    client: httpx.Client
    at: float  # unix seconds: the clock of the world

    def ask(self, view: str, object_id: str, account: str, **more: str) -> httpx.Response:
        query = {"id": object_id, "user_id": USER, "account_id": account, **more}
        headers = {"Stripe-Signature": self.signature(account), "Origin": "null"}
        return self.client.get(f"/stripe/app/{view}", params=query, headers=headers)

    def signature(self, account: str, *, secret: str = APP_SECRET, late: float = 0) -> str:
        body = f'{{"user_id":"{USER}","account_id":"{account}"}}'.encode()
        return sign(body, secret=secret, at=self.at + late)

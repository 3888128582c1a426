"""Stripe's side of the demo: the simulator over HTTP. What it is told to do stands in `acts`."""

from __future__ import annotations

from typing import Any

import httpx

ANSWER_SECONDS = 30.0  # an advanced clock may renew several subscriptions in one call

Object = dict[str, Any]


class StripeSide:
    """Stories by the simulator's control routes, reads by Stripe's own. Close it after use."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    def tell(self, story: str, **details: Any) -> Object:
        """Have a buyer, or the clock, do something; {} when it has no result. Raises HTTPError."""
        answer = self._client.post(f"/_simulator/{story}", json=details)
        answer.raise_for_status()
        return dict(answer.json() or {})

    def idle(self) -> bool:
        """Whether each delivery was answered; held ones don't count."""
        return bool(self._client.get("/_simulator/idle").json()["idle"])

    def read(self, object_id: str) -> Object:
        """Any object as it stands."""
        return self.tell("read", object_id=object_id)

    def events(self) -> list[Object]:
        """All events so far, oldest first."""
        found: list[Object] = []
        query: dict[str, str] = {"limit": "100"}
        while True:
            page = self._client.get("/v1/events", params=query).json()
            found += page["data"]
            if not page["has_more"]:
                return found[::-1]
            query["starting_after"] = page["data"][-1]["id"]

    def close(self) -> None:
        self._client.close()

"""One service over HTTP, asked with our token: what it answered, whatever that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from shared.secrets import Secret
from worker.gateways.licensekit import DIRECT
from worker.gateways.stripe_calls import QUOTED_KEY

ANSWER_SECONDS = 10.0  # a person waits; both services answer a cheap request in well under one


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None when there was no answer at all."""

    status: int | None
    body: Mapping[str, Any] = field(default_factory=dict)
    date: datetime | None = None  # the service's clock

    @property
    def said(self) -> str:
        return "gives no answer" if self.status is None else f"answers {self.status}"

    @property
    def error(self) -> str:
        """The text of an error, without our key, which Stripe quotes behind stars."""
        error = self.body.get("error")
        return QUOTED_KEY.sub("…", str(error.get("message", ""))) if isinstance(error, dict) else ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What a list has in it."""
        data = self.body.get("data")
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


class Wire:
    """Safe to use from several threads. Close it after use."""

    def __init__(self, base_url: str, token: Secret) -> None:
        self.base_url = base_url
        self._headers = {"Authorization": f"Bearer {token.reveal()}"}
        self._client = httpx.Client(timeout=ANSWER_SECONDS, mounts=DIRECT)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, *, account: str = "") -> Answer:
        return self._ask("GET", path, {"Stripe-Account": account} if account else {})

    def post(self, path: str, form: Mapping[str, Any]) -> Answer:
        """A form, as Stripe takes it."""
        return self._ask("POST", path, {}, data=dict(form))

    def send(self, method: str, path: str, body: object) -> Answer:
        """JSON, as LicenseKit takes it."""
        return self._ask(method, path, {}, json=body)

    def delete(self, path: str) -> Answer:
        return self._ask("DELETE", path, {})

    def _ask(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> Answer:
        try:
            url = f"{self.base_url}{path}"
            answer = self._client.request(
                method, url, headers={**self._headers, **headers}, **content
            )
            return Answer(answer.status_code, _body(answer), _date(answer))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
            return Answer(None)


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _date(answer: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None

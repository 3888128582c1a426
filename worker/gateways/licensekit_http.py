"""httpx' client under LicenseKit's SDK, with each request measured."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx

from shared import tracing
from worker.gateways.measuring import LICENSEKIT, measured


class MeasuredClient(httpx.Client):
    """As it is, but for `send`, which each request passes through."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        with measured(LICENSEKIT, request.method, str(request.url)) as answer:
            response = super().send(request, **options)
            answer.status = response.status_code
            if tracing.on() or response.is_server_error:
                answer.request_id = _request_id(response)
        return response


def _request_id(response: httpx.Response) -> str | None:
    """LicenseKit tells it in the body and nowhere else; whatever stands between may answer too."""
    with suppress(ValueError, KeyError, TypeError, httpx.ResponseNotRead):
        return str(response.json()["meta"]["request_id"])
    return None

"""What the API answers when it refuses, in Stripe's error form. Nothing is decided here."""

from __future__ import annotations

from simulator.values import Obj


class StripeFault(Exception):
    """A refusal: status, and the fields of Stripe's `error` object."""

    def __init__(self, status: int, message: str, **fields: str | None) -> None:
        super().__init__(message)
        self.status = status
        self.fields = {"type": "invalid_request_error", **fields, "message": message}

    def body(self, request_id: str) -> Obj:
        """The body to send; `request_log_url` is left out, as there is no dashboard."""
        shown = {name: value for name, value in self.fields.items() if value is not None}
        return {"error": {**shown, "request_id": request_id}}


def missing(kind: str, object_id: str, param: str = "id") -> StripeFault:
    """404: unknown here, or known only in the other mode or another account."""
    text = f"No such {kind}: '{object_id}'"
    return StripeFault(404, text, code="resource_missing", param=param)


def missing_reference(kind: str, object_id: str, param: str) -> StripeFault:
    """400: a parameter names an object that is not there."""
    text = f"No such {kind}: '{object_id}'"
    return StripeFault(400, text, code="resource_missing", param=param)


def bad_parameter(param: str, message: str, code: str | None = None) -> StripeFault:
    """400: the value of one parameter can't be used."""
    return StripeFault(400, message, param=param, code=code)


def unknown_parameter(param: str) -> StripeFault:
    """400: Stripe refuses parameters it does not know."""
    return bad_parameter(param, f"Received unknown parameter: {param}", "parameter_unknown")


def unauthorized(message: str, code: str | None = None) -> StripeFault:
    """401: no key, or one that nobody knows. The key itself is never repeated."""
    return StripeFault(401, message, code=code)

"""The one way to refuse a call, and what each refusal is called in the error envelope.

How an error becomes a response is left to `endpoint`.
"""

from __future__ import annotations


class Refusal(Exception):
    """A call that is answered with an error: HTTP status, stable code, text, optional detail."""

    def __init__(self, status: int, code: str, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail


def invalid_json(message: str) -> Refusal:
    """The body is not JSON, or has a field or a type that the contract does not know."""
    return Refusal(400, "INVALID_JSON", message)


def invalid_query(message: str) -> Refusal:
    """A query parameter can't be read."""
    return Refusal(400, "INVALID_QUERY", message)


def unauthorized(message: str) -> Refusal:
    """Nobody we know, or nobody we still let in. The text never says which."""
    return Refusal(401, "UNAUTHORIZED", message)


def scope_denied(scope: str) -> Refusal:
    """Source: the contract's x-required-scopes; the detail names the scope that is missing."""
    return Refusal(
        403, "TOKEN_SCOPE_DENIED", "the token lacks a required scope", f"requires {scope}"
    )


def forbidden(code: str, message: str) -> Refusal:
    """The state of the license, device or policy forbids a runtime operation."""
    return Refusal(403, code, message)


def not_found(what: str, key: str) -> Refusal:
    """There is no such resource."""
    return Refusal(404, "NOT_FOUND", f"{what} was not found", key[:255] or None)


def conflict(message: str) -> Refusal:
    """The state of the resource forbids it, or there is one already."""
    return Refusal(409, "CONFLICT", message)


def invalid(message: str) -> Refusal:
    """The body can be read and breaks a business rule."""
    return Refusal(422, "VALIDATION_ERROR", message)

"""Two families of errors: the queue tries again by itself, or a person is needed. No third."""

from __future__ import annotations


class TemporaryError(Exception):
    """A service was slow, busy or down. The sale is tried again by itself; the buyer waits so long.

    `after_seconds` is the service's own wish (Retry-After) or None; `request_id` names the call.
    """

    def __init__(
        self,
        message: str,
        *,
        after_seconds: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds
        self.request_id = request_id


class PermanentError(Exception):
    """Trying again can't help: a person must change something and then release the sale.

    `cause` and `subject` say what is wrong, and with which object; the sale's problem carries both.
    """

    def __init__(
        self, message: str, *, cause: str, subject: str, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.subject = subject
        self.request_id = request_id


class NotFound(PermanentError):
    """The service knows no such object in this account and mode."""


class Conflict(PermanentError):
    """The record is there already, or its state forbids the call (LicenseKit's 409)."""


class LeaseLost(Exception):
    """Another worker took this sale over, so this pass may write nothing more.

    Nothing is lost: the other pass brings the sale to rest.
    """


class LeaseBusy(Exception):
    """Another worker is at this sale right now. Its pass sees the newest facts too: just wait."""

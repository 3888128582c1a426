"""Which account a request is about, and the answer where it is not served."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from console.http import HttpError
from console.served import NotServed

Account = Annotated[
    str,
    Meta(pattern=r"^(acct_[A-Za-z0-9_]{1,250})?$", description='acct_…; "" = your own account.'),
]


def not_served(error: NotServed) -> HttpError:
    """404, with the words of the command line."""
    return HttpError(404, "NOT_SERVED", str(error), str(error.which))

"""How a test says that a call must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from licensekit import ApiError


@contextmanager
def refused(status: int, code: str, words: str = "") -> Iterator[None]:
    """The SDK raises an error with this status and code, and `words` in its text or detail."""
    with pytest.raises(ApiError) as caught:
        yield
    fault = caught.value
    assert (fault.status, fault.code) == (status, code)
    assert words in f"{fault} {fault.detail}"
    assert fault.request_id is not None

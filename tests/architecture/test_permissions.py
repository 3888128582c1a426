"""The README's table of permissions is the one that `fulfill check` tries."""

from __future__ import annotations

import re

from console.doctor.permissions import PERMISSIONS
from tests.architecture.documents import text_of

ROW = re.compile(r"^ *\| ([\w ]+) \| (read|write) \| (.+) \|$", re.MULTILINE)


def test_the_readme_lists_exactly_the_permissions_that_are_tried() -> None:
    """A key that is made by the README passes the check, and needs no more."""
    told = ROW.findall(text_of("README.md"))

    assert told == [(one.name, one.level, one.why) for one in PERMISSIONS]


def test_every_permission_says_what_a_sale_lacks_without_it() -> None:
    """And where writing is tried, an id that nobody has tells without changing anything."""
    assert all(one.without for one in PERMISSIONS)
    assert all(bool(one.sample) == (one.level == "write") for one in PERMISSIONS)

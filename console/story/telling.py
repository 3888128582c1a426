"""A story as JSON, for `fulfill show --json` and whoever serves it: all that the page says too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.app_links import app_link
from console.story.access import judge_access
from console.story.advice import advise
from console.story.values import Story


def story_json(story: Story, *, now: datetime, app_url: str = "") -> dict[str, Any]:
    """With whether the buyer has access, what to do, and where LicenseKit's app shows each record.

    `app_url` is LICENSEKIT_APP_URL; without it the records have no `url`.
    """
    told = story.as_json(advise(story, now=now))
    access = judge_access(story, now=now).as_json()
    if app_url:
        for link in told["links"]:
            link["url"] = app_link(app_url, link["kind"], link["licensekit_id"])
    return {"sale": told["sale"], "access": access, **told}

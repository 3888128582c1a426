"""Where LicenseKit's app shows a record: `LICENSEKIT_APP_URL`, the kind in plural, and the id."""

from __future__ import annotations


def app_link(app_url: str, kind: str, licensekit_id: str | None) -> str | None:
    """`https://app.example/licenses/lic_1`; None without a URL or an id."""
    return f"{app_url}/{kind}s/{licensekit_id}" if app_url and licensekit_id else None

"""`fulfill mappings check`: do the mappings make sense? The rules stand in `mappings.check` and
`mappings.offers`.
"""

from __future__ import annotations

from itertools import chain

import typer

from console.context import Context, open_context
from console.licensekit_reader import reader_of
from console.mapping_options import JsonOption
from console.mapping_tables import findings_text
from console.stripe_offers import read_offers
from mappings.check import Finding, Unreachable, check_against, check_alone
from mappings.offers import check_offers
from mappings.store import read_catalog
from mappings.values import Catalog
from shared.database import reading
from worker.errors import PermanentError, TemporaryError

app = typer.Typer()


@app.command("check")
def check_mappings(*, json: JsonOption = False) -> None:
    """Check the mappings on their own and, when they can be reached, against LicenseKit and Stripe.

    Ends with 1 when there is a fault; warnings don't count.

    Example:

      fulfill mappings check
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            catalog = read_catalog(connection)
        findings = check_alone(catalog, livemode=context.settings.livemode)
        answers = {
            "LicenseKit": _ask_licensekit(context, catalog),
            "Stripe": _ask_stripe(context, catalog),
        }
        findings += chain.from_iterable(filter(None, answers.values()))
        checked = len(catalog.all_current())
        asked = [name for name, answer in answers.items() if answer is not None]
        rows = [{"level": f.level, "subject": f.subject, "message": f.says} for f in findings]
        context.answer(
            {
                "checked": checked,
                "licensekit_asked": "LicenseKit" in asked,
                "stripe_asked": "Stripe" in asked,
                "findings": rows,
            },
            lambda: findings_text(findings, checked=checked, asked=asked),
        )
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(1)


def _ask_licensekit(context: Context, catalog: Catalog) -> list[Finding] | None:
    """None when LicenseKit can't be asked now; why is told beside the answer."""
    try:
        with reader_of(context.settings) as reader:
            return check_against(catalog, reader)
    except Unreachable as error:
        context.note(f"{error}; the mappings were checked without it.")
        return None


def _ask_stripe(context: Context, catalog: Catalog) -> list[Finding] | None:
    """None when Stripe can't be asked now, for our own account or one of the connected ones."""
    settings = context.settings
    if settings.livemode is None:
        context.note("Stripe can't be asked while STRIPE_SECRET_KEY is not set.")
        return None
    findings: list[Finding] = []
    try:
        for account in ("", *settings.stripe_accounts):
            offers = read_offers(settings, account)
            findings += check_offers(catalog, offers, account=account, livemode=settings.livemode)
    except (TemporaryError, PermanentError) as error:
        whose = account or "your own account"
        reason = str(error).partition(". ")[0]
        context.note(f"{reason} ({whose}); what it offers was not compared.")
        return None
    return findings

"""`fulfill mappings check`: do the mappings make sense? The rules stand in `mappings.check`."""

from __future__ import annotations

import typer

from console.context import Context, open_context
from console.licensekit_reader import reader_of
from console.mapping_options import JsonOption
from console.mapping_tables import findings_text
from mappings.check import Finding, Unreachable, check_against, check_alone
from mappings.store import read_catalog
from mappings.values import Catalog
from shared.database import reading

app = typer.Typer()


@app.command("check")
def check_mappings(*, json: JsonOption = False) -> None:
    """Check the mappings on their own and, when it can be reached, against LicenseKit.

    Ends with 1 when there is a fault; warnings don't count.

    Example:

      fulfill mappings check
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            catalog = read_catalog(connection)
        findings = check_alone(catalog, livemode=context.settings.livemode)
        answers = _ask_licensekit(context, catalog)
        findings += answers or []
        checked = len(catalog.all_current())
        asked = answers is not None
        rows = [{"level": f.level, "subject": f.subject, "message": f.says} for f in findings]
        context.answer(
            {"checked": checked, "licensekit_asked": asked, "findings": rows},
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
        context.note(f"{error}; only the mappings themselves were checked.")
        return None

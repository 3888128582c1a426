"""The `--fix` of `fulfill check`: shows, asks, does, and keeps the new secret in `.env`."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from console.audit import Deed, note
from console.context import CommandError, Context, read_environment
from console.doctor.mending import Fixed, carry_out, find_fixes, take_back
from console.doctor.visit import House, Visit, pay_visit
from console.environment_file import FILE, put_in_front, write_private
from console.sweeps import person
from shared.database import transaction

SETTING = "STRIPE_WEBHOOK_SECRET"
IN_DASHBOARD = (
    f"Its signing secret is not shown here: take it from Stripe's Dashboard, Developers > "
    f"Webhooks, and put it in front of {SETTING}, with a comma; then restart web."
)
IN_FILE = (
    f"Its signing secret stands in front of {SETTING} in {FILE} now. Restart web so that it is "
    "read; deliveries until then are refused and come again."
)
OVERRULED = f"{SETTING} is set in the environment, which wins over {FILE}: put it there, too."


def fix(context: Context, *, sure: bool) -> None:
    """Mend what can be mended in Stripe. Raises CommandError; a person's no ends with status 1."""
    house = House(context.settings, context.engine, read_environment(), context.clock)
    with pay_visit(house) as visit:
        fixes = find_fixes(visit)
        if not fixes:
            context.note("Nothing to fix: the endpoint is registered and sends what it should.")
            return
        context.note("\n".join(["This will be done:", *(f"  {one}" for one in fixes)]))
        if not sure:
            _ask(context)
        for one in fixes:
            fixed = carry_out(one, visit)
            said = _keep_secret(fixed, visit)
            _write_down(context, fixed)
            context.note(" ".join(["Done:", f"{one} ({fixed.endpoint_id}).", said]).rstrip())


def _ask(context: Context) -> None:
    if context.json:
        raise CommandError(
            "Nobody can be asked while the answer is JSON.",
            means="Nothing was changed.",
            todo="Add --yes to do what is shown.",
            heals="It does not heal by itself.",
        )
    typer.confirm("Do it?", abort=True, err=True)


def _keep_secret(fixed: Fixed, visit: Visit) -> str:
    """What a person has to know of the secret, which itself is never shown."""
    path = Path(FILE)
    if fixed.secret is None:
        return ""
    if not path.is_file():
        return IN_DASHBOARD
    try:
        real = path.resolve()  # a link stays a link
        write_private(real, put_in_front(real.read_text(), SETTING, fixed.secret))
    except (OSError, UnicodeDecodeError) as error:
        take_back(fixed, visit)
        raise CommandError(
            f"{FILE} could not be written ({type(error).__name__}), so the new endpoint was "
            "removed again.",
            means="Nothing has changed for any sale.",
            todo=f"Make {FILE} writable, then run it again.",
            heals="It does not heal by itself.",
        ) from None
    return f"{IN_FILE} {OVERRULED}" if os.environ.get(SETTING) else IN_FILE


def _write_down(context: Context, fixed: Fixed) -> None:
    deed = Deed(person(), "check.fix", fixed.endpoint_id, fixed.detail)
    with transaction(context.engine) as tx:
        note(tx, deed, now=context.clock.now())

"""`fulfill init`: a `.env` with fresh secrets, shown to nobody, in a file only its owner reads."""

from __future__ import annotations

import json as jsonlib
import secrets
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import JsonOption
from console.environment_file import FILE, write_private
from shared.secrets import new_key

app = typer.Typer()

TOKEN_BYTES = 32  # 256 bits: nobody guesses it

TEXT = """\
# Written by `fulfill init`. What each setting is for stands in .env.example.
# Keep it secret and keep a copy: without the encryption keys the license keys in escrow are lost.

# From Stripe, for you to fill in (Developers > API keys; Developers > Webhooks > your endpoint):
STRIPE_SECRET_KEY=
STRIPE_WEBHOOK_SECRET=

# Made fresh for this installation:
LICENSEKIT_API_TOKEN={licensekit_token}
FULFILL_ADMIN_TOKEN={admin_token}
FULFILL_METRICS_TOKEN={metrics_token}
FULFILL_ENCRYPTION_KEYS={encryption_key}
"""

NEXT = """\
Wrote {path}, readable only by you, with fresh secrets for LicenseKit, the admin routes, the
metrics and the keys at rest. They are not shown here; keep a copy of the file in a safe place.

Now:
  1. Put STRIPE_SECRET_KEY (sk_… or rk_…) and STRIPE_WEBHOOK_SECRET (whsec_…) into {path}.
     A hosted LicenseKit: set LICENSEKIT_BASE_URL and its own LICENSEKIT_API_TOKEN as well.
  2. fulfill up        starts everything
  3. fulfill check     says what is still missing"""


@app.command("init")
def init(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a .env that is there. Its keys are lost.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write .env with fresh secrets, for `fulfill up`.

    Example:

      fulfill init
    """
    path = Path(FILE)
    if path.exists() and not force:
        typer.echo(
            f"{path} is there already and was left as it is: new encryption keys could not open "
            "the license keys that are kept under the old ones. Edit it by hand, or move it away "
            "first; --force overwrites it for good.",
            err=True,
        )
        raise typer.Exit(1)
    write_private(path, fresh_environment())
    missing = ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]
    if json:
        typer.echo(jsonlib.dumps({"written": str(path), "missing": missing, "next": "fulfill up"}))
    else:
        typer.echo(NEXT.format(path=path))


def fresh_environment() -> str:
    """The text of a new `.env`: four secrets that nobody has seen, two lines to fill in."""
    return TEXT.format(
        licensekit_token=f"lk_{secrets.token_urlsafe(TOKEN_BYTES)}",
        admin_token=f"fa_{secrets.token_urlsafe(TOKEN_BYTES)}",
        metrics_token=f"fm_{secrets.token_urlsafe(TOKEN_BYTES)}",
        encryption_key=new_key().reveal(),
    )

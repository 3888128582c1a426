"""`fulfill show`: the whole story behind any id."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from console.commands.options import JsonOption
from console.context import CommandError, Context, open_context
from console.story import Found, find, read_lone_events, read_stories, story_json
from console.story.page import event_page, story_page
from shared.database import reading

app = typer.Typer()


@app.command("show")
def show(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="Any id, of Stripe or LicenseKit.")],
    json: JsonOption = False,
) -> None:
    """Tell the whole story of an event, sale, customer, invoice, charge, license, order or pass.

    Examples:

      fulfill show evt_1

      fulfill show lic_1 --json
    """
    with open_context(json=json) as context:
        _tell(context, name.strip())


def _tell(context: Context, name: str) -> None:
    now, settings = context.clock.now(), context.settings
    app_url, kept = settings.licensekit_app_url, settings.retention
    with reading(context.engine) as connection:
        found = find(connection, name)
        if not found:
            raise _unknown(name)
        stories = read_stories(connection, found.sale_ids)
        lone = read_lone_events(connection, found.event_ids)
    context.answer(
        {
            "id": name,
            "sales": [story_json(story, now=now, app_url=app_url) for story in stories],
            "events": [event.as_json() for event in lone],
        },
        lambda: Text("\n\n").join(
            [
                *(story_page(story, now=now, retention=kept, app_url=app_url) for story in stories),
                *(event_page(event) for event in lone),
            ]
        ),
    )
    _say_more(context, found, name)


def _say_more(context: Context, found: Found, name: str) -> None:
    if found.more:
        context.note(f"{found.more} older sales are not shown: fulfill log --customer {name}")


def _unknown(name: str) -> CommandError:
    return CommandError(
        f"Nothing here knows {name}.",
        means="If it is a sale that was paid, its license was not issued from here.",
        todo=f'Check the id and the mode. A sale that Stripe knows: "fulfill reconcile {name}" '
        "fetches it now, whether or not its events came.",
        heals="An event that is still on its way is delivered again by Stripe for three days.",
    )

"""`fulfill mappings import` and `export`: the mappings as a TOML file, to review and to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.context import CommandError, Context, open_context
from console.mapping_changes import apply_drafts, waker_of
from console.mapping_options import JsonOption, author
from console.mapping_tables import changes_text, count_of, say_released
from mappings.store import Change, changes_of, read_catalog
from mappings.toml import FileError, read_toml, write_toml
from mappings.values import MappingDraft, plain_draft
from shared.database import reading

app = typer.Typer()


@app.command("import")
def import_file(
    *,
    file: Annotated[Path, typer.Argument(help="A TOML file, such as export writes.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and write nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Set every mapping of a file, or none when it has a fault. Others stay as they are.

    Examples:

      fulfill mappings import catalog.toml --dry-run

      fulfill mappings import catalog.toml
    """
    with open_context(json=json) as context:
        drafts = _read(context, file)
        if dry_run:
            with reading(context.engine) as connection:
                changes = changes_of(read_catalog(connection), drafts)
            _answer(context, changes, released=0, dry=True)
            return
        applied = apply_drafts(
            context.engine,
            drafts,
            now=context.clock.now(),
            by=author("import"),
            wake=waker_of(context.settings),
        )
        _answer(context, applied.changes, released=len(applied.released), dry=False)


def _read(context: Context, file: Path) -> list[MappingDraft]:
    """The drafts of a file. Raises CommandError with all its faults."""
    livemode = bool(context.settings.livemode)
    try:
        return read_toml(file.read_text(encoding="utf-8"), name=file.name, livemode=livemode)
    except FileError as error:
        happened = f"{error}."
    except UnicodeDecodeError as error:
        happened = f"{file} is not UTF-8 at byte {error.start}."
    except OSError as error:
        happened = f"{file} can't be read: {error.strerror}."
    raise CommandError(
        happened,
        means="Nothing was changed, so buyers get what they got before.",
        todo="Correct the file and import it again.",
        heals="It does not heal by itself.",
    ) from None


def _answer(context: Context, changes: list[Change], *, released: int, dry: bool) -> None:
    rows = [{"change": change.kind, **plain_draft(change.draft)} for change in changes]
    context.answer(
        {"dry_run": dry, "changes": rows, "released": released},
        lambda: changes_text(changes, dry=dry) + say_released(released),
    )


@app.command("export")
def export_file(
    *,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; without it, standard output.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the current mappings as TOML: sorted, and the same text for the same mappings.

    Importing what was exported changes nothing.

    Examples:

      fulfill mappings export > catalog.toml

      fulfill mappings export catalog.toml
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            drafts = [mapping.draft for mapping in read_catalog(connection).all_current()]
        text = write_toml(drafts)
        if file is not None:
            _write(file, text)
            written = {"file": str(file), "mappings": len(drafts)}
            context.answer(written, lambda: f"{count_of(len(drafts), 'mapping')} written to {file}")
        else:
            context.answer([plain_draft(draft) for draft in drafts], lambda: text.rstrip("\n"))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{file} can't be written: {error.strerror}.",
            means="Nothing was changed.",
            todo="Name another place, or write to standard output and redirect it.",
            heals="It does not heal by itself.",
        ) from None

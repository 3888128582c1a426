"""`fulfill export`: the journal as JSON lines. What stands in it: `console.export`."""

from __future__ import annotations

import json as jsonlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of
from console.context import CommandError, open_context
from console.export import Span, read_journal

app = typer.Typer()


@app.command("export")
def export(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write; without it, standard output.")
    ] = None,
    payloads: Annotated[
        bool, typer.Option("--payloads", help="Events as delivered; they hold buyers' addresses.")
    ] = False,
    since: SinceOption = None,
    until: UntilOption = None,
    json: JsonOption = False,
) -> None:
    """Write the journal, one JSON object a line: events, passes, decisions and audit, oldest first.

    A journal of any length takes the same memory. License keys and secrets are never in it. With
    --out a file of your own is written whole or not at all, and --json is about the answer.

    Examples:

      fulfill export --since 2026-11-01 > november.jsonl

      fulfill export --until 300d --out journal.jsonl --payloads
    """
    with open_context(json=json) as context:
        now = context.clock.now()
        span = Span(
            moment_of(since, now=now, option="--since"),
            moment_of(until, now=now, option="--until") or now,
        )
        counts: Counter[str] = Counter()
        with _opened(out) as file:
            for plain in read_journal(context.engine, span, payloads=payloads):
                file.write(f"{jsonlib.dumps(plain, ensure_ascii=False)}\n")
                counts[plain["what"]] += 1
        told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "nothing"
        if out is not None:
            answer = {"file": str(out), "lines": dict(sorted(counts.items()))}
            context.answer(answer, lambda: f"Written to {out}: {told}.")


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name when it is whole; others can't read it."""
    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    part = out.with_name(f"{out.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        part.unlink(missing_ok=True)


def _unwritable(out: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{out} can't be written: {error.strerror}.",
        means="Nothing was changed; the journal stands in the database.",
        todo="Name another place, or write to standard output and redirect it.",
        heals="It does not heal by itself.",
    )

"""Every `fulfill …` that a document tells people to type is one that they can type."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer

from console.cli import app
from tests.architecture.documents import Said, code

COMMAND = typer.main.get_command(app)


def commands() -> list[Said]:
    return [one for one in code() if re.match(r"^fulfill( |$)", one.text)]


def find(words: list[str]) -> Any:
    """The command that these words lead to, or the word that leads nowhere.

    Any: typer keeps the types of its commands private.
    """
    found: Any = COMMAND
    for word in words:
        if not hasattr(found, "get_command"):
            break
        deeper = found.get_command(None, word)
        if deeper is None:
            return word
        found = deeper
    return found


def fault_of(text: str) -> str | None:
    """What is wrong with a command as it is written, or None."""
    words = shlex.split(text.replace("…", "x"))[1:]
    found = find([word for word in words if not word.startswith("-")])
    if isinstance(found, str):
        return f"there is no {found}"
    known = {name for param in found.params for name in (*param.opts, *param.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word not in {*known, "--help"}]
    return f"has no {', '.join(unknown)}" if unknown else None


def test_every_command_in_the_documents_can_be_typed() -> None:
    """With its subcommand and its options."""
    faults = [
        f"{one.where}: {one.text}: {fault}"
        for one in commands()
        if (fault := fault_of(one.text)) is not None
    ]
    assert faults == []


def test_every_command_is_told_of_in_the_documents() -> None:
    """A command that nobody reads about is not used."""
    told = {words[1] for one in commands() if len(words := one.text.split()) > 1}

    assert told >= set(COMMAND.list_commands(None))  # type: ignore[attr-defined]


def test_a_command_that_does_not_exist_is_noticed() -> None:
    """So that the two tests above test something."""
    assert fault_of("fulfill log --since 24h") is None
    assert fault_of("fulfill mappings list --all") is None
    assert fault_of("fulfill lgo") == "there is no lgo"
    assert fault_of("fulfill mappings burn price_1") == "there is no burn"
    assert fault_of("fulfill log --sicne 24h") == "has no --sicne"

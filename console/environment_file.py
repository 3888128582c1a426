"""The `.env` in the current directory: how it is written, and how a secret comes into it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from shared.secrets import Secret

FILE = ".env"
MODE = 0o600  # its owner reads and writes, nobody else


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; nobody else could read it at any moment."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def put_in_front(text: str, name: str, secret: Secret) -> str:
    """The file's text with a secret before the others of a setting; all else stays as it is.

    A setting that stands there twice counts as its last line says, so that one is changed.
    """
    line = re.compile(
        rf"^(?P<before>[ \t]*(?:export[ \t]+)?{name}[ \t]*=[ \t]*)(?P<value>.*)$", re.M
    )
    found = list(line.finditer(text))
    if not found:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}{name}={secret.reveal()}\n"
    last = found[-1]
    value = last["value"]
    quote = value[:1] if value[:1] in ("'", '"') else ""
    others = value[len(quote) :]
    if others.startswith("#"):  # nothing yet, and a comment behind it
        others = f" {others}"
    alone = not others or others.startswith((" #", quote or " #"))
    kept = f"{secret.reveal()}{'' if alone else ','}{others}"
    return text[: last.start("value")] + quote + kept + text[last.end("value") :]

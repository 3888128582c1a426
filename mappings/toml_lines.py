"""On which line of a TOML file a field stands. What the file means is `tomllib`'s business.

Expects a text that `tomllib` has read without an error, so it need not look for faults itself.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]

TOKEN = re.compile(
    r'''(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"|(?P<comment>\#[^\n]*)|(?P<end>\n)|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)


@dataclass(slots=True)
class Lines:
    """Where each `[[mapping]]` and each field in it begins; lines count from 1."""

    keys: dict[Path, int] = field(default_factory=dict)  # of the file itself: ("mapping",)
    mappings: list[dict[Path, int]] = field(default_factory=list)

    def of(self, number: int, path: Path) -> int:
        """The line of a field of the mapping with this number (from 0), or of what holds it."""
        places = self.mappings[number] if number < len(self.mappings) else self.keys
        for length in range(len(path), -1, -1):
            if path[:length] in places:
                return places[path[:length]]
        return self.keys.get(("mapping",), 1)


def find_lines(text: str) -> Lines:
    """The lines of all tables and fields of `text`."""
    lines = Lines()
    places: dict[Path, int] = lines.keys
    table: Path = ()
    for line, statement in _statements(text):
        if statement.startswith("[["):
            table = _path_of(statement)
            if table == ("mapping",):
                places, table = {(): line}, ()
                lines.mappings.append(places)
                lines.keys.setdefault(("mapping",), line)
                continue
        elif statement.startswith("["):
            table = _path_of(statement)
        else:
            places.setdefault((*table, *_path_of(statement)), line)
            continue
        inside = lines.mappings and table[:1] == ("mapping",)
        places, table = (lines.mappings[-1], table[1:]) if inside else (lines.keys, table)
        places.setdefault(table, line)
    return lines


def _path_of(statement: str) -> Path:
    """`[mapping.terms]` and `mapping.terms` both give ("mapping", "terms")."""
    tree: Any = tomllib.loads(statement)
    path: list[str] = []
    while isinstance(tree, (dict, list)) and tree:
        if isinstance(tree, dict):
            name, tree = next(iter(tree.items()))
            path.append(name)
        else:
            tree = tree[0]
    return tuple(path)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Line and beginning of each statement: a whole header, or a key with `= 0` for its value."""
    text = text.replace("\r\n", "\n")
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for begin, end in _spans(text):
        piece = text[begin:end].strip()
        if piece and not piece.startswith("#"):
            place = begin + text[begin:end].index(piece)
            yield bisect_right(line_starts, place), _beginning(piece)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """From line end to line end, where those inside texts, arrays and tables don't count."""
    begin = depth = 0
    for match in TOKEN.finditer(text):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif match["end"] and depth == 0:
            yield begin, match.start()
            begin = match.end()
    yield begin, len(text)


def _beginning(statement: str) -> str:
    """A header as it is; of `key = value` the key, with a value that is read fast."""
    if statement.startswith("["):
        return statement
    quoted_key = re.match(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[^"'=])+?(?=\s*=)""", statement)
    return f"{quoted_key.group() if quoted_key else statement} = 0"

"""The file of `fulfill adopt --csv`: a Stripe id and a license id in each line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = ("stripe_id", "license_id")


@dataclass(frozen=True, slots=True)
class Row:
    """One license, and the Stripe object that it was issued for."""

    line: int  # in the file, from 1
    stripe_id: str  # "si_…", "sub_…", "cs_…", "li_…", "in_…", "pi_…", "cus_…"
    license_id: str

    def fault(self, text: str) -> str:
        return f"line {self.line}: {text}"


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The rows and the faults, each with its line. A first line of names may stand or not."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return [], [f"the file can't be read ({error.strerror})"]
    except UnicodeDecodeError:
        return [], ["the file is not UTF-8 text"]
    try:
        lines = list(_cells(text))
    except csv.Error as error:
        return [], [f"the file is not CSV ({error})"]
    return _checked(lines)


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line that says something."""
    reader = csv.reader(text.splitlines(), strict=True)
    for cells in reader:
        trimmed = [cell.strip() for cell in cells]
        if any(trimmed) and not (reader.line_num == 1 and tuple(trimmed) == HEADER):
            yield reader.line_num, trimmed


def _checked(lines: list[tuple[int, list[str]]]) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    faults: list[str] = []
    first: dict[str, int] = {}  # license -> the line that named it
    for number, cells in lines:
        if len(cells) != 2 or not all(cells):
            faults.append(f"line {number}: not a Stripe id and a license id with a comma between")
            continue
        row = Row(number, *cells)
        if row.license_id in first:
            faults.append(
                row.fault(f"{row.license_id} stands in line {first[row.license_id]} already")
            )
            continue
        first[row.license_id] = number
        rows.append(row)
    return rows, faults

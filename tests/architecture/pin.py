"""Pin every package: `make requirements` writes both files from the bounds in pyproject.toml.

pip chooses the versions, in an environment that is thrown away; nothing gets installed. Standard
library only, so that it runs before anything is set up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HEADER = (
    "# Written by `make requirements` from the bounds in pyproject.toml. Do not edit by hand.\n"
)

Pins = dict[str, str]  # normalized name -> version


def runtime_bounds(project: Mapping[str, Any]) -> list[str]:
    """What a deployed program needs: dependencies, the carried Redis, and what installs us."""
    own = project["project"]
    return [
        *own["dependencies"],
        *own["optional-dependencies"]["local"],
        *project["build-system"]["requires"],
    ]


def dev_bounds(project: Mapping[str, Any]) -> list[str]:
    """What tests and checks need beside that."""
    return list(project["project"]["optional-dependencies"]["dev"])


def normalized(name: str) -> str:
    """One spelling for a package: `SQLAlchemy` and `sqlalchemy` are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(report: Mapping[str, Any]) -> Pins:
    """The versions that pip's installation report chose. Its addresses are left out."""
    found = [item["metadata"] for item in report["install"]]
    return {normalized(one["name"]): one["version"] for one in found}


def lines_of(pins: Mapping[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in sorted(pins.items())]


def runtime_text(pins: Mapping[str, str]) -> str:
    return HEADER + "\n".join(lines_of(pins)) + "\n"


def dev_text(runtime: Mapping[str, str], everything: Mapping[str, str]) -> str:
    """Only what the other file does not pin, so that no package is pinned twice."""
    more = {name: version for name, version in everything.items() if name not in runtime}
    return HEADER + "\n".join(["-r requirements.txt", *lines_of(more)]) + "\n"


def choose(python: Path, folder: Path, bounds: Iterable[str], kept: Mapping[str, str]) -> Pins:
    """Ask pip for the newest versions within the bounds. Raises CalledProcessError when none fit.

    `kept` are versions that must not be chosen otherwise.
    """
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lines_of(kept)))
    report = folder / "report.json"
    command = [
        *(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"),
        *("--dry-run", "--ignore-installed", "--report", report, "-c", constraints),
        *bounds,
    ]
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr)
    return pins_of(json.loads(report.read_text()))


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = runtime_bounds(project), dev_bounds(project)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        everything = choose(python, folder, [*runtime, *dev], {})
        needed = choose(python, folder, runtime, everything)
    (ROOT / "requirements.txt").write_text(runtime_text(needed))
    (ROOT / "requirements-dev.txt").write_text(dev_text(needed, everything))
    print(f"pinned {len(needed)} packages to run and {len(everything) - len(needed)} more to test")


if __name__ == "__main__":
    main()
